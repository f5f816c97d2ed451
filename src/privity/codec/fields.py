"""The field types of the TLS presentation language (RFC 9420 §2.1).

A field type writes a value behind what is already there and reads one from a
`Reader`. They are put into a structure's annotations:

    label: Opaque
    nonce: Annotated[bytes, Fixed(12)]
    leaves: Annotated[tuple[int, ...], Vector(Uint(4))]
"""

from collections.abc import Mapping
from enum import IntEnum
from struct import error as PackError  # noqa: N812
from struct import pack, unpack
from typing import Annotated, Any, Generic, Protocol, TypeVar

from privity.codec.reader import (
    MAX_VARINT,
    Reader,
    write_opaque,
    write_uint,
    write_varint,
)
from privity.errors import DecodeError, UsageError

__all__ = [
    "U8",
    "U16",
    "U32",
    "U53",
    "U64",
    "Bool",
    "Bytes",
    "Enumerated",
    "FieldType",
    "Fixed",
    "Flag",
    "Nested",
    "Opaque",
    "Optional",
    "Safe",
    "Select",
    "Uint",
    "Vector",
]


_Kind = TypeVar("_Kind", bound=IntEnum)
_FORMATS = {1: "B", 2: "H", 4: "I", 8: "Q"}


class FieldType(Protocol):
    """How one field is written and read."""

    def write(self, out: bytearray, value: Any, /) -> None:
        """Append the encoding of `value`."""

    def read(self, reader: Reader, /) -> Any:
        """Take one value; raises DecodeError."""


class Encodable(Protocol):
    """What `Nested`, `Vector` and `Select` need of a structure."""

    def write(self, out: bytearray, /) -> None:
        """Append the structure's encoding."""

    @classmethod
    def read(cls, reader: Reader, /) -> Any:
        """Take one structure."""


class Uint:
    """uint8, uint16, uint32, uint64: `size` bytes, big-endian."""

    def __init__(self, size: int) -> None:
        self.size = size

    def write(self, out: bytearray, value: int) -> None:
        write_uint(out, value, self.size)

    def read(self, reader: Reader) -> int:
        return reader.uint(self.size)

    def write_all(self, out: bytearray, values: tuple[int, ...]) -> None:
        """Append many integers at once, without a length."""
        try:
            out += pack(f">{len(values)}{_FORMATS[self.size]}", *values)
        except PackError:
            raise UsageError(f"a value that does not fit {self.size} bytes") from None

    def read_all(self, data: bytes) -> tuple[int, ...]:
        """Return all the integers that `data` consists of."""
        if len(data) <= self.size:
            return self._read_one(data)
        count, rest = divmod(len(data), self.size)
        if rest:
            raise DecodeError("input ends too early")
        return unpack(f">{count}{_FORMATS[self.size]}", data)

    def _read_one(self, data: bytes) -> tuple[int, ...]:
        if not data:
            return ()
        if len(data) < self.size:
            raise DecodeError("input ends too early")
        return (int.from_bytes(data, "big"),)


class Safe:
    """A uint64 below 2^53: any store and any other language holds it, and sums of it.

    No log and no clock counts further; what does is not taken at all.
    """

    most = (1 << 53) - 1

    def write(self, out: bytearray, value: int) -> None:
        if value > self.most:
            raise UsageError("a number of 2^53 or more")
        write_uint(out, value, 8)

    def read(self, reader: Reader) -> int:
        value = reader.uint(8)
        if value > self.most:
            raise DecodeError("a number of 2^53 or more")
        return value


class Bool:
    """One byte that is 0 or 1, and nothing else."""

    def write(self, out: bytearray, value: bool) -> None:  # noqa: FBT001
        out.append(1 if value else 0)

    def read(self, reader: Reader) -> bool:
        value = reader.uint(1)
        if value > 1:
            raise DecodeError("a boolean that is neither 0 nor 1")
        return value == 1


class Bytes:
    """opaque<V>: bytes behind their length; `limit` bounds the length."""

    def __init__(self, limit: int = MAX_VARINT) -> None:
        self.limit = limit

    def write(self, out: bytearray, value: bytes) -> None:
        if len(value) > self.limit:
            raise UsageError(f"{len(value)} bytes where {self.limit} are allowed")
        write_opaque(out, value)

    def read(self, reader: Reader) -> bytes:
        return reader.opaque(self.limit)


