"""What a profile remembers: the engine's state, its messages, and their words.

`apply` is the one way in which the engine's `Save` reaches the disk. The driver's
own tables (login values, tokens, transfers, ledger) have modules of their own over
the same database. docs/spec/store.md describes the tables.
"""

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from privity.client import changed, drafts, index, marks, timers
from privity.client.database import Connection, Database
from privity.client.ledger import Line, write_lines
from privity.client.rows import (
    COLUMNS,
    INSERT,
    ROW,
    UPDATE,
    Kept,
    Place,
    kept_of,
    row_of,
    values_of,
)
from privity.client.words import Said
from privity.core.effects import (
    Delete,
    Forget,
    ForgetMessages,
    Kind,
    MessageRow,
    MessageState,
    Put,
    PutMessage,
    Recall,
    Write,
)
from privity.identity.secret import Secret

__all__ = ["Store", "TextOf"]

TextOf = Callable[[MessageRow], Said | str]
"""What is derived of a message: all of it, or only its words."""

_BEGINNINGS = (MessageState.QUEUED, MessageState.KEPT)
_MINE_ALONE = (*_BEGINNINGS, MessageState.FAILED)
"""What nobody else has, so that it can be gone without a trace."""
_NEVER_LEAVES = (MessageState.KEPT, MessageState.FAILED)
_INDEX = "index"
_OLDEST = (0, -(1 << 63), 0)
_NEWEST = ((1 << 63) - 1,) * 3


