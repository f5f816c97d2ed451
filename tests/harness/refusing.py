"""What a refusal must look like: its code, and a database that is as before."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from privity.relay.storage.database import Schema
from privity.wire.codes import Code, Refusal

__all__ = ["memory", "refuses"]


def memory(schema: Schema) -> sqlite3.Connection:
    """Return an empty database of this schema, in memory."""
    database = sqlite3.connect(":memory:", isolation_level=None)
    for statement in schema.statements:
        database.execute(statement)
    return database


@contextmanager
def refuses(code: Code, *databases: sqlite3.Connection) -> Iterator[None]:
    """Expect a Refusal of this code that leaves the databases as they were.

    Each act runs in a savepoint, as the relay's steps do.
    """
    before = [_dump(database) for database in databases]
    for database in databases:
        database.execute("SAVEPOINT step")
    try:
        yield
    except Refusal as refusal:
        assert refusal.code is code, refusal  # noqa: PT017
    else:
        raise AssertionError(f"not refused with {code}")
    for database in databases:
        database.execute("ROLLBACK TO step")
        database.execute("RELEASE step")
    assert [_dump(database) for database in databases] == before


def _dump(database: sqlite3.Connection) -> list[str]:
    return list(database.iterdump())