class Fixed:
    """opaque[size]: exactly `size` bytes, no length in front."""

    def __init__(self, size: int) -> None:
        self.size = size

    def write(self, out: bytearray, value: bytes) -> None:
        if len(value) != self.size:
            raise UsageError(f"{len(value)} bytes where {self.size} belong")
        out += value

    def read(self, reader: Reader) -> bytes:
        return reader.take(self.size)


class Enumerated(Generic[_Kind]):
    """A value of `kind`, written as an unsigned integer of `size` bytes."""

    def __init__(self, kind: type[_Kind], size: int) -> None:
        self.kind = kind
        self.size = size
        self._members = {int(member): member for member in kind}

    def write(self, out: bytearray, value: _Kind) -> None:
        write_uint(out, value, self.size)

    def read(self, reader: Reader) -> _Kind:
        value = reader.uint(self.size)
        member = self._members.get(value)
        if member is None:
            raise DecodeError(f"{value} is no {self.kind.__name__}")
        return member


class Nested:
    """A structure inside a structure."""

    def __init__(self, kind: type[Encodable]) -> None:
        self.kind = kind

    def write(self, out: bytearray, value: Encodable) -> None:
        value.write(out)

    def read(self, reader: Reader) -> Any:
        return self.kind.read(reader)


class Optional:
    """optional<T>: a presence byte that is 0 or 1, then the value."""

    def __init__(self, item: "FieldType | type[Encodable]") -> None:
        self.item = as_field(item)

    def write(self, out: bytearray, value: Any) -> None:
        out.append(0 if value is None else 1)
        if value is not None:
            self.item.write(out, value)

    def read(self, reader: Reader) -> Any:
        present = reader.uint(1)
        if present > 1:
            raise DecodeError("a presence byte that is neither 0 nor 1")
        return self.item.read(reader) if present else None


class Vector:
    """T items<V>: a tuple behind its length in bytes; `limit` bounds the count."""

    def __init__(
        self, item: "FieldType | type[Encodable]", limit: int = MAX_VARINT
    ) -> None:
        self.item = as_field(item)
        self.limit = limit

    def write(self, out: bytearray, value: tuple[Any, ...]) -> None:
        if len(value) > self.limit:
            raise UsageError(f"{len(value)} items where {self.limit} are allowed")
        if not value:
            out.append(0)
            return
        body = bytearray()
        if isinstance(self.item, Uint):
            self.item.write_all(body, value)
        else:
            write = self.item.write
            for item in value:
                write(body, item)
        write_varint(out, len(body))
        out += body

    def read(self, reader: Reader) -> tuple[Any, ...]:
        if isinstance(self.item, Uint):
            return self._limited(self.item.read_all(reader.opaque()))
        inner = reader.inner()
        if inner.position == inner.end:
            return ()
        return self._limited(tuple(self._items(inner)))

    def _items(self, inner: Reader) -> list[Any]:
        read, items = self.item.read, list[Any]()
        while (before := inner.position) < inner.end:
            items.append(read(inner))
            if inner.position == before:
                raise DecodeError("an item without bytes")
            if len(items) > self.limit:
                break
        return items

    def _limited(self, items: tuple[Any, ...]) -> tuple[Any, ...]:
        if len(items) > self.limit:
            raise DecodeError(f"more than {self.limit} items")
        return items


class Select:
    """select (tag): a tag of `size` bytes in front of the structure that it names."""

    def __init__(self, size: int, variants: Mapping[int, type[Encodable]]) -> None:
        self.size = size
        self.variants = dict(variants)
        self.tags = {kind: tag for tag, kind in self.variants.items()}

    def write(self, out: bytearray, value: Encodable) -> None:
        write_uint(out, self.tags[type(value)], self.size)
        value.write(out)

    def read(self, reader: Reader) -> Any:
        tag = reader.uint(self.size)
        kind = self.variants.get(tag)
        if kind is None:
            raise DecodeError(f"{tag} names no variant")
        return kind.read(reader)


def as_field(item: "FieldType | type[Encodable]") -> FieldType:
    """Take a structure's class for a field that nests it."""
    return Nested(item) if isinstance(item, type) else item


U8 = Annotated[int, Uint(1)]
U16 = Annotated[int, Uint(2)]
U32 = Annotated[int, Uint(4)]
U53 = Annotated[int, Safe()]
U64 = Annotated[int, Uint(8)]
Opaque = Annotated[bytes, Bytes()]
Flag = Annotated[bool, Bool()]
