"""`privity-relay restore`: going on from a copy, told whether anything is lost.

Killed between any two steps, nothing serves: a data directory that is being filled has
no settings yet, one that is being settled has a watermark of another run than its
databases. The command is given again then.
"""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from privity.errors import UsageError
from privity.relay.backup import copy_all
from privity.relay.config import CONFIG_NAME
from privity.relay.losses import forget_used
from privity.relay.marks import Watermark, read_marks, write_watermark
from privity.relay.migrating import check_versions
from privity.relay.paths import ACCOUNTS_NAME, LOCK_NAME, LOGS_NAME
from privity.relay.storage.account_tables import ACCOUNT_SCHEMA
from privity.relay.storage.durable import sync
from privity.relay.storage.ladder import climb
from privity.relay.storage.log_tables import LOG_SCHEMA
from privity.relay.storage.mark_table import set_mark

__all__ = ["fill", "settle"]

_FILLING = CONFIG_NAME + ".restoring"
"""The settings, until all else is there."""

Random = Callable[[int], bytes]


def fill(source: Path, data: Path, random: Random, *, is_lossy: bool) -> int:
    """Copy a backup to `data`, where no relay is, and settle it; returns its bytes.

    Raises UsageError, before anything is changed, where something is there already or
    the backup is none that this version takes over.
    """
    if not (source / CONFIG_NAME).is_file():
        raise UsageError(f"{source} is no backup: it has no {CONFIG_NAME}")
    check_versions(source)
    _check_free(data)
    try:
        _clear(data)
        copied = copy_all(source, data, _FILLING)
        for name, schema in (
            (ACCOUNTS_NAME, ACCOUNT_SCHEMA),
            (LOGS_NAME, LOG_SCHEMA),
        ):
            climb(data / name, schema)
        settle(data, random, is_lossy=is_lossy)
        (data / _FILLING).rename(data / CONFIG_NAME)
        sync(data)
    except (OSError, sqlite3.Error) as error:
        raise UsageError(f"not restored: {error}; give the command again") from None
    return copied


def settle(data: Path, random: Random, *, is_lossy: bool) -> None:
    """Let a relay serve what is in `data`, and forget what it may have used before.

    The databases count anew, under a new id. Raises UsageError, before anything is
    changed, where one is missing or of another version.
    """
    read_marks(data)
    run = random(16)
    write_watermark(data, Watermark(1, run.hex(), 1, 1))
    for name in (ACCOUNTS_NAME, LOGS_NAME):
        with closing(sqlite3.connect(data / name, isolation_level=None)) as database:
            for pragma in ("synchronous=FULL", "secure_delete=ON"):
                database.execute(f"PRAGMA {pragma}").fetchall()
            database.execute("BEGIN IMMEDIATE")
            if is_lossy and name == ACCOUNTS_NAME:
                forget_used(database)
            set_mark(database, run)
            database.execute("COMMIT")
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _check_free(data: Path) -> None:
    """Refuse a directory with anything in it but what was killed here before."""
    if (data / CONFIG_NAME).exists():
        raise UsageError(
            f"a relay is in {data} already: move it away first; nothing was changed."
            " Without a directory `restore` goes on with what is there"
        )
    there = {path.name for path in data.iterdir()} - {LOCK_NAME, _FILLING}
    if there and not (data / _FILLING).exists():
        raise UsageError(f"{data} is not empty; nothing was changed")


def _clear(data: Path) -> None:
    """Remove what an earlier attempt left."""
    for path in data.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name not in {LOCK_NAME, _FILLING}:
            path.unlink()
