"""A dropped line is tried again soon, a relay that is away less and less often."""

import pytest

from privity.client import reconnecting
from privity.client.reconnecting import (
    FIRST_DELAY,
    LONGEST_DELAY,
    LONGEST_WITHIN_REACH,
    Reconnecting,
)


@pytest.fixture(autouse=True)
def not_spread(monkeypatch):
    monkeypatch.setattr(reconnecting.random, "uniform", lambda low, high: 1.0)


def waits(times, *, seconds, logged_in, of=None):
    of = of or Reconnecting()
    return [of.ended(seconds, logged_in=logged_in) for _ in range(times)]


def test_a_relay_that_is_away_is_asked_twice_as_late_each_time():
    found = waits(12, seconds=0.1, logged_in=False)
    assert found[:4] == [0.2, 0.4, 0.8, 1.6]
    assert found[-1] == LONGEST_DELAY


def test_a_relay_that_answers_nobody_in_time_counts_as_away():
    assert waits(12, seconds=20.0, logged_in=False)[-1] == LONGEST_DELAY


def test_who_could_log_in_just_now_comes_back_within_seconds():
    assert waits(12, seconds=0.5, logged_in=True)[-1] == LONGEST_WITHIN_REACH


def test_a_line_that_comes_back_is_within_reach_again():
    line = Reconnecting()
    waits(12, seconds=0.1, logged_in=False, of=line)
    assert waits(1, seconds=0.5, logged_in=True, of=line) == [LONGEST_WITHIN_REACH]


def test_after_a_connection_that_lasted_the_next_comes_at_once():
    line = Reconnecting()
    waits(12, seconds=0.5, logged_in=True, of=line)
    assert waits(1, seconds=60.0, logged_in=True, of=line) == [FIRST_DELAY]


def test_waits_are_spread(monkeypatch):
    monkeypatch.undo()
    found = {Reconnecting().ended(0.1, logged_in=False) for _ in range(20)}
    assert len(found) > 10
    assert min(found) >= 0.5 * FIRST_DELAY
    assert max(found) <= 1.5 * FIRST_DELAY


def test_who_is_asked_to_spread_does_so_once(monkeypatch):
    monkeypatch.setattr(reconnecting.random, "random", lambda: 0.5)
    line = Reconnecting()
    line.asked(20)
    assert waits(2, seconds=60, logged_in=True, of=line) == [10.2, 0.2]
