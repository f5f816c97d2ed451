"""Transcripts: who read the same is shown to have, who did not is named."""

from dataclasses import replace

import pytest
from msgspec import structs
from troubles import poison

from privity.content.build import origin, text_message
from privity.core import inputs as i
from privity.core import outbox
from privity.core.agreeing import agreement
from privity.core.errors import Reason
from privity.core.events import Line, MessageDropped
from privity.core.state import Status
from privity.core.transcripts import Said, beginning, behind


def credential(person):
    account = person.state.account
    return account.account_id + account.device_id


def tally(reader, chat, sender):
    return reader.state.tallies[chat + credential(sender)]


def transcript(person, chat):
    return person.state.transcripts[chat]


def said(person, what):
    found = [e for e in person.events if isinstance(e, Line) and e.what == what]
    return [line.who for line in found]


def alike(people, chat):
    kept = [transcript(person, chat) for person in people]
    assert all(one.value for one in kept)
    return len({(one.first, one.value, one.count) for one in kept}) == 1


def talk(trio, *texts):
    for text in texts:
        for person in trio.everybody:
            person.say(trio.chat, text)
        trio.town.run()


def test_all_who_read_the_same_have_one_value_and_know_it(trio):
    talk(trio, "one", "two")
    assert alike(trio.everybody, trio.chat)
    for reader in trio.everybody:
        for sender in trio.everybody:
            if sender is not reader:
                found = tally(reader, trio.chat, sender)
                assert found.agreed >= transcript(reader, trio.chat).first
                assert (found.differs, found.elsewhere) == (0, 0)


def test_agreement_says_with_how_many_and_up_to_where(trio):
    talk(trio, "one", "two")
    found = agreement(trio.ana.state, trio.chat)
    kept = transcript(trio.ana, trio.chat)
    assert (found.devices, found.agreed, found.messages) == (2, 2, kept.count)
    assert kept.first < found.upto < trio.ana.state.chats[trio.chat].cursor
    assert found.unlike == ()


def test_each_message_changes_the_value(trio):
    seen = set()
    for text in ("one", "one", "one"):
        trio.ana.say(trio.chat, text)
        trio.town.run()
        seen.add(transcript(trio.ben, trio.chat).value)
    assert len(seen) == 3


def test_a_restart_keeps_it(trio):
    talk(trio, "one")
    before = trio.ben.state.transcripts
    trio.ben.crash()
    assert trio.ben.state.transcripts == before
    trio.ben.connect()
    talk(trio, "two")
    assert alike(trio.everybody, trio.chat)


def test_with_a_newcomer_all_begin_anew(trio, town, make_friends):
    talk(trio, "before")
    dan = town.person("Dan", "dan")
    town.run()
    make_friends(town, trio.ana, dan)
    trio.ana.take(i.AddMembers(trio.chat, (dan.id,)))
    town.run()
    dan.take(i.Accept(next(k for k, v in dan.state.requests.items() if v.title)))
    town.run()
    for person in (*trio.everybody, dan):
        person.say(trio.chat, "with Dan")
        town.run()
    assert alike((*trio.everybody, dan), trio.chat)
    first = transcript(dan, trio.chat).first
    assert first == tally(trio.ben, trio.chat, dan).since
    assert tally(trio.ben, trio.chat, dan).agreed >= first


def test_with_a_device_that_comes_back_all_begin_anew(trio, monkeypatch):
    talk(trio, "before")
    poison(trio, monkeypatch)
    trio.town.run(seconds=120)
    assert trio.cem.state.chats[trio.chat].status is Status.ACTIVE
    talk(trio, "after", "and on")
    trio.town.run(seconds=120)
    assert alike(trio.everybody, trio.chat)
    for person in trio.everybody:
        assert not said(person, "differs")
        assert not said(person, "elsewhere")


def test_a_weekly_opening_goes_on_with_the_same_value(trio):
    talk(trio, "before")
    first = transcript(trio.ben, trio.chat).first
    trio.town.now_ms += 8 * 86_400_000
    talk(trio, "after")
    assert alike(trio.everybody, trio.chat)
    assert transcript(trio.ben, trio.chat).first == first


