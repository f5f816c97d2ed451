"""Messages with an end: when it begins to count, when it has come, what goes then.

Of a received message a relative time counts from when its owner has seen it, of an own
one from when the relay has it (MIMI content §4.1: after reading). A clock that is set
back lengthens nothing: no message stays longer than its time from now. What goes is
overwritten in the database, with its edits and its words. docs/spec/disappearing.md.
"""

from collections.abc import Mapping
from typing import NamedTuple

from privity.client.database import Connection
from privity.content import limits
from privity.content.message import Expiration
from privity.core.effects import MessageRow

__all__ = [
    "Gone",
    "begin",
    "clamp",
    "due",
    "end_of",
    "enter",
    "forget",
    "is_empty",
    "is_over",
    "next_end",
    "remember",
]

_NEVER = 0
_WAITING = """
    SELECT number, chat_id, state, place FROM timers JOIN messages USING (number)
        WHERE ends = 0 AND state IN ('sent', 'received', 'kept')
"""
_DUE = """
    SELECT number, chat_id, idem, sender, message_id FROM timers
        JOIN messages USING (number) WHERE ends BETWEEN 1 AND ? LIMIT 200
"""


class Gone(NamedTuple):
    """A message whose time is over."""

    number: int
    chat_id: bytes
    idem: bytes
    sender: bytes
    message_id: bytes


def enter(db: Connection, number: int, expires: Expiration | None, minute: int) -> None:
    """Note when a message ends; a stated end of over a year away is nonsense."""
    if expires is None:
        return
    if not expires.relative and expires.time > minute * 60 + limits.EXPIRY:
        return
    lasts = expires.time if expires.relative else 0
    ends = _NEVER if expires.relative else max(expires.time, 1)
    db.execute("INSERT OR IGNORE INTO timers VALUES (?, ?, ?)", (number, lasts, ends))


def begin(db: Connection, reads: Mapping[bytes, int], now: int) -> None:
    """Let the time count of what was sent or noted, and of what is seen up to a seq."""
    for number, chat_id, state, place in db.execute(_WAITING).fetchall():
        if state != "received" or place <= reads.get(chat_id, 0):
            db.execute(
                "UPDATE timers SET ends = ? + lasts WHERE number = ?", (now, number)
            )


def clamp(db: Connection, now: int) -> None:
    """Let nothing stay longer than it should from now, whatever the clock was."""
    db.execute(
        "UPDATE timers SET ends = ? + lasts WHERE lasts > 0 AND ends > ? + lasts",
        (now, now),
    )


def due(db: Connection, now: int) -> list[Gone]:
    """Return some of the messages whose time is over."""
    return [Gone(*row) for row in db.execute(_DUE, (now,)).fetchall()]


def forget(db: Connection, number: int) -> None:
    """Forget the time of a message that is gone."""
    db.execute("DELETE FROM timers WHERE number = ?", (number,))


def remember(db: Connection, gone: Gone) -> None:
    """Note that a message went, by its id alone: what changes it may come later."""
    name = _ended(gone.chat_id, gone.message_id)
    db.execute("INSERT OR IGNORE INTO settings VALUES (?, ?)", (name, gone.sender))


def is_over(db: Connection, row: MessageRow, target: bytes) -> bool:
    """Whether a message went before, or changes one of its sender's that did."""
    name = _ended(row.chat_id, target or row.message_id)
    query = "SELECT 1 FROM settings WHERE name = ? AND body = ?"
    return db.execute(query, (name, row.sender)).fetchone() is not None


def _ended(chat_id: bytes, message_id: bytes) -> str:
    return f"ended/{message_id.hex()}/{chat_id.hex()}"


def is_empty(db: Connection) -> bool:
    """Whether no message has an end: then nothing is to be written."""
    return db.execute("SELECT 1 FROM timers LIMIT 1").fetchone() is None


def next_end(db: Connection) -> int:
    """Return when the next message ends (Unix seconds), 0 for none."""
    row = db.execute("SELECT min(ends) FROM timers WHERE ends > 0").fetchone()
    return row[0] or 0


def end_of(db: Connection, chat_id: bytes, idem: bytes) -> int:
    """Return when a message ends, 0 if its time does not count yet."""
    row = db.execute(
        "SELECT ends FROM timers JOIN messages USING (number)"
        " WHERE chat_id = ? AND idem = ?",
        (chat_id, idem),
    ).fetchone()
    return row[0] if row else 0
