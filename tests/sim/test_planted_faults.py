"""The simulator can fail: faults that are planted in the product are found by seeds."""

import itertools
import time

import pytest

from tests.sim.planted_faults import PLANTED
from tests.sim.run import run
from tests.sim.schedule import FIRST_REFOUND
from tests.sim.shrink import shrink

SECONDS = 120


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_found_by_a_seed_that_is_known(name):
    """One of a few: a change of the product may shift what a seed meets."""
    planted = PLANTED[name]
    assert any(finds(seed, name) for seed in planted.seeds)


def finds(seed, name):
    with PLANTED[name].plant():
        found = run(seed)
    return bool(found.faults) and not run(seed).faults


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_found_within_two_minutes(name):
    until = time.monotonic() + SECONDS
    with PLANTED[name].plant():
        for seed in itertools.count(first_of(name)):
            assert time.monotonic() < until, "it was not found"
            if run(seed).faults:
                return


def first_of(name):
    """Return where to search: faults of refounds show in seeds about refounds."""
    about = min(PLANTED[name].seeds) >= FIRST_REFOUND
    return FIRST_REFOUND if about else 0


def test_a_failure_is_shrunk_to_a_story_that_still_fails():
    planted = PLANTED["one salt for all attempts"]
    with planted.plant():
        failed = next(r for r in map(run, planted.seeds) if r.faults)
        shortest = shrink(failed, most_runs=60)
        assert run(failed.seed, list(shortest.deeds)).promises & failed.promises
    assert len(shortest.deeds) < len(failed.deeds)
    assert set(shortest.deeds) < set(failed.deeds)
    assert not run(failed.seed, list(shortest.deeds)).faults
