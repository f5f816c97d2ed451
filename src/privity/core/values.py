"""What the engine stores: frozen structures, and their bytes."""

from typing import TypeVar

import msgspec

from privity.errors import DecodeError

__all__ = ["Value", "decode", "encode"]


class Value(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A stored value; unknown fields are refused."""

    def __repr__(self) -> str:
        """Hide what it holds: most of these values hold secrets."""
        return f"<{type(self).__name__}>"


_V = TypeVar("_V", bound=Value)


def encode(value: Value) -> bytes:
    """Return the stored form of a value."""
    return msgspec.msgpack.encode(value)


def decode(kind: type[_V], body: bytes) -> _V:
    """Return the value of `kind` that `body` stores; raises DecodeError."""
    try:
        return msgspec.msgpack.decode(body, type=kind)
    except msgspec.MsgspecError as error:
        raise DecodeError(f"not a stored {kind.__name__}: {error}") from None
