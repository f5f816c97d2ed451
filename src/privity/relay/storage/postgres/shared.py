"""One side's database on PostgreSQL, with group commit, shared by many relays.

Steps are queued. The writer performs what is queued in one transaction, behind the
locks of all its keys (`locks`), and nobody is answered before its commit is on the
server's disk. A transaction whose connection fails is undone, as is one that somebody
was in the way of: who asked is told so (`StoreBusy`), and the next begins on a new
connection. Steps are never performed twice: they also count what they are asked.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import takewhile
from typing import TypeVar

from privity.errors import UsageError
from privity.relay.storage.database import Schema
from privity.relay.storage.postgres.connection import (
    PostgresConnection,
    perform,
    wait,
)
from privity.relay.storage.postgres.locks import begin
from privity.relay.storage.postgres.place import Place, connect
from privity.relay.storage.postgres.rewriting import rewrite, vacuum
from privity.relay.storage.postgres.sessions import Sessions
from privity.relay.storage.postgres.tables import prepare
from privity.relay.storage.queued import Queued, fail
from privity.relay.storage.store import Step, StoreBusy, StoreError

__all__ = ["PostgresStore"]

T = TypeVar("T")

BATCH = 256
"""The most steps a transaction; bounds how long others wait for its locks."""
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
        self._queue: deque[Queued] = deque()
        self._writer = Sessions(place, 1)
        self._readers = Sessions(place, READERS)
        self._task: asyncio.Task[None] | None = None
        self._is_closed = False
        self._rolled_back: list[Callable[[], None]] = []
        self._begun: list[Callable[[], None]] = []

    def when_rolled_back(self, forget: Callable[[], None]) -> None:
        """Call `forget` whenever steps were undone whose results somebody remembers."""
        self._rolled_back.append(forget)

    def when_begun(self, forget: Callable[[], None]) -> None:
        """Call `forget` before steps whose rows other relays may have changed."""
        self._begun.append(forget)

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

        A step that raises changes nothing. Steps run in the order of their calls.
        """
        if self._is_closed:
            raise UsageError("the database is closed")
        loop = asyncio.get_running_loop()
        queued = Queued(step, loop.create_future(), checks_first, keys)
        self._queue.append(queued)
        if self._task is None:
            self._task = loop.create_task(self._drain())
        return queued.future

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

        What was deleted is in the server's own log until that goes round, which only
        its operator can hasten. Raises StoreError where it fails.
        """
        await (rewrite if anew else vacuum)(self.place)

    async def close(self) -> None:
        """Finish what is queued and close all connections."""
        if self._is_closed:
            return
        self._is_closed = True
        while self._task is not None:
            await self._task
        await self._writer.close()
        await self._readers.close()

    async def _drain(self) -> None:
        try:
            while self._queue:
                batch = self._next_batch()
                try:
                    await self._commit(batch)
                except Exception as error:  # noqa: BLE001  it belongs to all who asked
                    self.forget()
                    fail(batch, error)
                for queued in batch:
                    queued.answer()
                # Whoever waits hears of it before the steps behind are done.
                await asyncio.sleep(0)
        finally:
            self._task = None

    def _next_batch(self) -> list[Queued]:
        """Take what stands in front: steps with keys, or steps without, not both."""
        has_keys = bool(self._queue[0].keys)
        alike = takewhile(lambda one: bool(one.keys) is has_keys, self._queue)
        batch = [queued for queued, _ in zip(alike, range(BATCH), strict=False)]
        for _ in batch:
            self._queue.popleft()
        return batch

    async def _commit(self, batch: list[Queued]) -> None:
        keys = [key for queued in batch for key in queued.keys]
        async with self._writer.one() as session:
            await session.begin(begin(keys), PATIENCE)
            for forget in self._begun:
                forget()
            try:
                await perform(_perform_all, session.connection, batch)
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


def _perform_all(connection: PostgresConnection, batch: list[Queued]) -> None:
    for queued in batch:
        if queued.checks_first:
            _perform_checked(connection, queued)
        elif len(batch) == 1:
            _perform_single(connection, queued)
        else:
            _perform_guarded(connection, queued)


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
        queued.error = error


def _perform_guarded(connection: PostgresConnection, queued: Queued) -> None:
    wait(connection.say("SAVEPOINT step"))
    try:
        queued.outcome = queued.step(connection)
    except StoreBusy:
        raise
    except Exception as error:  # noqa: BLE001  it belongs to who asked
        wait(connection.say("ROLLBACK TO step"))
        queued.error = error
    wait(connection.say("RELEASE step"))


def _now(awaitable: Awaitable[T]) -> T:
    """Return what comes of an awaitable, whether or not an event loop runs here."""

    async def waiting() -> T:
        return await awaitable

    with ThreadPoolExecutor(1, "begin") as thread:
        return thread.submit(lambda: asyncio.run(waiting())).result()
