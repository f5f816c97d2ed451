"""From a schedule that fails to a short story: the fewest deeds that still fail so."""

from collections.abc import Callable

from tests.sim.deeds import Deed
from tests.sim.run import Result, run

__all__ = ["shrink"]

MOST_RUNS = 250


def shrink(failed: Result, most_runs: int = MOST_RUNS) -> Result:
    """Return a result of the same seed with one deed less nowhere, or nearly so.

    A part counts if it breaks one of the promises that the whole broke. Costs at
    most `most_runs` runs.
    """
    shortest, runs = failed, 0

    def fails(deeds: list[Deed]) -> bool:
        nonlocal shortest, runs
        if runs >= most_runs:
            return False
        runs += 1
        result = run(failed.seed, deeds)
        if result.promises & failed.promises:
            shortest = result
            return True
        return False

    fewest(list(failed.deeds), fails)
    return shortest


def fewest(deeds: list[Deed], fails: Callable[[list[Deed]], bool]) -> list[Deed]:
    """Return a list none of whose deeds can be left out (delta debugging)."""
    size = max(1, len(deeds) // 2)
    while deeds:
        at, was = 0, len(deeds)
        while at < len(deeds):
            without = deeds[:at] + deeds[at + size :]
            if fails(without):
                deeds = without
            else:
                at += size
        if size == 1 and len(deeds) == was:
            break
        size = max(1, size // 2)
    return deeds
