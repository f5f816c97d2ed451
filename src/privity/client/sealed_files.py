"""Reading a sealed file as if it were open, from anywhere in it."""

from collections.abc import Iterator
from typing import BinaryIO, Protocol

from privity.client.errors import TransferFailed
from privity.client.transfers import Reason
from privity.content.attachments import (
    CHUNK_SIZE,
    open_chunk,
    sealed_range,
)
from privity.errors import RuleViolation

__all__ = ["OpenFile", "Readable"]


class Readable(Protocol):
    """What bytes can be read from, in order."""

    def read(self, size: int, /) -> bytes:
        """Return the next bytes, fewer only at the end."""
        ...


class OpenFile:
    """A sealed file of `length` bytes, opened chunk by chunk as it is read."""

    def __init__(self, file: BinaryIO, key: bytes, length: int) -> None:
        self._file = file
        self._key = key
        self._length = length
        self._place = 0
        self._index = -1
        self._chunk = b""

    def seek(self, place: int) -> None:
        """Go on reading at a byte of the file."""
        self._place = min(place, self._length)

    def read(self, size: int, /) -> bytes:
        """Return the next bytes, fewer only at the end; raises TransferFailed."""
        end = min(self._place + size, self._length)
        pieces = list(self._pieces(end))
        return b"".join(pieces)

    def _pieces(self, end: int) -> Iterator[bytes]:
        while self._place < end:
            index, offset = divmod(self._place, CHUNK_SIZE)
            piece = self._at(index)[offset : offset + end - self._place]
            self._place += len(piece)
            yield piece

    def _at(self, index: int) -> bytes:
        if index != self._index:
            start, size = sealed_range(self._length, index)
            self._file.seek(start)
            sealed = self._file.read(size)
            try:
                self._chunk = open_chunk(self._key, self._length, index, sealed)
            except RuleViolation as error:
                raise TransferFailed(Reason.TAMPERED, error.rule.name) from None
            self._index = index
        return self._chunk
