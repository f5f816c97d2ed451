"""What somebody has who carries the disk of a PostgreSQL server away, and the relay's.

Rows are read from the server just before its files are copied: whoever starts it on the
copy gets the same. They come in the order of their transactions, which each row names.
"""

import sqlite3
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import asyncpg
from postgres_cluster import asyncio_run

from privity.relay.paths import ACCOUNTS_NAME, LOGS_NAME
from tests.seizure.seized import Seized
from tests.seizure.server_wal import records_naming

__all__ = ["Happened", "SeizedServer", "SideRows", "read_side"]

_SQLITE = {"bytea": "BLOB", "bigint": "INTEGER", "text": "TEXT"}


@dataclass(frozen=True)
class Happened:
    """What names one account or one log, and when among all it was written."""

    place: int
    name: bytes


@dataclass(frozen=True)
class SideRows:
    """One side: its folder on the server, its rows, and who wrote each."""

    folder: str
    rows: sqlite3.Connection
    written: list[tuple[int, bytes]]
    """Transaction and first id of each row."""


class SeizedServer(Seized):
    """A copy of the folders of relay and servers, and the rows that the latter gave."""

    def __init__(self, copy: Path, sides: dict[str, SideRows]) -> None:
        self._read(copy)
        self.sides = sides
        self.accounts_db = sides["accounts"].rows
        self.logs_db = sides["logs"].rows
        for side, name in (("accounts", ACCOUNTS_NAME), ("logs", LOGS_NAME)):
            inside = f"{sides[side].folder}/"
            own = [data for at, data in self.files.items() if at.startswith(inside)]
            self.files[name] = b"".join(own)

    @cached_property
    def whose(self) -> dict[bytes, bytes]:
        """What each id stands for: an account's own, its mailboxes', a log's."""
        own = {one: one for one in (*self.accounts, *self.logs)}
        return own | self.owner

    def written(self) -> list[Happened]:
        """Return which transactions wrote the rows that are there."""
        every = [pair for side in self.sides.values() for pair in side.written]
        return self._few(
            [(xid, {name}) for xid, name in every if name in self.whose], most=2
        )

    def remembered(self) -> list[Happened]:
        """Return what the server's own log still says, in its order."""
        segments = [data for at, data in self.files.items() if "/pg_wal/" in at]
        found = records_naming(segments, self.whose)
        return self._few([(record.xid, record.names) for record in found], most=2)

    def _few(self, said: list[tuple[int, set[bytes]]], most: int) -> list[Happened]:
        """Keep what belongs to transactions that name few: others rewrite tables."""
        named: dict[int, set[bytes]] = {}
        for xid, names in said:
            named.setdefault(xid, set()).update(self.whose[name] for name in names)
        return [
            Happened(place, name)
            for place, names in enumerate(
                names for _, names in sorted(named.items()) if len(names) <= most
            )
            for name in names
        ]


def read_side(url: str, server: str) -> SideRows:
    """Read all rows of a side into memory."""
    return asyncio_run(_read_side(url, server))


async def _read_side(url: str, server: str) -> SideRows:
    raw = await asyncpg.connect(url)
    rows, written = sqlite3.connect(":memory:", check_same_thread=False), []
    try:
        number = await raw.fetchval(
            "SELECT oid FROM pg_database WHERE datname = current_database()"
        )
        tables = await raw.fetch(
            "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'"
        )
        for (table,) in tables:
            found = await raw.fetch(
                "SELECT xmin::text::bigint AS by_whom, *"
                f" FROM {table} ORDER BY xmin::text::bigint, ctid"
            )
            await _keep(raw, rows, table, [tuple(row)[1:] for row in found])
            written += [(row[0], row[1]) for row in found if isinstance(row[1], bytes)]
        if "weeks" in {name for (name,) in tables}:
            found = await raw.fetch("SELECT * FROM entries")
            await _keep(raw, rows, "entries", [tuple(row) for row in found])
    finally:
        await raw.close()
    return SideRows(f"{server}/base/{number}", rows, written)


async def _keep(
    raw: asyncpg.Connection, rows: sqlite3.Connection, table: str, found: list[tuple]
) -> None:
    columns = await raw.fetch(
        "SELECT column_name::text, data_type::text FROM information_schema.columns"
        " WHERE table_schema = 'public' AND table_name = $1 ORDER BY ordinal_position",
        table,
    )
    declared = ", ".join(f'"{name}" {_SQLITE[kind]}' for name, kind in columns)
    rows.execute(f"CREATE TABLE {table} ({declared})")
    marks = ", ".join("?" * len(columns))
    rows.executemany(f"INSERT INTO {table} VALUES ({marks})", found)
