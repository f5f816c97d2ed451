"""What a step sees of its database, and what the relay sees of a store of steps.

A step is a function over a `Connection`: SQL with `?` for its values, which SQLite and
PostgreSQL both take as it stands. It knows neither which of them it runs on nor what
else is in its transaction. `database` has the store on SQLite, `postgres` the one
that many relays share.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol, TypeAlias, TypeVar, runtime_checkable

__all__ = [
    "FAILURES",
    "Batched",
    "Connection",
    "Cursor",
    "Done",
    "LookAhead",
    "Question",
    "Step",
    "Store",
    "StoreBusy",
    "StoreError",
    "StoreFull",
    "Value",
    "find_each",
    "is_full",
]

T = TypeVar("T")
Value: TypeAlias = bytes | str | int | None

_FULL = frozenset(
    (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE)
)
"""Where a write-ahead log or its index can't grow, SQLite says so as a failed write."""


class StoreError(Exception):
    """A store could not do what a step asked of it; the step left nothing behind."""


class StoreFull(StoreError):
    """The disk of the store has no room left."""


class StoreBusy(StoreError):
    """The store can't be reached, or somebody was in the way; it may work later."""


FAILURES = (sqlite3.Error, StoreError)
"""What a store raises by its own fault, or by that of what lies under it."""


class Cursor(Protocol):
    """What a statement found; rows are tuples."""

    @property
    def rowcount(self) -> int:
        """How many rows the statement changed."""
        ...

    def fetchone(self) -> Any:  # noqa: ANN401  a tuple of unknown types, or None
        """Return the next row, or None."""
        ...

    def fetchall(self) -> list[Any]:
        """Return all rows that are left."""
        ...

    def __iter__(self) -> Iterator[Any]:
        """Yield the rows that are left."""
        ...


class Connection(Protocol):
    """A database inside of a transaction."""

    @property
    def total_changes(self) -> int:
        """How many rows were changed since it was opened."""
        ...

    def execute(self, sql: str, parameters: Sequence[Value] = ..., /) -> Cursor:
        """Perform a statement."""
        ...

    def executemany(self, sql: str, parameters: Iterable[Sequence[Value]], /) -> Cursor:
        """Perform a statement for each row of values."""
        ...


Step: TypeAlias = Callable[[Connection], T]
Done: TypeAlias = Callable[[Any, BaseException | None], None]
"""Takes the outcome of a step that is durable, or why there is none."""


Question: TypeAlias = tuple[str, Sequence[Sequence[Value]]]
"""A query of one row, and rows of values for it."""


@runtime_checkable
class Batched(Connection, Protocol):
    """A connection for which each statement is a journey, and many rows are one."""

    def find_each(self, *questions: Question) -> list[list[Any]]:
        """Return the first row that each query finds for each row of values, or None.

        A query whose rows of values are none finds none.
        """
        ...

    def later(self, sql: str, row: Sequence[Value], /) -> None:
        """Insert a row together with others, before any other statement or the end.

        The statement is an INSERT whose values are all parameters. Where it fails, so
        does the transaction.
        """
        ...


LookAhead: TypeAlias = Callable[[Batched, list[Any]], None]
"""Reads at once what the steps of a transaction, which are about this, will ask."""


class Store(Protocol):
    """One of the two databases; a step that raises leaves nothing behind."""

    def when_rolled_back(self, forget: Callable[[], None]) -> None:
        """Call `forget` whenever steps were undone whose results somebody remembers."""
        ...

    def when_begun(self, look: LookAhead) -> None:
        """Call `look` before steps whose rows other relays may have changed.

        It is to forget what it remembers of earlier transactions.
        """
        ...

    def begin(self, step: Step[T]) -> T:
        """Perform a step and commit it, before the event loop runs."""
        ...

    def submit(
        self,
        step: Step[T],
        *,
        checks_first: bool = False,
        keys: tuple[bytes, ...] = (),
    ) -> "asyncio.Future[T]":
        """Queue a step; the future is done when the step is durable, or failed.

        Steps that share a key, or have none, run in the order of their calls. One that
        `checks_first` promises to raise before it changes anything; if it breaks its
        word, its whole batch fails. A step with `keys` (random ids, as that of a log)
        keeps to rows that steps without one of them do not touch, and other relays may
        go on beside it; one without has the store for itself.
        """
        ...

    def queue(
        self, step: Step[Any], done: Done, *, keys: tuple[bytes, ...], about: object
    ) -> None:
        """Queue a step that checks first; `done` hears of its end.

        As `submit`, for what comes thousands of times a second. `about` is shown to who
        looks ahead.
        """
        ...

    async def write(self, step: Step[T], /, *, keys: tuple[bytes, ...] = ()) -> T:
        """Run a step in a transaction; its result comes after the commit."""
        ...

    async def read(self, step: Step[T], /) -> T:
        """Run a step that only reads, on the newest committed state."""
        ...

    def forget(self) -> None:
        """Let nobody trust what was remembered of earlier steps; part of a step."""
        ...

    async def compact(self, *, anew: bool = False) -> None:
        """Leave nothing on the disk of what was deleted, nor, `anew`, of what order."""
        ...

    async def close(self) -> None:
        """Finish what is queued, and close."""
        ...


def find_each(connection: Connection, *questions: Question) -> list[list[Any]]:
    """Return the first row that each query finds for each row of values, or None.

    In one journey where a statement is one.
    """
    if isinstance(connection, Batched):
        return connection.find_each(*questions)
    return [
        [connection.execute(sql, row).fetchone() for row in asked]
        for sql, asked in questions
    ]


def is_full(error: BaseException) -> bool:
    """Tell whether a disk without room is why a step failed."""
    if isinstance(error, StoreFull):
        return True
    code = getattr(error, "sqlite_errorcode", 0)
    return isinstance(error, sqlite3.Error) and code in _FULL
