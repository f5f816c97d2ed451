"""What a fuzzing target is, and what every target is held to.

A target takes any bytes. What the product refuses it refuses by one of the errors that
it documents; anything else that comes out is a fault, and so is memory out of all
proportion to the input. Time is watched by whoever runs the target.
"""

import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from privity.errors import ProtocolError, Stale, Unsupported

__all__ = ["CORPUS", "REFUSALS", "Fault", "Target", "check", "kept", "measured"]

CORPUS = Path(__file__).parent / "corpus"
REFUSALS = (ProtocolError, Stale, Unsupported)
"""What hostile input may raise. A UsageError would blame our own caller."""

ROOM = 1 << 20
ROOM_PER_BYTE = 500
"""How much memory an input may claim while it is judged."""


class Fault(AssertionError):
    """The product did with an input what it must not do."""


@dataclass(frozen=True)
class Target:
    """Something that takes hostile bytes; `seeds` are where a search starts."""

    name: str
    run: Callable[[bytes], None]
    seeds: Callable[[], Iterable[bytes]]
    longest: int = 4096


def check(target: Target, data: bytes) -> None:
    """Run a target on an input, and watch the memory of every sixteenth.

    Which ones is a property of the input, so that a finding is found again.
    """
    if sum(data) % 16:
        target.run(data)
    else:
        with measured(len(data)):
            target.run(data)


@contextmanager
def measured(size: int) -> Iterator[None]:
    """Raise Fault if what happens takes more memory than `size` bytes may claim."""
    tracemalloc.start()
    try:
        yield
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    if peak > ROOM + ROOM_PER_BYTE * size:
        raise Fault(f"{peak} bytes of memory for an input of {size}")


def kept(name: str) -> list[bytes]:
    """Return the inputs that are kept for a target: a line of hex digits each."""
    lines = (CORPUS / f"{name}.hex").read_text().splitlines()
    return [bytes.fromhex(line) for line in lines if not line.startswith("#")]
