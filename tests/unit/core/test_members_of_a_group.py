"""Groups: who comes in, who goes, and what those who went can still open."""

import pytest

from privity.core import inputs as i
from privity.core.chat_rules import accounts_of
from privity.core.envelopes import open_envelope
from privity.core.errors import CommandRefused, Refusal
from privity.core.events import Line
from privity.core.generations import Generation
from privity.core.state import Status
from privity.errors import NotAuthentic
from privity.wire.codes import Refusal as RelayRefusal


def refused(code):
    return pytest.raises(CommandRefused, match=code.value)


def members(person, chat):
    return set(accounts_of(person.state.groups[chat].members()))


def test_a_group_agrees_on_everything(trio):
    groups = [p.state.groups[trio.chat] for p in trio.everybody]
    assert len({g.epoch_authenticator for g in groups}) == 1
    assert members(trio.ben, trio.chat) == {p.id for p in trio.everybody}
    chats = [p.state.chats[trio.chat] for p in trio.everybody]
    assert {c.title for c in chats} == {"Picnic"}
    assert len({c.chain for c in chats}) == 1


def test_nobody_is_added_who_did_not_accept(town, strangers, make_friends):
    ana, ben, _ = strangers
    make_friends(town, ana, ben)
    chat = ana.take(i.CreateGroup("Choir", (ben.id,)))
    town.run()
    assert members(ana, chat) == {ana.id}
    assert chat not in ben.state.chats


def test_a_newcomer_reads_nothing_from_before_it_came(pair, strangers, make_friends):
    town, ana, ben, cem = pair.town, pair.ana, pair.ben, strangers[2]
    make_friends(town, ana, cem)
    chat = ana.take(i.CreateGroup("Choir", (ben.id,)))
    town.run()
    ben.take(i.Accept(next(k for k, r in ben.state.requests.items() if r.title)))
    town.run()
    ana.say(chat, "before")
    town.run()
    ana.take(i.AddMembers(chat, (cem.id,)))
    town.run()
    cem.take(i.Accept(next(k for k, r in cem.state.requests.items() if r.title)))
    town.run()
    ana.say(chat, "after")
    town.run()
    assert cem.texts(chat) == ["after"]
    assert ben.texts(chat) == ["before", "after"]


def test_a_removal_opens_a_generation_that_the_removed_cannot_open(trio):
    old = trio.cem.state.chats[trio.chat]
    trio.ana.take(i.RemoveMember(trio.chat, trio.cem.id))
    trio.town.run()
    for text in ("now we can talk", "about the present"):
        trio.ben.say(trio.chat, text)
    trio.town.run()
    chat = trio.ben.state.chats[trio.chat]
    assert chat.generation == chat.parent
    log = trio.ben.read(chat.log_id, chat.generation, chat.generation)
    assert len(log.entries) == 2
    for entry in log.entries:
        with pytest.raises(NotAuthentic):
            open_envelope(Generation(old.secret), entry.header, entry.envelope)
    assert trio.cem.texts(trio.chat) == []


def test_the_relay_serves_the_removed_nothing_behind_its_removal(trio):
    trio.ana.take(i.RemoveMember(trio.chat, trio.cem.id))
    trio.town.run()
    trio.ben.say(trio.chat, "later")
    trio.town.run()
    chat = trio.ana.state.chats[trio.chat]
    old = trio.cem.read(chat.log_id, 0, 0)
    assert old.entries[-1].seq == chat.generation
    with pytest.raises(RelayRefusal):
        trio.cem.read(chat.log_id, 0, chat.cursor)


def test_the_removed_keeps_its_messages_and_forgets_its_keys(trio):
    trio.ben.say(trio.chat, "hello Cem")
    trio.town.run()
    trio.ana.take(i.RemoveMember(trio.chat, trio.cem.id))
    trio.town.run()
    chat = trio.cem.state.chats[trio.chat]
    assert (chat.status, chat.secret) == (Status.REMOVED, b"")
    assert trio.chat not in trio.cem.state.groups
    assert trio.cem.texts(trio.chat) == ["hello Cem"]
    with refused(Refusal.CHAT_NOT_USABLE):
        trio.cem.say(trio.chat, "let me in")


def test_who_was_removed_can_be_invited_again(trio, ask):
    trio.ana.take(i.RemoveMember(trio.chat, trio.cem.id))
    trio.town.run()
    trio.ana.take(i.AddMembers(trio.chat, (trio.cem.id,)))
    trio.town.run()
    trio.cem.take(i.Accept(ask(trio.cem)))
    trio.town.run()
    trio.ben.say(trio.chat, "welcome back")
    trio.town.run()
    assert trio.cem.texts(trio.chat) == ["welcome back"]
    trio.cem.say(trio.chat, "thank you")
    trio.town.run()
    assert trio.ben.texts(trio.chat)[-1] == "thank you"


def test_leaving_is_committed_by_somebody_who_stays(trio, shown):
    trio.cem.take(i.Leave(trio.chat))
    trio.town.run()
    assert trio.cem.state.chats[trio.chat].status is Status.LEFT
    assert members(trio.ben, trio.chat) == {trio.ana.id, trio.ben.id}
    line = next(e for e in shown(trio.ben, Line) if e.what == "left")
    assert line.who == trio.cem.id
    chat = trio.ben.state.chats[trio.chat]
    assert chat.generation == chat.parent


