"""What the relay sees of a store of blobs: folders of files, or objects behind S3.

All methods block; the relay calls them in threads. Bytes are durable when a method has
returned. `blobs` keeps the rows, which alone say what is whole and readable.
"""

from collections.abc import Iterator
from typing import Protocol

__all__ = ["BlobStore", "BlobsAway"]


class BlobsAway(Exception):
    """The store doesn't answer, or refuses; what became of an act is unknown."""


class BlobStore(Protocol):
    """Blobs by their random ids; raises OSError, FileNotFoundError, BlobsAway."""

    def write_part(self, blob_id: bytes, offset: int, data: bytes) -> None:
        """Write `data` at `offset` of an unfinished blob, over what is there."""
        ...

    def digest_of_part(self, blob_id: bytes, size: int) -> bytes:
        """Return SHA-256 of an upload cut to `size`."""
        ...

    def finish(self, blob_id: bytes) -> None:
        """Make an upload readable; a second time changes nothing."""
        ...

    def read(self, blob_id: bytes, offset: int, size: int) -> bytes:
        """Return at most `size` bytes of a finished blob from `offset` on."""
        ...

    def has_lost(self, blob_id: bytes) -> bool:
        """Tell whether a blob's bytes are surely gone from where they were written."""
        ...

    def remove(self, blob_id: bytes) -> None:
        """Delete a blob's bytes, finished or not; it may have none."""
        ...

    def ids(self) -> Iterator[bytes]:
        """Yield the id of every blob that has bytes here."""
        ...

    def free_bytes(self) -> int:
        """Return how much room is left, as far as the store knows."""
        ...
