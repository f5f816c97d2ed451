"""Taking typed values out of decoded CBOR; every refusal is a DecodeError."""

from privity.content.cbor import Value
from privity.errors import DecodeError

__all__ = ["U8", "U16", "U32", "U64", "array", "octets", "sized", "text", "uint"]

U8, U16, U32, U64 = ((1 << bits) - 1 for bits in (8, 16, 32, 64))


def array(value: Value, count: int | None = None) -> list[Value]:
    """Return an array, of exactly `count` items if that is given."""
    if not isinstance(value, list) or count not in (None, len(value)):
        raise DecodeError("not an array of the right size where one belongs")
    return value


def uint(value: Value, most: int) -> int:
    """Return an integer between 0 and `most`; true and false are none."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise DecodeError("not an unsigned integer of the right size")
    return value


def octets(value: Value, most: int) -> bytes:
    """Return a byte string of up to `most` bytes."""
    if not isinstance(value, bytes) or len(value) > most:
        raise DecodeError("not a byte string of the right size")
    return value


def sized(value: Value, size: int) -> bytes:
    """Return a byte string of exactly `size` bytes."""
    if not isinstance(value, bytes) or len(value) != size:
        raise DecodeError(f"not a byte string of {size} bytes")
    return value


def text(value: Value, most: int, least: int = 0) -> str:
    """Return a text of `least` to `most` bytes of UTF-8."""
    if not isinstance(value, str) or not least <= len(value.encode()) <= most:
        raise DecodeError("not a text of the right size")
    return value
