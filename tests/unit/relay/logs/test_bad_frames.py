import os

import msgspec
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from log_plane import Chat, Closed

from privity.wire import frames, limits
from privity.wire.codes import Code


async def closed_with(plane):
    """Return the last refusal and the close code."""
    refusal = await plane.frame()
    with pytest.raises(Closed) as caught:
        await plane.frame()
    return refusal.id, refusal.code, caught.value.code


MALFORMED = (0, Code.MALFORMED, 1008)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc1",
        b"\xdd\xff\xff\xff\xff",
        b"\x91" * 5_000,
        msgspec.msgpack.encode([[99, 1]]),
        msgspec.msgpack.encode([[18, bytes(16), "one field too many"]]),
        msgspec.msgpack.encode([[18]]),
        msgspec.msgpack.encode([[18, bytes(15)]]),
        msgspec.msgpack.encode([[26, bytes(16), -1]]),
        msgspec.msgpack.encode([[26, bytes(16), 1 << 63]]),
        msgspec.msgpack.encode([[18, bytes(16)]] * 1_025),
    ],
    ids=[
        "nothing",
        "no msgpack",
        "claimed length",
        "nested",
        "unknown tag",
        "additional field",
        "missing field",
        "short id",
        "negative",
        "too large",
        "too many",
    ],
)
async def test_what_is_no_container_ends_the_connection(world, data):
    plane = await world.connect()
    plane.put_bytes(data)
    assert await closed_with(plane) == MALFORMED


async def test_a_container_that_is_too_large_ends_the_connection(world):
    plane = await world.connect()
    plane.put_bytes(bytes(limits.FRAME + 1))
    assert await closed_with(plane) == MALFORMED


async def test_text_ends_the_connection(world):
    plane = await world.connect()
    plane.put_text("[]")
    assert await closed_with(plane) == MALFORMED


async def test_a_frame_of_the_other_plane_ends_the_connection(world):
    plane = await world.connect()
    plane.put(frames.MailboxOpen(0, 0))
    assert await closed_with(plane) == MALFORMED


async def test_what_came_before_a_broken_container_is_stored(world, chat):
    plane = await world.member(chat)
    plane.put(chat.app())
    plane.put_bytes(b"\xc1")
    assert await plane.close_code() == 1008
    assert (await (await world.member(chat)).ask(chat.app())).seq == 2


@hypothesis_settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
async def test_a_damaged_container_is_refused_or_understood(world, data):
    chat = Chat()
    good = frames.encode([chat.app(), frames.Detach(chat.log_id)])
    at = data.draw(st.integers(0, len(good) - 1))
    bad = good[:at] + data.draw(st.binary(max_size=8)) + good[at + 1 :]
    plane = await world.connect()
    plane.put_bytes(bad)
    plane.put_bytes(os.urandom(40))
    assert await plane.close_code() == 1008
    assert world.failures == []
