"""What a profile remembers: the engine's state, its messages, and their words.

`apply` is the one way in which the engine's `Save` reaches the disk. The driver's
own tables (login values, tokens, transfers, ledger) have modules of their own over
the same database. docs/spec/store.md describes the tables.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from privity.client.database import Connection, Database
from privity.client.ledger import Line, write_lines
from privity.core.effects import (
    Delete,
    Forget,
    Kind,
    MessageRow,
    MessageState,
    Put,
    PutMessage,
    Recall,
    Write,
)
from privity.identity.secret import Secret

__all__ = ["Kept", "Place", "Store", "TextOf"]

TextOf = Callable[[MessageRow], str]
"""The words of a message, for the search; "" for one that has none."""

_COLUMNS = (
    "chat_id, idem, sender, message_id, seq, minute, state, content, rank,"
    " frame, header, stamp_key, stamp"
)
_ROW = f"SELECT {_COLUMNS}, place, number FROM messages"  # noqa: S608  constants
_INSERT = f"INSERT INTO messages ({_COLUMNS}) VALUES (?{', ?' * 12})"  # noqa: S608
_UPDATE = (
    "UPDATE messages SET sender = ?, message_id = ?, seq = ?, minute = ?, state = ?,"
    " content = ?, rank = ?, frame = ?, header = ?, stamp_key = ?, stamp = ?"
    " WHERE number = ?"
)
_OLDEST = (0, -(1 << 63), 0)
_NEWEST = ((1 << 63) - 1,) * 3


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


class Store:
    """The open database of a profile, in the engine's words.

    Its methods block for as long as the disk takes; the driver calls `apply` from
    its one writing thread.
    """

    def __init__(
        self, path: Path, key: Secret, text_of: TextOf, *, create: bool = False
    ) -> None:
        """Open it; raises Damaged, NewerProfile, Busy, StorageFull."""
        self.database = Database(path, key, create=create)
        self._text_of = text_of

    def close(self) -> None:
        """Close the database."""
        self.database.close()

    def load(self) -> list[tuple[Kind, bytes, bytes]]:
        """Return all (kind, id, body) of the engine's state."""
        rows = self.database.read(
            lambda db: db.execute("SELECT kind, id, body FROM state").fetchall()
        )
        return [(Kind(kind), id_, body) for kind, id_, body in rows]

    def apply(self, writes: Sequence[Write], lines: Sequence[Line] = ()) -> None:
        """Do all of `writes` in one durable transaction, ledger `lines` with them."""
        lasting = _lasting(writes)

        def work(db: Connection) -> None:
            for write in lasting:
                self._apply(db, write)
            write_lines(db, lines)

        self.database.transact(work)

    def history(
        self,
        chat_id: bytes,
        *,
        before: Place | None = None,
        after: Place | None = None,
        limit: int = 50,
    ) -> list[Kept]:
        """Return at most `limit` messages between two places, oldest first.

        With `after` they are those next behind it, else the last ones of the chat
        (in front of `before`).
        """
        direction = "ASC" if after is not None else "DESC"
        rows = self._rows(
            " WHERE chat_id = ? AND (place, rank, number) > (?, ?, ?)"
            " AND (place, rank, number) < (?, ?, ?)"
            f" ORDER BY place {direction}, rank {direction}, number {direction}"
            " LIMIT ?",
            (chat_id, *(after or _OLDEST), *(before or _NEWEST), limit),
        )
        return rows if after is not None else rows[::-1]

    def arrived_after(self, number: int, limit: int = 100) -> list[Kept]:
        """Return messages of all chats, in the order in which they came here."""
        return self._rows(" WHERE number > ? ORDER BY number LIMIT ?", (number, limit))

    def message(self, chat_id: bytes, idem: bytes) -> Kept | None:
        """Return one message by its idem."""
        rows = self._rows(" WHERE chat_id = ? AND idem = ?", (chat_id, idem))
        return rows[0] if rows else None

    def message_by_id(self, chat_id: bytes, message_id: bytes) -> Kept | None:
        """Return one message by the id that MIMI content gives it."""
        rows = self._rows(
            " WHERE chat_id = ? AND message_id = ? ORDER BY number LIMIT 1",
            (chat_id, message_id),
        )
        return rows[0] if rows else None

    def last(self, chat_id: bytes) -> Kept | None:
        """Return the newest line of a chat."""
        rows = self.history(chat_id, limit=1)
        return rows[0] if rows else None

    def count_after(self, chat_id: bytes, seq: int) -> int:
        """Count the messages of others with a seq above `seq`."""
        return int(
            self.database.read(
                lambda db: db.execute(
                    "SELECT count(*) FROM messages"
                    " WHERE chat_id = ? AND place > ? AND state = ?",
                    (chat_id, seq, MessageState.RECEIVED.value),
                ).fetchone()
            )[0]
        )

    def recall(self, wanted: Recall) -> tuple[MessageRow, ...]:
        """Return the messages that the engine asks for, span by span as they stand."""
        found: list[MessageRow] = []
        for span in wanted.spans:
            kept = self._rows(
                " WHERE chat_id = ? AND place > ? AND place < ? AND state IN (?, ?)"
                " AND sender = ? AND rank BETWEEN ? AND ?"
                " ORDER BY place, rank, number LIMIT ?",
                (
                    wanted.chat_id,
                    span.above,
                    span.below,
                    MessageState.SENT.value,
                    MessageState.RECEIVED.value,
                    span.sender,
                    span.first,
                    span.last,
                    wanted.limit - len(found),
                ),
            )
            found += [one.row for one in kept]
        return tuple(found)

    def search(
        self, query: str, chat_id: bytes | None = None, limit: int = 50
    ) -> list[Kept]:
        """Return the newest messages that have all words; the last may be begun.

        Diacritics and case don't matter.
        """
        words = ['"' + word.replace('"', '""') + '"' for word in query.split()]
        if not words:
            return []
        where = " WHERE number IN (SELECT rowid FROM words WHERE words MATCH ?)"
        arguments: tuple[Any, ...] = (" ".join(words) + "*",)
        if chat_id is not None:
            where += " AND chat_id = ?"
            arguments += (chat_id,)
        return self._rows(where + " ORDER BY number DESC LIMIT ?", (*arguments, limit))

    def setting(self, name: str) -> bytes | None:
        """Return what was last stored under `name`."""
        row = self.database.read(
            lambda db: db.execute(
                "SELECT body FROM settings WHERE name = ?", (name,)
            ).fetchone()
        )
        return bytes(row[0]) if row else None

    def set_setting(self, name: str, body: bytes) -> None:
        """Keep a small value of the client itself (a reader's cursor, a choice)."""
        self.database.transact(
            lambda db: db.execute(
                "INSERT OR REPLACE INTO settings VALUES (?, ?)", (name, body)
            )
        )

    def _apply(self, db: Connection, write: Write) -> None:
        match write:
            case Put(kind, id_, body):
                db.execute(
                    "INSERT INTO state VALUES (?, ?, ?)"
                    " ON CONFLICT DO UPDATE SET body = excluded.body",
                    (kind.value, id_, body),
                )
            case Delete(kind, id_):
                db.execute(
                    "DELETE FROM state WHERE kind = ? AND id = ?", (kind.value, id_)
                )
            case PutMessage(row):
                self._put_message(db, row)
            case Forget(chat_id, idem):
                _forget(db, chat_id, idem)

    def _put_message(self, db: Connection, row: MessageRow) -> None:
        values = _values(row)
        there = db.execute(
            "SELECT number, content, sender, state FROM messages"
            " WHERE chat_id = ? AND idem = ?",
            (row.chat_id, row.idem),
        ).fetchone()
        # An idem is unique in one log; a chat can have had another one before.
        taken = there is not None and there[2] != row.sender
        stands = there is not None and there[3] == MessageState.RECEIVED.value
        if taken or stands or _was_received(db, row):
            return
        if there is None:
            number = db.execute(_INSERT, values).lastrowid
        else:
            number = there[0]
            db.execute(_UPDATE, (*values[2:], number))
            if there[1] == row.content:
                return
            db.execute("DELETE FROM words WHERE rowid = ?", (number,))
        text = self._text_of(row)
        if text:
            db.execute("INSERT INTO words (rowid, text) VALUES (?, ?)", (number, text))

    def _rows(self, where: str, arguments: Iterable[Any]) -> list[Kept]:
        rows = self.database.read(
            lambda db: db.execute(_ROW + where, tuple(arguments)).fetchall()
        )
        return [_kept(row) for row in rows]


