"""Messages whose time is over: what stays of them, and what a killed relay leaves."""

import secrets

import msgspec
import pytest
from msgspec import structs

from privity.relay import reading
from privity.relay.config import LogSettings
from privity.relay.retention import ROWS, due_weeks, expire_some
from privity.relay.storage.weeks import WEEK_MINUTES, all_weeks
from privity.relay.tokens import TokenKind
from privity.wire import frames
from privity.wire.entry import (
    NO_CHAIN,
    Kind,
    chain_of_links,
    digest,
    links,
)
from privity.wire.stamp import NO_STAMP

DAY = 86_400
WEEK = 7 * DAY
DAYS = 30
SECRET = b"sealed and yet a secret"


@pytest.fixture
def settings():
    return LogSettings(
        appends_per_second=10**6,
        append_burst=10**6,
        commits_per_minute=10**6,
        commit_spacing_ms=0,
    )


def step(world, week):
    """Return the step that forgets some messages of a week."""
    return lambda db: expire_some(db, week, world.database.forget)


async def due(world):
    """Return the weeks whose messages are to go."""
    minute = int(world.clock.now) // 60
    return await world.database.read(lambda db: due_weeks(db, minute, DAYS))


async def expire(world):
    """Forget all that may go."""
    for week in await due(world):
        while await world.database.write(step(world, week)):
            pass


async def read(world, chat, after=0, generation=0, room=10**6):
    """Return what stands behind a cursor, chained from entry to entry."""
    cursor = chat.cursor(after, generation)
    batch = await world.database.read(
        lambda db: reading.read(db, cursor, reading.Room(room, 1 << 30))
    )
    decode = msgspec.msgpack.Decoder(frames.AnyEntry).decode
    entries = [decode(placed.entry) for placed in batch.entries]
    assert [entry.seq for entry in entries] == [
        after + 1 + place for place in range(len(entries))
    ]
    for placed, entry in zip(batch.entries, entries, strict=True):
        assert placed.chain == chain_of_links(placed.before, entry.links)
    return entries


def kinds(entries):
    """Return the names of what was read."""
    return [type(entry).__name__ for entry in entries]


async def say(world, plane, chat, weeks=(0,), count=3, **changes):
    """Append messages, `count` in each of these weeks from now."""
    appends = [chat.app(envelope=SECRET, **changes) for _ in range(count * len(weeks))]
    began = world.clock.now
    for number, week in enumerate(weeks):
        world.clock.now = began + week * WEEK
        await plane.ask_all(*appends[number * count : (number + 1) * count])
    return appends


async def test_of_an_expired_message_stay_its_place_its_week_and_its_links(world, chat):
    plane = await world.member(chat)
    appends = await say(world, plane, chat)
    week = int(world.clock.now) // WEEK
    world.clock.now += (DAYS + 7) * DAY
    await expire(world)
    assert await read(world, chat) == [
        frames.Expired(seq, week * WEEK_MINUTES, links(append.header, append.envelope))
        for seq, append in enumerate(appends, 1)
    ]


async def test_a_message_stays_its_days_and_goes_with_its_week(world, chat):
    plane = await world.member(chat)
    await say(world, plane, chat)
    began = int(world.clock.now) // WEEK * WEEK
    world.clock.now = began + WEEK + DAYS * DAY - 1
    await expire(world)
    assert kinds(await read(world, chat)) == ["Entry"] * 3
    world.clock.now += 60
    await expire(world)
    assert kinds(await read(world, chat)) == ["Expired"] * 3


async def test_commits_and_proposals_stay_between_the_messages_of_their_weeks(
    world, chat
):
    plane = await world.member(chat)
    await plane.ask(chat.app())
    header = chat.header(Kind.PROPOSAL)
    proposal = frames.Append(0, header.encode(), b"leave")
    await plane.ask(proposal)
    commit = chat.commit()
    await plane.ask(commit)
    await say(world, plane, chat, weeks=(0, 1, 8), count=1, parent=3)
    await expire(world)
    entries = await read(world, chat)
    shapes = ["Expired", "Entry", "Entry", "Expired", "Expired", "Entry"]
    assert kinds(entries) == shapes
    kept = [(one.header, one.envelope) for one in entries[1:3]]
    assert kept == [(one.header, one.envelope) for one in (proposal, commit)]
    for after in range(6):
        for room in (1, 2, 10):
            some = await read(world, chat, after, room=room)
            assert kinds(some) == shapes[after : after + room]


async def test_another_generation_learns_no_more_of_an_expired_message(world, chat):
    plane = await world.member(chat)
    await say(world, plane, chat, count=1)
    opening, seed = chat.opening()
    await plane.ask(opening)
    chat.seeds[2] = seed
    member = await world.member(chat, 2)
    await say(world, member, chat, count=1, parent=2, generation=2)
    world.clock.now += 8 * WEEK
    await expire(world)
    assert kinds(await read(world, chat)) == ["Expired", "Entry"]
    assert kinds(await read(world, chat, 2, 2)) == ["Expired"]
    child = (await read(world, chat, 2, 2))[0]
    assert child.seq == 3


