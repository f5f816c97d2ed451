"""Strangers and members who send without end: nothing of theirs piles up here."""

import asyncio

from msgspec import structs

from privity.relay import anonymous, tree
from privity.wire import frames, limits
from privity.wire.codes import Code

MALFORMED = frames.Append(0, b"\x00" * 100, b"")


async def settle():
    for _ in range(50):
        await asyncio.sleep(0)


async def test_answers_nobody_reads_stop_the_reading(world, monkeypatch):
    monkeypatch.setattr("privity.relay.outbox.FULL", 64 * 1024)
    plane = await world.connect()
    plane.may_send.clear()
    for _ in range(20):
        plane.put(*[MALFORMED] * limits.FRAMES_IN_CONTAINER)
    await settle()
    assert not plane._to_relay.empty()
    plane.may_send.set()
    for _ in range(20 * limits.FRAMES_IN_CONTAINER):
        assert (await plane.frame()).code is Code.MALFORMED


async def test_refusals_that_name_many_children_stop_the_reading_sooner(
    world, chat, monkeypatch
):
    """One such refusal weighs as much as sixty others."""
    monkeypatch.setattr("privity.relay.outbox.FULL", 64 * 1024)
    await world.database.write(
        lambda db: [
            tree.add_commit(db, chat.log_id, (seq, 0), (0, 0)) for seq in range(1, 257)
        ]
    )
    plane = await world.member(chat)
    plane.may_send.clear()
    stale = structs.replace(chat.app(), resume=True)
    for _ in range(30):
        plane.put(stale)
        await settle()
        await world.database.write(lambda _: None)
    assert not plane._to_relay.empty()
    plane.may_send.set()
    for _ in range(30):
        answer = await plane.frame()
        assert (answer.code, len(answer.children)) == (Code.STALE, 256)


async def test_a_parent_that_no_log_can_have_is_refused_by_name(world, chat):
    member = await world.member(chat)
    for kind in (chat.app, chat.commit):
        append = structs.replace(kind(parent=(1 << 64) - 1), resume=True)
        answer = await member.ask(append)
        assert answer.code is Code.WRONG_GENERATION
    generation = await member.ask(
        structs.replace(chat.app(generation=(1 << 64) - 1), resume=True)
    )
    assert generation.code is Code.NOT_ATTACHED


async def test_cursors_are_counted_one_by_one(world, chat, monkeypatch):
    monkeypatch.setattr(anonymous, "REQUESTS", anonymous.Rate(200, 100))
    member = await world.member(chat)
    many = frames.Sync(0, [chat.cursor()] * 256)
    assert isinstance(await member.ask(many), frames.Synced)
    refused = await member.ask(many)
    assert refused.code is Code.RATE_LIMITED
    assert refused.wait_ms > 500


async def test_an_opening_that_lands_while_a_member_attaches_closes_its_grant(
    world, chat
):
    """The generation is read in another thread, while the opening is committed."""
    writer = await world.member(chat)
    slow = await world.connect()
    read = world.database.read
    opening, seed = chat.opening()

    async def read_then_wait(step):
        found = await read(step)
        assert isinstance(await writer.ask(opening), frames.Appended)
        return found

    object.__setattr__(world.side, "database", _Slow(world.database, read_then_wait))
    attached = await slow.ask(chat.attach(slow.greeting))
    object.__setattr__(world.side, "database", world.database)
    chat.seeds[1] = seed
    assert isinstance(attached, frames.Attached)
    grants = world.side.grants._of[chat.log_id, 0]
    assert all(grant.is_closed for grant in grants)


class _Slow:
    def __init__(self, database, read):
        self._database, self.read = database, read

    def __getattr__(self, name):
        return getattr(self._database, name)
