"""`privity-relay migrate` where the settings name a server and the data are in files.

Each side is moved as a whole, the account side first; killed anywhere, the command is
given again. Until both have come the watermark, which stays where it is, refuses to
serve from the server. The files are kept under another name.
"""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from privity.errors import UsageError
from privity.relay.config import Config
from privity.relay.marks import check_marks, read_marks, read_watermark
from privity.relay.migrating import check_versions
from privity.relay.paths import ACCOUNTS_NAME, LOGS_NAME
from privity.relay.storage.durable import sync
from privity.relay.storage.sides import SIDES

__all__ = ["KEPT", "Moved", "has_files", "move"]

KEPT = ".moved"
"""Behind the names of files whose rows are on the server now."""
_FILES = {"accounts": ACCOUNTS_NAME, "logs": LOGS_NAME}


@dataclass(frozen=True, slots=True)
class Moved:
    """A file, and how many of its rows came to the server in this attempt."""

    file: str
    rows: int


def has_files(data: Path) -> bool:
    """Tell whether databases of a relay are here that no server has yet."""
    return any((data / name).exists() for name in _FILES.values())


def move(config: Config, data: Path) -> list[Moved]:
    """Copy both files in `data` to the server that the settings name.

    Nobody serves meanwhile. Raises UsageError where the files are of an older version
    or the server's databases are not empty, and OldCopy where serving would.
    """
    from privity.relay.storage.postgres.moving_in import move_in  # noqa: PLC0415
    from privity.relay.storage.postgres.place import Place  # noqa: PLC0415

    if _is_almost_done(data):
        # Both sides had come: only the names were left.
        return _keep(data, [])
    if check_versions(data):
        raise UsageError(
            "the files have tables of an older version: give `migrate` without db.url"
            " first; nothing was changed"
        )
    check_marks(read_watermark(data), *read_marks(data))
    for name in _FILES.values():
        _gather(data / name)
    moved = [
        Moved(name, move_in(Place.of(config.db.url, side), SIDES[side], data / name))
        for side, name in _FILES.items()
    ]
    return _keep(data, moved)


def _gather(path: Path) -> None:
    """Bring what the write-ahead log of a file holds into the file."""
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as file:
            file.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    except sqlite3.Error as error:
        raise UsageError(f"{path}: {error}; nothing was changed") from None


def _is_almost_done(data: Path) -> bool:
    return any((data / (name + KEPT)).exists() for name in _FILES.values())


def _keep(data: Path, moved: list[Moved]) -> list[Moved]:
    """Take the files' names away, so that nobody serves from them by mistake."""
    for name in _FILES.values():
        if (data / name).exists():
            (data / name).rename(data / (name + KEPT))
    sync(data)
    return moved
