"""One transaction for the operator's commands, which have no event loop.

It has the database for itself, as a step without keys, and may work beside relays.
"""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager

from privity.errors import UsageError
from privity.relay.storage.database import Schema
from privity.relay.storage.postgres.connection import PostgresConnection
from privity.relay.storage.postgres.locks import begin
from privity.relay.storage.postgres.place import Place, connect
from privity.relay.storage.postgres.tables import check, prepare
from privity.relay.storage.store import StoreError

__all__ = ["one_transaction"]


@contextmanager
def one_transaction(
    place: Place, schema: Schema, *, reads: bool = False
) -> Generator[PostgresConnection, None, None]:
    """Give a connection, and commit what was done with it unless that raised.

    What only `reads` keeps nobody waiting and makes no tables. Raises UsageError.
    """
    with asyncio.Runner() as runner:
        runner.run((check if reads else prepare)(place, schema))
        try:
            raw = runner.run(connect(place))
            connection = PostgresConnection(raw, runner.run)
            try:
                runner.run(connection.say(_READING if reads else begin(())))
                yield connection
                runner.run(connection.say("COMMIT"))
            finally:
                runner.run(connection.close())
        except StoreError as error:
            raise UsageError(f"{place.name}: {error}") from None


_READING = (
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = 0"
)
