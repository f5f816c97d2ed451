"""Who was removed and is invited again knows the chat as a newcomer does."""

import pytest
from asking import ask_for_all
from losing import credential, lose, tally
from refounds import follow

from privity.core import inputs as i
from privity.core.events import Line
from privity.core.state import Status
from privity.core.tallies import Tally, missing


@pytest.fixture
def without_ben(trio):
    """A trio that said something, and then removed Ben."""
    for number in range(6):
        for person in trio.everybody:
            person.say(trio.chat, f"between us: {number}")
        trio.town.run()
    trio.ana.take(i.RemoveMember(trio.chat, trio.ben.id))
    trio.town.run()
    assert trio.ben.state.chats[trio.chat].status is Status.REMOVED
    return trio


@pytest.fixture
def call(ask):
    """Let Ana add somebody, who accepts."""

    def add(trio, person):
        trio.town.now_ms += 5_000
        trio.ana.take(i.AddMembers(trio.chat, (person.id,)))
        trio.town.run()
        person.take(i.Accept(ask(person)))
        trio.town.run()
        assert person.state.chats[trio.chat].status is Status.ACTIVE

    return add


def test_who_came_meanwhile_gets_nothing_of_the_time_before(
    without_ben, call, make_friends, handed_on
):
    trio = without_ben
    dan = trio.town.person("Dan", "dan")
    trio.town.run()
    make_friends(trio.town, trio.ana, dan)
    call(trio, dan)
    call(trio, trio.ben)
    for person in (trio.ana, trio.cem):
        person.disconnect()
    trio.ben.say(trio.chat, "back")
    trio.town.run()
    assert missing(tally(dan, trio.chat, trio.ben)) == 0
    ask_for_all(dan, trio.chat, trio.everybody)
    said = b"".join(one.encode() for one in handed_on)
    assert b"back" in said
    assert b"between us" not in said


def test_what_was_said_while_it_was_no_member_is_not_missed(without_ben, call, shown):
    trio = without_ben
    for number in range(5):
        for person in (trio.ana, trio.cem):
            person.say(trio.chat, f"without Ben {number}")
        trio.town.run()
    call(trio, trio.ben)
    for person in (trio.ana, trio.cem):
        person.say(trio.chat, "welcome back")
    trio.town.run(seconds=120)
    assert trio.ben.texts(trio.chat)[-1] == "welcome back"
    for person in (trio.ana, trio.cem):
        assert missing(tally(trio.ben, trio.chat, person)) == 0
    assert "missing" not in [line.what for line in shown(trio.ben, Line)]


def test_another_log_s_messages_stand_behind_the_old_ones(without_ben, call):
    trio = without_ben
    old = trio.ben.texts(trio.chat)
    trio.ana.take(i.Refound(trio.chat))
    trio.town.run()
    follow(trio.town, trio.cem)
    call(trio, trio.ben)
    trio.ana.say(trio.chat, "first of the new log")
    trio.town.run()
    assert trio.ben.texts(trio.chat) == [*old, "first of the new log"]


def test_what_served_a_request_goes_with_the_membership(trio, monkeypatch):
    lose(trio, monkeypatch)
    chat, cem = trio.chat, trio.cem
    cem.take(i.FetchMissing(chat))
    trio.ana.take(i.RemoveMember(chat, cem.id))
    trio.ana.say(chat, "behind it")
    assert chat in cem.state.fetches
    trio.ben.disconnect()
    trio.town.run(seconds=0)
    trio.town.now_ms += 5_000
    trio.ana.take(i.Tick())
    trio.town.run(seconds=0)
    assert cem.state.chats[chat].status is Status.REMOVED
    for _ in range(2):
        state = cem.state
        assert not {*state.fetches, *state.transcripts, *state.session.asks} & {chat}
        assert not any(key.startswith(chat) for key in state.epochs)
        assert state.tallies[chat + credential(trio.ana)] == Tally()
        cem.crash()
