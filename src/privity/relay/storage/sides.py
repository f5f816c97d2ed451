"""The two databases of a relay, wherever its settings put them.

What PostgreSQL needs, only those import who have one.
"""

import sqlite3
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from privity.errors import UsageError
from privity.relay.config import Config
from privity.relay.paths import ACCOUNTS_NAME, LOGS_NAME
from privity.relay.storage.account_tables import ACCOUNT_SCHEMA
from privity.relay.storage.database import Database, Schema
from privity.relay.storage.log_tables import LOG_SCHEMA
from privity.relay.storage.store import Connection, Store

__all__ = [
    "ALLOWED_TO_TURN",
    "FILES",
    "SIDES",
    "account_step",
    "open_accounts",
    "open_logs",
    "reading",
]

SIDES = {"accounts": ACCOUNT_SCHEMA, "logs": LOG_SCHEMA}
FILES = Config()
"""Settings whose databases are files of the data directory."""
ALLOWED_TO_TURN = (
    "SELECT has_function_privilege('pg_switch_wal()', 'EXECUTE')"
    " AND pg_has_role('pg_checkpoint', 'USAGE')"
)
"""Whether the relay's user may end what a server's own log has (`compact`)."""
_FILES = {"accounts": ACCOUNTS_NAME, "logs": LOGS_NAME}


def open_accounts(config: Config, data: Path) -> Store:
    """Open the account side; raises UsageError where it is unusable."""
    return _open(config, data, "accounts")


def open_logs(config: Config, data: Path) -> Store:
    """Open the log side; raises UsageError where it is unusable."""
    return _open(config, data, "logs")


def account_step(
    config: Config, data: Path, *, reads: bool = False
) -> AbstractContextManager[Connection]:
    """Give a transaction on the account side, beside a relay or without one.

    It is committed unless something is raised; what only `reads` keeps nobody waiting.
    Raises UsageError.
    """
    if config.db.url:
        return _shared(config, "accounts", reads=reads)
    begin = "BEGIN" if reads else "BEGIN IMMEDIATE"
    return _file_step(data / ACCOUNTS_NAME, ACCOUNT_SCHEMA, begin)


def reading(config: Config, side: str) -> AbstractContextManager[Connection]:
    """Give what reads a side that is no file; raises UsageError."""
    return _shared(config, side, reads=True)


def _open(config: Config, data: Path, side: str) -> Store:
    if not config.db.url:
        return Database(data / _FILES[side], SIDES[side])
    from privity.relay.storage.postgres.place import Place  # noqa: PLC0415
    from privity.relay.storage.postgres.shared import PostgresStore  # noqa: PLC0415

    return PostgresStore(Place.of(config.db.url, side), SIDES[side])


def _shared(
    config: Config, side: str, *, reads: bool
) -> AbstractContextManager[Connection]:
    from privity.relay.storage.postgres.command import one_transaction  # noqa: PLC0415
    from privity.relay.storage.postgres.place import Place  # noqa: PLC0415

    place = Place.of(config.db.url, side)
    return one_transaction(place, SIDES[side], reads=reads)


@contextmanager
def _file_step(
    path: Path, schema: Schema, begin: str
) -> Generator[Connection, None, None]:
    if not path.exists():
        raise UsageError(f"{path} is missing; `privity-relay init` makes it")
    database = sqlite3.connect(path, timeout=10, isolation_level=None)
    try:
        schema.check(path, database)
        database.execute("PRAGMA synchronous=FULL")
        database.execute("PRAGMA secure_delete=ON").fetchall()
        database.execute(begin)
        yield database
        database.execute("COMMIT")
    finally:
        if database.in_transaction:
            database.execute("ROLLBACK")
        database.close()