async def test_a_message_of_a_dead_branch_is_hidden_before_and_after(world, chat):
    plane = await world.member(chat)
    first, seed = chat.opening()
    await plane.ask(first)
    second, other = chat.opening()
    token = await world.token(TokenKind.CHILD)
    await plane.ask(structs.replace(second, after=1, token=token, resume=True))
    chat.seeds |= {1: seed, 2: other}
    on_one, on_two = await world.member(chat, 1), await world.member(chat, 2)
    await on_two.ask(chat.app(2, 2))
    await on_one.ask(chat.app(1, 1))
    before = await read(world, chat, 1, 1)
    assert kinds(before) == ["Hidden", "Hidden", "Entry"]
    world.clock.now += 8 * WEEK
    await expire(world)
    after = await read(world, chat, 1, 1)
    assert kinds(after) == ["Hidden", "Hidden", "Expired"]
    assert after[:2] == before[:2]


async def test_a_log_goes_on_behind_what_expired(world, chat):
    plane = await world.member(chat)
    appends = await say(world, plane, chat)
    world.clock.now += 8 * WEEK
    await expire(world)
    world.side.sequencer.forget()
    chain = NO_CHAIN
    for append in appends:
        chain = chain_of_links(chain, links(append.header, append.envelope))
    other = await world.connect()
    attached = await other.ask(chat.attach(other.greeting))
    assert (attached.head, attached.closed) == (3, False)
    more = chat.app()
    appended = await other.ask(more)
    assert appended.seq == 4
    assert appended.chain == chain_of_links(chain, links(more.header, more.envelope))
    assert kinds(await read(world, chat)) == ["Expired"] * 3 + ["Entry"]


async def test_a_repeat_of_what_expired_is_known_and_not_stored_again(world, chat):
    plane = await world.member(chat)
    (append,) = await say(world, plane, chat, count=1)
    week = int(world.clock.now) // WEEK
    world.clock.now += 8 * WEEK
    await expire(world)
    world.side.sequencer.forget()
    for _ in range(2):
        again = await plane.ask(append)
        assert (again.seq, again.minute) == (1, week * WEEK_MINUTES)
        assert again.digest == digest(append.header, append.envelope)
        assert (again.stamp_key, again.stamp) == (0, NO_STAMP)
    assert kinds(await read(world, chat)) == ["Expired"]


async def test_wherever_the_relay_is_killed_each_message_is_there_or_its_links_are(
    world, chat
):
    plane = await world.member(chat)
    await say(world, plane, chat, count=2 * ROWS + 10)
    whole = [one.links for one in await read(world, chat)]
    world.clock.now += 8 * WEEK
    week, later = await due(world)
    is_more, left = True, []
    while is_more:
        await world.restart()
        is_more = await world.database.write(step(world, week))
        found = await read(world, chat)
        assert [one.links for one in found] == whole
        left.append(kinds(found).count("Entry"))
    assert left == [ROWS + 10, 10, 0, 0]
    assert await world.database.read(all_weeks) == [later]


async def test_a_step_that_fails_forgets_nothing(world, chat):
    plane = await world.member(chat)
    await say(world, plane, chat)
    world.clock.now += 8 * WEEK
    week, _ = await due(world)
    before = await world.stored()

    def fails(db):
        expire_some(db, week, world.database.forget)
        raise OSError

    for _ in range(2):
        with pytest.raises(OSError):  # noqa: PT011
            await world.database.write(fails)
        assert await world.stored() == before


@pytest.mark.store("sqlite")
async def test_nothing_is_left_on_the_disk_of_what_expired(world, chat):
    plane = await world.member(chat)
    secret = secrets.token_bytes(2_000)
    await plane.ask(chat.app(envelope=secret))
    other = secrets.token_bytes(2_000)
    await plane.ask(chat.commit(envelope=other))
    world.clock.now += 8 * WEEK
    await world.database.compact()
    folder = world.path.parent

    def on_disk(some):
        return any(some in path.read_bytes() for path in folder.glob("logs.sqlite*"))

    assert on_disk(secret[:500])
    await expire(world)
    await world.database.compact()
    assert not on_disk(secret[:500])
    assert not on_disk(secret[-500:])
    assert on_disk(other[:500])


async def test_a_clock_that_was_set_back_stops_no_message(world, chat):
    plane = await world.member(chat)
    began = world.clock.now
    await say(world, plane, chat, count=1)
    world.clock.now += 8 * WEEK
    await expire(world)
    world.clock.now = began
    (append,) = await say(world, plane, chat, count=1)
    entries = await read(world, chat)
    assert kinds(entries) == ["Expired", "Entry"]
    assert entries[1].header == append.header


@pytest.mark.parametrize(
    "rest",
    [
        "AND seq > 1 AND seq <= 9 ORDER BY seq LIMIT 9",
        "ORDER BY seq DESC LIMIT 1",
        "AND seq = 1",
    ],
)
@pytest.mark.store("sqlite")
async def test_each_place_is_found_by_its_key_however_much_is_stored(world, chat, rest):
    plane = await world.member(chat)
    await say(world, plane, chat, weeks=(0, 1, 2), count=1)
    query = f"EXPLAIN QUERY PLAN SELECT * FROM entries WHERE log_id = x'00' {rest}"
    rows = await world.database.write(lambda db: list(db.execute(query)))
    plan = [row[3] for row in rows]
    assert sum(line.startswith("SEARCH") for line in plan) == 5
    assert not [line for line in plan if line.startswith("SCAN") or "TEMP" in line]
