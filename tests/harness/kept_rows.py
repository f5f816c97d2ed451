"""The rows of a person's messages, kept by the rules of the real store."""

from privity.core.effects import MessageRow, MessageState

__all__ = ["keep"]


def keep(rows: dict[tuple[bytes, bytes], MessageRow], row: MessageRow) -> None:
    """Take a row in, unless it would change or repeat what was received."""
    there = rows.get((row.chat_id, row.idem))
    received = MessageState.RECEIVED
    stands = there is not None and there.state is received
    if stands or (there is not None and there.sender != row.sender):
        return
    if row.state is not received or not any(
        _is_same(row, one) for one in rows.values()
    ):
        rows[row.chat_id, row.idem] = row


def _is_same(row: MessageRow, other: MessageRow) -> bool:
    """Tell whether two rows are one message, maybe out of two logs."""
    same = row.message_id == other.message_id
    return same and (row.chat_id, row.sender) == (other.chat_id, other.sender)
