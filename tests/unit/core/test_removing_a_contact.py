"""Removing a contact: what is forgotten, what stays, and how they come back."""

import pytest

from privity.core import inputs as i
from privity.core.effects import Kind
from privity.core.errors import CommandRefused, Refusal
from privity.core.events import RequestArrived
from privity.core.state import ContactState, Status


def remove(person, other):
    person.take(i.RemoveContact(other.id))


@pytest.fixture
def known(pair):
    """Ana has a name for Ben, and compared their number; then she removes him."""
    pair.ana.take(i.SetNickname(pair.ben.id, "Benny"))
    pair.ana.take(i.MarkVerified(pair.ben.id))
    remove(pair.ana, pair.ben)
    pair.town.run()
    return pair


def test_name_and_check_are_forgotten_and_the_chat_goes_on(known):
    contact = known.ana.state.contacts[known.ben.id]
    assert (contact.state, contact.nickname) == (ContactState.KNOWN, "")
    assert not contact.verified
    known.ben.say(known.chat, "still here")
    known.ana.say(known.chat, "so am I")
    known.town.run()
    assert set(known.ana.texts(known.chat)) == {"still here", "so am I"}
    assert known.ana.state.chats[known.chat].status is Status.ACTIVE


def test_their_key_opens_nothing_any_more_and_no_group_takes_them(known, shown):
    key = known.ana.state.account.mailbox_key
    assert known.ben.state.contacts[known.ana.id].mailbox_key != key
    group = known.ana.take(i.CreateGroup("Garden"))
    known.town.run()
    with pytest.raises(CommandRefused, match=Refusal.NOT_A_CONTACT.value):
        known.ana.take(i.AddMembers(group, (known.ben.id,)))
    theirs = known.ben.take(i.CreateGroup("Pond"))
    known.town.run()
    known.ben.take(i.AddMembers(theirs, (known.ana.id,)))
    known.town.run()
    letters = known.town.letters[known.ana.state.account.mailbox_id]
    assert [lane for lane, _ in letters.values()][-1] == "requests"
    assert shown(known.ana, RequestArrived)[-1].title == "Pond"


@pytest.mark.parametrize("way", ["link", "handle"])
def test_asked_again_they_are_a_contact_again_in_the_same_chat(known, way):
    if way == "link":
        link = known.ben.take(i.MakeLink())
        assert known.ana.take(i.RequestByLink(link)) == known.ben.id
    else:
        known.ana.take(i.RequestByHandle("ben"))
    known.town.run()
    contact = known.ana.state.contacts[known.ben.id]
    assert (contact.state, contact.chat_id) == (ContactState.ACCEPTED, known.chat)
    assert not contact.verified
    assert not contact.parted
    assert not known.ana.state.invites
    assert len(known.ana.state.chats) == 1
    assert not [r for r in known.ben.state.requests.values() if r.state == "pending"]
    key = known.ana.state.account.mailbox_key
    assert known.ben.state.contacts[known.ana.id].mailbox_key == key


def test_a_restart_keeps_them_removed_and_unblocking_does_not_bring_them_back(known):
    known.ana.crash()
    known.ana.connect()
    known.town.run()
    known.ana.take(i.Block(known.ben.id))
    known.ana.take(i.Block(known.ben.id, blocked=False))
    assert known.ana.state.contacts[known.ben.id].state is ContactState.KNOWN


def test_who_shares_no_chat_is_forgotten_altogether(town, strangers):
    ana, ben, _ = strangers
    ana.take(i.RequestByLink(ben.take(i.MakeLink())))
    key = ana.state.account.mailbox_key
    remove(ana, ben)
    town.run()
    assert ben.id not in ana.state.contacts
    assert not ana.state.invites
    assert ana.state.account.mailbox_key == key


def test_an_acceptance_that_comes_after_it_begins_nothing(town, strangers, ask):
    ana, ben, _ = strangers
    ana.take(i.RequestByLink(ben.take(i.MakeLink())))
    town.run()
    remove(ana, ben)
    ben.take(i.Accept(ask(ben)))
    town.run()
    assert not ana.state.chats
    assert ben.id not in ana.state.contacts


