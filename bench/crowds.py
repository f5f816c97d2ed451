"""What `bench_mls` measures, and of what groups, whoever implements them.

A crowd is a warm group of N members, suite 1 or the hybrid one, basic credentials,
commits as PublicMessages, the tree inside the Welcome. Warm: a member of every
subtree beside member 0's path has committed, so that a commit of member 0 encrypts
once for each level. Only a few members have a state; the others are leaves.

Every figure is from bytes to bytes: decoding what arrives and encoding what leaves is
in it; key packages to add come decoded.
"""

import os
import statistics
from collections.abc import Callable, Iterator
from typing import Protocol

__all__ = ["Crowd", "followers", "median_of_rounds", "tracked"]
__all__ += ["ADD", "CREATE", "JOIN", "PROCESS", "PROTECT", "REMOVE", "UNPROTECT"]
__all__ += ["CREATE_STORED", "LOAD", "PROTECT_STORED", "UNPROTECT_STORED"]
__all__ += ["LARGE", "MESSAGES", "PROTECT_LARGE", "SMALL", "UNPROTECT_LARGE"]
__all__ += ["COMMIT_BYTES", "MESSAGE_BYTES", "STATE_BYTES", "WELCOME_BYTES"]

ADD = "add all: create"
JOIN = "join"
CREATE = "self-update: create"
PROCESS = "self-update: process"
REMOVE = "remove: create"
PROTECT = "protect 100 B"
UNPROTECT = "unprotect 100 B"
PROTECT_LARGE = "protect 4 KiB"
UNPROTECT_LARGE = "unprotect 4 KiB"
PROTECT_STORED = "protect 100 B and dump"
UNPROTECT_STORED = "unprotect 100 B and dump"
CREATE_STORED = "self-update: create and dump"
LOAD = "load"
STATE_BYTES = "state by member"
WELCOME_BYTES = "Welcome of all, tree inside"
COMMIT_BYTES = "commit of a self-update"
MESSAGE_BYTES = "message of 100 B"

SMALL = os.urandom(100)
LARGE = os.urandom(4096)
MESSAGES = 30
"""How many messages one figure is the mean of."""


class Crowd(Protocol):
    """A warm group of one implementation."""

    def measure(self) -> Iterator[tuple[str, float]]:
        """Yield (operation, milliseconds), each operation once."""
        ...

    def sizes(self) -> Iterator[tuple[str, float]]:
        """Yield (what, bytes)."""
        ...


def tracked(size: int) -> list[int]:
    """Return the members who warm the tree: 0, one of each subtree, the last."""
    powers = {1 << level for level in range(size.bit_length())}
    return sorted({0, size - 1} | {at for at in powers if at < size})


def followers(size: int) -> list[int]:
    """Return who processes what member 0 commits: one near, one between, the last."""
    known = tracked(size)
    return sorted({1, known[len(known) // 2], size - 1})


def median_of_rounds(
    size: int, once: Callable[[], tuple[float, ...]]
) -> tuple[float, ...]:
    """Return the median of each figure over a few rounds, more in a small group."""
    rounds = [once() for _ in range(3 if size > 100 else 7)]
    return tuple(map(statistics.median, zip(*rounds, strict=True)))
