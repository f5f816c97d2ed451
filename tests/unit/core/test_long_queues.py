"""A long outbox: attempts stand in its front, and only that is looked at."""

import pytest

from privity.core import inputs as i
from privity.core.queues import IN_FLIGHT, front

MANY = 150


@pytest.fixture
def queued(trio):
    """Ben wrote much while he had no connection."""
    trio.ben.disconnect()
    for number in range(MANY):
        trio.ben.say(trio.chat, f"message {number}")
    return trio


def behind(person, chat):
    items = person.state.outgoing.get(chat, ())
    return items[len(front(items)) :]


def test_of_a_queue_that_waits_only_the_next_attempts_are_looked_at(queued):
    assert len(front(queued.ben.state.outgoing[queued.chat])) == IN_FLIGHT


@pytest.mark.parametrize("lost_after", [0, 5, 40, 90])
def test_no_attempt_stands_behind_the_front_whatever_comes_between(queued, lost_after):
    """The connection is lost, and a removal ends the epoch, among the answers."""
    ben, chat = queued.ben, queued.chat
    ben.connect()
    for _ in range(lost_after):
        ben.act()
        assert not any(item.job or item.seq for item in behind(ben, chat))
    ben.disconnect()
    queued.ana.take(i.RemoveMember(chat, queued.cem.id))
    queued.town.run()
    ben.connect()
    while any(person.act() for person in (ben, queued.ana)):
        assert not any(item.job or item.seq for item in behind(ben, chat))
    queued.town.run()
    said = [text for text in queued.ana.texts(chat) if text.startswith("message")]
    assert said == [f"message {number}" for number in range(MANY)]
