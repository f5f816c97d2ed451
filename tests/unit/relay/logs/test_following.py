import asyncio
import secrets
from hashlib import sha256

import pytest
from log_plane import CHECKPOINT
from msgspec import structs

from privity.relay.config import LogSettings
from privity.wire import frames, limits
from privity.wire.codes import Code
from privity.wire.entry import NO_CHAIN, chain, links

MANY = 40


@pytest.fixture
def settings():
    return LogSettings(
        appends_per_second=10**6,
        append_burst=10**6,
        commits_per_minute=10**6,
        commit_spacing_ms=0,
    )


async def fill(plane, chat, count=MANY, size=100):
    """Append `count` messages under the creation; returns their frames."""
    appends = [chat.app(envelope=secrets.token_bytes(size)) for _ in range(count)]
    await plane.ask_all(*appends)
    return appends


def seqs(entries):
    return [entry.seq for entry in entries]


async def test_a_sync_reads_what_is_behind_the_cursor_once(world, chat):
    plane = await world.member(chat)
    appends = await fill(plane, chat)
    plane.put(frames.Sync(0, [chat.cursor(after=30)]))
    entries, came = await plane.entries(10)
    assert isinstance(await plane.frame(), frames.Synced)
    assert seqs(entries) == list(range(31, 41))
    assert [entry.envelope for entry in entries] == [a.envelope for a in appends[30:]]
    assert came[0].end == 40


async def test_what_is_read_continues_the_chain(world, chat):
    plane = await world.member(chat)
    appends = await fill(plane, chat)
    links = [NO_CHAIN]
    for append in appends:
        links.append(chain(links[-1], append.header, append.envelope))
    plane.put(frames.Sync(0, [chat.cursor(after=7)]))
    _, came = await plane.entries(33)
    assert (came[0].before, came[-1].chain) == (links[7], links[40])


async def test_a_stamp_is_read_as_it_was_given(world, chat):
    plane = await world.member(chat)
    answer = await plane.ask(chat.app())
    plane.put(frames.Sync(0, [chat.cursor()]))
    ((entry,), _) = await plane.entries(1)
    assert (entry.stamp_key, entry.stamp) == (answer.stamp_key, answer.stamp)
    assert entry.minute == answer.minute


async def test_a_batch_is_bounded_by_its_bytes(world, chat):
    plane = await world.member(chat)
    await fill(plane, chat, 12, limits.APP_ENVELOPE)
    await plane.ask(frames.Sync(0, [chat.cursor()]))
    frame = await plane.frame()
    assert seqs(frame.entries) == list(range(1, 8))
    assert frame.end == 12


async def test_followers_get_what_stands_there_and_what_comes(world, chat):
    reader, writer = await world.member(chat), await world.member(chat)
    await fill(writer, chat)
    await reader.ask(frames.Subscribe(0, [chat.cursor()]))
    await fill(writer, chat)
    entries, _ = await reader.entries(2 * MANY)
    assert seqs(entries) == list(range(1, 2 * MANY + 1))
    assert await reader.quiet()


async def test_entries_that_come_together_travel_in_one_message(world, chat):
    reader, writer = await world.member(chat), await world.member(chat)
    await reader.ask(frames.Subscribe(0, [chat.cursor()]))
    before = reader.containers
    await fill(writer, chat)
    _, came = await reader.entries(MANY)
    assert reader.containers - before == len(came) < MANY / 4


async def test_a_follower_that_lost_the_race_with_an_append_misses_nothing(world, chat):
    writer = await world.member(chat)
    for after in range(0, 60, 6):
        reader = await world.member(chat)
        reader.put(frames.Subscribe(0, [chat.cursor(after=after)]))
        writer.put(*[chat.app() for _ in range(6)])
        entries, _ = await reader.entries(6)
        assert seqs(entries) == list(range(after + 1, after + 7))
        for _ in range(6):
            await writer.frame()


async def test_subscribing_again_replaces_the_cursor(world, chat):
    plane = await world.member(chat)
    await fill(plane, chat)
    for after in (10, 20, 39):
        await plane.ask(frames.Subscribe(0, [chat.cursor(after=after)]))
        entries, _ = await plane.entries(MANY - after)
        assert seqs(entries) == list(range(after + 1, MANY + 1))


async def test_the_window_closes_until_the_reader_says_what_it_has(
    world, chat, monkeypatch
):
    monkeypatch.setattr(limits, "WINDOW_ENTRIES", 8)
    reader, writer = await world.member(chat), await world.member(chat)
    await reader.ask(frames.Subscribe(0, [chat.cursor()]))
    await fill(writer, chat)
    assert seqs((await reader.entries(8))[0]) == list(range(1, 9))
    assert await reader.quiet()
    reader.put(frames.Received(chat.log_id, 3))
    assert seqs((await reader.entries(3))[0]) == [9, 10, 11]
    reader.put(frames.Received(chat.log_id, 11))
    assert seqs((await reader.entries(8))[0]) == list(range(12, 20))
    assert await reader.quiet()


