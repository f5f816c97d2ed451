"""From the tables of an older version to those of today, on a server.

The steps are those of `ladder`, from the first tables that a server had. All that a
side needs are one transaction with its new number, since PostgreSQL undoes what was
done to tables like anything else: killed anywhere, a side is old or of today.
"""

import asyncio

from privity.errors import UsageError
from privity.relay.storage.database import Schema
from privity.relay.storage.postgres.connection import PostgresConnection, perform
from privity.relay.storage.postgres.failures import FOREIGN, translated
from privity.relay.storage.postgres.locks import begin
from privity.relay.storage.postgres.place import Place, connect
from privity.relay.storage.postgres.tables import version_there
from privity.relay.storage.store import StoreError

__all__ = ["climb_there", "due_there"]

_PATIENT = (
    "; SET LOCAL statement_timeout = 0"
    "; SET LOCAL idle_in_transaction_session_timeout = 0"
)
_OTHERS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND application_name = current_setting('application_name')"
    " AND pid <> pg_backend_pid()"
)


def due_there(place: Place, schema: Schema) -> int | None:
    """Return which older tables a side has, None where there is nothing to do.

    Raises UsageError where it has tables that no step begins with, or can't be read.
    """
    return asyncio.run(_looking(place, schema))


def climb_there(place: Place, schema: Schema) -> None:
    """Give a side the tables of today; one that has them stays as it is.

    Raises UsageError, and changes nothing, where it has tables that no step begins
    with, or a relay is connected to it: one of the older version would go on.
    """
    asyncio.run(_climbing(place, schema))


async def _looking(place: Place, schema: Schema) -> int | None:
    try:
        raw = await connect(place)
        try:
            return _due(place, schema, await version_there(raw))
        finally:
            await raw.close(timeout=1)
    except (*FOREIGN, StoreError) as error:
        raise _told(place, error) from None


async def _climbing(place: Place, schema: Schema) -> None:
    try:
        connection = PostgresConnection(await connect(place))
        try:
            await connection.say(begin(()) + _PATIENT)
            version = _due(place, schema, await version_there(connection.raw))
            if version is not None:
                await _check_alone(place, connection)
                await perform(_perform, connection, schema, version)
            await connection.say("COMMIT")
        finally:
            await connection.close()
    except (*FOREIGN, StoreError) as error:
        raise _told(place, error) from None


def _due(place: Place, schema: Schema, version: int | None) -> int | None:
    if version is None or version == schema.version:
        return None
    if not schema.oldest_on_server <= version < schema.version:
        stated = f"tables of version {version}, not {schema.version}"
        remedy = schema.remedy_on_server(version)
        raise UsageError(f"{place.name}: {stated}; {remedy}; nothing was changed")
    return version


async def _check_alone(place: Place, connection: PostgresConnection) -> None:
    others = await connection.raw.fetchval(_OTHERS)
    if others:
        raise UsageError(
            f"{place.name}: {others} connections of relays are open: stop them all;"
            " nothing was changed"
        )


def _perform(connection: PostgresConnection, schema: Schema, version: int) -> None:
    for step in schema.steps[version - schema.oldest :]:
        step(connection)
    connection.execute("UPDATE schema_version SET version = ?", (schema.version,))


def _told(place: Place, error: BaseException) -> UsageError:
    told = error if isinstance(error, StoreError) else translated(error)
    return UsageError(f"{place.name}: {told}; nothing was changed")
