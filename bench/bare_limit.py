"""The bare limit: what SQLite alone does with the same rows on the same machine."""

import os
import secrets
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

__all__ = ["commits_at", "entries_per_cpu_second"]

BATCH = 32
LOGS = 50
ENVELOPE = secrets.token_bytes(1024)
_INSERT = "INSERT INTO entries VALUES (?, ?, ?)"


def entries_per_cpu_second(seconds: float) -> float:
    """Return how many entries of 1 KiB a CPU-second stores, durably, `BATCH` at once.

    One table, one index, no checks, no network: what no relay on SQLite can beat.
    """
    with _entries() as database:
        done, began = 0, time.perf_counter()
        cpu = _cpu()
        log_ids = [secrets.token_bytes(16) for _ in range(LOGS)]
        while time.perf_counter() - began < seconds:
            database.execute("BEGIN IMMEDIATE")
            for number in range(done, done + BATCH):
                database.execute(_INSERT, (log_ids[number % LOGS], number, ENVELOPE))
            database.execute("COMMIT")
            done += BATCH
        cost = _cpu() - cpu
    return done / cost


def commits_at(per_second: int, seconds: float) -> list[float]:
    """Return how long each commit of one entry took, in ms, so many a second.

    What a message waits for whatever the relay does: this disk, and who else uses it.
    """
    took, log_id = [], secrets.token_bytes(16)
    with _entries() as database:
        began = time.perf_counter()
        for number in range(int(seconds * per_second)):
            time.sleep(max(0.0, began + number / per_second - time.perf_counter()))
            at = time.perf_counter()
            database.execute(_INSERT, (log_id, number, ENVELOPE))
            took.append((time.perf_counter() - at) * 1_000)
    return took


@contextmanager
def _entries() -> Iterator[sqlite3.Connection]:
    with tempfile.TemporaryDirectory() as folder:
        database = sqlite3.connect(Path(folder) / "bare.sqlite", isolation_level=None)
        database.execute("PRAGMA page_size=8192")
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=FULL")
        database.execute(
            "CREATE TABLE entries (log_id BLOB, seq INTEGER, envelope BLOB,"
            " PRIMARY KEY (log_id, seq)) WITHOUT ROWID"
        )
        with closing(database):
            yield database


def _cpu() -> float:
    times = os.times()
    return times.user + times.system
