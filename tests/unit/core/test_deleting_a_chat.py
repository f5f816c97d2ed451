"""A chat that its owner deletes: what goes at once, what goes with the leaving."""

import pytest

from privity.core import inputs as i
from privity.core.effects import Kind
from privity.core.errors import CommandRefused
from privity.core.state import Status


def goes_on(trio):
    trio.town.now_ms += 5_000
    trio.town.run()


def kept_of(person, chat):
    """Return the kinds of what the disk has under a chat's id."""
    return {kind for kind, key in person.disk if key.startswith(chat)}


def rows_of(person, chat):
    return [key for key in person.rows if key[0] == chat]


def test_a_group_is_left_and_nothing_of_it_stays(trio):
    trio.ana.say(trio.chat, "for the three of us")
    trio.town.run()
    log_id = trio.cem.state.chats[trio.chat].log_id
    invite_id = trio.cem.state.chats[trio.chat].invite_id
    trio.cem.take(i.ForgetChat(trio.chat))
    assert rows_of(trio.cem, trio.chat) == []
    goes_on(trio)
    assert trio.chat not in trio.cem.state.chats
    assert kept_of(trio.cem, trio.chat) == set()
    assert rows_of(trio.cem, trio.chat) == []
    assert log_id not in trio.cem.following
    assert not trio.cem.state.jobs
    request = trio.cem.state.requests[invite_id]
    assert (request.title, request.text) == ("", "")
    assert trio.ana.texts(trio.chat) == ["for the three of us"]
    assert len(trio.ana.state.groups[trio.chat].members()) == 2


def test_what_comes_before_the_leaving_is_confirmed_is_not_kept(trio):
    trio.ana.disconnect()
    trio.ben.disconnect()
    trio.cem.take(i.ForgetChat(trio.chat))
    goes_on(trio)
    assert trio.cem.state.chats[trio.chat].forgotten
    trio.cem.crash()
    trio.cem.connect()
    trio.ben.connect()
    trio.ben.say(trio.chat, "are you gone?")
    goes_on(trio)
    goes_on(trio)
    assert trio.chat not in trio.cem.state.chats
    assert rows_of(trio.cem, trio.chat) == []
    assert kept_of(trio.cem, trio.chat) == set()


def test_deleting_twice_is_deleting_once(trio):
    trio.ana.disconnect()
    trio.ben.disconnect()
    trio.cem.take(i.ForgetChat(trio.chat))
    trio.cem.take(i.ForgetChat(trio.chat))
    goes_on(trio)
    assert trio.cem.state.chats[trio.chat].leaving
    trio.ana.connect()
    goes_on(trio)
    assert trio.chat not in trio.cem.state.chats
    with pytest.raises(CommandRefused):
        trio.cem.take(i.ForgetChat(trio.chat))


def test_who_is_alone_or_was_removed_deletes_at_once(trio):
    alone = trio.cem.take(i.CreateGroup("Me"))
    trio.ana.take(i.RemoveMember(trio.chat, trio.cem.id))
    goes_on(trio)
    assert trio.cem.state.chats[trio.chat].status is Status.REMOVED
    for chat in (alone, trio.chat):
        trio.cem.take(i.ForgetChat(chat))
        assert chat not in trio.cem.state.chats
        assert kept_of(trio.cem, chat) == set()


def test_a_chat_that_is_being_made_or_joined_can_be_deleted(town, strangers):
    ana = strangers[0]
    ana.disconnect()
    chat = ana.take(i.CreateGroup("Me"))
    ana.take(i.ForgetChat(chat))
    ana.connect()
    town.run()
    assert chat not in ana.state.chats
    assert not ana.following
    assert not ana.state.jobs


def test_a_group_can_be_entered_again_after_it_was_deleted(trio, ask):
    trio.cem.take(i.ForgetChat(trio.chat))
    goes_on(trio)
    trio.ana.take(i.AddMembers(trio.chat, (trio.cem.id,)))
    goes_on(trio)
    trio.cem.take(i.Accept(ask(trio.cem)))
    goes_on(trio)
    trio.ana.say(trio.chat, "welcome back")
    goes_on(trio)
    assert trio.cem.texts(trio.chat) == ["welcome back"]


def test_a_chat_of_two_is_emptied_and_goes_on(pair):
    pair.ben.say(pair.chat, "before")
    pair.town.run()
    pair.ana.take(i.ForgetChat(pair.chat))
    assert rows_of(pair.ana, pair.chat) == []
    assert pair.ben.texts(pair.chat) == ["before"]
    pair.ben.say(pair.chat, "after")
    pair.ana.say(pair.chat, "too")
    pair.town.run()
    assert sorted(pair.ana.texts(pair.chat)) == ["after", "too"]
    assert sorted(pair.ben.texts(pair.chat)) == ["after", "before", "too"]
    assert Kind.RATCHET in kept_of(pair.ana, pair.chat)


def test_what_was_queued_in_a_chat_of_two_is_never_said(pair):
    pair.ana.disconnect()
    pair.ana.say(pair.chat, "on second thoughts")
    pair.ana.take(i.ForgetChat(pair.chat))
    pair.ana.connect()
    pair.town.run()
    assert pair.ben.texts(pair.chat) == []
    assert pair.ana.texts(pair.chat) == []
    pair.ana.say(pair.chat, "hello")
    pair.town.run()
    assert pair.ben.texts(pair.chat) == ["hello"]


def test_what_is_under_way_leaves_no_row_when_it_arrives(pair):
    pair.ana.say(pair.chat, "under way")
    assert pair.ana.state.outgoing[pair.chat][0].job
    pair.ana.take(i.ForgetChat(pair.chat))
    assert rows_of(pair.ana, pair.chat) == []
    goes_on(pair)
    assert pair.ben.texts(pair.chat) == ["under way"]
    assert rows_of(pair.ana, pair.chat) == []
    assert not pair.ana.state.outgoing.get(pair.chat)
    pair.ana.say(pair.chat, "and on")
    goes_on(pair)
    assert pair.ben.texts(pair.chat) == ["under way", "and on"]
    assert pair.ana.texts(pair.chat) == ["and on"]


def test_nobody_deletes_a_chat_that_is_not_there(pair):
    before = pair.ana.state
    with pytest.raises(CommandRefused):
        pair.ana.take(i.ForgetChat(b"?" * 16))
    assert pair.ana.state is before
