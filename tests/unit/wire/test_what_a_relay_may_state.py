"""Numbers and lists of a relay that no calendar and no proof can take are refused."""

import msgspec
import pytest

from privity.errors import DecodeError
from privity.identity.signing import Signer
from privity.wire import frames, limits
from privity.wire.entry import chain_of_links
from privity.wire.heads import Fork, Head, SignedHead, sign_head

LAST_MINUTE = 253_402_300_799 // 60
NOTHING = bytes(32)


def batch(*entries):
    return frames.Entries(bytes(16), 0, list(entries), NOTHING, NOTHING, 9)


def entry(minute, seq=1):
    return frames.Entry(seq, minute, 0, NOTHING, b"", b"")


def appended(minute, seq=1):
    return frames.Appended(1, seq, minute, 0, NOTHING, NOTHING, NOTHING)


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


@pytest.mark.parametrize(
    "frame",
    [
        lambda seq: batch(entry(9, seq)),
        lambda seq: batch(frames.Hidden(seq, bytes(64))),
        lambda seq: appended(9, seq),
    ],
    ids=["entry", "hidden", "answer"],
)
def test_an_entry_stands_where_a_sum_of_places_can_be_stored(frame):
    last = frame((1 << 53) - 1)
    assert frames.decode_relay(msgspec.msgpack.encode([last])) == [last]
    for seq in (1 << 53, (1 << 63) - 1, -1):
        with pytest.raises(DecodeError):
            frames.decode_relay(msgspec.msgpack.encode([frame(seq)]))


def test_a_batch_has_no_more_entries_than_a_proof_can_have():
    one = frames.Hidden(1, bytes(64))
    full = batch(*[one] * limits.BATCH)
    assert frames.decode_relay(msgspec.msgpack.encode([full])) == [full]
    with pytest.raises(DecodeError):
        frames.decode_relay(
            msgspec.msgpack.encode([batch(*[one] * (limits.BATCH + 1))])
        )


def test_a_proof_has_room_for_all_that_one_batch_can_hold():
    """The first head stands where the batch begins, the other behind its end."""
    signer = Signer(bytes(32))
    entries, value = [bytes([n % 256]) * 64 for n in range(limits.BATCH)], NOTHING
    for one in entries:
        value = chain_of_links(value, one)
    heads = [
        Head(1, NOTHING, 4, b"!" * 32, 9),
        Head(1, NOTHING, 4 + len(entries), value, 9),
    ]
    signed = tuple(SignedHead.decode(sign_head(signer, head)) for head in heads)
    proof = Fork.of(signer.public, signed, NOTHING, entries)
    Fork.decode(proof.encode()).check()
