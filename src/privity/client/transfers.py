"""Files on their way: which are unfinished, and what goes wrong, by name.

An upload is known by its file: sending the same unchanged file again goes on where
it stopped, also after a restart. A download is known by its blob. What lies on this
disk meanwhile is sealed; plaintext is written only where its owner wanted it.
"""

import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from enum import StrEnum, unique

import msgspec

from privity.client.database import Connection, Database
from privity.client.errors import StorageFull, TransferFailed
from privity.errors import DecodeError

__all__ = [
    "Progress",
    "Reason",
    "Upload",
    "claims",
    "disk_failures",
    "find",
    "forget",
    "keep",
    "unfinished",
]

Progress = Callable[[int, int], None]
"""Told (bytes done, bytes in all), of the sealed file."""

_NO_ROOM = frozenset({28, 122, 27})
"""ENOSPC, EDQUOT, EFBIG."""


@unique
class Reason(StrEnum):
    """Why a file could not be sent or fetched."""

    VANISHED = "file_vanished"
    CHANGED = "file_changed"
    UNREADABLE = "file_unreadable"
    TOO_LARGE = "file_too_large"
    GONE = "file_gone"
    TAMPERED = "file_tampered"
    EXISTS = "file_exists"
    UNWRITABLE = "file_unwritable"
    OTHER_RELAY = "other_relay"
    REFUSED = "refused"
    TRY_LATER = "try_later"


class Upload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An upload under way, with the secrets that go on with it.

    `mark` says which state of which file it is; `key` seals the file, `upload_key`
    lets us write to the blob.
    """

    blob_id: bytes
    mark: str
    key: bytes
    upload_key: bytes
    length: int

    def __repr__(self) -> str:
        return f"<upload of {self.length} bytes>"


def keep(database: Database, upload: Upload) -> None:
    """Remember an upload before anything of it is sent."""
    body = msgspec.msgpack.encode(upload)
    database.transact(
        lambda db: db.execute(
            "INSERT OR REPLACE INTO transfers VALUES (?, ?)", (upload.blob_id, body)
        )
    )


def forget(database: Database, blob_id: bytes) -> None:
    """Forget an upload that is finished or given up, and its token."""

    def work(db: Connection) -> None:
        db.execute("DELETE FROM transfers WHERE id = ?", (blob_id,))
        db.execute("DELETE FROM tokens WHERE claim = ?", (blob_id,))

    database.transact(work)


def unfinished(database: Database) -> list[Upload]:
    """Return every upload that was begun and not finished."""
    rows = database.read(lambda db: db.execute("SELECT body FROM transfers").fetchall())
    try:
        return [msgspec.msgpack.decode(body, type=Upload) for (body,) in rows]
    except msgspec.MsgspecError as error:
        raise DecodeError(f"not a stored upload: {error}") from None


def find(database: Database, mark: str) -> Upload | None:
    """Return the unfinished upload of the same unchanged file."""
    return next((one for one in unfinished(database) if one.mark == mark), None)


def claims(database: Database) -> set[bytes]:
    """Return the claims under which uploads hold tokens."""
    return {one.blob_id for one in unfinished(database)}


@contextmanager
def disk_failures(reason: Reason) -> Generator[None, None, None]:
    """Name what the file system refuses; a full disk is StorageFull."""
    try:
        yield
    except FileNotFoundError as error:
        vanished = Reason.VANISHED if reason is Reason.UNREADABLE else reason
        raise TransferFailed(vanished, str(error.filename or "")) from None
    except FileExistsError as error:
        raise TransferFailed(Reason.EXISTS, str(error.filename or "")) from None
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise StorageFull(os.strerror(error.errno)) from None
        raise TransferFailed(reason, error.strerror or str(error)) from None
