"""One SQLite file with one writer and group commit; both sides have one of their own.

Steps (functions over a connection) are queued. The writer performs what is queued,
each step in a savepoint, and commits once for all of them; nobody is answered
before the commit is on disk (WAL, `synchronous=FULL`). While a commit waits for the
disk the next batch gathers, so the size of a batch follows the load.

Steps run on the event loop's own thread and only the commit runs in another: each
SQLite call gives up the interpreter's lock, and a busy loop would give it back to
a writing thread only every few milliseconds (docs/adr/0007).
"""

import asyncio
import os
import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from privity.errors import UsageError
from privity.relay.storage.queued import Queued, fail, settling
from privity.relay.storage.store import Connection, Done, LookAhead, Step

__all__ = ["Database", "Schema", "TableStep", "Tally"]

T = TypeVar("T")
TableStep = Callable[[Connection], None]
"""Makes the tables of a version from those of the one before (`ladder`)."""

BATCH = 256
"""The most steps a transaction; bounds how long the event loop is held."""
READERS = 2
_CACHE_KIB = 32 * 1024
"""Of the writer; SQLite's own 2 MiB spill into the log before the commit."""
_CHECKPOINT_PAGES = 2_000
"""Until the log is copied to the file: as many as `journal_size_limit` leaves of it.
What was written often since is copied once; SQLite's own 1,000 copy twice as often."""
_PAGE_SIZE = 8192
"""An entry of 1 KiB stays in its leaf; 4,096 would give it an overflow page."""


@dataclass(frozen=True, slots=True)
class Schema:
    """The statements that make an empty file, and the `user_version` they make.

    The last of `steps` makes that version of the one before. No server has tables of a
    version before `first_on_server`, so those steps are SQLite's alone.
    """

    version: int
    statements: tuple[str, ...]
    steps: tuple[TableStep, ...] = ()
    first_on_server: int = 1

    @property
    def oldest(self) -> int:
        """The oldest version that the steps begin with."""
        return self.version - len(self.steps)

    @property
    def oldest_on_server(self) -> int:
        """The oldest version that the steps begin with on PostgreSQL."""
        return max(self.oldest, self.first_on_server)

    def check(self, path: Path, connection: sqlite3.Connection) -> None:
        """Refuse (UsageError) a file whose tables are of another version."""
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version != self.version:
            stated = f"tables of version {version}, not {self.version}"
            raise UsageError(f"{path}: {stated}; {self.remedy(version)}")

    def remedy(self, version: int) -> str:
        """Return what to do about a file whose tables are of another version."""
        if version > self.version:
            return "a newer privity-relay made it: install that one"
        if version >= self.oldest:
            return "an older privity-relay made it: `privity-relay migrate`"
        return (
            "an older privity-relay made it: run that one, this one can't take it over"
        )

    def remedy_on_server(self, version: int) -> str:
        """Return the same about a database of a server."""
        if version < self.oldest_on_server:
            return self.remedy(self.oldest - 1)
        return self.remedy(version)


@dataclass(slots=True)
class Tally:
    """What was asked of a file since it was opened; `failures` are of whole batches."""

    steps: int = 0
    commits: int = 0
    failures: int = 0


