"""From the tables of an older version to those of today, in steps of plain SQL.

`user_version` says which tables a file has; step n makes n + 1 of n. All steps that a
file needs are one transaction with the new number: killed anywhere, it has the old
tables or those of today (docs/adr/0023).
"""

import shutil
import sqlite3
from pathlib import Path

from privity.errors import UsageError
from privity.relay.storage.database import Schema

__all__ = ["climb", "version_of"]

_ROOM = 2
"""A file's rows stand in its write-ahead log as well, until the step is whole."""


def version_of(path: Path) -> int:
    """Return which tables a file has; raises UsageError where it can't be read."""
    try:
        database = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)
        try:
            return int(database.execute("PRAGMA user_version").fetchone()[0])
        finally:
            database.close()
    except sqlite3.Error as error:
        raise UsageError(f"{path}: {error}") from None


def climb(path: Path, schema: Schema) -> None:
    """Give a file the tables of today; one that has them stays as it is.

    Nobody else has the file open. Raises UsageError, and changes nothing, where the
    file has tables that no step begins with, or the disk has no room for the steps.
    """
    version = version_of(path)
    if version == schema.version:
        return
    if not schema.oldest <= version < schema.version:
        raise UsageError(f"{path}: tables of version {version}; nothing was changed")
    _check_room(path)
    database = sqlite3.connect(path, isolation_level=None)
    try:
        _perform(database, schema)
    except sqlite3.Error as error:
        raise UsageError(f"{path}: {error}; nothing was changed") from None
    finally:
        database.close()


def _perform(database: sqlite3.Connection, schema: Schema) -> None:
    for name, value in (("synchronous", "FULL"), ("secure_delete", "ON")):
        database.execute(f"PRAGMA {name}={value}").fetchall()
    database.execute("BEGIN IMMEDIATE")
    try:
        version = database.execute("PRAGMA user_version").fetchone()[0]
        for step in schema.steps[version - schema.oldest :]:
            step(database)
        database.execute(f"PRAGMA user_version={schema.version}")
        database.execute("COMMIT")
    finally:
        if database.in_transaction:
            database.execute("ROLLBACK")
    # What the old tables held leaves the write-ahead log with this.
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _check_room(path: Path) -> None:
    needed = _ROOM * path.stat().st_size
    if shutil.disk_usage(path.parent).free < needed:
        room = -(-needed // 1_000_000)
        raise UsageError(f"{path}: this takes {room} MB of room; nothing was changed")
