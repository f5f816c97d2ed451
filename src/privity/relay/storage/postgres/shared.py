"""One side's database on PostgreSQL, with group commit, shared by many relays.

Steps are queued (`tracks`). What is queued together is performed in one transaction,
behind the locks of all its keys (`locks`), and nobody is answered before its commit is
on the server's disk. A transaction whose connection fails is undone, as is one that
somebody was in the way of: who asked is told so (`StoreBusy`), and the next begins on a
new connection. Steps are never performed twice: they also count what they are asked.
"""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from privity.errors import UsageError
from privity.relay.storage.database import Schema
from privity.relay.storage.postgres.connection import (
    PostgresConnection,
    perform,
    wait,
)
from privity.relay.storage.postgres.locks import begin
from privity.relay.storage.postgres.place import Place, connect
from privity.relay.storage.postgres.rewriting import (
    rewrite,
    turn_own_log,
    vacuum,
)
from privity.relay.storage.postgres.sessions import Sessions
from privity.relay.storage.postgres.tables import prepare
from privity.relay.storage.postgres.tracks import TRACKS, Tracks
from privity.relay.storage.queued import Queued, fail, settling
from privity.relay.storage.store import (
    Done,
    LookAhead,
    Step,
    StoreBusy,
    StoreError,
)

__all__ = ["PostgresStore"]

T = TypeVar("T")

READERS = 4
PATIENCE = 5.0
"""Seconds in which a server may restart before steps fail that have not begun."""


class PostgresStore:
    """A database of one side; opened before the event loop runs, used from one loop.

    Raises UsageError where it can't be used as it is.
    """

    def __init__(self, place: Place, schema: Schema) -> None:
        self.place = place
        _now(prepare(place, schema))
        self._tracks = Tracks(self._perform)
        self._writers = Sessions(place, TRACKS)
        self._readers = Sessions(place, READERS)
        self._is_closed = False
        self._rolled_back: list[Callable[[], None]] = []
        self._ahead: list[LookAhead] = []

    def when_rolled_back(self, forget: Callable[[], None]) -> None:
        """Call `forget` whenever steps were undone whose results somebody remembers."""
        self._rolled_back.append(forget)

    def when_begun(self, look: LookAhead) -> None:
        """Call `look` before steps whose rows other relays may have changed."""
        self._ahead.append(look)

    def begin(self, step: Step[T]) -> T:
        """Perform a step and commit it, before anything else is asked of the store."""
        return _now(self._alone(step))

    def submit(
        self,
        step: Step[T],
        *,
        checks_first: bool = False,
        keys: tuple[bytes, ...] = (),
    ) -> "asyncio.Future[T]":
        """Queue a step; the future is done when the step is durable, or failed.

        A step that raises changes nothing. Steps that share a key, or have none, run in
        the order of their calls.
        """
        future = asyncio.get_running_loop().create_future()
        self._put(Queued(step, settling(future), checks_first, keys))
        return future

    def queue(
        self, step: Step[Any], done: Done, *, keys: tuple[bytes, ...], about: object
    ) -> None:
        """Queue a step that checks first; `done` hears of its end."""
        self._put(Queued(step, done, checks_first=True, keys=keys, about=about))

    def _put(self, queued: Queued) -> None:
        if self._is_closed:
            raise UsageError("the database is closed")
        self._tracks.put(queued)

    async def write(self, step: Step[T], *, keys: tuple[bytes, ...] = ()) -> T:
        """Perform a step and return its result once it is durable."""
        return await self.submit(step, keys=keys)

    async def read(self, step: Step[T]) -> T:
        """Perform a step that only reads, on the newest committed state."""
        async with self._readers.one() as session:
            await session.begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            try:
                return await perform(step, session.connection)
            finally:
                await session.end("ROLLBACK")

    def forget(self) -> None:
        """Tell all who remember results of steps to read them again."""
        for forget in self._rolled_back:
            forget()

    async def compact(self, *, anew: bool = False) -> None:
        """Let the server use the room of what was deleted; `anew` write all rows again.

        What was deleted is in the server's own log as well, until that goes round; it
        is hastened where the relay's user may. Raises StoreError where it fails.
        """
        await (rewrite if anew else vacuum)(self.place)
        await turn_own_log(self.place)

    async def close(self) -> None:
        """Finish what is queued and close all connections."""
        if self._is_closed:
            return
        self._is_closed = True
        await self._tracks.finish()
        await self._writers.close()
        await self._readers.close()

    async def _perform(self, batch: list[Queued]) -> None:
        try:
            await self._commit(batch)
        except Exception as error:  # noqa: BLE001  it belongs to all who asked
            self.forget()
            fail(batch, error)
        for queued in batch:
            queued.answer()

    async def _commit(self, batch: list[Queued]) -> None:
        keys = [key for queued in batch for key in queued.keys]
        async with self._writers.one() as session:
            await session.begin(begin(keys), PATIENCE)
            try:
                await perform(_perform_all, session.connection, batch, self._ahead)
            except BaseException:
                await session.end("ROLLBACK")
                raise
            is_void = len(batch) == 1 and batch[0].error is not None
            await session.end("ROLLBACK" if is_void else "COMMIT")

    async def _alone(self, step: Step[T]) -> T:
        """Perform one step on a connection of its own."""
        connection = PostgresConnection(await connect(self.place))
        try:
            await connection.say(begin(()))
            result = await perform(step, connection)
            await connection.say("COMMIT")
        finally:
            await connection.close()
        return result


def _perform_all(
    connection: PostgresConnection, batch: list[Queued], ahead: list[LookAhead]
) -> None:
    connection.discard()
    asked = [queued.about for queued in batch if queued.about is not None]
    for look in ahead:
        look(connection, asked)
    for queued in batch:
        if queued.checks_first:
            _perform_checked(connection, queued)
        elif len(batch) == 1:
            _perform_single(connection, queued)
        else:
            _perform_guarded(connection, queued)
    connection.flush()


def _perform_checked(connection: PostgresConnection, queued: Queued) -> None:
    before = connection.total_changes
    try:
        queued.outcome = queued.step(connection)
    except StoreError:
        # The server takes no further statement of this transaction.
        raise
    except Exception as error:
        if connection.total_changes != before:
            raise
        queued.error = error


def _perform_single(connection: PostgresConnection, queued: Queued) -> None:
    """Its transaction is its savepoint."""
    try:
        queued.outcome = queued.step(connection)
    except StoreBusy:
        raise
    except Exception as error:  # noqa: BLE001  it belongs to who asked
        connection.discard()
        queued.error = error


def _perform_guarded(connection: PostgresConnection, queued: Queued) -> None:
    connection.flush()
    wait(connection.say("SAVEPOINT step"))
    try:
        queued.outcome = queued.step(connection)
        connection.flush()
    except StoreBusy:
        raise
    except Exception as error:  # noqa: BLE001  it belongs to who asked
        connection.discard()
        wait(connection.say("ROLLBACK TO step"))
        queued.error = error
    wait(connection.say("RELEASE step"))


def _now(awaitable: Awaitable[T]) -> T:
    """Return what comes of an awaitable, whether or not an event loop runs here."""

    async def waiting() -> T:
        return await awaitable

    with ThreadPoolExecutor(1, "begin") as thread:
        return thread.submit(lambda: asyncio.run(waiting())).result()
