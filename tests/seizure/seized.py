"""What somebody has who carries the disk of a relay away: bytes, rows, places.

The raw bytes are read before SQLite opens the copy: opening it may empty the WAL.
"""

import sqlite3
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from privity.relay.paths import ACCOUNTS_NAME, BLOBS_NAME, LOGS_NAME

__all__ = ["LogRows", "Seized"]

PAGE = 8_192
Rows = list[tuple]


@dataclass
class LogRows:
    """One log as its rows tell it."""

    log_id: bytes
    minutes: list[int] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    welcomes: list[tuple[int, int]] = field(default_factory=list)
    """Minute and size of each."""


class Seized:
    """A copy of the data directory of a relay, taken while it ran."""

    def __init__(self, data: Path) -> None:
        self._read(data)
        self.accounts_db = sqlite3.connect(data / ACCOUNTS_NAME)
        self.logs_db = sqlite3.connect(data / LOGS_NAME)

    def _read(self, data: Path) -> None:
        self.files = {
            str(path.relative_to(data)): path.read_bytes()
            for path in sorted(data.rglob("*"))
            if path.is_file() and not path.name.endswith("-shm")
        }
        self.blob_times = sorted(
            path.stat().st_mtime_ns for path in data.glob(f"{BLOBS_NAME}/??/*")
        )

    def close(self) -> None:
        """Close the copies."""
        self.accounts_db.close()
        self.logs_db.close()

    def account_rows(self, query: str) -> Rows:
        """Return rows of the account side."""
        return self.accounts_db.execute(query).fetchall()

    @cached_property
    def tables_of_mail(self) -> dict[str, list[str]]:
        """The columns of each table whose rows say for which mailbox they are."""
        names = self.account_rows("SELECT name FROM sqlite_master WHERE type = 'table'")
        columns = {
            name: [row[1] for row in self.account_rows(f"PRAGMA table_info({name})")]
            for (name,) in names
        }
        return {
            name: found
            for name, found in columns.items()
            if "mailbox_id" in found and name not in {"devices", "mailbox_heads"}
        }

    @cached_property
    def accounts(self) -> list[bytes]:
        """The ids of all accounts."""
        return [row[0] for row in self.account_rows("SELECT account_id FROM accounts")]

    @cached_property
    def owner(self) -> dict[bytes, bytes]:
        """The account of each mailbox."""
        return dict(self.account_rows("SELECT mailbox_id, account_id FROM devices"))

    @cached_property
    def logs(self) -> dict[bytes, LogRows]:
        """All logs, of what has not expired: of the rest its week is left."""
        ids = self.logs_db.execute("SELECT log_id FROM logs").fetchall()
        logs = {log_id: LogRows(log_id) for (log_id,) in ids}
        for log_id, minute, size in self.logs_db.execute(
            "SELECT log_id, minute, length(envelope) FROM entries"
            " WHERE envelope IS NOT NULL ORDER BY log_id, seq"
        ):
            logs[log_id].minutes.append(minute)
            logs[log_id].sizes.append(size)
        for log_id, minute, size in self.logs_db.execute(
            "SELECT log_id, minute, length(body) FROM parts JOIN handshakes"
            " USING (log_id, seq) WHERE part = 'welcome' ORDER BY minute"
        ):
            logs[log_id].welcomes.append((minute, size))
        return logs

    @cached_property
    def last_minute(self) -> int:
        """The minute of the newest entry of all."""
        return max(max(log.minutes, default=0) for log in self.logs.values())

    def in_order_of_coming(self, needles: list[tuple[bytes, bytes]]) -> list[bytes]:
        """Order keys as their rows came, as far as their places on the disk tell it.

        `needles` are keys with the bytes of a row. SQLite puts a new row in front of
        the others of its page, so that in a page the last place is the oldest.
        """
        data = self.files[ACCOUNTS_NAME]
        pages: dict[int, list[tuple[int, bytes]]] = defaultdict(list)
        for key, needle in needles:
            at = data.find(needle)
            if at >= 0:
                pages[at // PAGE].append((-at, key))
        placed = []
        for page in pages.values():
            page.sort()
            count = len(page)
            placed += [((n + 0.5) / count, key) for n, (_, key) in enumerate(page)]
        placed.sort()
        return [key for _, key in placed]

    def order_of_table(self, table: str, key: str, then: str) -> list[bytes]:
        """Return a table's keys in the order in which their rows came, where known.

        By its rowid where it has one, else by the places of `then`, a column (or two,
        joined) whose bytes no other row has.
        """
        try:
            rows = self.account_rows(f"SELECT {key} FROM {table} ORDER BY rowid")
            return [row[0] for row in rows]
        except sqlite3.OperationalError:
            rows = self.account_rows(f"SELECT {key}, {then} FROM {table}")
            return self.in_order_of_coming(rows)
