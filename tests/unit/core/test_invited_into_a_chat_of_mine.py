"""An invitation names its chat only in the end: it leads into none that I am in."""

import pytest
from admissions import accepted, admission, deliver
from gathered import pending

from privity.core import inputs as i
from privity.core.effects import MessageState
from privity.core.errors import CommandRefused
from privity.core.events import Notice
from privity.core.requests import PostSealed
from privity.core.state import Status


def call(trio, person):
    """Let Ana invite somebody into the group, who accepts."""
    trio.town.now_ms += 5_000
    trio.ana.take(i.AddMembers(trio.chat, (person.id,)))
    trio.town.run()
    person.take(i.Accept(pending(person)))
    trio.town.run()


def lure(trio, make_friends):
    """Let Cem accept Ben's invitation to another group, and Ben vanish with it."""
    make_friends(trio.town, trio.ben, trio.cem)
    trio.ben.take(i.CreateGroup("Quiz night", (trio.cem.id,)))
    trio.town.run()
    trio.ben.disconnect()
    trio.cem.take(i.Accept(pending(trio.cem)))
    trio.town.run()
    return accepted(trio.cem)


def unsent(person, chat):
    return [row.state for row in person.messages(chat)][-1]


def test_a_chat_that_could_not_be_joined_holds_no_words_for_the_next(
    trio, make_friends
):
    request, package = lure(trio, make_friends)
    cem, other = trio.cem, b"c" * 16
    cem.disconnect()
    deliver(cem, admission(trio.ben, request, package, chat_id=other))
    cem.say(other, "for whom?")
    cem.connect()
    trio.town.run()
    assert cem.state.chats[other].status is Status.STUCK
    assert unsent(cem, other) is MessageState.FAILED
    assert not cem.state.outgoing.get(other)
    with pytest.raises(CommandRefused):
        cem.say(other, "more")


@pytest.mark.parametrize("log", ["its own", "another"])
def test_a_chat_that_i_was_in_stays_as_it_was_where_a_join_fails(
    trio, make_friends, shown, log
):
    """Else whoever knows a chat's id could rename it, or keep people out of it."""
    chat, cem = trio.chat, trio.cem
    cem.say(chat, "as a member")
    trio.town.run()
    trio.ana.take(i.RemoveMember(chat, cem.id))
    trio.town.run()
    before = cem.state.chats[chat]
    assert before.status is Status.REMOVED
    request, package = lure(trio, make_friends)
    log_id = before.log_id if log == "its own" else b"l" * 16
    letter = admission(
        trio.ben, request, package, chat_id=chat, log_id=log_id, title=b"Renamed"
    )
    me, key = cem.state.account, bytes(16)
    trio.ben.perform(PostSealed(me.mailbox_id, letter, key, me.mailbox_key))
    trio.town.run()
    assert "join_failed" in [notice.code for notice in shown(cem, Notice)]
    assert cem.state.chats[chat] == before
    assert not cem.state.jobs
    call(trio, cem)
    after = cem.state.chats[chat]
    assert (after.status, after.title) == (Status.ACTIVE, before.title)
    trio.ana.say(chat, "you are back")
    trio.town.run()
    assert cem.texts(chat) == ["as a member", "you are back"]
