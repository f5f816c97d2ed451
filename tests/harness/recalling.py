"""What a profile's store gives the engine that wants stored messages."""

from collections.abc import Iterable

from privity.core.effects import MessageRow, MessageState, Recall

__all__ = ["recall"]


def recall(rows: Iterable[MessageRow], wanted: Recall) -> tuple[MessageRow, ...]:
    """Return those of a chat's messages, in their order, that are wanted."""
    kept = [r for r in rows if r.state in (MessageState.SENT, MessageState.RECEIVED)]
    found = [
        row
        for span in wanted.spans
        for row in kept
        if span.above < row.seq < span.below
        and row.sender == span.sender
        and span.first <= row.order <= span.last
    ]
    return tuple(found[: wanted.limit])
