"""Some connections that are opened when they are needed, and anew when they fail."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from privity.relay.storage.postgres.connection import PostgresConnection
from privity.relay.storage.postgres.place import Place, connect
from privity.relay.storage.store import StoreBusy, StoreError

__all__ = ["Session", "Sessions"]


class Session:
    """A connection that may be gone; a transaction begins on one that is not."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._connection: PostgresConnection | None = None

    @property
    def connection(self) -> PostgresConnection:
        """Return the connection that a transaction began on."""
        if self._connection is None:
            raise StoreBusy(f"{self._place.name}: the connection is lost")
        return self._connection

    async def begin(self, statements: str, patience: float = 1.0) -> None:
        """Begin a transaction; nothing was done yet, so it may be tried again.

        Raises StoreBusy where no connection could be had in so many seconds.
        """
        now = asyncio.get_running_loop().time
        until, pause = now() + patience, 0.0
        while True:
            try:
                return await self._begin(statements)
            except StoreBusy:
                await self.drop()
                if now() + pause >= until:
                    raise
            await asyncio.sleep(pause)
            pause = min(2 * pause + 0.05, 0.5)

    async def _begin(self, statements: str) -> None:
        if self._connection is None or self._connection.raw.is_closed():
            self._connection = PostgresConnection(await connect(self._place))
        await self._connection.say(statements)

    async def end(self, word: str) -> None:
        """End the transaction, by COMMIT or ROLLBACK; raises StoreError if it is lost.

        What a lost ROLLBACK would have undone the server undoes by itself.
        """
        try:
            said = await self.connection.say(word)
        except BaseException as error:
            await self.drop()
            if word != "ROLLBACK" or not isinstance(error, StoreError):
                raise
            return
        if said != word:
            raise StoreError("the server undid the transaction")

    async def drop(self) -> None:
        """Close the connection, whatever its state."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.raw.terminate()

    async def close(self) -> None:
        """End the session where there is one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()


class Sessions:
    """So many sessions; who asks for one more waits for it."""

    def __init__(self, place: Place, number: int) -> None:
        self._all = [Session(place) for _ in range(number)]
        self._free = list(self._all)
        self._room = asyncio.Semaphore(number)

    @asynccontextmanager
    async def one(self) -> AsyncGenerator[Session, None]:
        """Give a session away for a while."""
        async with self._room:
            session = self._free.pop()
            try:
                yield session
            except asyncio.CancelledError:
                # Nobody knows what the server still says to it.
                await session.drop()
                raise
            finally:
                self._free.append(session)

    async def close(self) -> None:
        """Close all that were opened."""
        for session in self._all:
            await session.close()
