"""A commit may have further children, for a token; each branch reads only its own."""

from dataclasses import dataclass

import pytest
from msgspec import structs

from privity.relay.config import LogSettings
from privity.relay.tokens import TokenKind
from privity.relay.tree import newest_child
from privity.wire import frames, limits
from privity.wire.codes import Code
from privity.wire.entry import NO_CHAIN, Header, Kind, chain_of_links

HOUR = 3_600


@pytest.fixture
def settings():
    return LogSettings(commits_per_minute=4, paid_commits_per_minute=3)


@pytest.fixture
async def plane(world, chat):
    """Return a connection that is attached to generation 0."""
    return await world.member(chat)


@pytest.fixture
def paid(world):
    """Return an append with a fresh token, behind all children of its parent."""

    async def pay(append):
        token = await world.token(TokenKind.CHILD)
        return structs.replace(
            append, token=token, resume=True, after=await newest(world, append)
        )

    return pay


async def newest(world, append):
    header = Header.decode(append.header)
    if header.kind is not Kind.COMMIT:
        return 0
    return await world.database.read(lambda db: newest_child(db, header))


async def refused(world, plane, asked):
    before = await world.stored()
    answer = await plane.ask(structs.replace(asked, resume=True))
    assert isinstance(answer, frames.Refused), answer
    assert await world.stored() == before
    return answer


async def seen(plane, chat, after=0, generation=0):
    """Return what a key reads behind a cursor, by kind and seq."""
    plane.put(frames.Sync(0, [chat.cursor(after, generation)]))
    found, chains = [], []
    while not isinstance(frame := await plane.frame(), frames.Synced):
        if isinstance(frame, frames.Entries):
            assert frame.generation == generation
            chains.append((frame.before, [it.links for it in frame.entries]))
            assert chain_of(*chains[-1]) == frame.chain
            found += [(type(it).__name__, it.seq) for it in frame.entries]
    return found


def chain_of(before, links):
    for both in links:
        before = chain_of_links(before, both)
    return before


async def test_a_further_child_costs_a_token(world, chat, plane, paid):
    await plane.ask(chat.commit())
    asked = await paid(chat.commit())
    assert (await plane.ask(asked)).seq == 2
    again = structs.replace(asked, header=chat.commit().header, after=2)
    answer = await refused(world, plane, again)
    assert answer.code is Code.TOKEN_SPENT


async def test_a_further_child_without_a_token_is_told_the_others(
    world, chat, plane, paid
):
    await plane.ask(chat.commit())
    await plane.ask(await paid(chat.commit()))
    answer = await refused(world, plane, chat.commit())
    assert (answer.code, answer.children) == (Code.STALE, (1, 2))


async def test_nobody_pays_for_a_child_that_another_made_needless(
    world, chat, plane, paid
):
    await plane.ask(chat.commit())
    late = await paid(chat.commit())
    await plane.ask(await paid(chat.commit()))
    answer = await refused(world, plane, late)
    assert (answer.code, answer.children) == (Code.STALE, (1, 2))
    assert (await plane.ask(structs.replace(late, after=2))).seq == 3


async def test_whoever_loses_a_race_that_is_paid_for_keeps_the_token(
    world, chat, plane, paid
):
    await plane.ask(chat.commit())
    await plane.ask(await paid(chat.commit()))
    first, second = [await paid(chat.commit(parent=2)) for _ in range(2)]
    assert (await plane.ask(first)).seq == 3
    assert (await refused(world, plane, second)).code is Code.STALE


async def test_a_child_without_a_token_is_asked_for_one(world, chat, plane):
    await plane.ask(chat.commit())
    asked = structs.replace(chat.commit(), after=1)
    assert (await refused(world, plane, asked)).code is Code.TOKEN_NEEDED


async def test_so_many_children_are_named_and_no_more(
    world, chat, plane, paid, monkeypatch
):
    monkeypatch.setattr("privity.relay.tree.CHILDREN_NAMED", 2)
    await plane.ask(chat.commit())
    for _ in range(2):
        await plane.ask(await paid(chat.commit()))
    assert (await refused(world, plane, chat.app())).children == (1, 2)


async def test_a_token_of_another_kind_buys_no_child(world, chat, plane):
    await plane.ask(chat.commit())
    token = await world.token(TokenKind.LOG)
    asked = structs.replace(chat.commit(), token=token, after=1)
    assert (await refused(world, plane, asked)).code is Code.TOKEN_SPENT


async def test_a_repeat_of_a_further_child_costs_nothing(world, chat, plane, paid):
    await plane.ask(chat.commit())
    asked = await paid(chat.commit())
    first = await plane.ask(asked)
    before = await world.stored()
    for again in (asked, structs.replace(asked, token=b""), await paid(asked)):
        answer = await plane.ask(structs.replace(again, resume=True))
        assert structs.replace(answer, id=first.id) == first
    assert await world.stored() == before


