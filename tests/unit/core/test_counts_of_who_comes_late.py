"""Who comes late into a new log counts on: nobody misses what it said before."""

import pytest
from losing import tally
from refounds import follow
from troubles import poison

from privity.core import inputs as i
from privity.core.events import Line
from privity.core.state import Status
from privity.core.tallies import Tally, missing


@pytest.fixture
def dan(trio, make_friends):
    found = trio.town.person("Dan", "dan")
    trio.town.run()
    make_friends(trio.town, trio.ana, found)
    trio.town.now_ms += 5_000
    return found


def add(trio, dan):
    trio.ana.take(i.AddMembers(trio.chat, (dan.id,)))
    trio.town.run()
    dan.take(i.Accept(next(k for k, v in dan.state.requests.items() if v.title)))
    trio.town.run()


def test_a_newcomer_misses_nothing_of_who_follows_a_refound_late(trio, dan, shown):
    for number in range(5):
        trio.cem.say(trio.chat, f"in the old log: {number}")
    trio.town.run()
    trio.ana.take(i.Refound(trio.chat))
    trio.town.run()
    follow(trio.town, trio.ben)
    add(trio, dan)
    follow(trio.town, trio.cem)
    trio.cem.say(trio.chat, "here")
    trio.town.run(seconds=120)
    assert dan.texts(trio.chat) == ["here"]
    assert missing(tally(dan, trio.chat, trio.cem)) == 0
    assert "missing" not in [line.what for line in shown(dan, Line)]


def test_the_first_words_of_who_came_are_missed_by_who_then_got_stuck(
    trio, dan, monkeypatch
):
    trio.ana.take(i.AddMembers(trio.chat, (dan.id,)))
    trio.town.run()
    dan.take(i.Accept(next(k for k, v in dan.state.requests.items() if v.title)))
    while dan.requests:
        dan.act()
    dan.disconnect()
    trio.town.run()
    came = tally(trio.cem, trio.chat, dan)
    assert came == Tally(since=came.since, seq=came.since)
    assert came.since > 0
    poison(trio, monkeypatch)
    assert trio.cem.state.chats[trio.chat].status is Status.STUCK
    trio.cem.disconnect()
    dan.connect()
    trio.town.run()
    dan.say(trio.chat, "one")
    trio.town.run()
    trio.cem.connect()
    trio.town.run(seconds=1_300)
    dan.say(trio.chat, "two")
    trio.town.run(seconds=120)
    assert trio.cem.texts(trio.chat)[-2:] == ["one", "two"]
