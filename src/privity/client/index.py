"""What is derived from stored messages: words, news, mentions, changes, as of now.

An edit changes the words of what it edits, a deletion takes them away; so does what
comes out of order. Within the caller's transaction: the index never differs from the
messages. docs/spec/store.md, ADR 37.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from privity.client import changed, timers
from privity.client.database import Connection
from privity.client.snippets import phrases_in, plain, spaced
from privity.client.words import Said
from privity.core.effects import MessageRow, MessageState
from privity.identity.ids import id_to_text

__all__ = [
    "DELETES",
    "VERSION",
    "Entries",
    "Find",
    "Hit",
    "Read",
    "SaidOf",
    "enter",
    "find",
    "leave",
    "leave_all",
    "renew",
]

VERSION = b"5"
"""Another one makes every index anew: what is derived, or how, has changed."""
_WITHOUT_CHANGES = b"4"
"""All of it but what a message changes."""
Read = Callable[[Any], MessageRow]
SaidOf = Callable[[MessageRow], Said]
_MOST_PHRASES = 32
_PAGE = 500
_SHIFT = 32
"""An entry's id is the minute shifted by so much, and the message's number."""
_LATEST = (1 << 30) - 1
"""Minutes that fit there; a relay can stamp what it likes."""
DELETES = -1
"""Stands as the entry of a deletion, which has no words of its own."""
_LAST_CHANGE = """
    number = (SELECT number FROM messages
        WHERE chat_id = ? AND target = ? AND target <> x'' AND sender = ? AND state <> ?
        AND (place, rank, number) >
            (SELECT place, rank, number FROM messages WHERE number = ?)
        ORDER BY min(entry, 0), place DESC, rank DESC, number DESC LIMIT 1)
"""
"""A deletion if there is one, else the last edit: a message can have any number."""
_LEAVE_ALL = (
    """
    DELETE FROM words WHERE rowid IN
        (SELECT entry FROM messages WHERE chat_id = ? AND entry <> 0)
    """,
    """
    DELETE FROM mentions WHERE number IN
        (SELECT number FROM messages WHERE chat_id = ?)
    """,
    """
    DELETE FROM timers WHERE number IN
        (SELECT number FROM messages WHERE chat_id = ?)
    """,
    """
    DELETE FROM changed_by WHERE number IN
        (SELECT number FROM messages WHERE chat_id = ?)
    """,
)


class Entries(NamedTuple):
    """How rows of the store are read: their columns, a row of them, what it says."""

    columns: str
    row: Read
    said_of: SaidOf


class Hit(NamedTuple):
    """A message that was found: its number, its place among the hits, its words."""

    number: int
    entry: int
    text: str


class Find(NamedTuple):
    """What is looked for: in a chat or in all, in front of an entry."""

    text: str
    chat_id: bytes | None = None
    before: int = 0
    limit: int = 50
    without: tuple[bytes, ...] = ()
    """Accounts that are found nowhere but in chats of two."""
    direct: tuple[bytes, ...] = ()
    """The chats of two."""


def enter(db: Connection, entries: Entries, number: int, row: MessageRow) -> Said:
    """Derive what follows from a message that was stored or has changed."""
    said = entries.said_of(row)
    timers.enter(db, number, said.expires, row.minute)
    changed.enter(db, number, said.changes)
    if not said.target:
        _refresh(db, entries, number, row)
        return said
    db.execute(
        "UPDATE messages SET target = ?, entry = ? WHERE number = ?",
        (said.target, DELETES if said.is_deletion else 0, number),
    )
    _refresh_all(db, entries, row.chat_id, said.target)
    return said


def leave(db: Connection, entries: Entries, chat_id: bytes, gone: Any) -> None:  # noqa: ANN401  a row
    """Forget what was derived from a message that is gone: (number, entry, target)."""
    number, entry, target = gone
    _drop(db, number, entry)
    timers.forget(db, number)
    changed.leave(db, number)
    if target:
        _refresh_all(db, entries, chat_id, target)


def leave_all(db: Connection, chat_id: bytes) -> None:
    """Forget all that was derived from a chat's messages, which still are there."""
    for statement in _LEAVE_ALL:
        db.execute(statement, (chat_id,))


def find(db: Connection, wanted: Find) -> list[Hit]:
    """Return the newest messages that have all words; the last may be begun."""
    phrases = phrases_in(wanted.text)[:_MOST_PHRASES]
    if not phrases:
        return []
    terms = " ".join(f'"{phrase}"' for phrase in phrases)
    query = f"text : ({terms} *)"
    if wanted.chat_id is not None:
        query = f'chat : "{id_to_text(wanted.chat_id)}" AND {query}'
    mask = (1 << _SHIFT) - 1
    unheard = (mask, *wanted.without, *wanted.direct) if wanted.without else ()
    rows = db.execute(
        "SELECT rowid, text FROM words WHERE words MATCH ? AND rowid < ?"  # noqa: S608  holes
        f"{_heard(wanted) if unheard else ''} ORDER BY rowid DESC LIMIT ?",
        (query, wanted.before or (1 << 62), *unheard, wanted.limit),
    )
    return [Hit(entry & mask, entry, plain(text)) for entry, text in rows]


