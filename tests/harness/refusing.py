"""What a refusal must look like: its code, and a database that is as before."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from privity.relay.storage.database import Schema
from privity.wire.codes import Code, Refusal

__all__ = ["dump", "memory", "refuses"]


def memory(schema: Schema) -> sqlite3.Connection:
    """Return an empty database of this schema, in memory."""
    database = sqlite3.connect(":memory:", isolation_level=None)
    for statement in schema.statements:
        database.execute(statement)
    return database


@contextmanager
def refuses(code: Code, *databases: Any) -> Iterator[None]:
    """Expect a Refusal of this code that leaves the databases as they were.

    Each act runs in a savepoint, as the relay's steps do.
    """
    before = [dump(database) for database in databases]
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
    assert [dump(database) for database in databases] == before


def dump(database: Any) -> list[str]:
    """Return everything that is in a database, as text, whichever kind it is."""
    if isinstance(database, sqlite3.Connection):
        return list(database.iterdump())
    tables = database.execute(
        "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema()"
        " AND tablename <> 'schema_version' ORDER BY tablename"
    ).fetchall()
    return [
        f"INSERT INTO {table} {row}"
        for (table,) in tables
        for row in sorted(map(_text, database.execute(f"SELECT * FROM {table}")))
    ]


def _text(row: tuple[Any, ...]) -> str:
    """Bytes in hexadecimal, as SQLite writes them."""
    return repr([f"X'{it.hex()}'" if isinstance(it, bytes) else it for it in row])
