import pytest
from log_plane import Chat
from msgspec import structs

from privity.relay.config import LogSettings
from privity.relay.limits import SWEEP, Bucket, Buckets, Rate
from privity.wire import frames
from privity.wire.codes import Code


@pytest.fixture
def settings():
    return LogSettings(
        appends_per_second=4,
        append_burst=8,
        commits_per_minute=3,
        commit_spacing_ms=2_000,
    )


def resumed(append):
    return structs.replace(append, resume=True)


async def test_the_first_child_of_a_commit_waits(world, chat):
    plane = await world.member(chat)
    await plane.ask(chat.commit())
    world.clock.now += 0.5
    before = await world.stored()
    answer = await plane.ask(chat.commit(parent=1))
    assert (answer.code, answer.wait_ms) == (Code.TOO_SOON, 1_501)
    assert await world.stored() == before
    world.clock.now += answer.wait_ms / 1_000
    assert (await plane.ask(resumed(chat.commit(parent=1)))).seq == 2


async def test_messages_do_not_wait_for_a_commit(world, chat):
    plane = await world.member(chat)
    await plane.ask(chat.commit())
    assert (await plane.ask(chat.app(parent=1))).seq == 2


async def test_a_commit_that_loses_a_race_costs_no_commit(world, chat):
    plane = await world.member(chat)
    await plane.ask(chat.commit())
    for _ in range(3):
        world.clock.now += 5
        assert (await plane.ask(resumed(chat.commit()))).code is Code.STALE
    assert (await plane.ask(resumed(chat.commit(parent=1)))).seq == 2


async def test_a_generation_has_so_many_commits_a_minute(world, chat):
    plane = await world.member(chat)
    for parent in range(3):
        await plane.ask(chat.commit(parent))
        world.clock.now += 2.5
    answer = await plane.ask(chat.commit(parent=3))
    assert answer.code is Code.RATE_LIMITED
    world.clock.now += answer.wait_ms / 1_000
    assert (await plane.ask(resumed(chat.commit(parent=3)))).seq == 4


async def test_one_connection_gets_half_of_a_generation_s_burst(world, chat):
    first, second = await world.member(chat), await world.member(chat)
    for plane in (first, second):
        answers = await plane.ask_all(*[chat.app() for _ in range(5)])
        assert [type(answer) for answer in answers[:4]] == [frames.Appended] * 4
        assert answers[4].code is Code.RATE_LIMITED
    third = await world.member(chat)
    assert (await third.ask(chat.app())).code is Code.RATE_LIMITED
    world.clock.now += 1
    assert isinstance(await third.ask(resumed(chat.app())), frames.Appended)


async def test_attaching_again_fills_no_bucket(world, chat):
    plane = await world.member(chat)
    await plane.ask_all(*[chat.app() for _ in range(4)])
    await plane.ask(chat.attach(plane.greeting))
    assert (await plane.ask(chat.app())).code is Code.RATE_LIMITED


async def test_a_closed_generation_gets_a_trickle_on_every_connection(world, chat):
    plane, other = await world.member(chat), await world.member(chat)
    opening, _ = chat.opening()
    await plane.ask(opening)
    codes = [(await other.ask(resumed(chat.app()))).code for _ in range(3)]
    assert codes == [Code.STALE, Code.RATE_LIMITED, Code.RATE_LIMITED]


async def test_a_generation_begins_with_what_is_left_of_the_one_before(world, chat):
    """Else a chain of openings would have a burst for each of them."""
    for _ in range(2):
        plane = await world.member(chat)
        await plane.ask_all(*[chat.app() for _ in range(4)])
    world.clock.now += 0.25
    opening, chat.seeds[9] = chat.opening()
    opener = await world.member(chat)
    assert (await opener.ask(opening)).seq == 9
    member = await world.member(chat, 9)
    places = {"parent": 9, "generation": 9}
    assert (await member.ask(chat.app(**places))).code is Code.RATE_LIMITED
    world.clock.now += 0.25
    assert (await member.ask(resumed(chat.app(**places)))).seq == 10


async def test_one_log_s_pace_is_not_another_s(world, chat):
    other = Chat()
    await world.create(other)
    plane = await world.member(chat)
    await plane.ask(other.attach(plane.greeting))
    await plane.ask_all(*[chat.app() for _ in range(5)])
    assert isinstance(await plane.ask(other.app()), frames.Appended)


async def test_requests_of_a_connection_are_counted(world, chat, monkeypatch):
    monkeypatch.setattr("privity.relay.anonymous.REQUESTS", Rate(1, 2))
    plane = await world.member(chat)
    asked = [frames.Sync(0, [chat.cursor()]) for _ in range(2)]
    answers = await plane.ask_all(*asked)
    assert isinstance(answers[0], frames.Synced)
    assert answers[1].code is Code.RATE_LIMITED
    assert answers[1].wait_ms == 1_001


async def test_appends_to_what_is_not_attached_are_counted_too(
    world, chat, monkeypatch
):
    monkeypatch.setattr("privity.relay.anonymous.REQUESTS", Rate(1, 3))
    plane = await world.connect()
    asked = [resumed(chat.app()) for _ in range(4)]
    codes = [answer.code for answer in await plane.ask_all(*asked)]
    assert codes == [*[Code.NOT_ATTACHED] * 3, Code.RATE_LIMITED]
    assert (await plane.ask(chat.app())).code is Code.RATE_LIMITED
    world.clock.now += 1
    assert (await plane.ask(chat.app())).code is Code.AFTER_REFUSED


async def test_who_appends_to_ever_more_unknown_logs_is_cut_off(
    world, chat, monkeypatch
):
    monkeypatch.setattr("privity.wire.limits.FOLLOWED_LOGS", 2)
    plane = await world.connect()
    for _ in range(2):
        assert (await plane.ask(Chat().app())).code is Code.NOT_ATTACHED
    plane.put(Chat().app())
    assert await plane.close_code() == 1008


async def test_a_connection_follows_so_many_logs(world, chat, monkeypatch):
    monkeypatch.setattr("privity.wire.limits.FOLLOWED_LOGS", 1)
    other = Chat()
    await world.create(other)
    plane = await world.member(chat)
    assert (await plane.ask(other.attach(plane.greeting))).code is Code.TOO_LARGE


def test_a_bucket_fills_with_time_and_not_above_its_burst():
    bucket = Bucket(Rate(per_second=10, burst=2), now=0.0)
    for _ in range(2):
        assert bucket.wait_ms(0.0) == 0
        bucket.take()
    assert bucket.wait_ms(0.0) == 101
    assert bucket.wait_ms(0.1) == 0
    assert bucket.is_full(9.0)


def test_full_buckets_are_forgotten_and_others_are_kept():
    buckets = Buckets(Rate(per_second=1, burst=1))
    for key in range(SWEEP):
        buckets.of(key, 0.0)
    buckets.of("taken", 0.0).take()
    buckets.of("new", 0.5)
    assert len(buckets) == 2
    assert buckets.of("taken", 0.5).wait_ms(0.5) > 0
