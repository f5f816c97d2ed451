"""Two relays on one PostgreSQL: one log, whoever appends to it, whatever is killed."""

import asyncio
import secrets
from itertools import chain
from pathlib import Path

import pytest
from log_plane import Chat
from msgspec import structs
from postgres_cluster import Cluster, need_bin_folder, new_url, statement

from privity.relay.config import LogSettings
from privity.relay.storage.postgres.place import Place
from privity.relay.storage.store import StoreBusy
from privity.relay.tokens import TokenKind
from privity.wire import frames
from privity.wire.codes import RETRYABLE, Code
from privity.wire.entry import NO_CHAIN, chain_of_links, links

pytestmark = pytest.mark.store("postgres")
ONE = 40


@pytest.fixture
def settings():
    fast = LogSettings(appends_per_second=10**6, append_burst=10**6)
    return structs.replace(fast, commit_spacing_ms=0)


@pytest.fixture
async def other(world, another):
    """Another relay on the same databases."""
    other = another(world)
    yield other
    await other.close()
    assert other.failures == []


async def append(plane, asked):
    """Send an append until it is in its log, as a client does; returns its answer."""
    again = structs.replace(asked, resume=True)
    async with asyncio.timeout(120):
        while True:
            answer = await plane.ask(again)
            if isinstance(answer, frames.Appended):
                return answer
            assert answer.code in RETRYABLE, answer
            await asyncio.sleep(0.02)


async def append_all(plane, asked):
    return [await append(plane, one) for one in asked]


async def read_all(plane, chat):
    found = []
    while True:
        before = len(found)
        plane.put(frames.Sync(0, [chat.cursor(after=before)]))
        while not isinstance(frame := await plane.frame(), frames.Synced):
            found += frame.entries
        if len(found) == before:
            return found


def said_of(asked, answers):
    """Return what was asked beside what was answered, for all planes."""
    return list(zip(chain(*asked), chain(*answers), strict=True))


async def check_log(world, chat, said):
    """What was acknowledged stands where that was said, once, and nothing else."""
    found = await read_all(await world.member(chat), chat)
    assert [entry.seq for entry in found] == list(range(1, len(said) + 1))
    headers = {answer.seq: asked.header for asked, answer in said}
    assert len(headers) == len(said)
    value = NO_CHAIN
    chains = {answer.seq: answer.chain for _, answer in said}
    for entry in found:
        assert entry.header == headers[entry.seq]
        value = chain_of_links(value, links(entry.header, entry.envelope))
        assert chains[entry.seq] == value


async def test_two_relays_append_to_one_log_without_gap_or_fork(world, other, chat):
    planes = [await one.member(chat) for one in (world, other) for _ in range(2)]
    asked = [[chat.app() for _ in range(ONE)] for _ in planes]
    answers = await asyncio.gather(*map(append_all, planes, asked))
    said = said_of(asked, answers)
    await check_log(world, chat, said)


async def test_an_append_that_goes_to_both_relays_at_once_stands_once(
    world, other, chat
):
    here, there = await world.member(chat), await other.member(chat)
    said = []
    for asked in [chat.app() for _ in range(10)]:
        one, two = await asyncio.gather(append(here, asked), append(there, asked))
        assert (one.seq, one.chain) == (two.seq, two.chain)
        said.append((asked, one))
    await check_log(world, chat, said)


async def test_of_two_commits_under_one_parent_at_two_relays_one_is_free(
    world, other, chat
):
    here, there = await world.member(chat), await other.member(chat)
    answers = await asyncio.gather(here.ask(chat.commit()), there.ask(chat.commit()))
    taken = [one for one in answers if isinstance(one, frames.Appended)]
    refused = [one for one in answers if isinstance(one, frames.Refused)]
    assert [one.seq for one in taken] == [1]
    assert [(one.code, one.children) for one in refused] == [(Code.STALE, (1,))]


async def test_a_token_is_spent_once_at_whichever_relay(world, other, chat):
    here, there = await world.member(chat), await other.member(chat)
    await here.ask(chat.commit())
    token = await world.token(TokenKind.CHILD)
    paid = [
        structs.replace(chat.commit(), token=token, resume=True, after=1)
        for _ in range(2)
    ]
    answers = await asyncio.gather(here.ask(paid[0]), there.ask(paid[1]))
    kinds = sorted(type(one).__name__ for one in answers)
    assert kinds == ["Appended", "Refused"]
    (refusal,) = (one for one in answers if isinstance(one, frames.Refused))
    assert refusal.code in {Code.STALE, Code.TOKEN_SPENT}


async def test_connections_that_are_cut_at_random_lose_nothing_and_double_nothing(
    world, other, chat
):
    place = Place.of(world.config.db.url, "logs")
    planes = [await one.member(chat) for one in (world, other)]
    asked = [[chat.app() for _ in range(ONE)] for _ in planes]
    loads = asyncio.gather(*map(append_all, planes, asked))

    async def cut():
        while not loads.done():
            await statement(
                place.dsn,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE"
                " application_name = 'privity-relay' AND random() < 0.5",
            )
            await asyncio.sleep(0.03)

    cutting = asyncio.create_task(cut())
    answers = await loads
    await cutting
    said = said_of(asked, answers)
    assert {type(it) for it in world.failures + other.failures} <= {StoreBusy}
    world.failures.clear()
    other.failures.clear()
    await check_log(world, chat, said)


@pytest.fixture
def cluster_of_its_own():
    cluster = Cluster(need_bin_folder(), fsync=True)
    yield cluster
    cluster.stop()


@pytest.mark.slow
async def test_a_server_that_is_killed_under_load_keeps_what_was_acknowledged(
    cluster_of_its_own, two_on
):
    server = cluster_of_its_own
    world, other = two_on(await asyncio.to_thread(new_url, server.url))
    chat = Chat(log_id=secrets.token_bytes(16))
    await world.create(chat)
    planes = [await one.member(chat) for one in (world, other)]
    asked = [[chat.app() for _ in range(10 * ONE)] for _ in planes]
    loads = asyncio.gather(*map(append_all, planes, asked))
    for _ in range(3):
        await asyncio.sleep(0.3)
        await asyncio.to_thread(server.halt)
        await asyncio.to_thread(server.start)
    answers = await loads
    said = said_of(asked, answers)
    await check_log(world, chat, said)
    assert {type(it) for it in world.failures + other.failures} <= {StoreBusy}
    await world.close()
    await other.close()


@pytest.fixture
def two_on(two_worlds, tmp_path: Path):
    """Return what opens two relays on the databases of an address."""
    return lambda url: two_worlds(url, tmp_path)
