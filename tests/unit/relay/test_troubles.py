"""The log tells faults one by one, and a store that is away once a second."""

import io
import json

import pytest

from privity.relay.ops.events import open_log
from privity.relay.ops.troubles import Troubles
from privity.relay.storage.store import StoreBusy, StoreError, StoreFull


@pytest.fixture
def told():
    return io.StringIO()


@pytest.fixture
def clock():
    return [5.0]


@pytest.fixture
def troubles(told, clock):
    return Troubles(open_log(told), lambda: clock[0])


def lines(told):
    found = [json.loads(line) for line in told.getvalue().splitlines()]
    return [(line["event"], line["error"], line.get("times")) for line in found]


@pytest.mark.parametrize(
    ("error", "event"),
    [(StoreBusy("it does not answer"), "store_away"), (StoreFull("x"), "store_full")],
)
def test_a_store_that_is_away_or_full_is_no_fault_and_told_once_a_second(
    troubles, told, clock, error, event
):
    name = type(error).__name__
    for _ in range(100):
        troubles(error)
    assert lines(told) == [(event, name, 1)]
    clock[0] += 1
    troubles(error)
    assert lines(told)[1:] == [(event, name, 100)]
    clock[0] += 60
    troubles(error)
    assert lines(told)[2:] == [(event, name, 1)]


def test_a_full_disk_does_not_hide_that_a_database_is_away(troubles, told):
    for error in (StoreFull("x"), StoreBusy("x"), StoreFull("x"), StoreBusy("x")):
        troubles(error)
    assert [event for event, *_ in lines(told)] == ["store_full", "store_away"]


def test_every_fault_is_told(troubles, told):
    for error in (StoreError("x"), ZeroDivisionError("x"), ZeroDivisionError("x")):
        troubles(error)
    assert [event for event, *_ in lines(told)] == ["internal_error"] * 3
    assert "x" not in [value for line in lines(told) for value in line]
