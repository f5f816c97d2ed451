import sqlite3
from dataclasses import replace
from hashlib import sha256

import pytest
from msgspec import structs

from privity.identity import labels
from privity.identity.signing import sign_with_label
from privity.wire import frames, limits
from privity.wire.codes import Code
from privity.wire.entry import NO_CHAIN, Header, Kind, chain, digest
from privity.wire.stamp import make_stamp, place_of


@pytest.fixture
async def plane(world, chat):
    """Return a connection that is attached to generation 0."""
    return await world.member(chat)


async def refused(world, plane, asked):
    before = await world.stored()
    answer = await plane.ask(asked)
    assert isinstance(answer, frames.Refused), answer
    assert await world.stored() == before
    return answer


async def test_entries_have_gapless_places_in_the_order_of_their_coming(chat, plane):
    answers = await plane.ask_all(*[chat.app() for _ in range(20)])
    assert [answer.seq for answer in answers] == list(range(1, 21))


async def test_the_answer_names_exactly_what_is_stored(world, chat, plane):
    first, second = chat.app(), chat.app(envelope=b"another")
    answers = await plane.ask_all(first, second)
    links = chain(NO_CHAIN, first.header, first.envelope)
    assert answers[0].chain == links
    assert answers[1].chain == chain(links, second.header, second.envelope)
    assert answers[1].digest == digest(second.header, second.envelope)
    assert answers[0].minute == world.clock() // 60


async def test_the_stamp_is_the_one_that_is_written_down(world, chat, plane):
    append = chat.app()
    answer = await plane.ask(append)
    (key,) = await world.database.read(
        lambda db: db.execute(
            "SELECT key FROM stamp_keys WHERE id = ?", (answer.stamp_key,)
        ).fetchone()
    )
    header = Header.decode(append.header)
    parts = (header.idem, append.header, append.envelope, header.tag)
    place = place_of(chat.log_id, 1, answer.minute, *parts)
    assert answer.stamp == make_stamp(key, place)


async def test_a_repeat_is_answered_with_the_first_place(world, chat, plane):
    append = chat.app()
    first = await plane.ask(append)
    before = await world.stored()
    world.clock.now += 120
    again = await plane.ask(append)
    # Only the minute at which the head was signed is another one.
    assert structs.replace(again, id=first.id, head=first.head) == first
    assert await world.stored() == before


async def test_other_bytes_under_an_old_idem_are_told_from_the_digest(chat, plane):
    append = chat.app()
    first = await plane.ask(append)
    other = structs.replace(append, envelope=b"a copy that went another way")
    again = await plane.ask(other)
    assert (again.seq, again.digest) == (first.seq, first.digest)
    assert again.digest != digest(other.header, other.envelope)


async def test_a_repeat_is_answered_although_its_epoch_is_over(chat, plane):
    append = chat.app()
    first = await plane.ask(append)
    await plane.ask(chat.commit())
    assert (await plane.ask(append)).seq == first.seq


async def test_a_message_whose_epoch_is_over_is_stale(world, chat, plane):
    await plane.ask(chat.commit())
    answer = await refused(world, plane, chat.app())
    assert (answer.code, answer.children) == (Code.STALE, (1,))


async def test_the_second_commit_of_a_race_is_stale(world, chat, plane):
    await plane.ask(chat.commit())
    answer = await refused(world, plane, chat.commit())
    assert (answer.code, answer.children) == (Code.STALE, (1,))


async def test_after_a_refusal_the_pipeline_is_refused_until_resumed(chat, plane):
    await plane.ask(chat.commit())
    answers = await plane.ask_all(chat.app(), chat.app(parent=1), chat.app(parent=1))
    codes = [answer.code for answer in answers]
    assert codes == [Code.STALE, Code.AFTER_REFUSED, Code.AFTER_REFUSED]
    resumed = structs.replace(chat.app(parent=1), resume=True)
    assert [answer.seq for answer in await plane.ask_all(resumed, chat.app(1))] == [
        2,
        3,
    ]


async def test_a_refusal_stops_one_log_on_one_connection_only(world, chat, plane):
    other = await world.member(chat)
    await refused(world, plane, chat.app(parent=9))
    assert (await other.ask(chat.app())).seq == 1
    assert (await plane.ask(chat.app())).code is Code.AFTER_REFUSED


async def test_a_parent_that_is_no_commit_is_refused(world, chat, plane):
    await plane.ask(chat.app())
    answer = await refused(world, plane, chat.app(parent=1))
    assert answer.code is Code.WRONG_GENERATION


async def test_a_parent_of_another_generation_is_refused(world, chat, plane):
    opening, seed = chat.opening()
    await plane.ask(opening)
    chat.seeds[1] = seed
    await plane.ask(chat.attach(plane.greeting, 1))
    crossed = chat.app(parent=0, generation=1)
    assert (await refused(world, plane, crossed)).code is Code.WRONG_GENERATION
    crossed = structs.replace(chat.app(parent=1, generation=0), resume=True)
    assert (await refused(world, plane, crossed)).code is Code.WRONG_GENERATION


