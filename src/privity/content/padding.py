"""Padding to Padmé lengths, and to a fixed one.

Padmé (PURBs, PETS 2019) rounds a length up so that its binary form ends in zeros:
at most 12 % more, and of a length L only O(log log L) bits show. Format of the
padded bytes: the content behind its length (content<V>), then zeros.
"""

from privity.codec import Reader, write_varint
from privity.errors import DecodeError, UsageError

__all__ = ["pad", "pad_to", "padme_length", "unpad", "unpad_from"]


def padme_length(length: int) -> int:
    """Return the Padmé length of `length` ≥ 0: the least allowed one not below it."""
    if length < 2:
        return length
    exponent = length.bit_length() - 1
    zeros = exponent - exponent.bit_length()
    mask = (1 << max(zeros, 0)) - 1
    return (length + mask) & ~mask


def pad(content: bytes) -> bytes:
    """Return `content` behind its length, with zeros up to the Padmé length."""
    framed = _frame(content)
    return framed + bytes(padme_length(len(framed)) - len(framed))


def unpad(padded: bytes) -> bytes:
    """Return the content of `pad`; any other padding is a DecodeError."""
    content = _unframe(padded)
    if padme_length(len(_frame(content))) != len(padded):
        raise DecodeError("padding that is not to the Padmé length")
    return content


def pad_to(content: bytes, size: int) -> bytes:
    """Return `content` behind its length, with zeros up to `size` bytes.

    Raises UsageError where it does not fit.
    """
    framed = _frame(content)
    if len(framed) > size:
        raise UsageError(f"{len(content)} bytes do not fit a frame of {size}")
    return framed + bytes(size - len(framed))


def unpad_from(padded: bytes, size: int) -> bytes:
    """Return the content of `pad_to` with this `size`, or raise DecodeError."""
    if len(padded) != size:
        raise DecodeError(f"{len(padded)} bytes where {size} belong")
    return _unframe(padded)


def _frame(content: bytes) -> bytes:
    out = bytearray()
    write_varint(out, len(content))
    return bytes(out) + content


def _unframe(padded: bytes) -> bytes:
    reader = Reader(padded)
    content = reader.opaque()
    if reader.take(reader.remaining).strip(b"\0"):
        raise DecodeError("padding that is not zero")
    return content
