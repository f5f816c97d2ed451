"""One SQLCipher file: opened with its key, written by one thread at a time.

Write-ahead log, `synchronous=FULL`: what a transaction wrote is on the disk when it
returns. Reading has a connection of its own and never waits for writing. Every
failure of the database comes out under one of our names.
"""

import os
import shutil
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import sqlcipher3

from privity.client.errors import (
    Busy,
    ClientError,
    Damaged,
    NewerProfile,
    StorageFull,
)
from privity.client.files import flush_directory, flush_file
from privity.client.schema import APPLICATION_ID, MIGRATIONS, NEWEST
from privity.identity.secret import Secret

__all__ = ["Connection", "Database"]

Connection = Any
"""An `sqlcipher3` connection; the library has no type hints."""

_T = TypeVar("_T")
_PATIENCE = 5.0
_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA secure_delete = ON",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
)


class Database:
    """An open database file; may be used from several threads."""

    def __init__(self, path: Path, key: Secret, *, create: bool = False) -> None:
        """Open `path` with a 32-byte `key`; raises Damaged, NewerProfile, Busy."""
        if not create and not path.exists():
            raise Damaged(f"the database is missing from {path.parent}")
        self._path = path
        # SQLite gives its side files the mode of the main one.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        self._writing = threading.Lock()
        self._reading = threading.Lock()
        self._writer = self._connect(key)
        try:
            with _named_failures():
                self._migrate()
            self._reader = self._connect(key)
        except BaseException:
            self._writer.close()
            raise

    def transact(self, work: Callable[[Connection], _T]) -> _T:
        """Run `work` in one durable transaction; all of it is done or nothing.

        Raises StorageFull, Damaged, Busy; whatever `work` raises undoes it.
        """
        with (
            self._writing,
            _named_failures(writing=True),
            _transaction(self._writer),
        ):
            return work(self._writer)

    def read(self, work: Callable[[Connection], _T]) -> _T:
        """Run `work` on what is committed; raises Damaged."""
        with self._reading, _named_failures():
            return work(self._reader)

    def check(self) -> list[str]:
        """Read every page and name what is damaged; costs time by the file's size."""
        with self._writing, _named_failures():
            self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            sealed = self._writer.execute("PRAGMA cipher_integrity_check").fetchall()
            if sealed:
                return [row[0] for row in sealed]
            rows = self._writer.execute("PRAGMA quick_check").fetchall()
        return [row[0] for row in rows if row[0] != "ok"]

    def drop_copies(self) -> None:
        """Delete the copies from before migrations: deletions never reach them."""
        for copy in self._path.parent.glob(f"{self._path.name}.v*"):
            copy.unlink(missing_ok=True)
        flush_directory(self._path.parent)

    def shred(self) -> None:
        """Leave nothing of what was deleted in the write-ahead log or in copies."""
        with self._writing, _named_failures(writing=True):
            self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        self.drop_copies()

    def close(self) -> None:
        """Close the file; the write-ahead log is folded in and removed."""
        with self._reading, self._writing:
            self._reader.close()
            self._writer.close()

    def _connect(self, key: Secret) -> Connection:
        # The write-ahead log's files are made on opening, so a full disk shows here.
        with _named_failures(writing=True):
            connection = sqlcipher3.connect(
                str(self._path),
                timeout=_PATIENCE,
                isolation_level=None,
                check_same_thread=False,
            )
            try:
                _prepare(connection, key)
            except BaseException:
                connection.close()
                raise
        return connection

    def _migrate(self) -> None:
        version = _version(self._writer)
        if version > NEWEST:
            raise NewerProfile("a later version of Privity wrote the database")
        if 0 < version < NEWEST:
            self._keep_copy(version)
        while version < NEWEST:
            with _transaction(self._writer):
                for statement in MIGRATIONS[version]:
                    self._writer.execute(statement)
                version += 1
                self._writer.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                self._writer.execute(f"PRAGMA user_version = {version}")

    def _keep_copy(self, version: int) -> None:
        self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        copy = self._path.with_name(f"{self._path.name}.v{version}")
        try:
            shutil.copyfile(self._path, copy)
            copy.chmod(0o600)
            flush_file(copy)
            flush_directory(copy.parent)
        except OSError as error:
            copy.unlink(missing_ok=True)
            raise StorageFull(f"no room for a copy: {error.strerror}") from None


def _prepare(connection: Connection, key: Secret) -> None:
    # The library would write its own lines about wrong keys to the terminal.
    connection.execute("PRAGMA cipher_log_level = NONE")
    connection.execute(f"PRAGMA key = \"x'{key.reveal().hex()}'\"")
    if connection.execute("PRAGMA cipher_version").fetchone() is None:
        raise Damaged("this build of the database library does not encrypt")
    for pragma in _PRAGMAS:
        connection.execute(pragma)
    connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()


def _version(connection: Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


@contextmanager
def _transaction(connection: Connection) -> Generator[None, None, None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # After some failures SQLite has rolled back by itself.
        with suppress(sqlcipher3.Error):
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        raise


@contextmanager
def _named_failures(*, writing: bool = False) -> Generator[None, None, None]:
    try:
        yield
    except sqlcipher3.Error as error:
        raise _named(error, writing=writing) from error


def _named(error: Exception, *, writing: bool) -> ClientError:
    text = str(error)
    match getattr(error, "sqlite_errorcode", 0) & 0xFF:
        case sqlcipher3.SQLITE_FULL | sqlcipher3.SQLITE_READONLY:
            return StorageFull(text)
        case sqlcipher3.SQLITE_IOERR if writing:
            return StorageFull(f"the disk failed: {text}")
        case sqlcipher3.SQLITE_BUSY | sqlcipher3.SQLITE_LOCKED:
            return Busy(text)
    return Damaged(text)
