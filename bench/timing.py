"""Clocks for benchmarks: time per call, and samples under the names of their rows.

The time is the processor's, of all threads of this process: what is measured with it
only computes, and what else runs on the machine shall not count. `BENCH_CLOCK=wall`
takes the clock on the wall instead, for whom a second core helps.
"""

import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

__all__ = ["CLOCK", "Samples", "per_call", "timed"]

T = TypeVar("T")

CLOCK = "wall" if os.environ.get("BENCH_CLOCK") == "wall" else "processor"
_now = time.perf_counter if CLOCK == "wall" else time.process_time


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """Do `work` once; return the seconds that it took, and what it gave."""
    began = _now()
    made = work()
    return _now() - began, made


def per_call(work: Callable[[], object], times: int) -> float:
    """Return the seconds that one of `times` calls took."""
    calls = range(times)
    began = _now()
    for _ in calls:
        work()
    return (_now() - began) / times


@dataclass(slots=True)
class Samples:
    """Figures by name, in the order in which names first came up."""

    by_name: dict[str, list[float]] = field(default_factory=dict)

    def note(self, figures: Iterable[tuple[str, float]]) -> None:
        """Add one repeat's figures."""
        for name, value in figures:
            self.by_name.setdefault(name, []).append(value)
