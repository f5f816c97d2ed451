"""What the head of a picture says of it: its format, its size, how many frames.

For whoever decides whether a picture that somebody sent is decoded at all. Nothing is
decompressed here and no memory follows from what the head claims; where a decoder
could read the file in another way than this does, it is refused. AVIF is not here: its
true size stands in the coded data alone.
"""

from dataclasses import dataclass
from itertools import count
from typing import Protocol

from privity.errors import DecodeError

__all__ = ["ImageHeader", "Source", "read_header"]

_MOST_PARTS = 100_000
"""Blocks, chunks and segments that are walked through before one gives up."""

_PNG = b"\x89PNG\r\n\x1a\n"
_NO_SIZE = frozenset({0xC4, 0xC8, 0xCC})
_ENDS = frozenset({0x00, 0x01, 0xD8, 0xD9, 0xDA, *range(0xD0, 0xD8)})


class Source(Protocol):
    """A file of which any part can be read."""

    def read(self, size: int, /) -> bytes:
        """Return the next bytes, fewer only at the end."""
        ...

    def seek(self, place: int, /) -> object:
        """Go on reading at a byte of the file."""
        ...


@dataclass(frozen=True, slots=True)
class ImageHeader:
    """A picture as its head has it; the size is the largest that any frame states."""

    media_type: str
    width: int
    height: int
    frames: int = 1

    @property
    def pixels(self) -> int:
        """Return how many pixels a frame has."""
        return self.width * self.height


def read_header(source: Source) -> ImageHeader:
    """Return what a JPEG, PNG, GIF or WebP says of itself.

    Raises DecodeError: no such picture, damaged, or of no size.
    """
    cursor = _Cursor(source)
    found = _read(cursor, cursor.take(12))
    if not found.width or not found.height or not found.frames:
        raise DecodeError("a picture without pixels")
    return found


def _read(cursor: "_Cursor", start: bytes) -> ImageHeader:
    if start.startswith(b"\xff\xd8"):
        cursor.go(2)
        return _jpeg(cursor)
    if start.startswith(_PNG):
        cursor.go(len(_PNG))
        return _png(cursor)
    if start.startswith((b"GIF87a", b"GIF89a")):
        cursor.go(6)
        return _gif(cursor)
    if start.startswith(b"RIFF") and start.endswith(b"WEBP"):
        return _webp(cursor, 8 + _little(start[4:8]))
    raise DecodeError("not a picture of a known format")


class _Cursor:
    """A place in a file."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._parts = count()
        self.place = 0

    def go(self, place: int) -> None:
        """Go to a byte, which may lie behind the end."""
        self._source.seek(place)
        self.place = place

    def skip(self, size: int) -> None:
        """Leave bytes out."""
        self.go(self.place + size)

    def take(self, size: int) -> bytes:
        """Return the next bytes, all of them."""
        taken = self._source.read(size)
        if len(taken) != size:
            raise DecodeError("a picture that ends in the middle")
        self.place += size
        return taken

    def part(self) -> None:
        """Count one more part of the file."""
        if next(self._parts) >= _MOST_PARTS:
            raise DecodeError("a picture of more parts than any has")


def _jpeg(cursor: _Cursor) -> ImageHeader:
    """Walk to the frame header; nothing but whole segments may stand before it."""
    while True:
        cursor.part()
        if cursor.take(1) != b"\xff":
            raise DecodeError("a JPEG with something between its segments")
        code = 0xFF
        while code == 0xFF:
            cursor.part()
            code = cursor.take(1)[0]
        if code in _ENDS:
            raise DecodeError("a JPEG without a frame header")
        length = _big(cursor.take(2))
        if length < 2:
            raise DecodeError("a JPEG with a segment of no length")
        if 0xC0 <= code <= 0xCF and code not in _NO_SIZE:
            size = cursor.take(5)
            return ImageHeader("image/jpeg", _big(size[3:]), _big(size[1:3]))
        cursor.skip(length - 2)


def _png(cursor: _Cursor) -> ImageHeader:
    """Walk to the first data; an animation says its frames before them."""
    if cursor.take(8) != b"\0\0\0\rIHDR":
        raise DecodeError("a PNG that does not begin with its header")
    size = cursor.take(8)
    cursor.skip(9)
    frames = None
    while True:
        cursor.part()
        length, kind = _big(cursor.take(4)), cursor.take(4)
        if kind == b"IDAT":
            count = 1 if frames is None else frames
            return ImageHeader("image/png", _big(size[:4]), _big(size[4:]), count)
        if kind == b"acTL":
            # Of two, a browser believes another than we would.
            if frames is not None or length != 8:
                raise DecodeError("a PNG that says twice how it moves")
            frames = _big(cursor.take(4))
            length -= 4
        cursor.skip(length + 4)


def _gif(cursor: _Cursor) -> ImageHeader:
    """Walk through all frames: each has a place and a size of its own."""
    screen = cursor.take(7)
    width, height, frames = _little(screen[:2]), _little(screen[2:4]), 0
    cursor.skip(_colours(screen[4]))
    while (kind := cursor.take(1)) != b"\x3b":
        cursor.part()
        if kind == b"\x21":
            cursor.skip(1)
        elif kind == b"\x2c":
            at = cursor.take(9)
            left, top, wide, high = (_little(at[i : i + 2]) for i in (0, 2, 4, 6))
            width, height = max(width, left + wide), max(height, top + high)
            frames += 1
            cursor.skip(_colours(at[8]) + 1)
        else:
            raise DecodeError("a GIF with an unknown block")
        _skip_blocks(cursor)
    return ImageHeader("image/gif", width, height, frames)


def _colours(flags: int) -> int:
    """Return how many bytes of colours follow."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _skip_blocks(cursor: _Cursor) -> None:
    while size := cursor.take(1)[0]:
        cursor.part()
        cursor.skip(size)


def _webp(cursor: _Cursor, end: int) -> ImageHeader:
    """Walk through all chunks: canvas, stills and frames state sizes of their own."""
    width = height = frames = 0
    while cursor.place + 8 <= end:
        cursor.part()
        kind, length = cursor.take(4), _little(cursor.take(4))
        after = cursor.place + length + length % 2
        wide, high = _webp_size(cursor, kind)
        width, height = max(width, wide), max(height, high)
        frames += kind == b"ANMF"
        cursor.go(after)
    return ImageHeader("image/webp", width, height, max(frames, 1))


def _webp_size(cursor: _Cursor, kind: bytes) -> tuple[int, int]:
    if kind == b"VP8X":
        said = cursor.take(10)
        return _little(said[4:7]) + 1, _little(said[7:10]) + 1
    if kind == b"ANMF":
        left, top, wide, high = (_little(cursor.take(3)) for _ in range(4))
        return 2 * left + wide + 1, 2 * top + high + 1
    if kind == b"VP8L":
        bits = _little(cursor.take(5)[1:])
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        said = cursor.take(10)
        return _little(said[6:8]) & 0x3FFF, _little(said[8:10]) & 0x3FFF
    return 0, 0


def _big(data: bytes) -> int:
    return int.from_bytes(data, "big")


def _little(data: bytes) -> int:
    return int.from_bytes(data, "little")
