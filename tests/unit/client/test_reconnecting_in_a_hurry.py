"""Somebody who waits is heard, at a pace that a relay bears."""

import asyncio
import time

import pytest
from relay_process import RelayThread

from privity.client import reconnecting
from privity.client.online import Online
from privity.client.reconnecting import (
    APART,
    ATTENDED,
    FIRST_DELAY,
    LONGEST_ATTENDED,
    LONGEST_DELAY,
    Reconnecting,
)


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def line(clock, monkeypatch):
    monkeypatch.setattr(reconnecting.random, "uniform", lambda low, high: 1.0)
    return Reconnecting(clock)


def fail(line, times):
    found = []
    for _ in range(times):
        line.begins()
        found.append(line.ended(0.1, logged_in=False))
    return found


async def resting(line, seconds):
    """Let it rest in a task of its own, which has begun when this returns."""
    task = asyncio.create_task(line.rest(seconds))
    await asyncio.sleep(0)
    return task


def test_while_somebody_is_there_the_longest_wait_is_shorter(line):
    line.attend()
    assert fail(line, 12)[-1] == LONGEST_ATTENDED < LONGEST_DELAY


def test_who_went_away_is_waited_for_no_longer(line, clock):
    line.attend()
    clock.now += ATTENDED
    assert fail(line, 12)[-1] == LONGEST_DELAY


async def test_who_hurries_ends_a_long_wait_at_once(line, clock):
    line.begins()
    task = await resting(line, 30.0)
    clock.now += 10
    assert line.left == 20
    line.hurry()
    assert line.left == 0
    await task
    assert line.left is None


async def test_two_tries_that_were_asked_for_are_two_seconds_apart(line, clock):
    line.begins()
    task = await resting(line, 30.0)
    for _ in range(100):
        clock.now += 0.01
        line.hurry()
    assert line.left == pytest.approx(APART - 1)
    assert not task.done()
    task.cancel()


async def test_asking_makes_no_wait_longer(line):
    line.begins()
    task = await resting(line, FIRST_DELAY)
    line.hurry()
    assert line.left == pytest.approx(FIRST_DELAY)
    task.cancel()


def test_after_a_try_that_was_asked_for_the_waits_begin_small_again(line):
    fail(line, 12)
    line.hurry()
    first, second = fail(line, 2)
    assert APART <= first < second <= LONGEST_ATTENDED


def test_asking_all_the_time_never_tries_more_than_once_in_two_seconds(
    line, clock, monkeypatch
):
    monkeypatch.setattr(reconnecting.random, "uniform", lambda low, high: low)
    fail(line, 12)
    waits = []
    for _ in range(20):
        line.hurry()
        waits += fail(line, 1)
    assert min(waits) >= APART


async def test_nobody_hurries_past_the_moment_that_a_stopping_relay_gave(
    line, clock, monkeypatch
):
    monkeypatch.setattr(reconnecting.random, "random", lambda: 0.5)
    line.begins()
    line.asked(20)
    task = await resting(line, line.ended(60, logged_in=True))
    line.hurry()
    assert line.left == 10
    task.cancel()


async def test_a_person_who_asks_is_back_within_seconds_of_the_relay(
    tmp_path, person_of, eventually, monkeypatch
):
    # So far away that nothing but asking brings it back within this test.
    monkeypatch.setattr(reconnecting, "FIRST_DELAY", LONGEST_DELAY)
    monkeypatch.setattr(reconnecting, "LONGEST_WITHIN_REACH", LONGEST_DELAY)
    with RelayThread(tmp_path / "relay") as relay:
        ana = person_of(relay, "ana")
        await ana.register()
        await ana.start()
        network: Online = ana.driver.network
        assert await network.wait_connected(20)
        relay.stop()
        await eventually(lambda: (network.next_try or 0) > 10)
        assert not await network.try_now(0.5)
        relay.start()
        began = time.monotonic()
        assert await network.try_now(20)
        assert time.monotonic() - began < APART + 1.5
        await ana.stop()
