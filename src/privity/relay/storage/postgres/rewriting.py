"""Room for what was deleted, and rows that stand by their keys, not as they came.

Each row says which transaction wrote it. The account side's, beside the minutes of the
log side, would tell who was invited where (docs/security/seizure.md), so once a day a
table is filled again: all its rows are of one transaction then, by their keys. The
server unlinks the old files and overwrites nothing.
"""

from privity.relay.storage.postgres.connection import PostgresConnection
from privity.relay.storage.postgres.locks import begin
from privity.relay.storage.postgres.place import Place, connect
from privity.relay.storage.postgres.tables import own_tables

__all__ = ["rewrite", "vacuum"]

LONG = 3_600.0
"""Seconds that one table may take."""


async def vacuum(place: Place) -> None:
    """Free the room of deleted rows; nobody waits for it."""
    connection = PostgresConnection(await connect(place))
    try:
        await connection.say("SET statement_timeout = 0")
        for table in await own_tables(connection.raw):
            await connection.say(f'VACUUM "{table}"', LONG)
    finally:
        await connection.close()


async def rewrite(place: Place) -> None:
    """Write each table again, in the order of its key.

    Steps that want it meanwhile wait for five seconds and are told to come back; reads
    go on. Never by TRUNCATE: whoever has a snapshot already, as a backup, would find
    the table empty.
    """
    connection = PostgresConnection(await connect(place))
    try:
        await connection.say("SET statement_timeout = 0")
        for table in await own_tables(connection.raw):
            await connection.say(
                f"{begin(())};"  # noqa: S608
                f' CREATE TEMP TABLE copied ON COMMIT DROP AS TABLE "{table}";'
                f' DELETE FROM "{table}";'
                f' INSERT INTO "{table}" SELECT * FROM copied ORDER BY copied;'
                " COMMIT",
                LONG,
            )
            await connection.say(f'VACUUM FULL "{table}"', LONG)
    finally:
        await connection.close()
