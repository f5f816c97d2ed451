"""Deterministic CBOR (RFC 8949 §4.2.1), read as strictly as it is written.

Integers, byte and text strings, arrays, maps, false, true and null: what MIMI
content is made of. Each value has one encoding, and a reader that meets another
raises DecodeError: indefinite or overlong lengths, keys out of order or twice, text
that is no UTF-8, bytes behind the end. Floats and tags are not part of the profile.
"""

from typing import TypeAlias

from privity.errors import DecodeError, UsageError

__all__ = ["MAX_DEPTH", "Value", "decode", "encode"]

Value: TypeAlias = (
    "int | bytes | str | bool | list[Value] | dict[int | str, Value] | None"
)

MAX_DEPTH = 12
"""How many arrays and maps may stand inside each other."""

_UINT, _NEGATIVE, _BYTES, _TEXT, _ARRAY, _MAP, _TAG, _SIMPLE = range(8)
_SIMPLE_VALUES: dict[int, bool | None] = {20: False, 21: True, 22: None}
_MAX_HEAD = (1 << 64) - 1


def encode(value: Value) -> bytes:
    """Return the one encoding of `value`; raises UsageError where there is none."""
    out = bytearray()
    _write(out, value)
    return bytes(out)


def decode(data: bytes) -> Value:
    """Return the value that `data` encodes, whole and deterministically.

    Time and memory are linear in the input. Raises DecodeError.
    """
    value, end = _read(data, 0, MAX_DEPTH)
    if end != len(data):
        raise DecodeError("bytes behind the content")
    return value


def _write(out: bytearray, value: Value) -> None:
    if value is None or isinstance(value, bool):
        out.append(_SIMPLE << 5 | {False: 20, True: 21, None: 22}[value])
    elif isinstance(value, int):
        _write_head(out, *((_UINT, value) if value >= 0 else (_NEGATIVE, -1 - value)))
    elif isinstance(value, bytes):
        _write_head(out, _BYTES, len(value))
        out += value
    elif isinstance(value, str):
        text = _utf8(value)
        _write_head(out, _TEXT, len(text))
        out += text
    elif isinstance(value, list):
        _write_head(out, _ARRAY, len(value))
        for item in value:
            _write(out, item)
    else:
        _write_map(out, value)


def _write_map(out: bytearray, value: dict[int | str, Value]) -> None:
    _write_head(out, _MAP, len(value))
    for key, item in sorted((encode(key), item) for key, item in value.items()):
        out += key
        _write(out, item)


def _write_head(out: bytearray, major: int, argument: int) -> None:
    if argument > _MAX_HEAD:
        raise UsageError("an integer beyond 64 bits")
    if argument < 24:
        out.append(major << 5 | argument)
        return
    size = next(size for size in (1, 2, 4, 8) if argument < 1 << 8 * size)
    out.append(major << 5 | 23 + size.bit_length())
    out += argument.to_bytes(size, "big")


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise UsageError("a text with lone surrogates") from None


def _read(data: bytes, at: int, depth: int) -> tuple[Value, int]:
    major, argument, at = _read_head(data, at)
    if major == _UINT:
        return argument, at
    if major == _NEGATIVE:
        return -1 - argument, at
    if major in (_BYTES, _TEXT):
        end = at + argument
        if end > len(data):
            raise DecodeError("a string longer than what is left")
        return (data[at:end] if major == _BYTES else _text(data[at:end])), end
    if major == _SIMPLE:
        if argument not in _SIMPLE_VALUES:
            raise DecodeError("a simple value that content does not use")
        return _SIMPLE_VALUES[argument], at
    if major == _TAG:
        raise DecodeError("a tag, which content does not use")
    if depth == 0:
        raise DecodeError("arrays and maps nested too deeply")
    if argument > len(data) - at:
        raise DecodeError("more items than bytes that are left")
    read = _read_array if major == _ARRAY else _read_map
    return read(data, at, argument, depth - 1)


def _read_head(data: bytes, at: int) -> tuple[int, int, int]:
    if at >= len(data):
        raise DecodeError("content ends too early")
    major, low = data[at] >> 5, data[at] & 0x1F
    at += 1
    if low < 24:
        return major, low, at
    if major == _SIMPLE:
        raise DecodeError("a float or simple value that content does not use")
    if low > 27:
        raise DecodeError("an indefinite or reserved length")
    size = 1 << low - 24
    argument = int.from_bytes(data[at : at + size], "big")
    if at + size > len(data):
        raise DecodeError("content ends too early")
    if argument < (24 if size == 1 else 1 << 4 * size):
        raise DecodeError("a number that is not in its shortest encoding")
    return major, argument, at + size


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise DecodeError("a text that is not UTF-8") from None


def _read_array(
    data: bytes, at: int, count: int, depth: int
) -> tuple[list[Value], int]:
    items: list[Value] = []
    for _ in range(count):
        item, at = _read(data, at, depth)
        items.append(item)
    return items, at


def _read_map(
    data: bytes, at: int, count: int, depth: int
) -> tuple[dict[int | str, Value], int]:
    items: dict[int | str, Value] = {}
    before = b""
    for _ in range(count):
        start = at
        key, at = _read(data, at, 0)
        if isinstance(key, bool) or not isinstance(key, int | str):
            raise DecodeError("a map key that is neither integer nor text")
        encoded = data[start:at]
        if encoded <= before:
            raise DecodeError("map keys out of order or twice")
        before = encoded
        value, at = _read(data, at, depth)
        items[key] = value
    return items, at
