"""A connection to PostgreSQL as a step sees it: calls that return what they found.

A step is a plain function, and the driver is asynchronous. `perform` runs a step in a
greenlet: where it needs an answer of the server it hands what is to be awaited to the
event loop, and goes on with the answer. So steps run on the event loop's own thread,
as they do on SQLite, and nobody waits for the server but who asked.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator, Sequence
from typing import Any, TypeVar

import asyncpg
from asyncpg.prepared_stmt import PreparedStatement
from greenlet import getcurrent, greenlet

from privity.relay.storage.postgres.failures import FOREIGN, translated
from privity.relay.storage.postgres.spelling import (
    spelled,
    spelled_for_each,
    spelled_for_rows,
    types_of,
)
from privity.relay.storage.store import Question, Value

__all__ = ["PostgresConnection", "perform", "wait"]

T = TypeVar("T")
Wait = Callable[[Coroutine[Any, Any, Any]], Any]


async def perform(function: Callable[..., T], *arguments: object) -> T:
    """Run a function that may `wait`, and return what it returns."""
    worker = greenlet(function)
    given = worker.switch(*arguments)
    while not worker.dead:
        try:
            found = await given
        except BaseException as error:  # noqa: BLE001  it belongs to the function
            given = worker.throw(error)
        else:
            given = worker.switch(found)
    result: T = given
    return result


def wait(awaitable: Awaitable[T]) -> T:
    """Return what comes of an awaitable; only inside of `perform`."""
    found: T = getcurrent().parent.switch(awaitable)
    return found


class Rows:
    """What a statement found."""

    __slots__ = ("_rows", "rowcount", "rows")

    def __init__(self, rows: Sequence[tuple[Any, ...]], rowcount: int) -> None:
        self.rows = rows
        self._rows = iter(rows)
        self.rowcount = rowcount

    def fetchone(self) -> Any:  # noqa: ANN401  a tuple of unknown types, or None
        """Return the next row, or None."""
        row = next(self._rows, None)
        return None if row is None else tuple(row)

    def fetchall(self) -> list[Any]:
        """Return all rows that are left."""
        return [tuple(row) for row in self._rows]

    def __iter__(self) -> Iterator[Any]:
        """Yield the rows that are left."""
        return map(tuple, self._rows)


def _columns(rows: Sequence[Sequence[Value]]) -> list[tuple[Value, ...]]:
    return list(zip(*rows, strict=True))


class PostgresConnection:
    """One session; every error that leaves it is one of a store."""

    def __init__(self, raw: asyncpg.Connection, waiting: Wait = wait) -> None:
        self.raw = raw
        self.total_changes = 0
        self._wait = waiting
        self._prepared: dict[str, PreparedStatement] = {}
        self._later: dict[str, list[Sequence[Value]]] = {}

    def execute(self, sql: str, parameters: Sequence[Value] = (), /) -> Rows:
        """Perform a statement."""
        self.flush()
        rows: Rows = self._wait(self._perform(spelled(sql), parameters))
        return rows

    def executemany(self, sql: str, parameters: Iterable[Sequence[Value]], /) -> Rows:
        """Perform a statement for each row of values, all in one journey."""
        self.flush()
        rows: Rows = self._wait(self._perform_many(spelled(sql), list(parameters)))
        return rows

    def find_each(self, *questions: Question) -> list[list[Any]]:
        """Ask all in one journey; what each finds, in the order of its rows."""
        found: list[list[Any]] = [[None] * len(asked) for _, asked in questions]
        some = [at for at, (_, asked) in enumerate(questions) if asked]
        if not some:
            return found
        self.flush()
        typed = [(sql, types_of(asked[0])) for sql, asked in questions if asked]
        columns = [it for _, asked in questions if asked for it in _columns(asked)]
        whole = spelled_for_each(*typed)
        for at, number, row in self._wait(self._perform(whole, columns)).rows:
            found[some[at]][number] = row
        return found

    def later(self, sql: str, row: Sequence[Value], /) -> None:
        """Insert a row together with others, before any other statement or the end."""
        self._later.setdefault(sql, []).append(row)
        self.total_changes += 1

    def flush(self) -> None:
        """Insert what was to be inserted later, all in one journey."""
        if not self._later:
            return
        later, self._later = self._later, {}
        whole = spelled_for_rows(
            *((sql, types_of(rows[0])) for sql, rows in later.items())
        )
        columns = [column for rows in later.values() for column in _columns(rows)]
        before = self.total_changes
        self._wait(self._perform(whole, columns))
        self.total_changes = before

    def discard(self) -> None:
        """Insert nothing of it: the steps that said so are undone."""
        self._later.clear()

    async def say(self, statements: str, limit: float | None = None) -> str:
        """Perform statements without values; returns the server's last word."""
        try:
            return await self.raw.execute(statements, timeout=limit)
        except FOREIGN as error:
            raise translated(error) from None

    async def _perform(self, sql: str, parameters: Sequence[Any]) -> Rows:
        try:
            prepared = self._prepared.get(sql) or await self._prepare(sql)
            rows = await prepared.fetch(*parameters)
        except (*FOREIGN, ValueError, OverflowError) as error:
            raise translated(error) from None
        return Rows(rows, self._count(prepared.get_statusmsg()))

    async def _perform_many(self, sql: str, parameters: list[Sequence[Value]]) -> Rows:
        try:
            prepared = self._prepared.get(sql) or await self._prepare(sql)
            await prepared.executemany(parameters)
        except (*FOREIGN, ValueError, OverflowError) as error:
            raise translated(error) from None
        self.total_changes += len(parameters)
        return Rows((), len(parameters))

    async def _prepare(self, sql: str) -> PreparedStatement:
        prepared = await self.raw.prepare(sql)
        self._prepared[sql] = prepared
        return prepared

    def _count(self, status: str) -> int:
        verb, _, numbers = status.partition(" ")
        if verb not in {"INSERT", "UPDATE", "DELETE"}:
            return -1
        count = int(numbers.rpartition(" ")[2])
        self.total_changes += count
        return count

    async def close(self) -> None:
        """End the session, politely where the server answers."""
        try:
            await self.raw.close(timeout=1)
        except (*FOREIGN, asyncio.CancelledError):
            self.raw.terminate()
