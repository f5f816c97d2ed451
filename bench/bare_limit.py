"""The bare limit: what SQLite alone does with the same rows on the same machine."""

import os
import secrets
import sqlite3
import tempfile
import time
from pathlib import Path

__all__ = ["entries_per_cpu_second"]

BATCH = 32
LOGS = 50
ENVELOPE = secrets.token_bytes(1024)


def entries_per_cpu_second(seconds: float) -> float:
    """Return how many entries of 1 KiB a CPU-second stores, durably, `BATCH` at once.

    One table, one index, no checks, no network: what no relay on SQLite can beat.
    """
    with tempfile.TemporaryDirectory() as folder:
        database = sqlite3.connect(Path(folder) / "bare.sqlite", isolation_level=None)
        database.execute("PRAGMA page_size=8192")
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=FULL")
        database.execute(
            "CREATE TABLE entries (log_id BLOB, seq INTEGER, envelope BLOB,"
            " PRIMARY KEY (log_id, seq)) WITHOUT ROWID"
        )
        done, began = 0, time.perf_counter()
        cpu = _cpu()
        log_ids = [secrets.token_bytes(16) for _ in range(LOGS)]
        while time.perf_counter() - began < seconds:
            database.execute("BEGIN IMMEDIATE")
            for number in range(done, done + BATCH):
                database.execute(
                    "INSERT INTO entries VALUES (?, ?, ?)",
                    (log_ids[number % LOGS], number, ENVELOPE),
                )
            database.execute("COMMIT")
            done += BATCH
        cost = _cpu() - cpu
        database.close()
    return done / cost


def _cpu() -> float:
    times = os.times()
    return times.user + times.system
