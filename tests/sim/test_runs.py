"""Short runs of the simulator, and what it promises of itself."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sim.run import run
from tests.sim.schedule import (
    FIRST_AMONG_VANDALS,
    FIRST_REFOUND,
    THEMES,
    schedule,
    theme_of,
)
from tests.sim.story import story

ROOT = Path(__file__).parents[2]
SEEDS = 36


@pytest.mark.parametrize("seed", range(SEEDS))
def test_no_promise_is_broken_whatever_happens(seed):
    result = run(seed)
    assert not result.faults, story(result, result)


@pytest.mark.parametrize("number", range(6))
def test_no_promise_is_broken_where_chats_are_begun_anew(number):
    result = run(FIRST_REFOUND + number)
    assert not result.faults, story(result, result)
    assert any("begins a chat anew" in line for line in result.lines)


def test_no_promise_is_broken_where_chats_are_begun_anew_among_vandals():
    told = []
    for seed in range(FIRST_AMONG_VANDALS, FIRST_AMONG_VANDALS + 6):
        result = run(seed)
        assert not result.faults, story(result, result)
        told += result.lines
    for deed in ("begins a chat anew", "breaks a rule", "follows into a new log"):
        assert any(deed in line for line in told)


def test_the_first_seeds_are_of_every_theme():
    seeds = (*range(SEEDS), FIRST_REFOUND, FIRST_AMONG_VANDALS)
    assert {theme_of(seed) for seed in seeds} == set(THEMES)


@pytest.mark.parametrize("seed", [1, 3, 4, 5])
def test_a_seed_tells_the_same_story_again(seed):
    assert run(seed) == run(seed)


def test_a_seed_tells_the_same_story_in_another_process():
    """Byte for byte, however that process orders its sets."""
    told = []
    for hash_seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-m", "tests.sim.simulate", "--seed", "8"],
            env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": "src"},
            cwd=ROOT,
            capture_output=True,
            check=True,
        )
        told.append(done.stdout)
    assert told[0] == told[1]
    assert b"breaks nothing" in told[0]


def test_any_part_of_a_schedule_is_a_schedule():
    deeds = schedule(2)
    for part in (deeds[::2], deeds[1::2], deeds[-5:], []):
        assert not run(2, part).faults
