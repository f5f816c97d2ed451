"""What a connection keeps while it says nothing, and leaves when it is gone."""

import asyncio
import gc
import sqlite3
import sys
import time
from contextlib import closing

import pytest
import uvloop
from msgspec import structs
from relay_clients import anonymous

from bench.crowd import crowd
from bench.device import BenchDevice
from bench.relay_under_load import running_relay
from privity.relay.paths import ACCOUNTS_NAME
from privity.wire import frames

MANY = 400
BYTES = 15_000
"""The goal; of ten thousand each takes two thirds of it, of few some more."""


def kept_by_each(relay, members):
    """Return the bytes that the relay grows by for each of these connections.

    Some are there before, so that what all of them share is not counted.
    """

    async def measure():
        async with crowd(relay, members[:100]):
            before = relay.pss_bytes()
            async with crowd(relay, members[100:]):
                return (relay.pss_bytes() - before) / len(members[100:])

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(measure())


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("kind", ["of a chat", "of a device"])
def test_a_connection_that_says_nothing_takes_no_more_than_it_may(tmp_path, kind):
    with running_relay(tmp_path / "relay", 1) as relay:
        members = [relay.chats] * (MANY + 100)
        if kind == "of a device":
            members = [BenchDevice() for _ in members]
            accounts = tmp_path / "relay" / ACCOUNTS_NAME
            with closing(sqlite3.connect(accounts, timeout=60)) as database, database:
                for device in members:
                    device.register(database, int(time.time()))
        assert kept_by_each(relay, members) <= BYTES


async def until_none(held):
    async with asyncio.timeout(60):
        while len(held):  # noqa: ASYNC110  nobody tells when an object goes
            await asyncio.sleep(0.01)


async def test_a_device_that_went_leaves_nothing(planes, caller, ana, alive):
    await caller.register(ana)
    plane, _ = await planes.log_in(ana)
    await plane.send(frames.MailboxOpen(2, 0))
    await plane.receive()
    assert len(alive) == 1
    await plane.socket.close()
    await until_none(alive)


async def test_a_reader_that_went_leaves_nothing(relay, chat, alive):
    async with anonymous(relay) as (plane, hello):
        following = frames.Subscribe(2, [chat.cursor()])
        append = structs.replace(chat.app(), id=3)
        await plane.send(chat.attach(hello), following, append)
        for _ in range(4):
            await plane.receive()
        assert len(alive) == 1
    await until_none(alive)


async def test_what_was_said_last_is_not_kept(relay, chat):
    """A container is up to a MiB, and thousands of connections may have sent one."""
    envelope = b"said last, and no more of it" * 1_000
    async with anonymous(relay) as (plane, hello):
        append = structs.replace(chat.app(envelope=envelope), id=1)
        await plane.send(chat.attach(hello), append)
        assert isinstance(await plane.receive(), frames.Attached)
        assert (await plane.receive()).seq == 1
        async with asyncio.timeout(60):
            # The one that is left is the test's own.
            while count(envelope) > 1:  # noqa: ASYNC110  as above
                await asyncio.sleep(0.05)


def count(envelope):
    """Return how many frames hold this envelope in this process."""
    # Not isinstance, which asks proxies of what may be gone.
    appends = [one for one in gc.get_objects() if type(one) is frames.Append]
    return sum(one.envelope == envelope for one in appends)
