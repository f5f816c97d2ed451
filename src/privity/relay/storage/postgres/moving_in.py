"""A side's SQLite file, copied to the server in one transaction.

What is read is a file that nobody serves. Rows come in the order of their keys, so
that their places there tell nothing that the file did not.
"""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import asyncpg

from privity.errors import UsageError
from privity.relay.storage.database import Schema
from privity.relay.storage.mark_table import Mark, read_mark
from privity.relay.storage.postgres.failures import FOREIGN, translated
from privity.relay.storage.postgres.locks import begin
from privity.relay.storage.postgres.place import Place, connect
from privity.relay.storage.postgres.spelling import spelled
from privity.relay.storage.postgres.tables import own_tables, prepare
from privity.relay.storage.store import StoreError
from privity.relay.storage.weeks import all_weeks, entry_table, table_of, view_of

__all__ = ["move_in"]

_PATIENT = (
    "; SET LOCAL statement_timeout = 0"
    "; SET LOCAL idle_in_transaction_session_timeout = 0"
)
_LONGEST_SECONDS = 86_400
_OF_TABLES = ("schema_version",)
"""What the server's side has rows in before anything was served from it."""


def move_in(place: Place, schema: Schema, path: Path) -> int:
    """Copy all rows of a file to the server and return their number.

    0 where the server has them already, from an attempt that ended behind this side.
    All or nothing is there when this returns or raises. Raises UsageError, also where
    the server's side has rows of anybody else.
    """
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as file:
        file.execute("BEGIN")
        try:
            return asyncio.run(_move(place, schema, file))
        except sqlite3.Error as error:
            raise UsageError(f"{path}: {error}; nothing was changed") from None
        except (*FOREIGN, StoreError) as error:
            told = error if isinstance(error, StoreError) else translated(error)
            raise UsageError(f"{place.name}: {told}; nothing was changed") from None


async def _move(place: Place, schema: Schema, file: sqlite3.Connection) -> int:
    await prepare(place, schema)
    raw = await connect(place)
    raw.be_patient()
    try:
        await raw.execute(begin(()) + _PATIENT)
        if await _has_come(raw, place, read_mark(file)):
            return 0
        await _check_empty(raw, place)
        await _open_weeks(raw, file)
        copied = 0
        for table in _tables(file):
            copied += await _copy(raw, file, table)
        await raw.execute("COMMIT")
        return copied
    finally:
        await raw.close(timeout=5)


async def _has_come(raw: asyncpg.Connection, place: Place, mark: Mark | None) -> bool:
    """Tell whether the server has all that the file has, or more."""
    row = await raw.fetchrow("SELECT run, count FROM mark")
    if row is None:
        return False
    if mark is None or bytes(row[0]) != mark.run:
        raise UsageError(f"{place.name}: another relay is there; nothing was changed")
    if row[1] < mark.count:
        raise UsageError(
            f"{place.name}: what is there came from this relay before it went on with"
            " its files; empty that database, then give the command again"
        )
    return True


async def _check_empty(raw: asyncpg.Connection, place: Place) -> None:
    for table in await own_tables(raw):
        if table in _OF_TABLES:
            continue
        if await raw.fetchval(f'SELECT EXISTS (SELECT 1 FROM "{table}")'):  # noqa: S608
            raise UsageError(f"{place.name}: {table} is not empty; nothing was changed")


async def _open_weeks(raw: asyncpg.Connection, file: sqlite3.Connection) -> None:
    """Make the tables of the file's weeks; their rows come with those of the others."""
    if not _has_table(file, "weeks"):
        return
    weeks = all_weeks(file)
    statements = [entry_table(table_of(week)) for week in weeks]
    for statement in (*statements, "DROP VIEW entries", view_of(weeks)):
        await raw.execute(spelled(statement))


def _has_table(file: sqlite3.Connection, name: str) -> bool:
    return name in _tables(file)


def _tables(file: sqlite3.Connection) -> list[str]:
    rows = file.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table'"
        " AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY name"
    )
    return [name for (name,) in rows]


async def _copy(raw: asyncpg.Connection, file: sqlite3.Connection, table: str) -> int:
    found = file.execute(f'SELECT * FROM "{table}"')  # noqa: S608  a name of ours
    rows = _Counted(found)
    await raw.copy_records_to_table(
        table,
        records=rows,
        columns=[column[0] for column in found.description],
        timeout=_LONGEST_SECONDS,
    )
    return rows.count


class _Counted:
    """Rows on their way, counted; never more than a few of them in memory."""

    def __init__(self, rows: Iterator[tuple[object, ...]]) -> None:
        self._rows = rows
        self.count = 0

    def __iter__(self) -> Iterator[tuple[object, ...]]:
        for row in self._rows:
            self.count += 1
            yield row
