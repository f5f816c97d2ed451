"""A bounded cursor over bytes, and the integers of the TLS presentation language.

RFC 9420 §2. A length is compared with what is left before anything is taken, so
the memory that hostile input can claim is bounded by the input itself.
"""

from privity.errors import DecodeError, UsageError

__all__ = [
    "MAX_VARINT",
    "Reader",
    "as_opaque",
    "write_opaque",
    "write_uint",
    "write_varint",
]

MAX_VARINT = (1 << 30) - 1
"""The largest length that a variable-size vector can have (RFC 9420 §2.1.2)."""

_SIZE_OF_PREFIX = {1: 2, 2: 4}
_SMALLEST_OF_SIZE = {2: 1 << 6, 4: 1 << 14}
_SHORT = tuple(bytes([size]) for size in range(1 << 6))


class Reader:
    """Reads a byte string from left to right and never past its end.

    `position` is the offset of the next byte, counted from the start of the whole
    input; `end` is where this reader stops.
    """

    # Plain attributes: a message has hundreds of fields, and each one asks for them.
    __slots__ = ("data", "end", "position")

    def __init__(self, data: bytes, start: int = 0, end: int | None = None) -> None:
        self.data = data
        self.position = start
        self.end = len(data) if end is None else end

    @property
    def remaining(self) -> int:
        """How many bytes are left."""
        return self.end - self.position

    def since(self, start: int) -> bytes:
        """Return the bytes from offset `start` up to here."""
        return self.data[start : self.position]

    def take(self, size: int) -> bytes:
        """Return the next `size` bytes."""
        start = self.position
        stop = start + size
        if stop > self.end:
            raise DecodeError("input ends too early")
        self.position = stop
        return self.data[start:stop]

    def uint(self, size: int) -> int:
        """Return the next big-endian unsigned integer of `size` bytes."""
        start = self.position
        stop = start + size
        if stop > self.end:
            raise DecodeError("input ends too early")
        self.position = stop
        return int.from_bytes(self.data[start:stop], "big")

    def varint(self) -> int:
        """Return the next length; only the shortest encoding is legal (§2.1.2)."""
        start = self.position
        if start >= self.end:
            raise DecodeError("input ends too early")
        first = self.data[start]
        self.position = start + 1
        return first if first < 1 << 6 else self._long_varint(first)

    def opaque(self, limit: int = MAX_VARINT) -> bytes:
        """Return the next variable-size vector of at most `limit` bytes."""
        at = self.position
        # Most vectors are short: their length is the one byte that is looked at here.
        if at < self.end and self.data[at] < 1 << 6:
            size = self.data[at]
            start = at + 1
        else:
            size = self.varint()
            start = self.position
        if size > limit:
            raise DecodeError(f"{size} bytes where {limit} are allowed")
        stop = start + size
        if stop > self.end:
            raise DecodeError("input ends too early")
        self.position = stop
        return self.data[start:stop]

    def inner(self) -> "Reader":
        """Return a reader over the next variable-size vector, and step behind it."""
        size = self.varint()
        start = self.position
        if size > self.end - start:
            raise DecodeError("a vector longer than what is left")
        self.position = start + size
        return Reader(self.data, start, start + size)

    def finish(self) -> None:
        """Refuse trailing bytes."""
        if self.position != self.end:
            raise DecodeError(f"{self.remaining} bytes too many")

    def _long_varint(self, first: int) -> int:
        prefix = first >> 6
        if prefix == 3:
            raise DecodeError("a length with the invalid prefix 0b11")
        size = _SIZE_OF_PREFIX[prefix]
        value = (first & 0x3F) << (8 * (size - 1)) | self.uint(size - 1)
        if value < _SMALLEST_OF_SIZE[size]:
            raise DecodeError("a length that is not in its shortest encoding")
        return value


def write_uint(out: bytearray, value: int, size: int) -> None:
    """Append `value` as a big-endian unsigned integer of `size` bytes."""
    try:
        out += value.to_bytes(size, "big")
    except OverflowError:
        raise UsageError(f"{value} does not fit {size} bytes") from None


def write_opaque(out: bytearray, value: bytes) -> None:
    """Append a variable-size vector of bytes."""
    size = len(value)
    if size < 1 << 6:
        out.append(size)
    else:
        write_varint(out, size)
    out += value


def as_opaque(value: bytes) -> bytes:
    """Return a variable-size vector of bytes by itself."""
    size = len(value)
    if size < 1 << 6:
        return _SHORT[size] + value
    head = bytearray()
    write_varint(head, size)
    return bytes(head) + value


def write_varint(out: bytearray, value: int) -> None:
    """Append a length in its shortest encoding (§2.1.2)."""
    if value < 1 << 6:
        out.append(value)
    elif value < 1 << 14:
        out += (value | 1 << 14).to_bytes(2, "big")
    elif value <= MAX_VARINT:
        out += (value | 2 << 30).to_bytes(4, "big")
    else:
        raise UsageError("a vector of more than 2^30 - 1 bytes")
