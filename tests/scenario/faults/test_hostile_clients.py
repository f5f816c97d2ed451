"""Containers that no client of ours sends, against the real relay, on both planes.

Whoever sends them is told `malformed` and cut off; everybody else is served on.
"""

import itertools
from contextlib import suppress

import msgspec
import pytest
from relay_process import RelayThread
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from privity.wire import frames, limits
from privity.wire.codes import Code

PLANES = ["identified", "anonymous"]
FUTURE = (1 << 63) - 1


@pytest.fixture(scope="module")
def relay(tmp_path_factory):
    with RelayThread(tmp_path_factory.mktemp("relay") / "data") as relay:
        yield relay


@pytest.fixture
async def open_plane(relay):
    """Open a plane and read its greeting; all are closed in the end."""
    opened = []

    async def open_it(plane: str):
        url = f"{relay.url.replace('http', 'ws', 1)}/v1/{plane}"
        socket = await connect(url, compression=None, max_size=None, proxy=None)
        opened.append(socket)
        (greeting,) = frames.decode_relay(await socket.recv(decode=False))
        assert isinstance(greeting, frames.Greeting)
        return socket

    yield open_it
    for socket in opened:
        await socket.close()


def packed(*found: list) -> bytes:
    return msgspec.msgpack.encode(list(found))


MALFORMED = {
    "nothing": b"",
    "claimed number of frames": b"\xdd\xff\xff\xff\xff",
    "claimed number of fields": b"\x91\xdd\xff\xff\xff\xff",
    "claimed length of bytes": b"\x91\x92\x12\xc6\xff\xff\xff\xff",
    "claimed length of a text": b"\x91\x92\x12\xdb\xff\xff\xff\xff",
    "claimed length of a map": b"\xdf\xff\xff\xff\xff",
    "cut": packed([18, bytes(16)])[:-1],
    "behind the end": packed([18, bytes(16)]) + b"\x00",
    "unknown frame": packed([99, 1]),
    "unknown field": packed([18, bytes(16), b"more"]),
    "missing field": packed([18]),
    "another type": packed([18, "a text of 16 char"]),
    "frame of a relay": frames.encode([frames.Synced(1)]),
    "request number beyond": packed([21, 1 << 32, []]),
    "seq beyond": packed([26, bytes(16), 1 << 63]),
    "no array": packed()[:0] + msgspec.msgpack.encode({"frames": []}),
    "too many frames": packed(*[[18, bytes(16)]] * (limits.FRAMES_IN_CONTAINER + 1)),
}


@pytest.mark.parametrize("plane", PLANES)
async def test_what_is_no_container_is_named_and_ends_only_its_connection(
    open_plane, plane
):
    witness = await open_plane("anonymous")
    for number, (name, data) in enumerate(MALFORMED.items()):
        socket = await open_plane(plane)
        await socket.send(data)
        (told,) = frames.decode_relay(await socket.recv(decode=False))
        assert isinstance(told, frames.Refused), name
        assert (told.id, told.code) == (0, Code.MALFORMED), name
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
        assert closed.value.rcvd.code == 1008, name
        await witness.send(frames.encode([frames.Sync(number, [])]))
        (answer,) = frames.decode_relay(await witness.recv(decode=False))
        assert answer == frames.Synced(number), name


@pytest.mark.parametrize("plane", PLANES)
async def test_a_message_beyond_the_limit_ends_only_its_connection(open_plane, plane):
    socket = await open_plane(plane)
    with suppress(ConnectionClosed):
        await socket.send(bytes(limits.FRAME + 1))
    with suppress(ConnectionClosed):
        await socket.recv()
    with pytest.raises(ConnectionClosed):
        await socket.recv()
    assert (await open_plane(plane)).state.name == "OPEN"


async def test_what_is_asked_of_logs_and_seqs_that_are_not_there_is_refused_by_name(
    open_plane,
):
    socket = await open_plane("anonymous")
    number = itertools.count(1)
    cursor = frames.Cursor(bytes(16), FUTURE, FUTURE)
    asked = [
        frames.Attach(next(number), bytes(16), FUTURE, 3, bytes(32), bytes(64)),
        frames.Append(next(number), bytes(300), bytes(100)),
        frames.Sync(next(number), [cursor]),
        frames.Subscribe(next(number), [cursor]),
        frames.Fetch(next(number), bytes(16), FUTURE, FUTURE, "welcome"),
        frames.Fetch(next(number), bytes(16), FUTURE, FUTURE, "something else"),
    ]
    await socket.send(frames.encode(asked))
    answers = {}
    while len(answers) < len(asked):
        for answer in frames.decode_relay(await socket.recv(decode=False)):
            answers[answer.id] = answer
    assert all(isinstance(answer, frames.Refused) for answer in answers.values())
    assert {answer.code for answer in answers.values()} <= {
        Code.NO_SUCH_LOG,
        Code.NOT_ATTACHED,
        Code.NOT_AUTHENTIC,
        Code.MALFORMED,
        Code.GONE,
    }
    await socket.send(frames.encode([frames.Sync(99, [])]))
    (answer,) = frames.decode_relay(await socket.recv(decode=False))
    assert answer == frames.Synced(99)


async def test_nothing_is_done_for_who_acknowledges_a_future_before_logging_in(
    open_plane,
):
    socket = await open_plane("identified")
    await socket.send(frames.encode([frames.MailboxAck(FUTURE)]))
    (told,) = frames.decode_relay(await socket.recv(decode=False))
    assert isinstance(told, frames.Refused)
    assert told.code in (Code.NOT_LOGGED_IN, Code.MALFORMED)