def test_a_message_that_all_drop_is_no_difference(trio, monkeypatch, shown):
    talk(trio, "before")
    text = text_message(origin(trio.ana.id, trio.chat, bytes), "as Ana").encode()
    with monkeypatch.context() as patch:
        patch.setattr(outbox, "check_place", lambda *_: None)
        trio.ben.take(i.SendContent(trio.chat, text))
    trio.town.run()
    for reader in (trio.ana, trio.cem):
        assert shown(reader, MessageDropped)[-1].cause == Reason.CONTENT.value
    trio.ana.say(trio.chat, "behind it")
    trio.town.run()
    assert alike((trio.ana, trio.cem), trio.chat)
    assert not said(trio.cem, "differs")


@pytest.fixture
def quiet(trio):
    talk(trio, "one")
    return trio


def test_who_read_something_else_is_named_once(quiet):
    kept = transcript(quiet.ben, quiet.chat)
    table = {quiet.chat: structs.replace(kept, value=bytes(range(32)))}
    quiet.ben.state = replace(quiet.ben.state, transcripts=table)
    for _ in range(3):
        quiet.ben.say(quiet.chat, "I read something else")
        quiet.town.run()
    for reader in (quiet.ana, quiet.cem):
        assert said(reader, "differs") == [quiet.ben.id]
        assert tally(reader, quiet.chat, quiet.ben).differs
        found = agreement(reader.state, quiet.chat)
        assert (found.agreed, found.unlike) == (1, (quiet.ben.id,))
        assert "I read something else" in reader.texts(quiet.chat)


def another_log(person, chat_id, **changes):
    """Let a device believe that it saw another log, or say so."""
    honest = outbox.AppPayload

    def claimed(**fields):
        return honest(**(fields | changes))

    return honest, claimed


@pytest.mark.parametrize(
    "changes",
    [{"seen_chain": b"f" * 32}, {"seen_seq": 1 << 40}],
    ids=["chain", "ahead"],
)
def test_who_saw_another_log_is_named_once(quiet, monkeypatch, changes):
    _, claimed = another_log(quiet.ben, quiet.chat, **changes)
    with monkeypatch.context() as patch:
        patch.setattr(outbox, "AppPayload", claimed)
        for _ in range(3):
            quiet.ben.say(quiet.chat, "my log is another")
            quiet.town.run()
    for reader in (quiet.ana, quiet.cem):
        assert said(reader, "elsewhere") == [quiet.ben.id]
        assert reader.state.chats[quiet.chat].status is Status.ACTIVE
        assert "my log is another" in reader.texts(quiet.chat)


def test_who_says_nothing_of_it_is_not_held_to_it(quiet, monkeypatch):
    agreed = tally(quiet.ana, quiet.chat, quiet.ben).agreed
    _, claimed = another_log(quiet.ben, quiet.chat, gap_root=b"")
    with monkeypatch.context() as patch:
        patch.setattr(outbox, "AppPayload", claimed)
        quiet.ben.say(quiet.chat, "no root")
        quiet.town.run()
    assert tally(quiet.ana, quiet.chat, quiet.ben).agreed == agreed
    assert not said(quiet.ana, "differs")


def test_a_profile_without_a_transcript_says_nothing_until_somebody_comes(quiet):
    quiet.ben.state = replace(quiet.ben.state, transcripts={})
    quiet.ben.say(quiet.chat, "from an older version")
    quiet.ana.say(quiet.chat, "hello")
    quiet.town.run()
    assert transcript(quiet.ben, quiet.chat).value == b""
    assert not said(quiet.ana, "differs")
    assert not said(quiet.ben, "differs")


def test_the_value_is_a_chain_over_places_headers_and_ids():
    start = beginning(b"l" * 16, 7)
    one = Said(start, 8, b"h" * 32, b"\x01" + b"m" * 31)
    assert behind(one) != start
    for field, other in (
        ("seq", 9),
        ("header_hash", b"H" * 32),
        ("message_id", bytes(32)),
    ):
        assert behind(replace(one, **{field: other})) != behind(one)
    assert beginning(b"l" * 16, 8) != start
    assert beginning(b"k" * 16, 7) != start