async def test_a_token_is_not_taken_where_a_commit_is_free(world, chat, plane, paid):
    asked = await paid(chat.commit())
    assert (await plane.ask(asked)).seq == 1
    further = structs.replace(chat.commit(), token=asked.token, after=1)
    assert (await plane.ask(further)).seq == 2


async def test_messages_are_not_paid_for(world, chat, plane):
    for changes in ({"token": bytes(32)}, {"after": 1}):
        asked = structs.replace(chat.app(), **changes)
        assert (await refused(world, plane, asked)).code is Code.MALFORMED


async def test_messages_find_no_place_under_a_parent_with_children(
    world, chat, plane, paid
):
    await plane.ask(chat.commit())
    await plane.ask(await paid(chat.commit()))
    assert (await refused(world, plane, chat.app())).code is Code.STALE
    for parent, seq in ((2, 3), (1, 4), (2, 5)):
        asked = structs.replace(chat.app(parent=parent), resume=True)
        assert (await plane.ask(asked)).seq == seq


async def test_for_an_hour_every_commit_of_the_generation_is_paid_for(
    world, chat, plane, paid
):
    await plane.ask(chat.commit())
    await plane.ask(await paid(chat.commit()))
    world.clock.now += HOUR - 60
    answer = await refused(world, plane, chat.commit(parent=2))
    assert answer.code is Code.TOKEN_NEEDED
    assert (await plane.ask(await paid(chat.commit(parent=2)))).seq == 3
    world.clock.now += 60
    free = structs.replace(chat.commit(parent=3), resume=True)
    assert (await plane.ask(free)).seq == 4


async def test_what_is_opened_under_a_toll_is_under_it_as_long(
    world, chat, plane, paid
):
    await plane.ask(chat.commit())
    opening, seed = chat.opening()
    chat.seeds[2] = seed
    assert (await plane.ask(await paid(opening))).seq == 2
    member = await world.member(chat, 2)
    world.clock.now += HOUR - 60
    answer = await refused(world, member, chat.commit(2, 2))
    assert answer.code is Code.TOKEN_NEEDED
    world.clock.now += 60
    free = structs.replace(chat.commit(2, 2), resume=True)
    assert (await member.ask(free)).seq == 3


async def test_who_was_removed_makes_no_commit_of_the_others_dear(
    world, chat, plane, paid
):
    opening, seed = chat.opening()
    live = (await plane.ask(opening)).seq
    chat.seeds[live] = seed
    removed, member = plane, await world.member(chat, live)
    for _ in range(2):
        assert isinstance(
            await removed.ask(await paid(chat.opening()[0])), frames.Appended
        )
    world.clock.now += 3
    assert isinstance(await member.ask(chat.commit(live, live)), frames.Appended)


async def test_what_is_paid_for_waits_for_nothing_but_its_own_number(
    world, chat, plane, paid
):
    for parent in range(4):
        await plane.ask(chat.commit(parent))
        world.clock.now += 2.5
    exhausted = await refused(world, plane, chat.commit(parent=4))
    assert exhausted.code is Code.RATE_LIMITED
    answers = [await plane.ask(await paid(chat.commit(3))) for _ in range(3)]
    assert [answer.seq for answer in answers] == [5, 6, 7]
    asked = await paid(chat.commit(3))
    answer = await refused(world, plane, asked)
    assert answer.code is Code.RATE_LIMITED
    world.clock.now += answer.wait_ms / 1_000
    assert (await plane.ask(asked)).seq == 8, "the token was not taken before"


async def test_who_was_removed_can_t_use_up_what_others_pay_for(
    world, chat, plane, paid
):
    """The trickle of a closed generation is not what a paid child is counted by."""
    opening, _ = chat.opening()
    await plane.ask(opening)
    member = await world.member(chat)
    while (await plane.ask(structs.replace(chat.app(), resume=True))).code is (
        Code.STALE
    ):
        pass
    assert (await member.ask(await paid(chat.opening()[0]))).seq == 2


async def test_spent_tokens_are_counted_as_requests(world, chat, plane, monkeypatch):
    monkeypatch.setattr(plane_connection(plane)._requests, "_level", 2.0)
    await plane.ask(chat.commit())
    asked = [
        structs.replace(chat.commit(), token=bytes(32), resume=True, after=1)
        for _ in range(3)
    ]
    codes = [answer.code for answer in await plane.ask_all(*asked)]
    assert codes == [Code.TOKEN_SPENT, Code.TOKEN_SPENT, Code.RATE_LIMITED]


def plane_connection(plane):
    """Return the relay's own side of a connection."""
    coroutine = plane._task.get_coro()
    return coroutine.cr_frame.f_locals["connection"]


@dataclass
class Branches:
    """A log whose creation has two openings as children, a live one and a dead one."""

    live: int
    dead: int


@pytest.fixture
async def branches(chat, plane, paid):
    """Let a removed member make a branch of its own beside the one that counts."""
    generations = []
    for number in range(2):
        opening, seed = chat.opening()
        asked = await paid(opening) if number else opening
        generations.append((await plane.ask(asked)).seq)
        chat.seeds[generations[-1]] = seed
    return Branches(*generations)


