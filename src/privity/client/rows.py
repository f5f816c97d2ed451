"""A message as a row of the store: its columns, its place in the chat, its way back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from privity.core.effects import MessageRow, MessageState

__all__ = [
    "COLUMNS",
    "INSERT",
    "ROW",
    "UPDATE",
    "Kept",
    "Place",
    "kept_of",
    "row_of",
    "values_of",
]

COLUMNS = (
    "chat_id, idem, sender, message_id, seq, minute, state, content, rank,"
    " frame, header, stamp_key, stamp"
)
ROW = f"SELECT {COLUMNS}, place, number FROM messages"  # noqa: S608  constants
INSERT = f"INSERT INTO messages ({COLUMNS}) VALUES (?{', ?' * 12})"  # noqa: S608
UPDATE = (
    "UPDATE messages SET sender = ?, message_id = ?, seq = ?, minute = ?, state = ?,"
    " content = ?, rank = ?, frame = ?, header = ?, stamp_key = ?, stamp = ?"
    " WHERE number = ?"
)


class Place(NamedTuple):
    """Where a message stands in its chat: queued ones behind all that have a seq."""

    seq: int
    order: int
    number: int


@dataclass(frozen=True, slots=True)
class Kept:
    """A stored message and its place; `place.number` grows with arrival."""

    row: MessageRow
    place: Place


def values_of(row: MessageRow) -> tuple[Any, ...]:
    """Return what stands in the columns of a message."""
    return (
        row.chat_id,
        row.idem,
        row.sender,
        row.message_id,
        row.seq,
        row.minute,
        row.state.value,
        row.content,
        row.order,
        row.frame,
        row.header,
        row.stamp_key,
        row.stamp,
    )


def kept_of(values: Sequence[Any]) -> Kept:
    """Return the message of a row that was read by `ROW`."""
    *fields, place, number = values
    row = row_of(fields)
    return Kept(row=row, place=Place(place, row.order, number))


def row_of(values: Sequence[Any]) -> MessageRow:
    """Return the message whose columns these are."""
    # The columns stand in the order of MessageRow's fields.
    fields = list(values)
    fields[6] = MessageState(fields[6])
    return MessageRow(*fields)
