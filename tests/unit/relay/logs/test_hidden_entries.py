"""Entries of a dead branch, which many read past: what each reader costs the relay."""

import secrets

import pytest
from msgspec import structs

from privity.relay import known_links, reading
from privity.relay.config import LogSettings
from privity.relay.known_links import KnownLinks
from privity.relay.tokens import TokenKind
from privity.wire import frames
from privity.wire.entry import links

READERS = 5
HIDDEN = 60
ALL = reading.Room(10**6, 10**9)


@pytest.fixture
def settings():
    return LogSettings(
        appends_per_second=10**6,
        append_burst=10**6,
        commits_per_minute=10**6,
        commit_spacing_ms=0,
    )


async def flooded(world, chat):
    """Let generation 1 be hidden between two entries of generation 0; return it."""
    plane = await world.member(chat)
    opening, chat.seeds[1] = chat.opening()
    await plane.ask(opening)
    await plane.ask(chat.attach(plane.greeting, 1))
    junk = [
        chat.app(parent=1, generation=1, envelope=secrets.token_bytes(60_000))
        for _ in range(HIDDEN)
    ]
    for at in range(0, HIDDEN, 20):
        await plane.ask_all(*junk[at : at + 20])
    token = await world.token(TokenKind.CHILD)
    await plane.ask(structs.replace(chat.commit(), token=token, after=1))
    return junk


async def read(world, chat, known):
    """Read generation 0 as one of its members."""
    cursor = frames.Cursor(chat.log_id, 0, 1)
    return await world.database.read(lambda db: reading.read(db, cursor, ALL, known))


async def test_what_is_hidden_is_hashed_once_for_all_readers(world, chat, monkeypatch):
    junk = await flooded(world, chat)
    hashed = []

    def count(header, envelope):
        hashed.append(header)
        return links(header, envelope)

    monkeypatch.setattr(reading, "links", count)
    known = KnownLinks()
    batches = [await read(world, chat, known) for _ in range(READERS)]
    assert hashed == [one.header for one in junk]
    fresh = await read(world, chat, KnownLinks())
    assert all(batch == fresh for batch in batches)
    assert len(fresh.entries) == HIDDEN + 1


async def test_only_so_many_hashes_are_kept(world, chat, monkeypatch):
    monkeypatch.setattr(known_links, "MOST", 10)
    await flooded(world, chat)
    known = KnownLinks()
    first = await read(world, chat, known)
    assert await read(world, chat, known) == first
    assert len(known._known) == 10


async def test_one_read_hashes_no_more_than_it_may_read(world, chat, monkeypatch):
    await flooded(world, chat)
    room = reading.Room(512, 10 * 60_000)
    cursor = frames.Cursor(chat.log_id, 0, 1)
    batch = await world.database.read(lambda db: reading.read(db, cursor, room))
    assert len(batch.entries) < 10