def test_nobody_and_somebody_blocked_are_not_removed(pair):
    pair.ana.take(i.Block(pair.ben.id))
    before = pair.ana.state
    with pytest.raises(CommandRefused, match=Refusal.BLOCKED.value):
        remove(pair.ana, pair.ben)
    with pytest.raises(CommandRefused, match=Refusal.NO_SUCH_CONTACT.value):
        pair.ana.take(i.RemoveContact(b"n" * 16))
    assert pair.ana.state is before


@pytest.fixture
def answered(town, strangers, ask):
    """Ana accepted Ben's request, and removes him before he has begun the chat."""
    ana, ben, _ = strangers
    ben.take(i.RequestByLink(ana.take(i.MakeLink())))
    town.run()
    ana.take(i.Accept(ask(ana)))
    remove(ana, ben)
    return ana, ben


def test_somebody_removed_right_behind_an_acceptance_talks_in_the_chat(town, answered):
    ana, ben = answered
    town.run()
    contact = ana.state.contacts[ben.id]
    assert (contact.state, contact.parted) == (ContactState.KNOWN, True)
    ben.say(contact.chat_id, "here we are")
    town.run()
    assert ana.texts(contact.chat_id) == ["here we are"]
    assert ana.take(i.RequestByLink(ben.take(i.MakeLink()))) == ben.id


def test_a_restart_right_behind_it_changes_nothing(town, answered):
    ana, ben = answered
    ana.crash()
    ana.connect()
    town.run()
    assert ana.state.chats[ana.state.contacts[ben.id].chat_id].status is Status.ACTIVE


def test_a_disk_that_forgot_whom_it_accepted_joins_all_the_same(town, answered):
    ana, ben = answered
    del ana.disk[Kind.CONTACT, ben.id]
    ana.crash()
    ana.connect()
    town.run()
    assert ana.state.chats[ana.state.contacts[ben.id].chat_id].status is Status.ACTIVE


def until_accepted(town, *people):
    """Let people act one by one until the first has an acceptance, and no further."""
    first = people[0]
    for _ in range(500):
        if any(v.state == "accepted" for v in first.state.invites.values()):
            return
        assert any(person.act() for person in people)
    raise AssertionError("nobody accepted")


def test_somebody_removed_in_front_of_their_add_is_let_in(town, strangers, ask):
    ana, ben, _ = strangers
    ana.take(i.RequestByLink(ben.take(i.MakeLink())))
    town.run()
    ben.take(i.Accept(ask(ben)))
    until_accepted(town, ana, ben)
    remove(ana, ben)
    town.run()
    (chat,) = ben.state.chats
    assert not ana.state.invites
    assert ana.take(i.RequestByLink(ben.take(i.MakeLink()))) == ben.id
    ana.say(chat, "welcome back")
    town.run()
    assert ben.texts(chat) == ["welcome back"]


def test_somebody_removed_in_front_of_their_add_is_let_into_a_group(pair, ask):
    group = pair.ana.take(i.CreateGroup("Garden", (pair.ben.id,)))
    pair.town.run()
    pair.ben.take(i.Accept(ask(pair.ben)))
    until_accepted(pair.town, pair.ana, pair.ben)
    remove(pair.ana, pair.ben)
    pair.town.run()
    pair.ana.say(group, "hello garden")
    pair.town.run()
    assert pair.ben.texts(group) == ["hello garden"]


def test_a_group_that_is_moved_takes_along_who_was_removed_meanwhile(trio, ask):
    trio.ana.take(i.Refound(trio.chat))
    remove(trio.ana, trio.cem)
    trio.town.run()
    trio.cem.take(i.Accept(ask(trio.cem)))
    trio.town.run()
    assert (
        trio.cem.state.chats[trio.chat].log_id == trio.ana.state.chats[trio.chat].log_id
    )


def test_a_chat_that_is_moved_tells_no_key_to_somebody_removed(known, ask):
    known.ana.take(i.Refound(known.chat))
    known.town.run()
    known.ben.take(i.Accept(ask(known.ben)))
    known.town.run()
    key = known.ana.state.account.mailbox_key
    assert known.ben.state.contacts[known.ana.id].mailbox_key != key
    known.ana.take(i.RequestByLink(known.ben.take(i.MakeLink())))
    known.town.run()
    assert known.ben.state.contacts[known.ana.id].mailbox_key == key
