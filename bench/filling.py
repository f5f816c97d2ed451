"""A relay's file with a long past, without the time that it takes to have one."""

import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from privity.relay.storage.weeks import HANDSHAKES

__all__ = ["fill"]

_PORTION = 50_000
_HEADER = bytes(95)
"""What it states is the generation 0."""


def fill(path: Path, log_ids: Sequence[bytes], entries: int) -> None:
    """Store so many short entries in each chat, as if they had come some weeks ago."""
    with closing(sqlite3.connect(path)) as logs:
        logs.execute("PRAGMA synchronous=OFF")
        for log_id in log_ids:
            for begin in range(1, entries + 1, _PORTION):
                seqs = range(begin, min(begin + _PORTION, entries + 1))
                with logs:
                    logs.executemany(_ENTRY, _entries(log_id, seqs))
                    logs.executemany(_IDEM, _idems(log_id, seqs))
        logs.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


_ENTRY = (
    f"INSERT INTO {HANDSHAKES}"  # noqa: S608
    " (log_id, seq, minute, stamp_key, stamp, chain, header, envelope)"
    " VALUES (?, ?, 0, 0, ?, ?, ?, ?)"
)
_IDEM = "INSERT INTO idems (log_id, idem, seq) VALUES (?, ?, ?)"


def _entries(log_id: bytes, seqs: range) -> Iterator[tuple[object, ...]]:
    for seq in seqs:
        yield log_id, seq, bytes(32), bytes(32), _HEADER, b"sealed"


def _idems(log_id: bytes, seqs: range) -> Iterator[tuple[object, ...]]:
    for seq in seqs:
        yield log_id, secrets.token_bytes(16), seq
