"""Leaves that race with commits, and groups that everybody leaves at once."""

import pytest

from privity.core import inputs as i
from privity.core.chat_rules import accounts_of
from privity.core.effects import MessageState
from privity.core.errors import CommandRefused, Refusal
from privity.core.state import Status


def members(person, chat):
    return set(accounts_of(person.state.groups[chat].members()))


def everybody_reads(trio):
    trio.town.now_ms += 5_000
    trio.town.run()


def test_a_leave_that_a_commit_had_not_seen_is_proposed_again(trio):
    """Ana's removal of Ben is under way when Cem's leave reaches the log first."""
    trio.cem.take(i.Leave(trio.chat))
    trio.ana.take(i.RemoveMember(trio.chat, trio.ben.id))
    trio.cem.act()
    everybody_reads(trio)
    assert trio.cem.state.chats[trio.chat].status is Status.LEFT
    assert trio.ben.state.chats[trio.chat].status is Status.REMOVED
    assert members(trio.ana, trio.chat) == {trio.ana.id}


def test_a_group_that_all_leave_at_once_ends_for_all(trio):
    for person in trio.everybody:
        person.take(i.Leave(trio.chat))
    everybody_reads(trio)
    for person in trio.everybody:
        chat = person.state.chats[trio.chat]
        assert (chat.status, chat.secret) == (Status.LEFT, b"")
        assert trio.chat not in person.state.groups
        assert not person.state.jobs


def test_who_is_alone_leaves_with_what_was_queued(town, strangers):
    ana = strangers[0]
    chat = ana.take(i.CreateGroup("Me"))
    town.run()
    ana.disconnect()
    idem = ana.say(chat, "to nobody")
    ana.take(i.Leave(chat))
    ana.connect()
    town.run()
    assert ana.rows[chat, idem].state is MessageState.FAILED
    assert not ana.state.jobs
    assert not ana.following


def test_a_group_left_before_its_log_is_made_is_not_followed(town, strangers):
    ana = strangers[0]
    ana.disconnect()
    chat = ana.take(i.CreateGroup("Me"))
    ana.take(i.Leave(chat))
    ana.connect()
    town.run()
    assert ana.state.chats[chat].status is Status.LEFT
    assert not ana.following
    assert not ana.state.jobs


def test_a_leave_goes_out_behind_what_was_said_before(trio):
    trio.cem.disconnect()
    trio.cem.say(trio.chat, "goodbye")
    trio.cem.take(i.Leave(trio.chat))
    trio.cem.connect()
    everybody_reads(trio)
    assert trio.ana.texts(trio.chat) == ["goodbye"]
    assert members(trio.ana, trio.chat) == {trio.ana.id, trio.ben.id}


def test_what_is_said_behind_a_queued_leave_waits_for_it(trio):
    """The leave waits for the connection, and what is said behind it for ever."""
    trio.cem.disconnect()
    trio.cem.take(i.Leave(trio.chat))
    trio.cem.say(trio.chat, "too late")
    trio.cem.connect()
    trio.town.run()
    assert trio.cem.state.chats[trio.chat].status is Status.LEFT
    assert "too late" not in trio.ana.texts(trio.chat)
    assert not trio.cem.state.outgoing[trio.chat]


@pytest.mark.parametrize("change", ["remove", "add", "title"])
def test_who_leaves_changes_nothing_any_more(trio, change):
    """Else the leave and the change would wait for each other."""
    trio.ana.disconnect()
    trio.ana.take(i.Leave(trio.chat))
    before = trio.ana.state
    command = {
        "remove": i.RemoveMember(trio.chat, trio.cem.id),
        "add": i.AddMembers(trio.chat, (trio.cem.id,)),
        "title": i.SetTitle(trio.chat, "Mine"),
    }[change]
    with pytest.raises(CommandRefused) as refused:
        trio.ana.take(command)
    assert refused.value.code is Refusal.ALREADY_LEFT
    assert trio.ana.state is before
    trio.ana.connect()
    everybody_reads(trio)
    assert trio.ana.state.chats[trio.chat].status is Status.LEFT
    assert members(trio.ben, trio.chat) == {trio.ben.id, trio.cem.id}


def test_a_leave_that_waits_lets_another_go_first(trio):
    """Ana's leave is queued when Ben's reaches the log, and Cem's behind it."""
    trio.ana.disconnect()
    trio.ana.take(i.Leave(trio.chat))
    for person in (trio.ben, trio.cem):
        person.take(i.Leave(trio.chat))
    everybody_reads(trio)
    trio.ana.connect()
    for _ in range(3):
        everybody_reads(trio)
    for person in trio.everybody:
        assert person.state.chats[trio.chat].status is Status.LEFT
        assert not person.state.jobs


def test_a_leave_that_nobody_confirms_is_ended_by_its_owner_a_day_later(trio):
    """The proposal stands: who comes back takes the leaf away."""
    trio.ana.disconnect()
    trio.ben.disconnect()
    trio.cem.take(i.Leave(trio.chat))
    trio.town.run()
    left = trio.cem.state
    trio.town.now_ms += 86_000_000
    with pytest.raises(CommandRefused, match=Refusal.ALREADY_LEFT.value):
        trio.cem.take(i.Leave(trio.chat))
    assert trio.cem.state is left
    trio.town.now_ms += 400_000
    trio.cem.take(i.Leave(trio.chat))
    over = trio.cem.state.chats[trio.chat]
    assert (over.status, over.secret) == (Status.LEFT, b"")
    assert trio.chat not in trio.cem.state.groups
    trio.ana.connect()
    trio.ben.connect()
    everybody_reads(trio)
    assert members(trio.ana, trio.chat) == {trio.ana.id, trio.ben.id}


def test_a_leave_that_nobody_could_have_read_is_not_ended(trio):
    trio.cem.disconnect()
    trio.cem.take(i.Leave(trio.chat))
    trio.town.now_ms += 86_400_000
    left = trio.cem.state
    with pytest.raises(CommandRefused, match=Refusal.ALREADY_LEFT.value):
        trio.cem.take(i.Leave(trio.chat))
    assert trio.cem.state is left
