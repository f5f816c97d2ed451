"""Which names of entries (`idem`) are stored in a log; none is stored twice.

A store for which each question is a journey is asked once a transaction, for all the
appends in it; what is not known from that is asked of the table.
"""

from typing import Any

from privity.relay.storage.store import Batched, Connection, Question
from privity.wire.entry import Header

__all__ = ["Idems", "Name"]

_FIND = "SELECT seq FROM idems WHERE log_id = ? AND idem = ?"
_STORE = "INSERT INTO idems (log_id, idem, seq) VALUES (?, ?, ?)"

Name = tuple[bytes, bytes]
"""Log id and idem."""


class Idems:
    """Claims names; what was looked up holds for one transaction."""

    def __init__(self) -> None:
        self._known: dict[Name, int | None] = {}
        self._looked: Batched | None = None

    def question(self, names: list[Name]) -> Question:
        """Return what has to be asked to know which of these are stored."""
        return (_FIND, names)

    def know(self, logs: Batched, names: list[Name], rows: list[Any]) -> None:
        """Take what came of it for one transaction, and know nothing else."""
        found = (None if row is None else int(row[0]) for row in rows)
        self._known = dict(zip(names, found, strict=True))
        self._looked = logs

    def forget(self) -> None:
        """Know nothing: steps were undone."""
        self._known.clear()
        self._looked = None

    def batch(self, logs: Connection) -> Batched | None:
        """Return the connection if it is the one that names were looked up on."""
        return self._looked if self._looked is logs else None

    def find(self, logs: Connection, header: Header) -> int | None:
        """Return where the entry of this name stands, or None."""
        name = (header.log_id, header.idem)
        if self.batch(logs) is not None and name in self._known:
            return self._known[name]
        row = logs.execute(_FIND, name).fetchone()
        return None if row is None else int(row[0])

    def claim(self, logs: Connection, header: Header, seq: int) -> int | None:
        """Store a name that is new for the entry at `seq`; else return its place."""
        name, batch = (header.log_id, header.idem), self.batch(logs)
        if batch is not None and name in self._known:
            stands_at = self._known[name]
            if stands_at is None:
                self._known[name] = seq
                batch.later(_STORE, (*name, seq))
            return stands_at
        claimed = logs.execute(f"{_STORE} ON CONFLICT DO NOTHING", (*name, seq))
        return None if claimed.rowcount == 1 else self.find(logs, header)