async def test_the_window_is_counted_in_bytes_too(world, chat, monkeypatch):
    monkeypatch.setattr(limits, "WINDOW_BYTES", 3_000)
    reader, writer = await world.member(chat), await world.member(chat)
    await reader.ask(frames.Subscribe(0, [chat.cursor()]))
    await fill(writer, chat, 10, size=1_000)
    await reader.entries(3)
    assert await reader.quiet()
    reader.put(frames.Received(chat.log_id, 3))
    assert seqs((await reader.entries(3))[0]) == [4, 5, 6]


async def test_received_says_nothing_of_what_was_not_sent(world, chat, monkeypatch):
    monkeypatch.setattr(limits, "WINDOW_ENTRIES", 8)
    reader, writer = await world.member(chat), await world.member(chat)
    await reader.ask(frames.Subscribe(0, [chat.cursor()]))
    reader.put(frames.Received(chat.log_id, 1 << 60), frames.Received(bytes(16), 1))
    await reader.ask(frames.Sync(0, []))
    await fill(writer, chat, 9)
    assert seqs((await reader.entries(8))[0]) == list(range(1, 9))
    assert await reader.quiet()


async def test_a_reader_that_does_not_read_holds_little_and_loses_nothing(
    world, chat, monkeypatch
):
    monkeypatch.setattr("privity.relay.outbox.FULL", 20_000)
    reader, writer = await world.member(chat), await world.member(chat)
    await reader.ask(frames.Subscribe(0, [chat.cursor()]))
    reader.may_send.clear()
    await fill(writer, chat, 200, size=1_000)
    (feed,) = [it._feed for it in world.side.bus._listeners[chat.log_id]]
    assert feed._outbox._size < 25_000
    reader.may_send.set()
    assert seqs((await reader.entries(200))[0]) == list(range(1, 201))


async def test_who_does_not_read_answers_is_not_read_either(world, chat, monkeypatch):
    monkeypatch.setattr("privity.relay.outbox.FULL", 1_000)
    plane = await world.member(chat)
    plane.may_send.clear()
    fetch = frames.Fetch(0, chat.log_id, 0, 0, "checkpoint")
    numbers = [plane.put(fetch) for _ in range(50)]
    await asyncio.sleep(0.05)
    assert not plane._to_relay.empty()
    plane.may_send.set()
    assert [[(await plane.frame()).id] for _ in numbers] == numbers


@pytest.mark.parametrize("part", ["", "check\0point", "tree"])
async def test_a_part_of_no_known_name_is_not_there(world, chat, part):
    plane = await world.member(chat)
    answer = await plane.ask(frames.Fetch(0, chat.log_id, 0, 0, part))
    assert answer.code is Code.NOT_FOUND


async def test_a_closed_generation_is_read_to_the_commit_that_closed_it(world, chat):
    plane = await world.member(chat)
    await fill(plane, chat, 3)
    opening, chat.seeds[4] = chat.opening()
    await plane.ask(opening)
    member = await world.member(chat, generation=4)
    await member.ask(chat.app(parent=4, generation=4))
    removed = await world.connect()
    answer = await removed.ask(chat.attach(removed.greeting))
    assert structs.replace(answer, signed=b"") == frames.Attached(1, 4, closed=True)
    await removed.ask(frames.Subscribe(0, [chat.cursor()]))
    entries, came = await removed.entries(4)
    assert (seqs(entries), came[-1].end) == ([1, 2, 3, 4], 4)
    await member.ask(chat.app(parent=4, generation=4))
    assert await removed.quiet()


async def test_who_follows_a_generation_hears_nothing_behind_its_end(world, chat):
    removed, plane = await world.member(chat), await world.member(chat)
    await removed.ask(frames.Subscribe(0, [chat.cursor()]))
    opening, chat.seeds[1] = chat.opening()
    await plane.ask(opening)
    await plane.ask(chat.attach(plane.greeting, 1))
    await plane.ask(chat.app(parent=1, generation=1))
    assert seqs((await removed.entries(1))[0]) == [1]
    assert await removed.quiet()


