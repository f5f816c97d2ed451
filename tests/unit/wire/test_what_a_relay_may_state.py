"""Numbers and lists of a relay that no calendar and no proof can take are refused."""

import msgspec
import pytest

from privity.errors import DecodeError
from privity.wire import frames, limits

LAST_MINUTE = 253_402_300_799 // 60
NOTHING = bytes(32)


def batch(*entries):
    return frames.Entries(bytes(16), 0, list(entries), NOTHING, NOTHING, 9)


def entry(minute):
    return frames.Entry(1, minute, 0, NOTHING, b"", b"")


def appended(minute):
    return frames.Appended(1, 1, minute, 0, NOTHING, NOTHING, NOTHING)


def greeting(minute):
    return frames.Greeting(1, "town.example", NOTHING, minute)


@pytest.mark.parametrize(
    "frame",
    [lambda minute: batch(entry(minute)), appended, greeting],
    ids=["entry", "answer", "greeting"],
)
def test_a_minute_is_one_that_a_calendar_has(frame):
    last = frame(LAST_MINUTE)
    assert frames.decode_relay(msgspec.msgpack.encode([last])) == [last]
    for minute in (LAST_MINUTE + 1, 1 << 60, (1 << 63) - 1, -1):
        with pytest.raises(DecodeError):
            frames.decode_relay(msgspec.msgpack.encode([frame(minute)]))


def test_a_batch_has_no_more_entries_than_a_proof_can_have():
    one = frames.Hidden(1, bytes(64))
    full = batch(*[one] * limits.BATCH)
    assert frames.decode_relay(msgspec.msgpack.encode([full])) == [full]
    with pytest.raises(DecodeError):
        frames.decode_relay(
            msgspec.msgpack.encode([batch(*[one] * (limits.BATCH + 1))])
        )
