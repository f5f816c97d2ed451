"""Signals at a relay: passed on to who is there, and nothing else happens."""

import secrets

import pytest

from privity.relay import signals
from privity.relay.outbox import BUSY, CONTAINER
from privity.wire import frames, limits
from privity.wire.entry import Rights


def signal(chat, generation=0, body=None):
    body = secrets.token_bytes(limits.SIGNAL) if body is None else body
    return frames.Signal(chat.log_id, generation, body)


async def follower(world, chat, generation=0):
    plane = await world.member(chat, generation)
    await plane.ask(frames.Subscribe(0, [chat.cursor(generation, generation)]))
    return plane


async def heard(plane):
    """Return the signals that came, up to a moment of silence."""
    found = []
    while not await plane.quiet():
        found.append(await plane.frame())
    return found


async def test_a_signal_goes_to_all_who_follow_but_its_sender(world, chat):
    ana, ben, cem = [await follower(world, chat) for _ in range(3)]
    attached = await world.member(chat)
    said = signal(chat)
    ana.put(said)
    assert await ben.frame() == said
    assert await cem.frame() == said
    assert await ana.quiet()
    assert await attached.quiet()


async def test_who_only_attached_may_signal(world, chat):
    ana, ben = await world.member(chat), await follower(world, chat)
    said = signal(chat)
    ana.put(said)
    assert await ben.frame() == said


async def test_nothing_of_a_signal_is_stored_or_numbered(world, chat):
    ana, ben = await follower(world, chat), await follower(world, chat)
    before, said = await world.stored(), signal(chat)
    ana.put(said)
    assert await ben.frame() == said
    assert await world.stored() == before
    files = b"".join(one.read_bytes() for one in world.path.parent.iterdir())
    assert said.body[:16] not in files
    answer = await ana.ask(chat.app())
    assert answer.seq == 1


async def test_who_comes_later_hears_nothing_of_it(world, chat):
    ana, ben = await follower(world, chat), await follower(world, chat)
    ana.put(signal(chat))
    await ben.frame()
    late = await follower(world, chat)
    assert await late.quiet()


async def test_who_is_not_attached_may_read_only_or_was_removed_is_not_heard(
    world, chat
):
    stranger, reader = await world.connect(), await world.connect()
    await reader.ask(chat.attach(reader.greeting, rights=Rights.READ))
    removed, ben = await world.member(chat), await follower(world, chat)
    for plane in (stranger, reader):
        plane.put(signal(chat))
    opening, _ = chat.opening()
    await ben.ask(opening)
    await ben.entries(1)
    removed.put(signal(chat))
    assert await ben.quiet()
    # Nobody is told why: a signal has no answer.
    assert await stranger.quiet()
    assert await removed.quiet()


async def test_a_removed_member_hears_nothing_of_the_next_generation(world, chat):
    removed = await follower(world, chat)
    opening, seed = chat.opening()
    answer = await removed.ask(opening)
    await removed.entries(1)
    chat.seeds[answer.seq] = seed
    ana = await follower(world, chat, answer.seq)
    ben = await follower(world, chat, answer.seq)
    said = signal(chat, answer.seq)
    ana.put(said)
    assert await ben.frame() == said
    assert await removed.quiet()


async def test_a_flood_of_signals_is_dropped_and_takes_nothing_from_the_log(
    world, chat
):
    ana, ben = await world.member(chat), await follower(world, chat)
    ana.put(*(signal(chat) for _ in range(1_000)))
    assert len(await heard(ben)) == signals.OF_A_CONNECTION.burst
    # The pace of appends and requests is as it was.
    appends = [chat.app() for _ in range(20)]
    answers = await ana.ask_all(*appends)
    assert [one.seq for one in answers] == list(range(1, 21))


async def test_many_connections_share_the_pace_of_a_generation(world, chat):
    ben = await follower(world, chat)
    for _ in range(4):
        plane = await world.member(chat)
        plane.put(*(signal(chat) for _ in range(10)))
    assert len(await heard(ben)) == signals.OF_A_GENERATION.burst
    world.clock.now += 2
    plane.put(signal(chat))
    assert len(await heard(ben)) == 1


async def test_a_reader_who_is_behind_gets_no_signals(world, chat):
    ana, ben = await world.member(chat), await follower(world, chat)
    ben.may_send.clear()
    count = (BUSY + CONTAINER) // limits.APP_ENVELOPE + 2
    big = [chat.app(envelope=bytes(limits.APP_ENVELOPE)) for _ in range(count)]
    await ana.ask_all(*big)
    ana.put(signal(chat))
    await ana.ask(frames.Sync(0, []))
    ben.may_send.set()
    await ben.entries(count)
    assert await ben.quiet()


@pytest.mark.parametrize("size", [0, limits.SIGNAL - 1, limits.SIGNAL + 1])
async def test_a_signal_of_another_size_ends_the_connection(world, chat, size):
    ana, ben = await world.member(chat), await follower(world, chat)
    ana.put(signal(chat, body=bytes(size)))
    assert await ana.close_code() == 1008
    assert await ben.quiet()
