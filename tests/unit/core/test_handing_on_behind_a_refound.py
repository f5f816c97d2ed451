"""What a new log lost is handed on there; what was said in the old one is not."""

import pytest
from asking import ask_for_all
from losing import lose, tally
from refounds import follow

from privity.core import inputs as i
from privity.core.tallies import missing


@pytest.fixture
def moved(trio):
    """A trio in its second log, which has seen a lot less than the first."""
    for number in range(8):
        for person in trio.everybody:
            person.say(trio.chat, f"old {number} of {person.state.account.name}")
        trio.town.run()
    trio.ana.take(i.Refound(trio.chat))
    trio.town.run()
    follow(trio.town, trio.ben, trio.cem)
    for person in trio.everybody:
        person.say(trio.chat, "here as well")
    trio.town.run()
    return trio


def test_what_is_lost_in_a_new_log_is_handed_on_in_its_place(moved, monkeypatch):
    lose(moved, monkeypatch)
    moved.town.run(seconds=120)
    for person in (moved.ana, moved.ben):
        assert missing(tally(moved.cem, moved.chat, person)) == 0
    assert moved.cem.texts(moved.chat) == moved.ben.texts(moved.chat)


def test_who_comes_into_a_new_log_gets_nothing_of_the_old_one(
    moved, ask, make_friends, handed_on
):
    dan = moved.town.person("Dan", "dan")
    moved.town.run()
    make_friends(moved.town, moved.ana, dan)
    moved.ana.take(i.AddMembers(moved.chat, (dan.id,)))
    moved.town.run()
    dan.take(i.Accept(ask(dan)))
    moved.town.run()
    moved.ana.say(moved.chat, "welcome")
    moved.town.run()
    ask_for_all(dan, moved.chat, moved.everybody)
    said = b"".join(one.encode() for one in handed_on)
    assert b"welcome" in said
    assert b"old " not in said
    assert b"here as well" not in said
