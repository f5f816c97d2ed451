"""A clock that somebody outside can turn while the process runs.

A file holds by how many seconds it is off. Relay and client read the time in one
place each, through `time.time` and `time.time_ns`; what measures a span (monotonic
time, the loop's) goes on as it does on a machine whose clock is set.
"""

import mmap
import struct
import time
from pathlib import Path

__all__ = ["install", "make", "turn"]

_SECONDS = struct.Struct("<q")


def make(path: Path) -> None:
    """Make the file of a clock that is right."""
    path.write_bytes(_SECONDS.pack(0))


def turn(path: Path, seconds: int) -> None:
    """Set a clock off by `seconds`, at once and also for processes that run."""
    with path.open("r+b") as file:
        file.write(_SECONDS.pack(seconds))


def install(path: str) -> None:
    """Let this process live by that clock; before anything of Privity is imported."""
    with Path(path).open("rb") as file:
        shared = mmap.mmap(file.fileno(), _SECONDS.size, access=mmap.ACCESS_READ)
    now, now_ns = time.time, time.time_ns

    def off() -> int:
        return int(_SECONDS.unpack_from(shared)[0])

    time.time = lambda: now() + off()
    time.time_ns = lambda: now_ns() + off() * 10**9