class Database:
    """A file of one side; opened before the event loop runs, used from one loop.

    Raises UsageError, and leaves the file as it is, where another version of the relay
    made it.
    """

    def __init__(self, path: Path, schema: Schema) -> None:
        self.path = path
        self.tally = Tally()
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        self._writer = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False, cached_statements=512
        )
        try:
            _prepare(self._writer, path, schema)
        except UsageError:
            self._writer.close()
            raise
        self._queue: deque[Queued] = deque()
        self._committing = ThreadPoolExecutor(1, "commit")
        self._readers = ThreadPoolExecutor(READERS, "read")
        self._local = threading.local()
        self._opened: list[sqlite3.Connection] = []
        self._task: asyncio.Task[None] | None = None
        self._is_closed = False
        self._rolled_back: list[Callable[[], None]] = []

    @property
    def waiting(self) -> int:
        """How many steps wait for the writer."""
        return len(self._queue)

    def when_rolled_back(self, forget: Callable[[], None]) -> None:
        """Call `forget` whenever steps were undone whose results somebody remembers."""
        self._rolled_back.append(forget)

    def when_begun(self, look: LookAhead) -> None:
        """Nobody else writes what steps remember: `look` is never called."""

    def begin(self, step: Step[T]) -> T:
        """Perform a step and commit it, before anything else is asked of the file."""
        self._writer.execute("BEGIN IMMEDIATE")
        try:
            result = step(self._writer)
        except BaseException:
            self._writer.execute("ROLLBACK")
            raise
        self._writer.execute("COMMIT")
        return result

    def submit(
        self,
        step: Step[T],
        *,
        checks_first: bool = False,
        keys: tuple[bytes, ...] = (),
    ) -> "asyncio.Future[T]":
        """Queue a step; the future is done when the step is durable, or failed.

        A step that raises changes nothing. Steps run in the order of their calls.
        One that `checks_first` promises to raise before it changes anything, and
        costs no savepoint; if it breaks its word, its whole batch fails. The `keys`
        matter to stores that others write to.
        """
        del keys
        future = asyncio.get_running_loop().create_future()
        self._put(Queued(step, settling(future), checks_first))
        return future

    def queue(
        self, step: Step[Any], done: Done, *, keys: tuple[bytes, ...], about: object
    ) -> None:
        """Queue a step that checks first; `done` hears of its end."""
        del keys, about
        self._put(Queued(step, done, checks_first=True))

    def _put(self, queued: Queued) -> None:
        if self._is_closed:
            raise UsageError("the database is closed")
        self._queue.append(queued)
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._drain())

    async def write(self, step: Step[T], *, keys: tuple[bytes, ...] = ()) -> T:
        """Perform a step and return its result once it is durable."""
        return await self.submit(step, keys=keys)

    async def read(self, step: Step[T]) -> T:
        """Perform a step that only reads, on the newest committed state."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, self._perform_read, step)

    async def compact(self, *, anew: bool = False) -> None:
        """Empty the write-ahead log, which may hold what was deleted since.

        `anew` writes the whole file again before: rows stand in their pages as they
        came, and afterwards by their keys. Takes as long as copying the file, and twice
        its room. Raises sqlite3.Error where that fails; nothing is changed then.

        Waits until nothing is queued; steps that come meanwhile wait for it.
        """
        while self._task is not None:
            await asyncio.shield(self._task)
        failed: list[sqlite3.Error] = []
        loop = asyncio.get_running_loop()
        self._task = loop.create_task(self._compact_then_drain(failed, anew=anew))
        await asyncio.shield(self._task)
        if failed:
            raise failed[0]

    async def close(self) -> None:
        """Finish what is queued and close the file."""
        if self._is_closed:
            return
        self._is_closed = True
        while self._task is not None:
            await self._task
        self._readers.shutdown()
        self._committing.shutdown()
        for connection in (*self._opened, self._writer):
            connection.close()

    async def _compact_then_drain(
        self, failed: list[sqlite3.Error], *, anew: bool
    ) -> None:
        """Note what `failed` instead of raising: others wait for this task too."""
        work = self._rewrite if anew else self._truncate
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._committing, work)
        except sqlite3.Error as error:
            failed.append(error)
        finally:
            await self._drain()

    def _rewrite(self) -> None:
        self._writer.execute("VACUUM")
        self._truncate()

    def _truncate(self) -> None:
        self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    async def _drain(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._queue:
                count = min(len(self._queue), BATCH)
                batch = [self._queue.popleft() for _ in range(count)]
                is_good = self._perform(batch)
                if is_good:
                    commit = loop.run_in_executor(self._committing, self._commit)
                    error = await commit
                    if error is not None:
                        is_good = False
                        self.forget()
                        fail(batch, error)
                self.tally.steps += count
                self.tally.commits += is_good
                self.tally.failures += not is_good
                for queued in batch:
                    queued.answer()
                if not is_good:
                    # Whoever waits hears of it before the steps behind are done.
                    await asyncio.sleep(0)
        finally:
            self._task = None

    def _perform(self, batch: list[Queued]) -> bool:
        """Perform the steps; whether there is something to commit."""
        try:
            self._writer.execute("BEGIN IMMEDIATE")
            for queued in batch:
                if queued.checks_first:
                    self._perform_checked(queued)
                else:
                    self._perform_guarded(queued)
        except Exception as error:  # noqa: BLE001  it belongs to all who asked
            self._roll_back()
            self.forget()
            fail(batch, error)
            return False
        return True

    def _perform_checked(self, queued: Queued) -> None:
        before = self._writer.total_changes
        try:
            queued.outcome = queued.step(self._writer)
        except Exception as error:
            if self._writer.total_changes != before or not self._writer.in_transaction:
                raise
            queued.error = error

    def _perform_guarded(self, queued: Queued) -> None:
        writer = self._writer
        writer.execute("SAVEPOINT step")
        try:
            queued.outcome = queued.step(writer)
        except Exception as error:
            if not writer.in_transaction:
                raise
            writer.execute("ROLLBACK TO step")
            queued.error = error
        writer.execute("RELEASE step")

    def _commit(self) -> sqlite3.Error | None:
        try:
            self._writer.execute("COMMIT")
        except sqlite3.Error as error:
            self._roll_back()
            return error
        return None

    def forget(self) -> None:
        """Tell all who remember results of steps to read them again."""
        for forget in self._rolled_back:
            forget()

    def _roll_back(self) -> None:
        if self._writer.in_transaction:
            self._writer.execute("ROLLBACK")

    def _perform_read(self, step: Step[T]) -> T:
        connection: sqlite3.Connection | None = getattr(self._local, "reader", None)
        if connection is None:
            connection = sqlite3.connect(
                self.path, isolation_level=None, check_same_thread=False
            )
            connection.execute("PRAGMA query_only=ON")
            self._local.reader = connection
            self._opened.append(connection)
        connection.execute("BEGIN")
        try:
            return step(connection)
        finally:
            connection.execute("ROLLBACK")


def _prepare(connection: sqlite3.Connection, path: Path, schema: Schema) -> None:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version:
        schema.check(path, connection)
    for name, value in (
        ("page_size", _PAGE_SIZE),
        ("journal_mode", "WAL"),
        ("synchronous", "FULL"),
        ("secure_delete", "ON"),
        ("trusted_schema", "OFF"),
        ("temp_store", "MEMORY"),
        ("journal_size_limit", 16 * 1024 * 1024),
        ("cache_size", -_CACHE_KIB),
        ("wal_autocheckpoint", _CHECKPOINT_PAGES),
    ):
        connection.execute(f"PRAGMA {name}={value}").fetchall()
    if version == schema.version:
        return
    connection.execute("BEGIN IMMEDIATE")
    for statement in schema.statements:
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version={schema.version}")
    connection.execute("COMMIT")
