"""Clocks for benchmarks: time per call, and samples under the names of their rows."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

__all__ = ["Samples", "per_call", "timed"]

T = TypeVar("T")


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """Do `work` once; return the seconds that it took, and what it gave."""
    began = time.perf_counter()
    made = work()
    return time.perf_counter() - began, made


def per_call(work: Callable[[], object], times: int) -> float:
    """Return the seconds that one of `times` calls took."""
    calls = range(times)
    began = time.perf_counter()
    for _ in calls:
        work()
    return (time.perf_counter() - began) / times


@dataclass(slots=True)
class Samples:
    """Figures by name, in the order in which names first came up."""

    by_name: dict[str, list[float]] = field(default_factory=dict)

    def note(self, figures: Iterable[tuple[str, float]]) -> None:
        """Add one repeat's figures."""
        for name, value in figures:
            self.by_name.setdefault(name, []).append(value)
