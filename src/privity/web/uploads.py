"""What the page hands in to be sent: sealed as it streams, under a key in memory.

The sealed bytes wait in the profile's `transfers`; when this process ends, nobody has
their key. They are deleted once they were sent, dropped, or the window is locked.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from privity.client.errors import ClientError
from privity.client.transfers import Reason, disk_failures
from privity.client.verbs.params import Upload
from privity.content import limits
from privity.content.attachments import KEY_SIZE, Sealer
from privity.identity.ids import id_to_text, new_id

__all__ = ["NoUpload", "UploadRefused", "Uploads"]

MOST = 64
_PREFIX = "upload-"
_CHUNK_SECONDS = 30.0
"""How long the page may be silent in the middle of a file."""


class NoUpload(ClientError):
    """No file waits under that id: it was sent, dropped, or never came whole."""

    code = "no_upload"


class UploadRefused(ClientError):
    """The file did not come as it was announced, or too many wait."""

    code = "upload_refused"


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A sealed file that was handed in whole."""

    upload: Upload = field(repr=False)


class Uploads:
    """The files that wait to be sent from one window."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._waiting: dict[str, _Waiting] = {}
        self._coming = 0

    async def take(self, name: str, length: int, body: AsyncIterator[bytes]) -> str:
        """Seal a body of exactly `length` bytes; returns its id.

        Raises UploadRefused, TransferFailed, StorageFull; nothing is kept then.
        """
        if not 0 <= length <= limits.FILE:
            raise UploadRefused(f"{length} bytes are too many")
        if len(self._waiting) + self._coming >= MOST:
            raise UploadRefused("too many files wait")
        id_ = id_to_text(new_id(os.urandom))
        path = self._folder / f"{_PREFIX}{id_}"
        self._coming += 1
        try:
            upload = await _sealed(path, name, length, body)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        finally:
            self._coming -= 1
        self._waiting[id_] = _Waiting(upload)
        return id_

    def find(self, id_: str) -> Upload:
        """Return what `send` takes of an upload; NoUpload."""
        if id_ not in self._waiting:
            raise NoUpload
        return self._waiting[id_].upload

    def drop(self, id_: str) -> None:
        """Delete an upload; harmless when it is gone."""
        waiting = self._waiting.pop(id_, None)
        if waiting is not None:
            Path(waiting.upload.path).unlink(missing_ok=True)

    def clear(self) -> None:
        """Delete all, also what a window that was killed left behind."""
        self._waiting.clear()
        for path in self._folder.glob(f"{_PREFIX}*"):
            path.unlink(missing_ok=True)


async def _sealed(
    path: Path, name: str, length: int, body: AsyncIterator[bytes]
) -> Upload:
    key = os.urandom(KEY_SIZE)
    sealing = _Sealing(path, Sealer(key, length))
    try:
        while True:
            async with asyncio.timeout(_CHUNK_SECONDS):
                piece = await anext(body, None)
            if piece is None:
                break
            await asyncio.to_thread(sealing.take, piece)
        root = await asyncio.to_thread(sealing.finish)
    except TimeoutError:
        raise UploadRefused("the page fell silent") from None
    finally:
        sealing.close()
    return Upload(str(path), name, key.hex(), length, root.hex())


class _Sealing:
    """One file on its way to the disk."""

    def __init__(self, path: Path, sealer: Sealer) -> None:
        self._sealer = sealer
        self._rest = bytearray()
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with disk_failures(Reason.UNWRITABLE):
            self._file: BinaryIO = os.fdopen(os.open(path, flags, 0o600), "wb")

    def take(self, piece: bytes) -> None:
        """Seal what makes whole chunks; the rest waits for more."""
        self._rest += piece
        while self._sealer.next_size and len(self._rest) >= self._sealer.next_size:
            self._seal()
        if self._rest and not self._sealer.next_size:
            raise UploadRefused("it is longer than was said")

    def finish(self) -> bytes:
        """Seal the end of the file and its padding; returns its root."""
        if self._rest or self._sealer.next_size:
            raise UploadRefused("it is shorter than was said")
        while not self._sealer.done:
            self._seal()
        with disk_failures(Reason.UNWRITABLE):
            self._file.flush()
        return self._sealer.finish().root

    def close(self) -> None:
        self._file.close()

    def _seal(self) -> None:
        size = self._sealer.next_size
        sealed = self._sealer.seal(bytes(self._rest[:size]))
        del self._rest[:size]
        with disk_failures(Reason.UNWRITABLE):
            self._file.write(sealed)