class Store:
    """The open database of a profile, in the engine's words.

    Its methods block for as long as the disk takes; the driver calls `apply` from
    its one writing thread.
    """

    def __init__(
        self,
        path: Path,
        key: Secret,
        text_of: TextOf,
        *,
        create: bool = False,
        renewing: Callable[[], object] = lambda: None,
    ) -> None:
        """Open it; raises Damaged, NewerProfile, Busy, StorageFull.

        `renewing` is called before what costs time by the number of messages: the
        first opening by a version that derives other things of them.
        """
        self.database = Database(path, key, create=create)
        self._text_of = text_of
        self._entries = index.Entries(COLUMNS, row_of, self._said)
        had = self.setting(_INDEX)
        if had != index.VERSION:
            if had is not None or not create:
                renewing()
            self.database.transact(lambda db: self._renew(db, had))

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
        if any(isinstance(write, Forget) for write in lasting):
            self.database.drop_copies()

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

    def changes_of(self, chat_id: bytes, message_ids: Iterable[bytes]) -> list[Kept]:
        """Return what names these messages to change them, wherever it stands.

        Edits, deletions, reactions, what takes those back, reports. Of whomever, and
        rarely one that changes another message: see what it says.
        """
        # The plus keeps SQLite from going through the whole chat.
        return self._rows(
            f" WHERE {changed.BY} AND +chat_id = ?",
            (changed.named(message_ids), chat_id),
        )

    def as_now(self, wanted: Sequence[Kept]) -> list[MessageRow]:
        """Return messages of one chat with all that may have changed them, in order."""
        by_place = {kept.place: kept.row for kept in wanted}
        found = wanted
        # A message is changed, and what reacts to it taken back: no more than twice.
        for _ in range(2 if wanted else 0):
            names = [kept.row.message_id for kept in found]
            found = self.changes_of(wanted[0].row.chat_id, names)
            by_place |= {kept.place: kept.row for kept in found}
        return [by_place[place] for place in sorted(by_place)]

    def lines(
        self,
        chat_id: bytes,
        before: Place | None,
        limit: int,
        without: Collection[bytes] = (),
    ) -> list[Kept]:
        """Return the last rows that people may see, newest first; deleted ones too.

        However many reactions, reports and edits came since, and whatever accounts
        said that it is `without`: none of them is read.
        """
        return self._rows(
            " WHERE chat_id = ? AND (place, rank, number) < (?, ?, ?)"  # noqa: S608  holes
            " AND (news OR state = ? OR EXISTS"
            " (SELECT 1 FROM messages AS change WHERE change.chat_id = ?"
            " AND change.target = messages.message_id AND change.target <> x''"
            " AND change.entry = ?))"
            f" AND (state = ? OR {_not_of(without)})"
            " ORDER BY place DESC, rank DESC, number DESC LIMIT ?",
            (
                *(chat_id, *(before or _NEWEST), MessageState.LINE.value),
                *(chat_id, index.DELETES, MessageState.LINE.value),
                *(*without, limit),
            ),
        )

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

    def count_after(
        self,
        chat_id: bytes,
        seq: int,
        limit: int = 1000,
        without: Collection[bytes] = (),
    ) -> int:
        """Count what others said behind a seq and still stands; `limit` at most."""
        query = (
            "SELECT count(*) FROM (SELECT 1 FROM messages WHERE chat_id = ?"  # noqa: S608  holes
            f" AND place > ? AND state = ? AND news AND {_not_of(without)} LIMIT ?)"
        )
        state = MessageState.RECEIVED.value
        return self._count(query, (chat_id, seq, state, *without, limit))

    def count_mentions(
        self, chat_id: bytes, seq: int, account: bytes, without: Collection[bytes] = ()
    ) -> int:
        """Count what of that names an account."""
        query = (
            "SELECT count(*) FROM messages JOIN mentions USING (number)"  # noqa: S608  holes
            " WHERE chat_id = ? AND place > ? AND state = ? AND account = ?"
            f" AND {_not_of(without)}"
        )
        state = MessageState.RECEIVED.value
        return self._count(query, (chat_id, seq, state, account, *without))

    def _count(self, query: str, arguments: Sequence[Any]) -> int:
        return int(
            self.database.read(lambda db: db.execute(query, arguments).fetchone())[0]
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

    def search(self, wanted: index.Find) -> list[tuple[Kept, index.Hit]]:
        """Return the newest messages that have all words, and where they stand.

        The last word may be begun. Diacritics and case don't matter.
        """
        hits = self.database.read(lambda db: index.find(db, wanted))
        found = (self._rows(" WHERE number = ?", (hit.number,)) for hit in hits)
        return [(kept[0], hit) for kept, hit in zip(found, hits, strict=True) if kept]

    def has_named(self, chat_id: bytes, name: bytes) -> bool:
        """Tell whether a message of a chat has these bytes in it; reads them all."""
        query = "SELECT 1 FROM messages WHERE chat_id = ? AND instr(content, ?) LIMIT 1"
        found = self.database.read(
            lambda db: db.execute(query, (chat_id, name)).fetchone()
        )
        return found is not None

    def sweep(self, reads: Mapping[bytes, int], now: int) -> list[timers.Gone]:
        """Remove some messages whose time is over, for good; returns those.

        `reads` says by chat up to which seq its owner has seen it.
        """

        def work(db: Connection) -> list[timers.Gone]:
            timers.begin(db, reads, now)
            timers.clamp(db, now)
            gone = timers.due(db, now)
            for one in gone:
                self._remove(db, one)
            return gone

        if self.database.read(timers.is_empty):
            return []
        found = self.database.transact(work)
        if found:
            self.database.shred()
        return found

    def next_end(self) -> int:
        """Return when the next message ends (Unix seconds), 0 for none."""
        return self.database.read(timers.next_end)

    def end_of(self, chat_id: bytes, idem: bytes) -> int:
        """Return when a message ends, 0 if its time does not count yet."""
        return self.database.read(lambda db: timers.end_of(db, chat_id, idem))

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
            case PutMessage(row, quiet):
                self._put_message(db, row, quiet=quiet)
            case Forget(chat_id, idem):
                self._forget(db, chat_id, idem)
            case ForgetMessages(chat_id, stays):
                _forget_all(db, chat_id, stays=stays)

    def _put_message(self, db: Connection, row: MessageRow, *, quiet: bool) -> None:
        values = values_of(row)
        there = db.execute(
            "SELECT number, sender, state FROM messages WHERE chat_id = ? AND idem = ?",
            (row.chat_id, row.idem),
        ).fetchone()
        # An idem is unique in one log; a chat can have had another one before.
        taken = there is not None and there[1] != row.sender
        stands = there is not None and there[2] == MessageState.RECEIVED.value
        if taken or stands or _was_received(db, row):
            return
        if there is None:
            number = db.execute(INSERT, values).lastrowid
        else:
            number = there[0]
            db.execute(UPDATE, (*values[2:], number))
        said = index.enter(db, self._entries, number, row)
        if timers.is_over(db, row, said.target):
            self._drop(db, row.chat_id, number)
            return
        if there is None and said.is_news and not quiet:
            marks.woken(db, row.chat_id, int(time.time()))
        if row.state in _BEGINNINGS and said.is_news:
            drafts.sent(db, row.chat_id, said.text)

    def _forget(self, db: Connection, chat_id: bytes, idem: bytes) -> None:
        gone = db.execute(
            "DELETE FROM messages WHERE chat_id = ? AND idem = ?"
            " AND state IN (?, ?, ?)"
            " RETURNING number, entry, target, message_id, sender",
            (chat_id, idem, *_MINE_ALONE),
        ).fetchone()
        if gone is None:
            return
        *derived, message_id, sender = gone
        index.leave(db, self._entries, chat_id, derived)
        # What is still to be sent comes back when it was: it is the outbox's affair.
        changes = db.execute(
            "DELETE FROM messages WHERE chat_id = ? AND target = ? AND target <> x''"
            " AND sender = ? AND state IN (?, ?) RETURNING number, entry",
            (chat_id, message_id, sender, *_NEVER_LEAVES),
        ).fetchall()
        for number, entry in changes:
            index.leave(db, self._entries, chat_id, (number, entry, b""))

    def _remove(self, db: Connection, one: timers.Gone) -> None:
        """Remove a message and what its sender changed of it."""
        rows = db.execute(
            "DELETE FROM messages WHERE number = ? OR"
            " (chat_id = ? AND target = ? AND target <> x'' AND sender = ?)"
            " RETURNING number, entry, target",
            (one.number, one.chat_id, one.message_id, one.sender),
        ).fetchall()
        for number, entry, _ in rows:
            index.leave(db, self._entries, one.chat_id, (number, entry, b""))
        timers.remember(db, one)

    def _drop(self, db: Connection, chat_id: bytes, number: int) -> None:
        """Remove what changes a message that is gone: it came too late."""
        gone = db.execute(
            "DELETE FROM messages WHERE number = ? RETURNING number, entry, target",
            (number,),
        ).fetchone()
        index.leave(db, self._entries, chat_id, gone)

    def _said(self, row: MessageRow) -> Said:
        derived = self._text_of(row)
        if isinstance(derived, str):
            return Said(derived, is_news=bool(derived))
        return derived

    def _renew(self, db: Connection, had: bytes | None) -> None:
        index.renew(db, self._entries, had)
        db.execute(
            "INSERT OR REPLACE INTO settings VALUES (?, ?)", (_INDEX, index.VERSION)
        )

    def _rows(self, where: str, arguments: Iterable[Any]) -> list[Kept]:
        rows = self.database.read(
            lambda db: db.execute(ROW + where, tuple(arguments)).fetchall()
        )
        return [kept_of(row) for row in rows]


def _not_of(accounts: Collection[bytes]) -> str:
    """Return the condition that a row is of none of these, with a hole for each."""
    return f"sender NOT IN ({', '.join('?' * len(accounts))})"


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


def _forget_all(db: Connection, chat_id: bytes, *, stays: bool) -> None:
    index.leave_all(db, chat_id)
    db.execute("DELETE FROM messages WHERE chat_id = ?", (chat_id,))
    drafts.forget(db, chat_id)
    db.execute("DELETE FROM settings WHERE name = ?", (f"receipts/{chat_id.hex()}",))
    marks.forget(db, chat_id)
    if stays:
        marks.hide(db, chat_id)
    else:
        # What is kept of a chat by name ends in its id.
        name = f"*/{chat_id.hex()}"
        db.execute("DELETE FROM settings WHERE name GLOB ?", (name,))
