"""The makers of docs/spec/vectors/*.json: one module an area, one entry a file.

A maker takes a seeded source of bytes and returns the file's cases. Whoever adds a
format adds a module with `MAKERS` and names it in `AREAS`. Randomness is drawn from
SHAKE-256 of the file's name, so no maker disturbs another's vectors.
"""

from collections.abc import Callable
from hashlib import shake_256
from typing import Any

from privity.errors import PrivityError, RuleViolation

__all__ = ["Case", "Maker", "refusal", "seeded"]

Case = dict[str, Any]
Maker = Callable[[Callable[[int], bytes]], list[Case]]


def seeded(name: str) -> Callable[[int], bytes]:
    """Return a source of bytes that depends on `name` and on the calls before."""
    drawn = 0

    def draw(size: int) -> bytes:
        nonlocal drawn
        label = f"privity spec vectors/{name}/{drawn}".encode()
        drawn += 1
        return shake_256(label).digest(size)

    return draw


def refusal(attempt: Callable[[], object]) -> str:
    """Return the name under which `attempt` is refused: a rule's, or the error's."""
    try:
        attempt()
    except RuleViolation as error:
        return error.rule.name
    except PrivityError as error:
        return type(error).__name__
    raise AssertionError("a case that should be refused was accepted")
