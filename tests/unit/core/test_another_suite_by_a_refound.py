"""A chat of an older suite goes on in a log with a stronger one; never down."""

from dataclasses import replace
from functools import partial

import pytest
from gathered import gather, meet, pending
from msgspec import structs
from refounds import agreed, asked, call, follow, stated
from town import Town

from privity.core import accounts, answers, chats, invites, leaves, refounding
from privity.core import inputs as i
from privity.core.errors import CommandRefused, Refusal
from privity.core.events import Notice, RefoundOffered
from privity.core.state import ChatKind
from privity.identity.device_list import SignedDeviceList

OLD, NEW = 1, 0xF5A1


@pytest.fixture
def older(monkeypatch):
    """Let three people be in a group of the weaker of two suites that all have."""
    first = accounts._first_list
    monkeypatch.setattr(
        accounts,
        "_first_list",
        lambda *asked: replace(first(*asked), suites=(NEW, OLD), min_suite=OLD),
    )
    town = Town(seed=11)
    people = meet(town)
    with monkeypatch.context() as then:
        then.setattr(chats, "found", partial(older_group, chats.found))
        then.setattr(answers, "_suite_of", suite_for)
        then.setattr(invites, "_check_suite", lambda draft, group: None)
        return gather(town, people)


def older_group(found, draft, bare, extensions):
    return found(draft, bare, extensions, OLD if bare.kind is ChatKind.GROUP else 0)


def suite_for(account, request):
    return OLD if request.kind is ChatKind.GROUP else NEW


def suite_of(person, chat):
    return person.state.groups[chat].suite.code


def refused(person, command, refusal):
    before = person.state
    with pytest.raises(CommandRefused) as error:
        person.take(command)
    assert error.value.code is refusal
    assert person.state is before
    assert not person.requests
    return error.value.detail


@pytest.mark.parametrize("named", [NEW, 0], ids=["named", "the strongest"])
def test_a_chat_goes_up_to_the_suite_that_all_members_have(older, named, shown):
    older.cem.say(older.chat, "before")
    older.town.run()
    older.ana.take(i.Refound(older.chat, suite=named))
    older.town.run()
    assert suite_of(older.ben, older.chat) == OLD
    follow(older.town, older.ben, older.cem)
    assert agreed(older.everybody, older.chat)
    older.ben.say(older.chat, "behind")
    older.town.run()
    for person in older.everybody:
        assert suite_of(person, older.chat) == NEW
        assert person.texts(older.chat) == ["before", "behind"]


def test_a_chat_can_keep_its_older_suite_too(older):
    """Key packages and admissions are of the group's suite, not the account's."""
    older.ana.take(i.Refound(older.chat, suite=OLD))
    older.town.run()
    follow(older.town, older.ben, older.cem)
    assert agreed(older.everybody, older.chat)
    assert suite_of(older.cem, older.chat) == OLD


def test_a_weaker_suite_is_refused_before_anything_is_sent(trio):
    for weaker in (OLD, 3, 0xFFFF):
        refused(trio.ana, i.Refound(trio.chat, suite=weaker), Refusal.WEAKER_SUITE)


def test_a_suite_that_the_own_list_does_not_take_is_refused(older):
    stricter(older.ana)
    refused(older.ana, i.Refound(older.chat, suite=OLD), Refusal.SUITE_NOT_TAKEN)
    refused(older.ana, i.Refound(older.chat, suite=3), Refusal.SUITE_NOT_TAKEN)


def stricter(person):
    """Let a person's own list take nothing weaker than the newer suite."""
    account = person.state.account
    signed = SignedDeviceList.decode(account.device_list)
    own = replace(signed.device_list, min_suite=NEW)
    data = replace(signed, device_list=own).encode()
    person.state = replace(
        person.state, account=structs.replace(account, device_list=data)
    )


def test_devices_that_do_not_have_the_suite_are_named_and_nothing_is_sent(
    older, monkeypatch
):
    cem = older.cem
    older.ana.take(i.RemoveMember(older.chat, cem.id))
    older.town.run()
    with monkeypatch.context() as then:
        then.setattr(invites, "_check_suite", lambda draft, group: None)
        older.ana.take(i.AddMembers(older.chat, (cem.id,)))
        older.town.run()
        then.setattr(answers, "_suite_of", lambda account, request: OLD)
        then.setattr(leaves, "stated", lambda device_list: (OLD,))
        cem.take(i.Accept(pending(cem)))
    older.town.run()
    assert agreed(older.everybody, older.chat)
    names = refused(older.ana, i.Refound(older.chat, suite=NEW), Refusal.SUITE_LACKING)
    assert names == "Cem"
    older.ana.take(i.Refound(older.chat, without=(cem.id,), suite=NEW))
    older.town.run()
    follow(older.town, older.ben)
    assert suite_of(older.ben, older.chat) == NEW


def test_without_a_name_the_chat_keeps_what_somebody_has_nothing_better_than(
    older, monkeypatch
):
    monkeypatch.setattr(
        refounding,
        "lacking",
        lambda group, suite: {older.cem.id} if suite == NEW else set(),
    )
    older.ana.take(i.Refound(older.chat))
    older.town.run()
    assert suite_of(older.ana, older.chat) == OLD


def test_an_older_chat_takes_nobody_new_in_before_it_goes_up(older):
    town, ana = older.town, older.ana
    refused(ana, i.AddMembers(older.chat, (bytes(16),)), Refusal.OLDER_SUITE)
    ana.take(i.Refound(older.chat, without=(older.cem.id,)))
    town.run()
    follow(town, older.ben)
    ana.take(i.AddMembers(older.chat, (older.cem.id,)))


@pytest.mark.parametrize("suite", [OLD, 7], ids=["below my least", "not in my list"])
def test_a_member_is_not_led_into_a_suite_that_its_list_does_not_take(
    older, suite, shown
):
    """A call that names it is an invitation to another chat, with a word on why."""
    stricter(older.cem)
    statement, _ = stated(older.ana, older.chat, suite=suite)
    call(older.ana, older.chat, statement, [older.cem])
    assert not asked(older.cem)
    assert not shown(older.cem, RefoundOffered)
    assert Notice("refound_doubted", "suite_not_taken") in older.cem.events
