"""Who was removed and let in again while a device could not follow is counted on."""

import pytest
from losing import tally
from troubles import poison

from privity.core import inputs as i
from privity.core.state import Status
from privity.core.tallies import Tally, heard, missing


def out_and_in_again(trio, ask, person):
    """Let Ana remove somebody and, a while later, invite and let in again."""
    trio.town.now_ms += 5_000
    trio.ana.take(i.RemoveMember(trio.chat, person.id))
    trio.town.run()
    assert person.state.chats[trio.chat].status is Status.REMOVED
    trio.town.now_ms += 5_000
    trio.ana.take(i.AddMembers(trio.chat, (person.id,)))
    trio.town.run()
    person.take(i.Accept(ask(person)))
    trio.town.run()
    assert person.state.chats[trio.chat].status is Status.ACTIVE


@pytest.fixture
def away(trio, ask, monkeypatch):
    """Cem heard Ben, got stuck, and is back; Ben was out and in again meanwhile."""
    for number in range(5):
        trio.ben.say(trio.chat, f"before {number}")
    trio.town.run()
    poison(trio, monkeypatch)
    assert trio.cem.state.chats[trio.chat].status is Status.STUCK
    trio.cem.disconnect()
    out_and_in_again(trio, ask, trio.ben)
    for number in range(2):
        trio.ben.say(trio.chat, f"meanwhile {number}")
    trio.town.run()
    trio.cem.connect()
    trio.town.run(seconds=1_300)
    assert trio.cem.state.chats[trio.chat].status is Status.ACTIVE
    return trio


def test_what_it_said_behind_its_return_is_missed_and_handed_on(away):
    assert "meanwhile 0" not in away.cem.texts(away.chat)
    away.ben.say(away.chat, "now")
    away.town.run(seconds=5)
    # Its greeting behind the join is one of them.
    assert missing(tally(away.cem, away.chat, away.ben)) == 3
    away.town.run(seconds=120)
    assert missing(tally(away.cem, away.chat, away.ben)) == 0
    told = away.cem.texts(away.chat)
    assert told[-3:] == ["meanwhile 0", "meanwhile 1", "now"]


def test_who_followed_all_the_time_misses_nothing(away):
    away.ben.say(away.chat, "now")
    away.town.run(seconds=5)
    assert away.ana.texts(away.chat)[-1] == "now"
    assert missing(tally(away.ana, away.chat, away.ben)) == 0


def test_who_follows_a_return_and_then_gets_stuck_misses_the_first_words(
    trio, ask, monkeypatch
):
    for number in range(5):
        trio.ben.say(trio.chat, f"before {number}")
    trio.town.run()
    trio.ana.take(i.RemoveMember(trio.chat, trio.ben.id))
    trio.town.run()
    trio.town.now_ms += 5_000
    trio.ana.take(i.AddMembers(trio.chat, (trio.ben.id,)))
    trio.town.run()
    trio.ben.take(i.Accept(ask(trio.ben)))
    while trio.ben.requests:
        trio.ben.act()
    trio.ben.disconnect()
    trio.town.run()
    came = tally(trio.cem, trio.chat, trio.ben)
    assert (came.next, came.seq) == (0, came.since)
    poison(trio, monkeypatch)
    assert trio.cem.state.chats[trio.chat].status is Status.STUCK
    trio.cem.disconnect()
    trio.ben.connect()
    trio.town.run()
    trio.ben.say(trio.chat, "while Cem was stuck")
    trio.town.run()
    trio.cem.connect()
    trio.town.run(seconds=1_300)
    assert trio.cem.state.chats[trio.chat].status is Status.ACTIVE
    trio.ben.say(trio.chat, "now")
    trio.town.run(seconds=120)
    assert trio.cem.texts(trio.chat)[-2:] == ["while Cem was stuck", "now"]


def test_what_never_left_before_the_removal_leaves_no_number_behind(trio, ask):
    trio.town.run()
    sent = trio.ben.state.chats[trio.chat].counter
    trio.ben.disconnect()
    for number in range(3):
        trio.ben.say(trio.chat, f"never sent {number}")
    trio.ana.take(i.RemoveMember(trio.chat, trio.ben.id))
    trio.town.run()
    trio.ben.connect()
    trio.town.run()
    chat = trio.ben.state.chats[trio.chat]
    assert (chat.status, chat.counter) == (Status.REMOVED, sent)


@pytest.mark.parametrize(
    ("counter", "between", "missed"), [(3, 9, 2), (40, 4, 4), (40, 0, 0), (1, 4, 0)]
)
def test_of_who_came_unseen_no_more_is_missed_than_stood_in_between(
    counter, between, missed
):
    came = Tally(seq=10, next=1)
    after = heard(came, counter, 10 + between + 1)
    assert missing(after) == missed
    assert after.next == counter + 1
