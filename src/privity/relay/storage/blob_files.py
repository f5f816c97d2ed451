"""The files of blobs: written at an offset and fsynced, hashed, renamed in place.

    blobs/3f/3f62…        a finished blob, by its id in hex
    blobs/3f/3f62….part   one that is being uploaded

All functions block; the relay calls them in threads. Names come from ids of 16
bytes that were decoded before, so no path is built from what a client sent.
"""

import os
import shutil
from collections.abc import Iterator
from hashlib import file_digest
from pathlib import Path

__all__ = ["BlobFiles"]

_PART = ".part"


class BlobFiles:
    """A folder of blobs; bytes are durable when a method has returned."""

    def __init__(self, root: Path) -> None:
        self._root = root
        root.mkdir(mode=0o700, parents=True, exist_ok=True)

    def write_part(self, blob_id: bytes, offset: int, data: bytes) -> None:
        """Write `data` at `offset` of an unfinished blob; raises OSError."""
        path = self._path(blob_id, _PART)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        is_new = not path.exists()
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            _write_all(descriptor, data, offset)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if is_new:
            _sync_folder(path.parent)
            _sync_folder(self._root)

    def digest_of_part(self, blob_id: bytes, size: int) -> bytes:
        """Return SHA-256 of an upload cut to `size`; raises OSError."""
        path = self._path(blob_id, _PART)
        if not path.exists() and self._path(blob_id).exists():
            path = self._path(blob_id)
        with path.open("rb+") as file:
            file.truncate(size)
            os.fsync(file.fileno())
            return file_digest(file, "sha256").digest()

    def finish(self, blob_id: bytes) -> None:
        """Rename an upload in place; a second time changes nothing."""
        part, path = self._path(blob_id, _PART), self._path(blob_id)
        if part.exists():
            part.replace(path)
        _sync_folder(path.parent)

    def read(self, blob_id: bytes, offset: int, size: int) -> bytes:
        """Return at most `size` bytes of a finished blob from `offset` on."""
        with self._path(blob_id).open("rb") as file:
            file.seek(offset)
            return file.read(size)

    def has_lost(self, blob_id: bytes) -> bool:
        """Tell whether a blob's file is gone from where it was written.

        Folders are never removed: where one is missing, another disk is mounted here.
        """
        path, part = self._path(blob_id), self._path(blob_id, _PART)
        return path.parent.is_dir() and not part.exists() and not path.exists()

    def remove(self, blob_id: bytes) -> None:
        """Delete a blob's file, finished or not."""
        self._path(blob_id).unlink(missing_ok=True)
        self._path(blob_id, _PART).unlink(missing_ok=True)

    def ids(self) -> Iterator[bytes]:
        """Yield the id of every file that is there."""
        for path in self._root.glob("??/*"):
            try:
                yield bytes.fromhex(path.name.removesuffix(_PART))
            except ValueError:
                continue

    def free_bytes(self) -> int:
        """Return how much room the file system has left."""
        return shutil.disk_usage(self._root).free

    def _path(self, blob_id: bytes, suffix: str = "") -> Path:
        name = blob_id.hex()
        return self._root / name[:2] / (name + suffix)


def _write_all(descriptor: int, data: bytes, offset: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(descriptor, view, offset)
        view, offset = view[written:], offset + written


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
