"""What a profile's store gives the engine that wants stored messages."""

from collections.abc import Iterable

from privity.core.effects import MessageRow, MessageState, Recall

__all__ = ["recall"]


def recall(rows: Iterable[MessageRow], wanted: Recall) -> tuple[MessageRow, ...]:
    """Return those of a chat's messages, in their order, that are wanted."""
    found = [
        row
        for row in rows
        if wanted.above < row.seq < wanted.below
        and row.sender in wanted.accounts
        and row.state in (MessageState.SENT, MessageState.RECEIVED)
    ]
    return tuple(found[: wanted.limit])