async def test_of_the_commit_that_opened_it_a_generation_reads_two_hashes(world, chat):
    plane = await world.member(chat)
    await fill(plane, chat, 3)
    opening, chat.seeds[4] = chat.opening()
    await plane.ask(opening)
    await plane.ask(chat.attach(plane.greeting, 4))
    plane.put(frames.Sync(0, [chat.cursor(after=2)]))
    (third, _), came = await plane.entries(2)
    await plane.frame()
    plane.put(frames.Sync(0, [chat.cursor(after=3, generation=4)]))
    entries, alone = await plane.entries(1)
    assert entries == [frames.Hidden(4, links(opening.header, opening.envelope))]
    assert alone[0].before == chain(came[0].before, third.header, third.envelope)


@pytest.mark.parametrize("ask", [frames.Sync, frames.Subscribe])
async def test_a_cursor_outside_of_its_generation_is_refused(world, chat, ask):
    plane = await world.member(chat)
    await fill(plane, chat, 3)
    opening, chat.seeds[4] = chat.opening()
    await plane.ask(opening)
    await plane.ask(chat.attach(plane.greeting, 4))
    early = await plane.ask(ask(0, [chat.cursor(after=2, generation=4)]))
    late = await plane.ask(ask(0, [chat.cursor(after=5, generation=0)]))
    assert (early.code, late.code) == (Code.WRONG_GENERATION, Code.GONE)


async def test_a_refused_subscription_leaves_the_one_before(world, chat):
    reader, writer = await world.member(chat), await world.member(chat)
    await reader.ask(frames.Subscribe(0, [chat.cursor()]))
    answer = await reader.ask(frames.Subscribe(0, [chat.cursor(after=99)]))
    assert answer.code is Code.GONE
    await writer.ask(chat.app())
    assert seqs((await reader.entries(1))[0]) == [1]


async def test_what_came_with_a_commit_is_fetched_by_its_generation(world, chat):
    plane = await world.member(chat)
    opening, chat.seeds[1] = chat.opening(welcome=b"a sealed welcome")
    await plane.ask(opening)
    await plane.ask(chat.attach(plane.greeting, 1))
    first = await plane.ask(frames.Fetch(0, chat.log_id, 0, 0, "checkpoint"))
    welcome = await plane.ask(frames.Fetch(0, chat.log_id, 1, 1, "welcome"))
    second = await plane.ask(frames.Fetch(0, chat.log_id, 1, 1, "checkpoint"))
    assert [part.data for part in (first, welcome, second)] == [
        CHECKPOINT,
        b"a sealed welcome",
        CHECKPOINT,
    ]


@pytest.mark.parametrize(
    ("generation", "seq", "part"),
    [(0, 1, "welcome"), (1, 0, "checkpoint"), (1, 9, "welcome"), (1, 1, "other")],
)
async def test_nothing_else_is_fetched(world, chat, generation, seq, part):
    plane = await world.member(chat)
    opening, chat.seeds[1] = chat.opening(welcome=b"a sealed welcome")
    await plane.ask(opening)
    await plane.ask(chat.attach(plane.greeting, 1))
    answer = await plane.ask(frames.Fetch(0, chat.log_id, generation, seq, part))
    assert answer.code is Code.NOT_FOUND


async def test_a_welcome_of_a_plain_commit_is_its_generation_s(world, chat):
    plane = await world.member(chat)
    welcome = b"a sealed welcome"
    commit = chat.commit(welcome_hash=sha256(welcome).digest())
    await plane.ask(structs.replace(commit, welcome=welcome))
    part = await plane.ask(frames.Fetch(0, chat.log_id, 0, 1, "welcome"))
    assert part.data == welcome


async def test_who_follows_a_log_is_told_that_a_plea_waits_beside_it(world, chat):
    follower, attached = await world.member(chat), await world.member(chat)
    await follower.ask(frames.Subscribe(0, [chat.cursor()]))
    world.side.bus.ring(chat.log_id, [0])
    world.side.bus.ring(chat.log_id, [4, 9])
    world.side.bus.ring(secrets.token_bytes(16), [0])
    assert await follower.frame() == frames.PleaWaits(chat.log_id)
    assert await follower.quiet()
    assert await attached.quiet()


async def test_who_comes_to_a_log_hears_of_a_plea_unless_its_generation_is_closed(
    world, chat
):
    plane = await world.member(chat)
    await world.database.write(
        lambda db: db.execute(
            "INSERT INTO pleas VALUES (?, ?, 1, 0, 1, ?)",
            (chat.log_id, bytes(16), b"\0"),
        )
    )
    await plane.ask(frames.Subscribe(0, [chat.cursor()]))
    assert await plane.frame() == frames.PleaWaits(chat.log_id)
    opening, _ = chat.opening()
    await plane.ask(opening)
    late = await world.member(chat)
    await late.ask(frames.Subscribe(0, [chat.cursor(after=1)]))
    assert await late.quiet()
