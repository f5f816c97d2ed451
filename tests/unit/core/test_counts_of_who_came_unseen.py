"""Who comes in while a device can't follow the chat is counted from its first word."""

import pytest
from troubles import poison

from privity.core import inputs as i
from privity.core.state import Status


@pytest.fixture
def unseen(trio, make_friends, monkeypatch):
    """Dan, who came while Cem was stuck, and has said "one" before Cem was back."""
    dan = trio.town.person("Dan", "dan")
    trio.town.run()
    make_friends(trio.town, trio.ana, dan)
    poison(trio, monkeypatch)
    assert trio.cem.state.chats[trio.chat].status is Status.STUCK
    trio.cem.disconnect()
    trio.town.now_ms += 5_000
    trio.ana.take(i.AddMembers(trio.chat, (dan.id,)))
    trio.town.run()
    dan.take(i.Accept(next(k for k, v in dan.state.requests.items() if v.title)))
    trio.town.run()
    dan.say(trio.chat, "one")
    trio.town.run()
    trio.cem.connect()
    trio.town.run(seconds=1_300)
    assert trio.cem.state.chats[trio.chat].status is Status.ACTIVE
    assert "one" not in trio.cem.texts(trio.chat)
    return dan


def test_what_it_said_meanwhile_is_missed_and_handed_on(trio, unseen):
    unseen.say(trio.chat, "two")
    trio.town.run(seconds=120)
    assert trio.cem.texts(trio.chat)[-2:] == ["one", "two"]


def test_of_who_was_there_before_nothing_else_is_missed(trio, unseen):
    for person in (trio.ana, trio.ben, unseen):
        person.say(trio.chat, f"{person.id.hex()} speaks")
    trio.town.run(seconds=120)
    mine = trio.cem.state.tallies
    assert not any(tally.holes for tally in mine.values())
