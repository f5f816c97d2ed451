"""Bytes that do not print.

Python cannot promise to wipe memory, so this does not: it keeps secrets out of
logs, tracebacks and reprs, and compares them in constant time.
"""

import hmac

__all__ = ["Secret"]


class Secret:
    """A byte string that shows its length and nothing else."""

    __slots__ = ("_value",)

    def __init__(self, value: bytes) -> None:
        self._value = bytes(value)

    def reveal(self) -> bytes:
        """Return the bytes; every call of this is a place to look at."""
        return self._value

    def __len__(self) -> int:
        return len(self._value)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._value, other._value)

    __hash__ = None  # type: ignore[assignment]  # a set would compare in variable time

    def __repr__(self) -> str:
        return f"<Secret of {len(self._value)} bytes>"
