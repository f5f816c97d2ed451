"""The heads that a relay signs: under one key, true, and few."""

from collections import Counter

import pytest
from log_plane import Chat

from privity.identity.signing import public_of
from privity.relay.heads import head_seed
from privity.relay.storage.database import Database
from privity.relay.storage.log_tables import LOG_SCHEMA
from privity.wire import frames
from privity.wire.heads import Head, log_hash, open_head


@pytest.fixture
async def plane(world, chat):
    return await world.member(chat)


def opened(world, plane, data) -> Head:
    signed = open_head(plane.greeting.head_key, data)
    assert signed.head.minute == world.clock() // 60
    return signed.head


async def test_a_relay_keeps_its_head_key(world, plane, tmp_path):
    seed = world.database.begin(lambda db: head_seed(db, bytes))
    assert public_of(seed) == plane.greeting.head_key
    fresh = Database(tmp_path / "other.sqlite", LOG_SCHEMA)
    one, other = (fresh.begin(lambda db: head_seed(db, bytes)) for _ in "ab")
    assert one == other == bytes(32)
    await fresh.close()


async def test_attaching_gives_a_signed_head_of_a_log_without_entries(world, chat):
    plane = await world.connect()
    answer = await plane.ask(chat.attach(plane.greeting))
    head = opened(world, plane, answer.signed)
    assert (head.seq, head.chain) == (0, bytes(32))
    assert head.log_hash == log_hash(chat.log_id, world.side.host)


async def test_heads_say_what_was_stored_and_sent(world, chat, plane):
    answer = await plane.ask(chat.app())
    head = opened(world, plane, answer.head)
    assert (head.seq, head.chain) == (1, answer.chain)
    await plane.ask(frames.Subscribe(0, [chat.cursor()]))
    _, (came,) = await plane.entries(1)
    assert opened(world, plane, came.head) == head
    again = await plane.ask(chat.attach(plane.greeting))
    assert opened(world, plane, again.signed) == head


async def test_a_pipeline_costs_one_signature_for_each_container(world, plane, chat):
    other = Chat()
    await world.create(other)
    await plane.ask(other.attach(plane.greeting))
    appends = [one.app() for one in (chat, other) for _ in range(20)]
    answers = await plane.ask_all(*appends)
    heads = [opened(world, plane, a.head) for a in answers if a.head]
    assert len(heads) < 10
    by_log = Counter(head.log_hash for head in heads)
    assert set(by_log) == {log_hash(c.log_id, world.side.host) for c in (chat, other)}
    assert answers[19].head
    assert answers[39].head


async def test_a_removed_member_gets_a_head_of_what_it_may_know(world, plane, chat):
    await plane.ask(chat.app())
    opening, chat.seeds[2] = chat.opening()
    closed = await plane.ask(opening)
    member = await world.member(chat, generation=2)
    await member.ask(chat.app(parent=2, generation=2))
    removed = await world.connect()
    answer = await removed.ask(chat.attach(removed.greeting))
    head = opened(world, removed, answer.signed)
    assert (head.seq, head.chain) == (2, closed.chain)