def test_the_next_in_rank_commits_a_leave_when_the_first_is_away(trio):
    trio.ana.disconnect()
    trio.cem.take(i.Leave(trio.chat))
    trio.town.run()
    assert members(trio.ben, trio.chat) == {trio.ana.id, trio.ben.id}
    trio.ana.connect()
    trio.town.run()
    assert members(trio.ana, trio.chat) == {trio.ana.id, trio.ben.id}


def test_messages_that_wait_during_a_leave_go_in_the_next_epoch(trio):
    trio.cem.take(i.Leave(trio.chat))
    while trio.cem.act() or trio.ben.act():
        pass
    trio.ben.say(trio.chat, "while she leaves")
    trio.town.run()
    assert trio.ana.texts(trio.chat) == ["while she leaves"]


def test_when_the_owner_leaves_the_lowest_leaf_owns_the_group(trio):
    trio.ana.take(i.Leave(trio.chat))
    trio.town.run()
    with refused(Refusal.NOT_ALLOWED):
        trio.cem.take(i.RemoveMember(trio.chat, trio.ben.id))
    trio.ben.take(i.RemoveMember(trio.chat, trio.cem.id))
    trio.town.run()
    assert members(trio.ben, trio.chat) == {trio.ben.id}


def test_who_is_alone_just_leaves(town, strangers):
    ana = strangers[0]
    chat = ana.take(i.CreateGroup("Me"))
    town.run()
    ana.take(i.Leave(chat))
    town.run()
    assert ana.state.chats[chat].status is Status.LEFT
    assert chat not in ana.state.groups


def test_a_title_is_told_to_everybody(trio):
    trio.ana.take(i.SetTitle(trio.chat, "Picnic on Sunday"))
    trio.town.run()
    titles = {p.state.chats[trio.chat].title for p in trio.everybody}
    assert titles == {"Picnic on Sunday"}


def test_what_a_member_may_not_do_is_refused_by_name(trio):
    with refused(Refusal.NOT_ALLOWED):
        trio.ben.take(i.RemoveMember(trio.chat, trio.cem.id))
    with refused(Refusal.NOT_ALLOWED):
        trio.ben.take(i.AddMembers(trio.chat, (trio.cem.id,)))
    with refused(Refusal.NOT_ALLOWED):
        trio.ben.take(i.SetTitle(trio.chat, "Mine"))
    with refused(Refusal.NO_SUCH_MEMBER):
        trio.ana.take(i.RemoveMember(trio.chat, bytes(16)))
    with refused(Refusal.ALREADY_MEMBER):
        trio.ana.take(i.AddMembers(trio.chat, (trio.cem.id,)))
    with refused(Refusal.NO_SUCH_CHAT):
        trio.ana.take(i.Leave(bytes(16)))


def test_a_direct_chat_has_no_members_to_change(pair):
    with refused(Refusal.NOT_A_GROUP):
        pair.ana.take(i.AddMembers(pair.chat, (pair.ben.id,)))
    with refused(Refusal.NOT_A_GROUP):
        pair.ana.take(i.RemoveMember(pair.chat, pair.ben.id))
    with refused(Refusal.DIRECT_GOES_ON):
        pair.ana.take(i.Leave(pair.chat))


def test_a_group_above_32_is_refused_by_name(trio, monkeypatch):
    monkeypatch.setattr("privity.core.invites.GROUP_CAP", 3)
    before = trio.ana.state
    with refused(Refusal.GROUP_FULL):
        trio.ana.take(i.AddMembers(trio.chat, (bytes(16),)))
    assert trio.ana.state is before


def test_two_who_change_the_group_at_once_both_succeed(trio):
    """The first commit wins; the other's intent is committed in the next epoch."""
    town = trio.town
    trio.ana.take(i.RemoveMember(trio.chat, trio.cem.id))
    trio.ben.take(i.Leave(trio.chat))
    town.run()
    assert members(trio.ana, trio.chat) == {trio.ana.id}
    assert trio.ben.state.chats[trio.chat].status in (Status.LEFT, Status.REMOVED)


def test_every_change_of_members_is_a_visible_line(trio, shown):
    added = {e.who for e in shown(trio.ana, Line) if e.what == "added"}
    assert {trio.ben.id, trio.cem.id} <= added
    rows = trio.ana.messages(trio.chat)
    assert sum(row.state.value == "line" for row in rows) >= 3


def test_a_dead_connection_to_the_log_is_named(trio):
    chat = trio.ben.state.chats[trio.chat]
    refusal = i.FollowRefused(chat.log_id, chat.generation, "no_such_log")
    trio.ben.take(refusal)
    stopped = trio.ben.state.chats[trio.chat]
    assert (stopped.status, stopped.cause) == (Status.STUCK, "access_refused")


def test_a_newcomer_learns_the_names_of_those_it_never_met(trio):
    """Ben and Cem are no contacts of each other; both were there before."""
    for reader, other in ((trio.ben, trio.cem), (trio.cem, trio.ben)):
        assert reader.state.contacts[other.id].name == other.state.account.name


def test_a_new_title_is_a_visible_line_for_everybody(trio, shown):
    trio.ana.take(i.SetTitle(trio.chat, "Picnic on Sunday"))
    trio.town.run()
    for person in trio.everybody:
        line = shown(person, Line)[-1]
        assert (line.what, line.text) == ("title", "Picnic on Sunday")
        assert line.by == trio.ana.id