def _heard(wanted: Find) -> str:
    senders = ", ".join("?" * len(wanted.without))
    chats = ", ".join("?" * len(wanted.direct))
    return (
        " AND NOT EXISTS (SELECT 1 FROM messages WHERE number = words.rowid & ?"  # noqa: S608  holes
        f" AND sender IN ({senders}) AND chat_id NOT IN ({chats}))"
    )


def renew(db: Connection, entries: Entries, had: bytes | None) -> None:
    """Derive what the version that a store `had` did not, which may be everything.

    Costs time by the number of messages.
    """
    if had == _WITHOUT_CHANGES:
        # News are texts and files, which change nothing.
        for number, row in _all(db, entries, "NOT news"):
            changed.enter(db, number, entries.said_of(row).changes)
        return
    db.execute("DELETE FROM words")
    db.execute("DELETE FROM mentions")
    db.execute("DELETE FROM changed_by")
    db.execute("UPDATE messages SET entry = 0, news = 0, target = x''")
    for number, row in _all(db, entries, "TRUE"):
        enter(db, entries, number, row)


def _all(
    db: Connection, entries: Entries, where: str
) -> Iterator[tuple[int, MessageRow]]:
    after, page = 0, f"{where} AND number > ? ORDER BY number LIMIT ?"
    while batch := _rows(db, entries, page, (after, _PAGE)):
        yield from batch
        after = batch[-1][0]


def _refresh_all(
    db: Connection, entries: Entries, chat_id: bytes, message_id: bytes
) -> None:
    # A change of a change is none.
    where = "chat_id = ? AND message_id = ? AND target = x''"
    for number, row in _rows(db, entries, where, (chat_id, message_id)):
        _refresh(db, entries, number, row)


def _refresh(db: Connection, entries: Entries, number: int, row: MessageRow) -> None:
    """Give a message the entry that it has now."""
    said = _said_now(db, entries, number, row)
    entry = min(row.minute, _LATEST) << _SHIFT | number if said.text else 0
    text = spaced(said.text)
    before, was_news = db.execute(
        "SELECT entry, news FROM messages WHERE number = ?", (number,)
    ).fetchone()
    same = (entry, said.is_news) == (before, bool(was_news))
    if same and (not entry or _text(db, entry) == text):
        _name(db, number, said.mentions)
        return
    _drop(db, number, before)
    db.execute(
        "UPDATE messages SET entry = ?, news = ? WHERE number = ?",
        (entry, said.is_news, number),
    )
    if entry:
        db.execute(
            "INSERT INTO words (rowid, chat, text) VALUES (?, ?, ?)",
            (entry, id_to_text(row.chat_id), text),
        )
    _name(db, number, said.mentions)


def _name(db: Connection, number: int, accounts: frozenset[bytes]) -> None:
    """Note who is named now: another account may be called by the same words."""
    stood = db.execute("SELECT account FROM mentions WHERE number = ?", (number,))
    before = {bytes(account) for (account,) in stood.fetchall()}
    for statement, whom in (
        ("DELETE FROM mentions WHERE number = ? AND account = ?", before - accounts),
        ("INSERT INTO mentions VALUES (?, ?)", accounts - before),
    ):
        db.executemany(statement, [(number, account) for account in whom])


def _said_now(db: Connection, entries: Entries, number: int, row: MessageRow) -> Said:
    """Return what a message says after all later changes by its own sender."""
    if not row.message_id:
        return entries.said_of(row)
    change = _rows(
        db,
        entries,
        _LAST_CHANGE,
        (
            *(row.chat_id, row.message_id, row.sender),
            *(MessageState.FAILED.value, number),
        ),
    )
    now = entries.said_of(row)
    if not change:
        return now
    said = entries.said_of(change[0][1])
    if said.is_deletion:
        return Said()
    return Said(said.text, is_news=now.is_news, mentions=said.mentions)


def _drop(db: Connection, number: int, entry: int) -> None:
    if entry:
        db.execute("DELETE FROM words WHERE rowid = ?", (entry,))
    db.execute("DELETE FROM mentions WHERE number = ?", (number,))


def _text(db: Connection, entry: int) -> str:
    found = db.execute("SELECT text FROM words WHERE rowid = ?", (entry,)).fetchone()
    return found[0] if found else ""


def _rows(
    db: Connection, entries: Entries, where: str, arguments: Sequence[Any]
) -> list[tuple[int, MessageRow]]:
    rows = db.execute(
        f"SELECT number, {entries.columns} FROM messages WHERE {where}",  # noqa: S608  constants
        tuple(arguments),
    ).fetchall()
    return [(number, entries.row(values)) for number, *values in rows]