def _lasting(writes: Sequence[Write]) -> list[Write]:
    """Leave out what a later write of the same transaction replaces.

    A batch of messages changes the same chat and ratchet again and again; secrets
    between the steps of a ratchet never reach the disk.
    """
    last: dict[object, Write] = {}
    for place, write in enumerate(writes):
        state = (write.kind, write.id) if isinstance(write, Put | Delete) else None
        last[state or place] = write
    return list(last.values())


def _was_received(db: Connection, row: MessageRow) -> bool:
    """Tell whether a message of somebody else is here, maybe out of another log."""
    if row.state is not MessageState.RECEIVED:
        return False
    found = db.execute(
        "SELECT 1 FROM messages WHERE chat_id = ? AND message_id = ? AND sender = ?",
        (row.chat_id, row.message_id, row.sender),
    )
    return found.fetchone() is not None


def _forget(db: Connection, chat_id: bytes, idem: bytes) -> None:
    row = db.execute(
        "DELETE FROM messages WHERE chat_id = ? AND idem = ? RETURNING number",
        (chat_id, idem),
    ).fetchone()
    if row is not None:
        db.execute("DELETE FROM words WHERE rowid = ?", row)


def _values(row: MessageRow) -> tuple[Any, ...]:
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


def _kept(values: tuple[Any, ...]) -> Kept:
    *fields, place, number = values
    # The columns stand in the order of MessageRow's fields.
    fields[6] = MessageState(fields[6])
    row = MessageRow(*fields)
    return Kept(row=row, place=Place(place, row.order, number))