async def test_a_dead_branch_reads_nothing_of_a_live_one(world, chat, branches):
    live = await world.member(chat, branches.live)
    dead = await world.member(chat, branches.dead)
    for _ in range(2):
        await live.ask(chat.app(branches.live, branches.live))
        await dead.ask(chat.app(branches.dead, branches.dead))
    assert await seen(live, chat, 1, branches.live) == [
        ("Hidden", 2),
        ("Entry", 3),
        ("Hidden", 4),
        ("Entry", 5),
    ]
    assert await seen(dead, chat, 2, branches.dead) == [
        ("Hidden", 3),
        ("Entry", 4),
        ("Hidden", 5),
        ("Entry", 6),
    ]


async def test_followers_get_their_own_and_a_chain_over_all(world, chat, branches):
    live = await world.member(chat, branches.live)
    await live.ask(frames.Subscribe(0, [chat.cursor(1, branches.live)]))
    assert await live.quiet()
    dead = await world.member(chat, branches.dead)
    await dead.ask(chat.app(branches.dead, branches.dead))
    assert await live.quiet(), "what is not mine is not told to me as it comes"
    writer = await world.member(chat, branches.live)
    answer = await writer.ask(chat.app(branches.live, branches.live))
    entries, came = await live.entries(3)
    assert [it.seq for it in entries] == [2, 3, 4]
    assert [type(it) for it in entries[:2]] == [frames.Hidden] * 2
    assert came[-1].chain == answer.chain


async def test_the_same_log_under_two_keys_comes_in_frames_of_one_each(
    world, chat, plane, branches
):
    await plane.ask(chat.attach(plane.greeting, branches.live))
    await plane.ask(chat.app(branches.live, branches.live))
    cursors = [chat.cursor(0, 0), chat.cursor(1, branches.live)]
    await plane.ask(frames.Sync(0, cursors))
    came = [await plane.frame(), await plane.frame()]
    assert [it.generation for it in came] == [0, branches.live]
    assert [len(it.entries) for it in came] == [2, 2]


async def test_a_removed_member_learns_no_more_than_that_it_was_removed(
    world, chat, plane, paid
):
    await plane.ask(chat.app())
    opening, seed = chat.opening()
    live = (await plane.ask(opening)).seq
    chat.seeds[live] = seed
    member = await world.member(chat, live)
    await member.ask_all(*[chat.app(live, live) for _ in range(3)])
    removed = await world.member(chat)
    attached = await removed.ask(chat.attach(removed.greeting))
    assert (attached.head, attached.closed) == (live, True)
    assert await seen(removed, chat) == [("Entry", 1), ("Entry", 2)]
    beyond = await removed.ask(frames.Sync(0, [chat.cursor(live + 1)]))
    assert beyond.code is Code.GONE
    further = await removed.ask(await paid(chat.commit()))
    assert await seen(removed, chat, live) == [
        *(("Hidden", seq) for seq in (3, 4, 5)),
        ("Entry", further.seq),
    ]


async def test_a_key_reads_no_part_of_a_branch_that_is_not_its_own(
    world, chat, branches
):
    dead = await world.member(chat, branches.dead)
    asked = frames.Fetch(0, chat.log_id, branches.dead, branches.live, "checkpoint")
    assert (await dead.ask(asked)).code is Code.NOT_FOUND


async def test_a_key_appends_under_no_parent_of_another_branch(world, chat, branches):
    dead = await world.member(chat, branches.dead)
    crossed = chat.app(branches.live, branches.dead)
    assert (await refused(world, dead, crossed)).code is Code.WRONG_GENERATION


async def test_ends_are_found_again_after_a_restart(world, chat, branches):
    live = await world.member(chat, branches.live)
    await live.ask(chat.app(branches.live, branches.live))
    world.side.sequencer.forget()
    dead = await world.member(chat, branches.dead)
    await dead.ask(chat.app(branches.dead, branches.dead))
    assert (await seen(live, chat, 1, branches.live))[-1] == ("Entry", 3)
    assert (await seen(dead, chat, 2, branches.dead))[-1] == ("Entry", 4)


async def test_hidden_entries_are_read_in_bounded_batches(world, chat, branches):
    dead, live = (
        await world.member(chat, branches.dead),
        await world.member(chat, branches.live),
    )
    big = chat.app(branches.dead, branches.dead, bytes(limits.APP_ENVELOPE))
    await dead.ask(big)
    for _ in range(11):
        world.clock.now += 1
        asked = chat.app(branches.dead, branches.dead, bytes(limits.APP_ENVELOPE))
        await dead.ask(asked)
    await live.ask(chat.app(branches.live, branches.live))
    first = await seen(live, chat, 1, branches.live)
    assert 6 < len(first) < 10, "what is read for them counts, not what is sent"


async def test_an_empty_log_has_no_chain_to_continue(world, chat, plane):
    assert await seen(plane, chat) == []
    assert (await plane.ask(chat.app())).chain != NO_CHAIN
