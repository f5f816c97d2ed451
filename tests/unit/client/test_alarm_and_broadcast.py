"""Alarms ring when their time has come; a slow reader slows nobody down."""

import asyncio

import pytest

from privity.client import broadcast
from privity.client.alarm import Alarm
from privity.client.broadcast import Broadcast, TooSlow
from privity.client.driver import now_ms
from privity.core.events import Notice


async def test_an_alarm_rings_once_for_each_time_and_the_earliest_first():
    rung = []
    alarm = Alarm(now_ms, lambda: rung.append(now_ms()))
    running = asyncio.create_task(alarm.run())
    await asyncio.sleep(0)
    start = now_ms()
    for after in (120, 40, 40):
        alarm.set(start + after)
    await asyncio.sleep(0.25)
    running.cancel()
    assert len(rung) == 2
    assert start + 40 <= rung[0] < start + 120 <= rung[1]


async def test_times_that_have_passed_ring_together_at_once():
    rung = []
    alarm = Alarm(now_ms, lambda: rung.append(1))
    for before in (5, 50, 500):
        alarm.set(now_ms() - before)
    running = asyncio.create_task(alarm.run())
    await asyncio.sleep(0.05)
    running.cancel()
    assert rung == [1]


async def test_a_clock_that_jumps_forward_rings_what_became_due(monkeypatch):
    rung = []
    clock = [1_000_000]
    alarm = Alarm(lambda: clock[0], lambda: rung.append(1))
    monkeypatch.setattr("privity.client.alarm._LONGEST", 0.05)
    running = asyncio.create_task(alarm.run())
    alarm.set(1_000_000 + 3_600_000)
    await asyncio.sleep(0.1)
    assert rung == []
    clock[0] += 3_600_000
    await asyncio.sleep(0.1)
    running.cancel()
    assert rung == [1]


async def test_everybody_gets_every_event_from_then_on():
    shown = Broadcast()
    first = shown.subscribe()
    shown.show(Notice("one"))
    second = shown.subscribe()
    shown.show(Notice("two"))
    shown.close()
    assert [event.code async for event in first] == ["one", "two"]
    assert [event.code async for event in second] == ["two"]


async def test_a_reader_that_is_too_slow_is_told_so(monkeypatch):
    monkeypatch.setattr(broadcast, "_WAITING", 3)
    shown = Broadcast()
    slow = shown.subscribe()
    for number in range(5):
        shown.show(Notice(str(number)))
    quick = shown.subscribe()
    shown.show(Notice("last"))
    got = []

    async def read():
        async for event in slow:
            got.append(event.code)  # noqa: PERF401

    with pytest.raises(TooSlow):
        await read()
    assert got == ["0", "1", "2"]
    shown.close()
    assert [event.code async for event in quick] == ["last"]
