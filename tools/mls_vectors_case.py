"""What the checks of all vector formats share."""

from typing import Any, TypeVar

from privity.mls.messages import MLSMessage
from privity.mls.suites import CipherSuite, Random

__all__ = ["Case", "Mismatch", "body", "claim", "counting", "same"]

Case = dict[str, Any]
_T = TypeVar("_T")


class Mismatch(Exception):
    """A case of a vector file does not hold."""


def same(got: bytes, wanted: str) -> None:
    """Raise Mismatch unless bytes are those that a case has."""
    claim(got == bytes.fromhex(wanted), f"{got.hex()} is not {wanted}")


def claim(holds: bool, otherwise: str) -> None:  # noqa: FBT001
    """Raise Mismatch unless something holds."""
    if not holds:
        raise Mismatch(otherwise)


def body(kind: type[_T], message: str) -> _T:
    """Return what an MLSMessage holds, which must be of that kind."""
    found = MLSMessage.decode(bytes.fromhex(message)).body
    if not isinstance(found, kind):
        raise Mismatch(f"a {type(found).__name__}, not a {kind.__name__}")
    return found


def counting(crypto: CipherSuite) -> Random:
    """Return bytes that never repeat and are the same in every run."""
    state = bytearray(crypto.name.encode())

    def draw(size: int) -> bytes:
        state[:] = crypto.hash(bytes(state))
        return crypto.expand(bytes(state), b"vectors", size)

    return draw
