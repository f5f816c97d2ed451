"""A lease keeps the free child of a commit for who uploads a large one."""

import pytest
from log_plane import Chat
from msgspec import structs

from privity.relay.config import LogSettings
from privity.relay.leases import Leases
from privity.relay.tokens import TokenKind
from privity.wire import frames, limits
from privity.wire.codes import Code
from privity.wire.entry import Rights

MINUTE = 60


@pytest.fixture
def settings():
    return LogSettings(commit_spacing_ms=0, commits_per_minute=100)


@pytest.fixture
async def slow(world, chat):
    """Return the connection of a member that has much to upload."""
    return await world.member(chat)


@pytest.fixture
async def quick(world, chat):
    return await world.member(chat)


def lease(chat, parent=0, generation=0):
    return frames.Lease(0, chat.log_id, generation, parent)


def resumed(append):
    return structs.replace(append, resume=True)


async def refused(world, plane, asked):
    before = await world.stored()
    answer = await plane.ask(asked)
    assert isinstance(answer, frames.Refused), answer
    assert await world.stored() == before
    return answer


async def test_the_holder_s_slow_upload_comes_before_quick_commits(
    world, chat, slow, quick
):
    assert (await slow.ask(lease(chat))).lasts_ms == 10_000
    world.clock.now += 6
    answer = await refused(world, quick, chat.commit())
    assert (answer.code, answer.wait_ms) == (Code.TOO_SOON, 4_001)
    world.clock.now += 3
    assert (await slow.ask(chat.commit())).seq == 1
    late = await refused(world, quick, resumed(chat.commit()))
    assert (late.code, late.children) == (Code.STALE, (1,))
    assert (await quick.ask(resumed(chat.commit(parent=1)))).seq == 2


async def test_a_lease_ends_with_its_time(world, chat, slow, quick):
    await slow.ask(lease(chat))
    answer = await refused(world, quick, chat.commit())
    world.clock.now += answer.wait_ms / 1_000
    assert (await quick.ask(resumed(chat.commit()))).seq == 1
    assert (await refused(world, slow, chat.commit())).code is Code.STALE


async def test_messages_and_paid_children_wait_for_no_lease(world, chat, slow, quick):
    await slow.ask(chat.commit())
    await slow.ask(lease(chat, 1))
    token = await world.token(TokenKind.CHILD)
    further = structs.replace(chat.commit(), token=token, after=1)
    assert (await quick.ask(further)).seq == 2
    assert (await quick.ask(chat.app(parent=1))).seq == 3


async def test_under_a_toll_a_lease_makes_no_payer_wait(world, chat, slow, quick):
    await slow.ask(chat.commit())
    token = await world.token(TokenKind.CHILD)
    await quick.ask(structs.replace(chat.commit(), token=token, after=1))
    await slow.ask(lease(chat, 2))
    token = await world.token(TokenKind.CHILD)
    paid = structs.replace(chat.commit(parent=2), token=token)
    assert (await quick.ask(paid)).seq == 3


async def test_a_lease_is_one_connection_s_and_asking_again_changes_nothing(
    world, chat, slow, quick
):
    await slow.ask(lease(chat))
    world.clock.now += 4
    answer = await refused(world, quick, lease(chat))
    assert (answer.code, answer.wait_ms) == (Code.TOO_SOON, 6_001)
    assert (await slow.ask(lease(chat))).lasts_ms == 6_001
    world.clock.now += 6
    answer = await refused(world, quick, lease(chat))
    assert (answer.code, answer.wait_ms) == (Code.RATE_LIMITED, 20_001)
    world.clock.now += 21
    assert (await quick.ask(lease(chat))).lasts_ms == 10_000


async def test_the_lease_of_a_dead_connection_falls(world, chat, slow, quick):
    await slow.ask(lease(chat))
    await slow.__aexit__()
    assert (await quick.ask(chat.commit())).seq == 1
    assert len(world.side.leases) == 0


async def test_who_detaches_keeps_no_lease_of_that_log(world, chat, slow, quick):
    other = Chat()
    await world.create(other)
    await slow.ask(lease(chat))
    slow.put(frames.Detach(other.log_id))
    await slow.ask(frames.Sync(0, []))
    assert (await refused(world, quick, chat.commit())).code is Code.TOO_SOON
    slow.put(frames.Detach(chat.log_id))
    await slow.ask(frames.Sync(0, []))
    assert (await quick.ask(resumed(chat.commit()))).seq == 1


async def test_a_connection_has_one_lease_a_minute_in_all_its_logs(world, chat, slow):
    other = Chat()
    await world.create(other)
    await slow.ask(other.attach(slow.greeting))
    await slow.ask(lease(chat))
    answer = await refused(world, slow, lease(other))
    assert (answer.code, answer.wait_ms) == (Code.RATE_LIMITED, 60_001)
    world.clock.now += MINUTE
    assert isinstance(await slow.ask(lease(other)), frames.Leased)


async def test_however_many_connections_a_hoarder_has_the_others_come_through(
    world, chat, quick
):
    """Two thirds of each minute are nobody's."""
    parent = free = 0
    hoarders = [await world.member(chat) for _ in range(12)]
    for second in range(MINUTE):
        await hoarders[second % len(hoarders)].ask(lease(chat, parent))
        answer = await quick.ask(resumed(chat.commit(parent)))
        if isinstance(answer, frames.Appended):
            free += 1
            parent = answer.seq
        else:
            assert answer.code is Code.TOO_SOON
        world.clock.now += 1
    assert free == 2 * MINUTE // 3


async def test_a_removed_member_s_leases_are_of_its_own_generation(
    world, chat, slow, quick
):
    opening, seed = chat.opening()
    live = (await quick.ask(opening)).seq
    chat.seeds[live] = seed
    answer = await refused(world, slow, lease(chat, live))
    assert answer.code is Code.WRONG_GENERATION
    assert (await refused(world, slow, lease(chat))).code is Code.STALE
    not_attached = await refused(world, slow, lease(chat, live, live))
    assert not_attached.code is Code.NOT_ATTACHED


async def test_a_lease_needs_the_right_to_append(world, chat):
    reader = await world.connect()
    await reader.ask(chat.attach(reader.greeting, rights=Rights.READ))
    assert (await refused(world, reader, lease(chat))).code is Code.NOT_ATTACHED


def test_leases_that_ended_are_forgotten():
    now = 0.0
    leases = Leases(lambda: now)
    for number in range(100):
        now = float(number)
        leases.take((b"log", number), number, bytes([number]))
    assert len(leases) == limits.LEASE_SECONDS
