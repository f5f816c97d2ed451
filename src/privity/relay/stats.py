"""How much a relay holds: numbers over everything, none about anybody.

Reads only, beside a running relay or without one. Each number costs a walk over its
table, so a large relay takes a while; nobody waits for it meanwhile.
"""

import sqlite3
from collections.abc import Mapping
from pathlib import Path

from privity.errors import UsageError
from privity.relay.config import Config
from privity.relay.paths import ACCOUNTS_NAME, LOGS_NAME
from privity.relay.storage.sides import FILES, reading

__all__ = ["count_all"]

_ACCOUNTS = {
    "accounts": "SELECT count(*) FROM accounts",
    "devices": "SELECT count(*) FROM devices",
    "handles": "SELECT count(*) FROM handles WHERE account_id IS NOT NULL",
    "mail_waiting": "SELECT count(*) FROM mailbox_entries",
    "key_packages": "SELECT count(*) FROM key_packages",
    "invites": "SELECT count(*) FROM codes WHERE uses_left IS NULL OR uses_left > 0",
}
_LOGS = {
    "logs": "SELECT count(*) FROM logs",
    "entries": "SELECT count(*) FROM entries WHERE links IS NULL",
    "spent_tokens": "SELECT count(*) FROM spent_tokens",
    "pleas": "SELECT count(*) FROM pleas",
    "blobs": "SELECT count(*) FROM blobs WHERE sha256 IS NOT NULL",
    "blobs_unfinished": "SELECT count(*) FROM blobs WHERE sha256 IS NULL",
    "blob_bytes": 'SELECT CAST(coalesce(sum("offset"), 0) AS BIGINT) FROM blobs',
}


def count_all(data: Path, config: Config = FILES) -> dict[str, int]:
    """Return the numbers by name, in a fixed order; raises UsageError.

    Bytes of a database are those of its file with its write-ahead log, or what its
    server says.
    """
    if config.db.url:
        accounts = _ask(config, "accounts", _ACCOUNTS)
        logs = _ask(config, "logs", _LOGS)
        sizes = {
            "accounts_bytes": accounts.pop("bytes"),
            "logs_bytes": logs.pop("bytes"),
        }
        return {**accounts, **logs, **sizes}
    return {
        **_count(data / ACCOUNTS_NAME, _ACCOUNTS),
        **_count(data / LOGS_NAME, _LOGS),
        "accounts_bytes": _size(data / ACCOUNTS_NAME),
        "logs_bytes": _size(data / LOGS_NAME),
    }


def _ask(config: Config, side: str, queries: Mapping[str, str]) -> dict[str, int]:
    with reading(config, side) as database:
        asked = {**queries, "bytes": "SELECT pg_database_size(current_database())"}
        return {
            name: int(database.execute(query).fetchone()[0])
            for name, query in asked.items()
        }


def _count(path: Path, queries: Mapping[str, str]) -> dict[str, int]:
    try:
        database = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)
        try:
            return {
                name: int(database.execute(query).fetchone()[0])
                for name, query in queries.items()
            }
        finally:
            database.close()
    except sqlite3.Error as error:
        raise UsageError(f"{path}: {error}; `privity-relay doctor` says more") from None


def _size(path: Path) -> int:
    files = (path, path.with_name(path.name + "-wal"))
    return sum(file.stat().st_size for file in files if file.exists())