async def test_an_opening_changes_who_may_append(world, chat, plane):
    opening, seed = chat.opening()
    assert (await plane.ask(opening)).seq == 1
    chat.seeds[1] = seed
    removed = await refused(world, plane, chat.app())
    assert (removed.code, removed.children) == (Code.STALE, (1,))
    member = await world.member(chat, generation=1)
    answer = await member.ask(chat.app(parent=1, generation=1))
    assert answer.seq == 2


async def test_a_proposal_needs_a_parent_without_a_child(world, chat, plane):
    header = chat.header(Kind.PROPOSAL).encode()
    await plane.ask(frames.Append(0, header, b"leaving"))
    await plane.ask(chat.commit())
    late = chat.header(Kind.PROPOSAL).encode()
    answer = await refused(world, plane, frames.Append(0, late, b"too late"))
    assert answer.code is Code.STALE


async def test_an_opening_is_signed_by_the_key_that_it_brings(world, chat, plane):
    opening, _ = chat.opening()
    forged = sign_with_label(b"\x01" * 32, labels.OPENING, opening.header)
    asked = structs.replace(opening, signature=forged)
    assert (await refused(world, plane, asked)).code is Code.NOT_AUTHENTIC


async def test_only_an_opening_is_signed(world, chat, plane):
    asked = structs.replace(chat.commit(), signature=bytes(64))
    assert (await refused(world, plane, asked)).code is Code.MALFORMED


@pytest.mark.parametrize("part", ["welcome", "checkpoint"])
async def test_parts_are_the_ones_that_the_header_names(world, chat, plane, part):
    opening, _ = chat.opening(welcome=b"a sealed welcome")
    asked = structs.replace(opening, **{part: b"something else"})
    assert (await refused(world, plane, asked)).code is Code.WRONG_HASH


async def test_parts_that_are_missing_or_unnamed_are_refused(world, chat, plane):
    opening, _ = chat.opening()
    asked = structs.replace(opening, checkpoint=b"")
    assert (await refused(world, plane, asked)).code is Code.WRONG_HASH
    asked = structs.replace(chat.app(), welcome=b"unnamed", resume=True)
    assert (await refused(world, plane, asked)).code is Code.WRONG_HASH


async def test_a_commit_is_smaller_than_a_message_may_be(world, chat, plane):
    big = bytes(limits.COMMIT_ENVELOPE + 1)
    assert (await refused(world, plane, chat.commit(envelope=big))).code is (
        Code.TOO_LARGE
    )
    allowed = structs.replace(chat.app(envelope=big), resume=True)
    assert (await plane.ask(allowed)).seq == 1


@pytest.mark.parametrize(
    "damage",
    [
        lambda header: header[:-1],
        lambda header: header + b"\0",
        lambda header: b"\x02" + header[1:],
        lambda header: header[:17] + b"\x09" + header[18:],
        lambda _: b"",
    ],
    ids=["short", "long", "version", "kind", "empty"],
)
async def test_a_header_that_is_not_one_is_malformed(world, chat, plane, damage):
    good = chat.app()
    asked = structs.replace(good, header=damage(good.header))
    assert (await refused(world, plane, asked)).code is Code.MALFORMED


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": Kind.COMMIT},
        {"opens": True},
        {"next_access_pk": bytes(32)},
        {"welcome_hash": sha256(b"").digest()},
    ],
)
async def test_a_header_that_contradicts_itself_is_malformed(
    world, chat, plane, changes
):
    header = replace(chat.header(), **changes).encode()
    asked = frames.Append(0, header, b"sealed")
    assert (await refused(world, plane, asked)).code is Code.MALFORMED


async def test_stamps_of_another_month_have_another_key(world, chat, plane):
    first = await plane.ask(chat.app())
    world.clock.now += 31 * 86_400
    second = await plane.ask(chat.app())
    assert second.stamp_key == first.stamp_key + 1


@pytest.mark.store("sqlite")
async def test_what_was_undone_is_not_remembered(world, chat, plane, monkeypatch):
    first = await plane.ask(chat.app())
    database = world.database

    def disk_is_full():
        database._roll_back()
        return sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(database, "_commit", disk_is_full)
    answer = await refused(world, plane, chat.app())
    assert answer.code is Code.INTERNAL
    assert [type(it) for it in world.failures] == [sqlite3.OperationalError]
    world.failures.clear()
    monkeypatch.undo()
    resumed = structs.replace(chat.app(), resume=True)
    second = await plane.ask(resumed)
    assert (first.seq, second.seq) == (1, 2)
    assert second.chain == chain(first.chain, resumed.header, resumed.envelope)
