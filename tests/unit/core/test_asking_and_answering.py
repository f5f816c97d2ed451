"""Contact requests and invitations: what is asked, answered, refused, by name."""

import pytest

from privity.core import inputs as i
from privity.core.errors import CommandRefused, Refusal
from privity.core.events import MessageArrived, Notice, RequestArrived
from privity.core.state import ContactState, Status


def refused(code):
    return pytest.raises(CommandRefused, match=code.value)


def test_a_link_leads_to_a_request_that_its_owner_decides(town, strangers, ask):
    ana, ben, _ = strangers
    ana.take(i.RequestByLink(ben.take(i.MakeLink()), "It is Ana from the bakery"))
    town.run()
    request = ben.state.requests[ask(ben)]
    assert (request.name, request.text) == ("Ana", "It is Ana from the bakery")
    assert request.by_link
    assert not ben.state.chats
    assert not ana.state.chats


def test_accepting_makes_one_direct_chat_for_both(pair):
    for person, other in ((pair.ana, pair.ben), (pair.ben, pair.ana)):
        chat = person.state.chats[pair.chat]
        assert (chat.status, chat.peer) == (Status.ACTIVE, other.id)
        contact = person.state.contacts[other.id]
        assert contact.state is ContactState.ACCEPTED
        assert contact.mailbox_key == other.state.account.mailbox_key


def test_a_handle_is_found_in_the_directory(town, strangers, ask):
    ana, ben, _ = strangers
    ana.take(i.RequestByHandle("ben"))
    town.run()
    ben.take(i.Accept(ask(ben)))
    town.run()
    assert ana.state.contacts[ben.id].state is ContactState.ACCEPTED


def test_an_unknown_handle_is_told_and_leaves_nothing_behind(town, strangers, shown):
    ana = strangers[0]
    ana.take(i.RequestByHandle("nobody"))
    town.run()
    assert shown(ana, Notice)[-1].code == "invitation_failed"
    assert not ana.state.invites
    assert not ana.state.jobs


def test_declining_tells_the_other_side_nothing(town, strangers, ask):
    ana, ben, _ = strangers
    ana.take(i.RequestByLink(ben.take(i.MakeLink())))
    town.run()
    before = len(ana.events)
    ben.take(i.Decline(ask(ben)))
    town.run()
    assert len(ana.events) == before
    assert not ben.state.jobs
    assert next(iter(ben.state.requests.values())).text == ""


def test_who_is_blocked_can_ask_no_more_and_loses_the_mailbox_key(pair, shown):
    old_key = pair.ben.state.account.mailbox_key
    pair.ben.take(i.Block(pair.ana.id))
    pair.town.run()
    assert pair.ben.state.account.mailbox_key != old_key
    group = pair.ana.take(i.CreateGroup("Come back"))
    pair.town.run()
    asked = len(shown(pair.ben, RequestArrived))
    pair.ana.take(i.AddMembers(group, (pair.ben.id,)))
    pair.town.run()
    assert len(shown(pair.ben, RequestArrived)) == asked
    letters = pair.town.letters[pair.ben.state.account.mailbox_id]
    assert [lane for lane, _ in letters.values()][-1] == "requests"


def test_the_other_contacts_learn_the_new_mailbox_key(town, strangers, make_friends):
    ana, ben, cem = strangers
    make_friends(town, ana, ben)
    make_friends(town, cem, ben)
    ben.take(i.Block(ana.id))
    town.run()
    key = ben.state.account.mailbox_key
    assert cem.state.contacts[ben.id].mailbox_key == key
    assert ana.state.contacts[ben.id].mailbox_key != key


def test_when_two_ask_each_other_one_chat_comes_of_it(town, strangers):
    ana, ben, _ = strangers
    to_ben, to_ana = ben.take(i.MakeLink()), ana.take(i.MakeLink())
    ana.take(i.RequestByLink(to_ben))
    ben.take(i.RequestByLink(to_ana))
    town.run()
    assert len(ana.state.chats) == len(ben.state.chats) == 1
    assert set(ana.state.chats) == set(ben.state.chats)
    assert not ana.state.invites
    assert not ben.state.invites


