import asyncio
import sqlite3

import pytest
from log_plane import Plane
from msgspec import structs

from privity.relay.config import LogSettings
from privity.wire import frames, limits
from privity.wire.codes import Code


@pytest.fixture
def settings():
    return LogSettings(appends_per_second=10**6, append_burst=10**6)


@pytest.fixture
def failing(world, monkeypatch):
    """Return a switch after which the database answers no reader."""

    async def read(_):
        raise sqlite3.OperationalError("disk I/O error")

    def switch():
        monkeypatch.setattr(world.database, "read", read)

    return switch


@pytest.mark.store("sqlite")
async def test_a_full_disk_is_named_and_loses_nothing_that_was_acknowledged(
    world, chat
):
    plane = await world.member(chat)
    writer = world.database._writer
    writer.execute("PRAGMA max_page_count=60").fetchall()
    big = [chat.app(envelope=bytes(limits.APP_ENVELOPE)) for _ in range(20)]
    answers = [await plane.ask(structs.replace(one, resume=True)) for one in big]
    stored = [it for it in answers if isinstance(it, frames.Appended)]
    refused = [it.code for it in answers if isinstance(it, frames.Refused)]
    assert stored
    assert set(refused) == {Code.STORAGE_FULL}
    world.failures.clear()
    writer.execute("PRAGMA max_page_count=1000000").fetchall()
    again = structs.replace(big[-1], resume=True)
    answer = await plane.ask(again)
    assert answer.seq == len(stored) + 1
    assert (await plane.ask(again)).seq == answer.seq


async def test_a_read_that_fails_is_answered(world, chat, failing):
    plane = await world.member(chat)
    failing()
    answer = await plane.ask(frames.Sync(0, [chat.cursor()]))
    assert (answer.code, answer.wait_ms) == (Code.INTERNAL, 1_000)
    assert [type(it) for it in world.failures] == [sqlite3.OperationalError]
    world.failures.clear()


async def test_a_subscription_that_can_t_be_read_ends_the_connection(
    world, chat, failing, monkeypatch
):
    monkeypatch.setattr(limits, "WINDOW_ENTRIES", 1)
    reader, writer = await world.member(chat), await world.member(chat)
    await reader.ask(frames.Subscribe(0, [chat.cursor()]))
    await writer.ask_all(chat.app(), chat.app())
    await reader.entries(1)
    failing()
    reader.put(frames.Received(chat.log_id, 1))
    assert (await reader.frame()).code is Code.INTERNAL
    # What the writer stored may be read for by itself, and fail as well.
    assert await reader.close_code() == 1011
    world.failures.clear()


async def test_a_fault_of_ours_ends_one_connection(world, chat, monkeypatch):
    first, second = await world.member(chat), await world.member(chat)

    async def fault(_self, _frame):
        raise RuntimeError("a fault")

    with monkeypatch.context() as patched:
        patched.setattr("privity.relay.anonymous._Connection._fetch", fault)
        first.put(frames.Fetch(1, chat.log_id, 0, 0, "checkpoint"))
        assert await first.close_code() == 1011
    assert isinstance(await second.ask(chat.app()), frames.Appended)
    assert [str(it) for it in world.failures] == ["a fault"]
    world.failures.clear()


async def test_appends_of_one_connection_wait_in_a_bounded_number(
    world, chat, monkeypatch
):
    monkeypatch.setattr("privity.relay.anonymous.IN_FLIGHT", 3)
    most = 0
    submit = world.database.submit

    def counted(step, **options):
        nonlocal most
        most = max(most, len(world.database._queue) + 1)
        return submit(step, **options)

    monkeypatch.setattr(world.database, "submit", counted)
    plane = await world.member(chat)
    answers = await plane.ask_all(*[chat.app() for _ in range(20)])
    assert [answer.seq for answer in answers] == list(range(1, 21))
    assert most <= 3


async def test_a_reader_that_vanishes_harms_nobody(world, chat):
    class Vanishing(Plane):
        is_gone = False

        async def _send(self, message):
            if self.is_gone:
                raise OSError("the connection was reset")
            await super()._send(message)

    writer = await world.member(chat)
    async with Vanishing(world.endpoint) as reader:
        await reader.ask(chat.attach(reader.greeting))
        await reader.ask(frames.Subscribe(0, [chat.cursor()]))
        reader.is_gone = True
        answers = await writer.ask_all(*[chat.app() for _ in range(5)])
        assert [answer.seq for answer in answers] == [1, 2, 3, 4, 5]
        await asyncio.sleep(0)


async def test_an_append_of_one_who_left_is_stored_and_told_to_others(world, chat):
    reader = await world.member(chat)
    await reader.ask(frames.Subscribe(0, [chat.cursor()]))
    async with Plane(world.endpoint) as gone:
        await gone.ask(chat.attach(gone.greeting))
        gone.put(chat.app())
    (entry,), _ = await reader.entries(1)
    assert entry.seq == 1
