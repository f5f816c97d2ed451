"""How far a database has come: one row on each side, the same table on both.

`run` is the same random id on both sides, `count` only grows. `is_copy` stands in what
`privity-relay backup` made.
"""

import sqlite3
from dataclasses import dataclass

from privity.relay.storage.store import Connection

__all__ = ["MARK_TABLE", "Mark", "advance", "mark_as_copy", "read_mark", "set_mark"]

MARK_TABLE = """
    CREATE TABLE mark (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        run BLOB NOT NULL,
        count INTEGER NOT NULL,
        is_copy INTEGER NOT NULL
    ) STRICT
    """


@dataclass(frozen=True, slots=True)
class Mark:
    """The row."""

    run: bytes
    count: int
    is_copy: bool


def read_mark(database: Connection) -> Mark | None:
    """Return the row, None where nothing was ever served from this database."""
    row = database.execute("SELECT run, count, is_copy FROM mark").fetchone()
    return Mark(bytes(row[0]), int(row[1]), bool(row[2])) if row else None


def set_mark(database: Connection, run: bytes) -> None:
    """Begin to count anew under a new id; what is here is no copy from then on."""
    database.execute("DELETE FROM mark")
    database.execute(
        "INSERT INTO mark (one, run, count, is_copy) VALUES (1, ?, 1, 0)", (run,)
    )


def advance(database: Connection, run: bytes) -> int:
    """Count one further and return how far that is; a step."""
    database.execute(
        "INSERT INTO mark (one, run, count, is_copy) VALUES (1, ?, 1, 0)"
        " ON CONFLICT (one) DO UPDATE SET count = mark.count + 1",
        (run,),
    )
    return int(database.execute("SELECT count FROM mark").fetchone()[0])


def mark_as_copy(database: sqlite3.Connection) -> None:
    """Say that this is a copy; tables of versions that did not count have no row."""
    found = database.execute("SELECT 1 FROM sqlite_schema WHERE name = 'mark'")
    if found.fetchone() is not None:
        database.execute("UPDATE mark SET is_copy = 1")