def test_a_link_serves_as_often_as_its_owner_said(town, strangers, shown):
    ana, ben, cem = strangers
    link = ben.take(i.MakeLink(uses=1))
    ana.take(i.RequestByLink(link))
    cem.take(i.RequestByLink(link))
    town.run()
    assert len(shown(ben, RequestArrived)) == 1


def test_an_expired_link_is_refused_by_name(town, strangers):
    ana, ben, _ = strangers
    link = ben.take(i.MakeLink(expiry=town.now_ms // 1000 + 60))
    town.now_ms += 61_000
    before = ana.state
    with refused(Refusal.LINK_EXPIRED):
        ana.take(i.RequestByLink(link))
    assert ana.state is before


def test_a_link_that_expires_on_the_way_brings_no_request(town, strangers, shown):
    ana, ben, _ = strangers
    link = ben.take(i.MakeLink(expiry=town.now_ms // 1000 + 60))
    ana.take(i.RequestByLink(link))
    town.now_ms += 61_000
    town.run()
    assert not shown(ben, RequestArrived)


def test_what_makes_no_sense_to_ask_is_refused_by_name(pair):
    ana, ben = pair.ana, pair.ben
    with refused(Refusal.OWN_LINK):
        ana.take(i.RequestByLink(ana.take(i.MakeLink())))
    with refused(Refusal.ALREADY_CONTACT):
        ana.take(i.RequestByLink(ben.take(i.MakeLink())))
    with refused(Refusal.OTHER_RELAY):
        ana.take(i.RequestByHandle("zoe@elsewhere.example"))
    with refused(Refusal.OWN_LINK):
        ana.take(i.RequestByHandle("ana"))
    with refused(Refusal.NO_SUCH_REQUEST):
        ana.take(i.Accept(bytes(16)))
    with refused(Refusal.NO_SUCH_CONTACT):
        ana.take(i.Block(bytes(16)))


def test_asking_twice_is_refused_by_name(strangers):
    ana, ben, _ = strangers
    ana.take(i.RequestByLink(ben.take(i.MakeLink())))
    with refused(Refusal.ALREADY_ASKED):
        ana.take(i.RequestByLink(ben.take(i.MakeLink())))


def test_deciding_twice_is_refused_by_name(town, strangers, ask):
    ana, ben, _ = strangers
    ana.take(i.RequestByLink(ben.take(i.MakeLink())))
    town.run()
    invite_id = ask(ben)
    ben.take(i.Decline(invite_id))
    with refused(Refusal.ALREADY_DECIDED):
        ben.take(i.Accept(invite_id))


def test_a_doubled_mailbox_message_changes_nothing(pair):
    from privity.relay import mailboxes

    town, ben = pair.town, pair.ben
    before = ben.state
    ben.mailbox_seen = 0
    entry = mailboxes.MailboxEntry(1, "requests", bytes(8192))
    ben.take(i.MailboxArrived(entry))
    town.run()
    assert ben.state == before


def test_junk_in_the_mailbox_is_named_and_forgotten(pair, shown):
    from privity.relay import mailboxes

    behind = pair.ben.state.mailbox_cursor + 1
    junk = mailboxes.MailboxEntry(behind, "requests", b"\x01" * 8192)
    chats, jobs = pair.ben.state.chats, pair.ben.state.jobs
    pair.ben.take(i.MailboxArrived(junk))
    assert shown(pair.ben, Notice)[-1].code == "mailbox_unreadable"
    assert (pair.ben.state.chats, pair.ben.state.jobs) == (chats, jobs)


def test_one_time_packages_are_refilled_and_old_ones_forgotten(town, strangers):
    ana = strangers[0]
    assert len(ana.state.packages) == 21
    town.now_ms += 32 * 86_400_000
    ana.disconnect()
    ana.connect()
    town.run()
    created = {p.created for p in ana.state.packages.values()}
    assert min(created) > town.now_ms // 1000 - 86_400


def test_a_name_travels_with_the_answer(pair, shown):
    assert pair.ana.state.contacts[pair.ben.id].name == "Ben"
    assert pair.ben.state.contacts[pair.ana.id].name == "Ana"
    assert not shown(pair.ana, Notice)
    assert shown(pair.ben, MessageArrived)
