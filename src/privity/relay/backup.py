"""A copy of a relay that serves meanwhile: settings, both databases, blobs, TLS files.

Each database is copied as it was at one moment. Files of blobs come after the rows:
a file is durable before its row counts it, so the copy has every byte that its rows
count, unless the blob was deleted meanwhile. Files without rows the next sweep removes.
"""

import os
import shutil
import sqlite3
from pathlib import Path

from privity.errors import UsageError
from privity.relay.config import CONFIG_NAME
from privity.relay.paths import ACCOUNTS_NAME, BLOBS_NAME, LOGS_NAME
from privity.relay.storage.durable import sync
from privity.relay.storage.mark_table import mark_as_copy

__all__ = ["back_up", "copy_all"]

_PARTIAL = ".partial"
_TLS = "tls"


def back_up(data: Path, target: Path) -> int:
    """Copy the relay in `data` to `target`, a new directory; returns its bytes.

    It has its name only once it is whole and on the disk, and says that it is a copy.
    Raises UsageError.
    """
    partial = target.with_name(target.name + _PARTIAL)
    if target.exists():
        raise UsageError(f"{target} is there already; nothing was changed")
    if partial.exists():
        what = (
            "is left of a backup that was cut off, or is being made; remove it if not"
        )
        raise UsageError(f"{partial} {what}; nothing was changed")
    try:
        partial.mkdir(mode=0o700)
        copied = copy_all(data, partial, CONFIG_NAME)
        partial.rename(target)
        sync(target.parent)
    except (OSError, sqlite3.Error) as error:
        shutil.rmtree(partial, ignore_errors=True)
        raise UsageError(f"no backup was made: {error}") from None
    return copied


def copy_all(data: Path, target: Path, settings: str) -> int:
    """Copy what makes a relay to a folder, its settings first and under this name.

    Returns the bytes that are there then. Raises OSError, sqlite3.Error.
    """
    _copy_file(data / CONFIG_NAME, target / settings)
    sync(target)
    for name in (ACCOUNTS_NAME, LOGS_NAME):
        _copy_database(data / name, target / name)
    for name in (_TLS, BLOBS_NAME):
        _copy_tree(data / name, target / name)
    for folder in (target, *filter(Path.is_dir, target.rglob("*"))):
        sync(folder)
    return sum(file.stat().st_size for file in target.rglob("*"))


def _copy_database(source: Path, target: Path) -> None:
    """Copy in one read transaction, which keeps no writer waiting."""
    os.close(os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    reading = sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=10)
    writing = sqlite3.connect(target)
    try:
        reading.backup(writing, pages=-1)
        with writing:
            mark_as_copy(writing)
    finally:
        writing.close()
        reading.close()
    sync(target)


def _copy_tree(source: Path, target: Path) -> None:
    """Copy a folder, of blobs what is not deleted meanwhile, wherever it is by then."""
    if not source.exists():
        return
    target.mkdir(mode=0o700)
    for path in sorted(source.iterdir()):
        if path.is_dir():
            _copy_tree(path, target / path.name)
            continue
        try:
            _copy_file(path, target / path.name)
        except FileNotFoundError:
            if source.parent.name != BLOBS_NAME:
                raise
            finished = path.with_suffix("")
            if finished.exists():
                _copy_file(finished, target / finished.name)


def _copy_file(source: Path, target: Path) -> None:
    with source.open("rb") as reading:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as writing:
            shutil.copyfileobj(reading, writing, 1 << 20)
    sync(target)
