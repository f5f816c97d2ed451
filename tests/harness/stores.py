"""Both kinds of store for the tests of one suite, and all that stands in either."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from postgres_cluster import new_url
from refusing import dump, memory

from privity.relay.config import Config, DBSettings
from privity.relay.storage.database import Schema
from privity.relay.storage.log_tables import LOG_SCHEMA
from privity.relay.storage.postgres.connection import PostgresConnection
from privity.relay.storage.postgres.place import Place, connect
from privity.relay.storage.postgres.tables import prepare
from privity.relay.storage.sides import open_logs
from privity.relay.storage.store import Connection, Store

__all__ = ["KINDS", "LogStores", "side"]

KINDS = ("sqlite", "postgres")


class LogStores:
    """Opens one log side as often as a test likes."""

    def __init__(self, kind: str, folder: Path, url: str = "") -> None:
        self.kind = kind
        self.folder = folder
        if kind == "postgres":
            url = url or new_url()
        self.config = Config(db=DBSettings(url=url))

    def open(self) -> Store:
        return open_logs(self.config, self.folder)


class _Dumping(PostgresConnection):
    """Tells what is in it, as `sqlite3` does."""

    def iterdump(self) -> list[str]:
        return dump(self)


@contextmanager
def side(kind: str, schema: Schema) -> Iterator[Connection]:
    """Give an empty database for steps that are called one by one."""
    if kind == "sqlite":
        yield memory(schema)
        return
    run = _thread()
    connection = _Dumping(run(connect(_place(schema))), run)
    connection.execute("BEGIN")
    try:
        yield connection
    finally:
        run(connection.close())


@cache
def _place(schema: Schema) -> Place:
    """Make the tables once; what a test does in them is never committed."""
    place = Place.of(new_url(), "logs" if schema is LOG_SCHEMA else "accounts")
    _thread()(prepare(place, schema))
    return place


@cache
def _thread():
    """Return what runs a coroutine to its end, whether or not a loop runs here."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    return lambda awaitable: asyncio.run_coroutine_threadsafe(awaitable, loop).result(
        30
    )
