"""Room for what was deleted, and rows that stand by their keys, not as they came.

Each row says which transaction wrote it. The account side's, beside the minutes of the
log side, would tell who was invited where (docs/security/seizure.md), so once a day a
table is filled again: all its rows are of one transaction then, by their keys. The
server unlinks the old files and overwrites nothing.

The server's own log (`pg_wal`) has all that was done, of both sides, in its order.
Where its administrator allows it, that is ended here, so that only what came since is
left.
"""

from privity.relay.storage.postgres.connection import PostgresConnection
from privity.relay.storage.postgres.failures import FOREIGN, translated
from privity.relay.storage.postgres.locks import begin
from privity.relay.storage.postgres.place import Place, connect
from privity.relay.storage.postgres.tables import own_tables
from privity.relay.storage.sides import ALLOWED_TO_TURN

__all__ = ["rewrite", "turn_own_log", "vacuum"]

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


async def turn_own_log(place: Place) -> bool:
    """Let the server begin a segment of its log and drop those before; tells if it may.

    What it drops is removed only with `wal_recycle` off; else its files are kept, as
    they are, for later use (docs/operator/running.md).
    """
    connection = PostgresConnection(await connect(place))
    try:
        if not await connection.raw.fetchval(ALLOWED_TO_TURN):
            return False
        await connection.say("SET statement_timeout = 0")
        await connection.say("SELECT pg_switch_wal()")
        await connection.say("CHECKPOINT", LONG)
    except FOREIGN as error:
        raise translated(error) from None
    finally:
        await connection.close()
    return True
