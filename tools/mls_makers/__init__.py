"""The makers of docs/spec/vectors/mls: own cases in the MLS working group's formats.

One module an area. A maker takes a seeded source of bytes and returns a file's cases;
`Format` says which of their fields cannot be made twice, because KEM encapsulation
draws inside the library and what it draws goes into ciphertexts, and from there into
transcripts. Everything else is the same in every run.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from privity.mls import Random

__all__ = ["ALL_SUITES", "Case", "Format", "is_hybrid", "pick", "without"]

Case = dict[str, Any]

ALL_SUITES = (1, 2, 3, 4, 5, 6, 7, 0x0053, 0xF5A1)
_HYBRID = frozenset({0x0053, 0xF5A1})


@dataclass(frozen=True, slots=True)
class Format:
    """How a file is made, and the names of the fields that hold what a KEM drew."""

    make: Callable[[Random], list[Case]]
    drawn: frozenset[str] = frozenset()


def is_hybrid(code: int) -> bool:
    """Say whether a suite has the large keys of ML-KEM: its cases are kept few."""
    return code in _HYBRID


def pick(random: Random, count: int) -> int:
    """Return a number below `count`, for choices that need not be uniform."""
    return int.from_bytes(random(4), "big") % count


def without(drawn: frozenset[str], value: object) -> object:
    """Return a case without its drawn fields, at any depth."""
    if isinstance(value, dict):
        return {
            name: without(drawn, item)
            for name, item in value.items()
            if name not in drawn
        }
    if isinstance(value, list):
        return [without(drawn, item) for item in value]
    return value
