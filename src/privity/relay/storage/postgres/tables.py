"""The tables of a side: made in an empty database, or known by their number."""

import asyncpg

from privity.errors import UsageError
from privity.relay.storage.database import Schema
from privity.relay.storage.postgres.failures import FOREIGN, translated
from privity.relay.storage.postgres.locks import begin
from privity.relay.storage.postgres.place import Place, connect
from privity.relay.storage.postgres.spelling import spelled
from privity.relay.storage.store import StoreError

__all__ = ["OLDEST_SERVER", "check", "own_tables", "prepare", "version_there"]

OLDEST_SERVER = 15
_VERSION = """
    CREATE TABLE schema_version (
        one BIGINT PRIMARY KEY CHECK (one = 1),
        version BIGINT NOT NULL
    )
"""


async def prepare(place: Place, schema: Schema) -> None:
    """Have a side's tables; several relays may ask at once.

    Raises UsageError where the server is unusable, or the tables are of another
    version; nothing is changed then.
    """
    try:
        raw = await connect(place)
    except StoreError as error:
        raise UsageError(str(error)) from None
    try:
        await _check_server(raw, place)
        await raw.execute(begin(()))
        await _make(raw, place, schema)
        await raw.execute("COMMIT")
    except FOREIGN as error:
        raise UsageError(f"{place.name}: {translated(error)}") from None
    finally:
        await raw.close(timeout=1)


async def own_tables(raw: asyncpg.Connection) -> list[str]:
    """Return the names of all tables of this side; raises StoreError."""
    try:
        found = await raw.fetch(
            "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema()"
            " ORDER BY tablename"
        )
    except FOREIGN as error:
        raise translated(error) from None
    return [name for (name,) in found]


async def _check_server(raw: asyncpg.Connection, place: Place) -> None:
    version = raw.get_server_version().major
    if version < OLDEST_SERVER:
        needed = f"the server is of version {version}, and {OLDEST_SERVER} is needed"
        raise UsageError(f"{place.name}: {needed}")
    encoding = await raw.fetchval("SHOW server_encoding")
    if encoding != "UTF8":
        raise UsageError(f"{place.name}: it is kept in {encoding}, not UTF8")


async def check(place: Place, schema: Schema) -> None:
    """Look whether a side's tables are there; changes nothing and waits for nobody.

    Raises UsageError where they are not, or are of another version.
    """
    try:
        raw = await connect(place)
    except StoreError as error:
        raise UsageError(str(error)) from None
    try:
        if not await _are_there(raw, place, schema):
            raise UsageError(
                f"{place.name}: it is empty; `privity-relay init` fills it"
            )
    except FOREIGN as error:
        raise UsageError(f"{place.name}: {translated(error)}") from None
    finally:
        await raw.close(timeout=1)


async def version_there(raw: asyncpg.Connection) -> int | None:
    """Return which tables a side has, None where it has none."""
    if not await raw.fetchval("SELECT to_regclass('schema_version') IS NOT NULL"):
        return None
    return int(await raw.fetchval("SELECT version FROM schema_version"))


async def _are_there(raw: asyncpg.Connection, place: Place, schema: Schema) -> bool:
    version = await version_there(raw)
    if version is not None and version != schema.version:
        stated = f"tables of version {version}, not {schema.version}"
        raise UsageError(f"{place.name}: {stated}; {schema.remedy_on_server(version)}")
    return version is not None


async def _make(raw: asyncpg.Connection, place: Place, schema: Schema) -> None:
    if await _are_there(raw, place, schema):
        return
    for statement in (_VERSION, *schema.statements):
        await raw.execute(spelled(statement))
    await raw.execute("INSERT INTO schema_version VALUES (1, $1)", schema.version)
