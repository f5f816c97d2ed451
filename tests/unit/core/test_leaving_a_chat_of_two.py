"""A chat of two that is stuck can be left, and the two can begin another one."""

import pytest
from gathered import pending
from refounds import stop

from privity.core import inputs as i
from privity.core.effects import MessageState
from privity.core.errors import CommandRefused, Reason, Refusal
from privity.core.events import Line
from privity.core.state import Status


@pytest.fixture
def parted(pair):
    """Ben's device can't follow any more, and has something to say."""
    pair.ben.say(pair.chat, "before")
    pair.town.run()
    pair.ben.disconnect()
    stop(pair.ben, pair.chat, Reason.GONE)
    pair.ben.say(pair.chat, "waits")
    pair.ben.take(i.Leave(pair.chat))
    return pair


def states(person, chat):
    return {row.state for row in person.messages(chat) if row.sender == person.id}


def again(pair):
    """Let Ben ask Ana once more, who accepts; returns the new chat."""
    pair.ben.connect()
    pair.ben.take(i.RequestByHandle("ana"))
    pair.town.run()
    pair.ana.take(i.Accept(pending(pair.ana)))
    pair.town.run(seconds=60)
    return pair.ben.state.contacts[pair.ana.id].chat_id


def test_what_waited_is_marked_and_nothing_of_the_chat_is_left_but_its_words(parted):
    ben, chat = parted.ben, parted.chat
    assert ben.state.chats[chat].status is Status.LEFT
    assert states(ben, chat) >= {MessageState.FAILED}
    assert ben.texts(chat) == ["before", "waits"]
    for kept in ("groups", "pasts", "repairs", "outgoing"):
        assert not getattr(ben.state, kept).get(chat), kept
    assert not ben.state.jobs


def test_one_that_works_is_not_left(pair):
    before = pair.ben.state
    with pytest.raises(CommandRefused) as refused:
        pair.ben.take(i.Leave(pair.chat))
    assert refused.value.code is Refusal.DIRECT_GOES_ON
    assert pair.ben.state == before


def test_the_two_talk_again_in_another_one_and_the_old_one_ends_for_both(parted, shown):
    ana, ben, old = parted.ana, parted.ben, parted.chat
    new = again(parted)
    assert new not in (b"", old)
    assert ana.state.contacts[ben.id].chat_id == new
    assert ana.state.chats[old].status is Status.LEFT
    assert Line(old, ana.state.chats[old].cursor, "left", ben.id, ben.id) in shown(
        ana, Line
    )
    ben.say(new, "here")
    parted.town.run()
    ana.say(new, "there")
    parted.town.run()
    assert ana.texts(new) == ben.texts(new) == ["here", "there"]
    assert "waits" not in ana.texts(old)


def test_who_has_a_chat_with_somebody_decides_before_it_ends(parted):
    ana = parted.ana
    parted.ben.connect()
    parted.ben.take(i.RequestByHandle("ana"))
    parted.town.run()
    assert ana.state.chats[parted.chat].status is Status.ACTIVE
    ana.take(i.Decline(pending(ana)))
    assert ana.state.chats[parted.chat].status is Status.ACTIVE


def test_what_waited_at_the_other_side_is_marked_there_too(parted):
    ana, old = parted.ana, parted.chat
    ana.disconnect()
    stop(ana, old, Reason.GONE)
    ana.say(old, "are you there?")
    ana.connect()
    again(parted)
    assert ana.state.chats[old].status is Status.LEFT
    assert MessageState.FAILED in states(ana, old)
    assert MessageState.QUEUED not in states(ana, old)
    assert not ana.state.outgoing.get(old)


def test_a_message_that_was_given_up_is_forgotten_and_one_that_waits_is_not(pair):
    pair.ben.disconnect()
    pair.ben.say(pair.chat, "waits")
    (item,) = pair.ben.state.outgoing[pair.chat]
    with pytest.raises(CommandRefused):
        pair.ben.take(i.DropFailed(pair.chat, item.idem))
    stop(pair.ben, pair.chat, Reason.GONE)
    pair.ben.take(i.Leave(pair.chat))
    pair.ben.take(i.DropFailed(pair.chat, item.idem))
    assert pair.ben.texts(pair.chat) == []
