"""What travels between processes: sealed, of few sizes, each message good once."""

import asyncio
import secrets
import time

import nats
import pytest
from nats_server import NatsServer, needs_nats

from privity.errors import DecodeError, NotAuthentic
from privity.relay.bus.crossing import Crossing
from privity.relay.bus.hints import Mail, Stored, decode_hints, encode_hints
from privity.relay.bus.sealing import BLOCK, FRESH_SECONDS, Opener, Sealer, subject_of
from privity.wire.frames import Signal

KEY = secrets.token_bytes(32)
NOON = 1_800_000_000.0


def sealer(key=KEY, at=NOON):
    return Sealer(key, secrets.token_bytes(16), lambda: at)


@pytest.fixture
def opener():
    return Opener(KEY, lambda: NOON)


def test_hints_come_out_as_they_went_in(opener):
    hints = [
        Stored(bytes(16), 7, 3, opens=True),
        Mail(bytes(16)),
        Signal(bytes(16), 3, bytes(128)),
    ]
    assert decode_hints(opener.open(sealer().seal(encode_hints(hints)))) == hints


@pytest.mark.parametrize(
    "data", [b"", b"\x90\x00", b"\x91\x91\x63", b"\x93\x01\x02\x03"]
)
def test_what_is_no_list_of_hints_is_refused(data):
    with pytest.raises(DecodeError):
        decode_hints(data)


def test_each_message_is_good_once_and_none_before_it(opener):
    sealing = sealer()
    first, second = sealing.seal(b"first"), sealing.seal(b"second")
    assert opener.open(second) == b"second"
    for message in (second, first):
        with pytest.raises(NotAuthentic):
            opener.open(message)
    assert opener.open(sealing.seal(b"third")) == b"third"


def test_what_comes_back_to_who_sealed_it_is_refused():
    own = secrets.token_bytes(16)
    message = Sealer(KEY, own, lambda: NOON).seal(b"hints")
    with pytest.raises(NotAuthentic, match="came back"):
        Opener(KEY, lambda: NOON, own=own).open(message)
    assert Opener(KEY, lambda: NOON, own=bytes(16)).open(message) == b"hints"


def test_what_another_key_sealed_or_somebody_touched_is_refused(opener):
    message = sealer().seal(b"hints")
    touched = [
        message[:at] + bytes([message[at] ^ 1]) + message[at + 1 :]
        for at in (0, 23, 24, len(message) - 1)
    ]
    stranger = sealer(secrets.token_bytes(32)).seal(b"hints")
    for bad in (*touched, stranger, b"", message[:24], message[:-1]):
        with pytest.raises(NotAuthentic):
            opener.open(bad)
    assert opener.open(message) == b"hints"


@pytest.mark.parametrize("late", [FRESH_SECONDS + 1, -FRESH_SECONDS - 1])
def test_what_was_sealed_at_another_time_is_refused(opener, late):
    with pytest.raises(NotAuthentic):
        opener.open(sealer(at=NOON - late).seal(b"hints"))


def test_a_message_shows_neither_ids_nor_what_kind_of_hint_it_is():
    log_id = secrets.token_bytes(16)
    messages = [
        sealer().seal(encode_hints([hint]))
        for hint in (
            Stored(log_id, 1, 0, opens=False),
            Mail(log_id),
            Signal(log_id, 0, bytes(128)),
        )
    ]
    assert {len(message) for message in messages} == {24 + BLOCK + 16}
    assert not any(log_id in message for message in messages)
    assert KEY[:8].hex() not in subject_of(KEY)


@needs_nats
async def test_who_listens_on_the_bus_reads_nothing_and_who_speaks_there_is_not_heard():
    log_id, seen, heard = secrets.token_bytes(16), asyncio.Queue(), []
    with NatsServer() as server:
        ends = [
            Crossing(server.url, KEY, secrets.token_bytes, time.time) for _ in range(2)
        ]
        tasks = [asyncio.create_task(end.run(heard.append)) for end in ends]
        stranger = await nats.connect(server.url)
        await stranger.subscribe(">", cb=seen.put)
        async with asyncio.timeout(10):
            await asyncio.gather(*(end.back.wait() for end in ends))
            await stranger.flush()
            ends[0].tell(Mail(log_id))
            message = await seen.get()
        assert log_id not in message.data
        assert log_id.hex() not in message.subject
        made_up = Sealer(secrets.token_bytes(32), bytes(16), time.time)
        for bad in (b"", b"x" * 700, made_up.seal(encode_hints([Mail(log_id)]))):
            await stranger.publish(message.subject, bad)
        await stranger.publish(message.subject, message.data)
        ends[0].tell(Mail(log_id))
        async with asyncio.timeout(10):
            while len(heard) < 2:  # noqa: ASYNC110  it is a list
                await asyncio.sleep(0.005)
        await stranger.flush()
        await asyncio.sleep(0.05)
        assert heard == [Mail(log_id)] * 2
        await stranger.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
