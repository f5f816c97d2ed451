"""Operators, members, strangers: what each sends us, and that it comes to nothing."""

from dataclasses import replace

import pytest
from admissions import accepted, admission, deliver
from forger import make_package, package_of
from msgspec import structs
from town import Town

from privity import mls
from privity.core import accounts, answers, joining, offers
from privity.core import inputs as i
from privity.core import requests as r
from privity.core.effects import Send
from privity.core.errors import CommandRefused, Reason, Refusal
from privity.core.events import Notice, RequestArrived
from privity.core.sealed import (
    Acceptance,
    Admission,
    Locator,
    open_message,
    recipient_of,
    seal_message,
)
from privity.core.state import ContactState, Intent, Status
from privity.core.step import Draft
from privity.errors import UsageError
from privity.identity.certificates import DeviceClaim, certify
from privity.identity.links import RelayAddress
from privity.identity.signing import public_of
from privity.wire.entry import chain_of_links, digest_of_links
from privity.wire.frames import Entries


def refused(code):
    return pytest.raises(CommandRefused, match=code.value)


def posted(person, sort):
    """Return the bodies that a person has posted for a reason."""
    jobs = person.state.jobs.values()
    return [j.request.body for j in jobs if j.reason == sort]


def test_an_invitation_that_the_relay_delivers_again_is_not_shown_again(
    town, strangers, shown, ask
):
    ana, ben, _ = strangers
    ana.take(i.RequestByLink(ben.take(i.MakeLink(uses=0))))
    body = posted(ana, "invitation")[0]
    town.run()
    deliver(ben, body)
    assert len(shown(ben, RequestArrived)) == 1
    ben.take(i.Decline(ask(ben)))
    deliver(ben, body)
    assert len(shown(ben, RequestArrived)) == 1


def test_an_invitation_that_led_to_a_chat_opens_no_second_one(
    town, strangers, shown, ask
):
    ana, ben, _ = strangers
    ana.take(i.RequestByLink(ben.take(i.MakeLink(uses=0))))
    body = posted(ana, "invitation")[0]
    town.run()
    invite_id = ask(ben)
    ben.take(i.Accept(invite_id))
    town.run()
    deliver(ben, body)
    assert len(shown(ben, RequestArrived)) == 1
    kept = ben.state.requests[invite_id]
    assert (kept.state, kept.text, kept.name) == ("joined", "", "")


def test_a_one_time_package_opens_one_invitation(town, strangers, shown):
    ana, ben, _ = strangers
    ana.take(i.RequestByHandle("ben"))
    while not posted(ana, "invitation"):
        ana.act()
    body = posted(ana, "invitation")[0]
    town.run()
    deliver(ben, body)
    assert shown(ben, Notice)[-1].code == "mailbox_unreadable"


def test_waiting_requests_are_bounded(town, strangers, shown, monkeypatch):
    monkeypatch.setattr(answers, "MAX_UNDECIDED", 1)
    ana, ben, cem = strangers
    link = ben.take(i.MakeLink(uses=0))
    for person in (ana, cem):
        person.take(i.RequestByLink(link))
        town.run()
    assert len(shown(ben, RequestArrived)) == 1
    assert shown(ben, Notice)[-1].code == "requests_full"
    assert len(ben.state.requests) == 1


def test_an_answer_that_comes_too_late_for_the_blocked_adds_nobody(
    town, strangers, ask
):
    ana, ben, _ = strangers
    ana.take(i.RequestByLink(ben.take(i.MakeLink())))
    town.run()
    ben.take(i.Accept(ask(ben)))
    ana.take(i.Block(ben.id))
    town.run()
    assert ana.state.contacts[ben.id].state is ContactState.BLOCKED
    assert not ana.state.chats
    assert not ana.state.invites


def asked(town, ana, ben):
    """Let Ana ask Ben; returns Ana's invitation and Ben's fresh package's answer."""
    ana.take(i.RequestByLink(ben.take(i.MakeLink())))
    town.run()
    return next(iter(ana.state.invites.values()))


def acceptance(person, invite, package):
    """Return an acceptance by a person with whatever package."""
    account = person.state.account
    suite = mls.suite(account.suite)
    public = suite.kem.public_of(invite.reply_private)
    message = Acceptance(
        version=1,
        recipient=recipient_of(public),
        certificate=offers.certificate(account),
        invite_id=invite.invite_id,
        key_package=package.encode(),
        name=b"",
        handle=b"",
        mailboxes=offers.my_mailboxes(account),
        mailbox_key=account.mailbox_key,
    )
    return seal_message(suite, public, message, account.signature_seed)


def test_nobody_accepts_in_the_place_of_another(town, strangers, shown):
    ana, ben, cem = strangers
    invite = asked(town, ana, ben)
    deliver(ana, acceptance(cem, invite, package_of(cem)))
    assert shown(ana, Notice)[-1].code == "acceptance_refused"
    assert not ana.state.chats


def test_who_accepts_brings_no_other_account_into_the_chat(town, strangers, shown):
    """Cem certifies Ben's signature key; Ben accepts with a package as Cem's device."""
    ana, ben, cem = strangers
    invite = asked(town, ana, ben)
    other, own = cem.state.account, ben.state.account
    claim = DeviceClaim(
        version=1,
        account_id=other.account_id,
        identity_key=other.identity_key,
        signature_key=public_of(own.signature_seed),
        device_id=bytes(16),
        list_version=1,
        replaces=None,
    )
    impostor = structs.replace(
        own,
        account_id=other.account_id,
        device_id=bytes(16),
        certificate=certify(other.identity_seed, claim).encode(),
    )
    deliver(ana, acceptance(ben, invite, make_package(town, impostor)))
    assert shown(ana, Notice)[-1].code == "acceptance_refused"
    assert not ana.state.chats
    assert ana.state.invites[invite.invite_id] == invite


@pytest.fixture
def second(trio, ask):
    """Ana invites Ben into a second group; Ben has accepted, she has not read it."""
    trio.ana.take(i.CreateGroup("Second", (trio.ben.id,)))
    trio.town.run()
    trio.ana.disconnect()
    trio.ben.take(i.Accept(ask(trio.ben)))
    trio.town.run()
    return accepted(trio.ben)


@pytest.mark.parametrize(
    "lie",
    [
        lambda trio: {"log_id": trio.ben.state.chats[trio.chat].log_id},
        lambda _: {"host": b"elsewhere.example"},
        lambda _: {"invite_id": bytes(16)},
        lambda _: {"seq": joining.MAX_WALK + 1},
        lambda _: {"checkpoint": Locator(2, 0, bytes(32))},
    ],
    ids=["my log", "another host", "another invitation", "far", "behind"],
)
def test_an_admission_that_does_not_fit_is_refused_by_name(trio, second, shown, lie):
    request, package = second
    chats, jobs = trio.ben.state.chats, trio.ben.state.jobs
    deliver(trio.ben, admission(trio.ana, request, package, **lie(trio)))
    assert shown(trio.ben, Notice)[-1].code == "admission_refused"
    assert (trio.ben.state.chats, trio.ben.state.jobs) == (chats, jobs)
    assert trio.ben.state.requests[request.invite_id].state == "accepted"


def test_an_admission_into_a_chat_that_goes_on_is_refused_by_name(trio, second, shown):
    chats, jobs = trio.ben.state.chats, trio.ben.state.jobs
    deliver(trio.ben, admission(trio.ana, *second, chat_id=trio.chat))
    assert shown(trio.ben, Notice)[-1] == Notice("admission_into_mine", trio.chat.hex())
    assert (trio.ben.state.chats, trio.ben.state.jobs) == (chats, jobs)


def walked(trio, second, answer, **changes):
    """Let Ben walk with an answer; returns what he is told."""
    request, package = second
    deliver(trio.ben, admission(trio.ana, request, package, **changes))
    number = max(trio.ben.state.jobs)
    trio.ben.requests.clear()
    trio.ben.take(i.Answered(number, answer))
    chat = trio.ben.state.chats[bytes(16)]
    assert (chat.status, chat.cause) == (Status.STUCK, Reason.JOIN.value)
    assert bytes(16) not in trio.ben.state.groups
    notes = [e for e in trio.ben.events if isinstance(e, Notice)]
    return notes[-1].detail


def entry(seq):
    return r.WalkedEntry(seq, b"", b"")


@pytest.mark.parametrize(
    ("entries", "why"),
    [
        ((), "the log ends before the commit"),
        ((entry(2),), "a gap in the log"),
        ((entry(1),), "the commit is not the one that was named"),
    ],
)
def test_a_joiner_sees_what_the_relay_left_out(trio, second, entries, why):
    answer = r.Walked(b"", entries, bytes(32), b"")
    assert walked(trio, second, answer) == why


def test_a_joiner_takes_no_other_checkpoint_or_welcome(trio, second):
    it, before = entry(1), bytes(32)
    named = {
        "checkpoint": Locator(1, 0, before),
        "digest": digest_of_links(it.links),
        "chain": chain_of_links(before, it.links),
    }
    answer = r.Walked(b"", (it,), before, b"")
    assert walked(trio, second, answer, **named) == (
        "the checkpoint is not the one that was named"
    )


def test_a_relay_that_will_not_let_a_joiner_read_is_named(trio, second):
    request, package = second
    deliver(trio.ben, admission(trio.ana, request, package))
    number = max(trio.ben.state.jobs)
    trio.ben.take(i.Answered(number, r.Refused("rate_limited", "", 500)))
    assert number in trio.ben.state.jobs
    trio.ben.take(i.Answered(number, r.Refused("no_such_log")))
    chat = trio.ben.state.chats[bytes(16)]
    assert (chat.status, chat.cause) == (Status.STUCK, "access_refused")


def test_a_code_of_a_newer_relay_is_waited_for(pair):
    pair.ana.say(pair.chat, "hello")
    job = max(pair.ana.state.jobs)
    pair.ana.take(i.Answered(job, r.Refused("a_code_of_tomorrow")))
    assert job in pair.ana.state.jobs
    chat = pair.ana.state.chats[pair.chat]
    pair.ana.take(i.FollowRefused(chat.log_id, chat.generation, "tomorrow"))
    assert pair.ana.state.chats[pair.chat].status is Status.ACTIVE


def test_what_comes_for_a_chat_that_was_left_changes_nothing(trio):
    chat = trio.cem.state.chats[trio.chat]
    trio.ana.take(i.RemoveMember(trio.chat, trio.cem.id))
    trio.town.run()
    end = trio.cem.state.chats[trio.chat]
    batch = trio.ana.read(chat.log_id, 0, end.cursor - 1)
    late = Entries(
        chat.log_id, chat.generation, batch.entries, bytes(32), bytes(32), 99
    )
    trio.cem.take(i.EntriesArrived(late))
    assert trio.cem.state.chats[trio.chat] == end


def test_a_relay_that_gives_two_packages_of_one_device_is_refused(
    town, strangers, shown
):
    ana, ben, _ = strangers
    ana.take(i.RequestByHandle("ben"))
    while not any(j.reason == "claim" for j in ana.state.jobs.values()):
        ana.act()
    number = max(ana.state.jobs)
    ana.requests.clear()
    package = (ben.state.account.device_id, package_of(ben).encode())
    answer = r.Claimed(ben.state.account.device_list, (package, package))
    ana.take(i.Answered(number, answer))
    assert shown(ana, Notice)[-1].detail == "two key packages of one device"
    assert not ana.state.invites


def test_a_package_whose_time_is_over_is_added_to_nothing(trio, shown, ask):
    stranger = trio.town.person("Dan")
    old = package_of(stranger)
    chat = trio.ana.state.chats[trio.chat]
    intent = Intent("add", stranger.id, bytes(16), old.encode())
    trio.ana.state = replace(
        trio.ana.state,
        chats={
            **trio.ana.state.chats,
            trio.chat: structs.replace(chat, intents=(intent,)),
        },
    )
    trio.town.now_ms += 40 * 86_400_000
    trio.ana.take(i.RemoveMember(trio.chat, trio.cem.id))
    notice = next(n for n in shown(trio.ana, Notice) if n.code == "commit_impossible")
    assert "OUTSIDE_LIFETIME" in notice.detail
    assert not trio.ana.state.chats[trio.chat].intents or (
        trio.ana.state.chats[trio.chat].intents[0].what == "remove"
    )
    trio.town.run()
    assert trio.chat not in trio.cem.state.groups


def test_a_package_that_can_not_be_added_holds_up_nothing_else(trio, shown):
    twin = package_of(trio.ben)  # a leaf with this signature key is there already
    dan = trio.town.person("Dan")
    chat = trio.ana.state.chats[trio.chat]
    bad = Intent("add", trio.ben.id, bytes(16), twin.encode())
    good = Intent("add", dan.id, bytes(15) + b"1", package_of(dan).encode())
    trio.ana.state = replace(
        trio.ana.state,
        chats={
            **trio.ana.state.chats,
            trio.chat: structs.replace(chat, intents=(bad, good)),
        },
    )
    trio.ana.take(i.RemoveMember(trio.chat, trio.cem.id))
    trio.town.run(seconds=5)
    assert [n.code for n in shown(trio.ana, Notice)] == ["commit_impossible"]
    assert not trio.ana.state.chats[trio.chat].intents
    ids = {
        leaf.credential.identity[:16]
        for _, leaf in trio.ben.state.groups[trio.chat].members()
    }
    assert ids == {trio.ana.id, trio.ben.id, dan.id}


def test_links_and_invitations_that_are_over_cost_nothing_any_more(town, strangers):
    ana, ben, _ = strangers
    ana.take(i.MakeLink(expiry=town.now_ms // 1000 + 60))
    once = ana.take(i.MakeLink(uses=1))
    ana.take(i.RequestByLink(ben.take(i.MakeLink(uses=0))))
    ben.take(i.RequestByLink(once))
    town.run()
    ana.disconnect()
    town.now_ms += 31 * 86_400_000
    ana.connect()
    assert not ana.state.links
    assert not ana.state.invites


def test_what_is_too_long_is_refused_by_name(trio):
    with refused(Refusal.TOO_LARGE):
        trio.ana.take(i.SetTitle(trio.chat, "t" * 257))
    with refused(Refusal.TOO_LARGE):
        trio.ana.take(i.CreateGroup("t" * 257))
    with refused(Refusal.TOO_LARGE):
        trio.ana.take(i.RequestByHandle("dan", "w" * 513))
    with refused(Refusal.TOO_LARGE):
        trio.ana.take(i.AddMembers(trio.chat, (), "w" * 513))
    address = RelayAddress(b"town.example", b"http://localhost", b"")
    with pytest.raises(UsageError):
        accounts.new_account(address, "", "n" * 129, trio.town.context())


def test_a_refused_message_leaves_the_draft_as_it_was(pair):
    draft = Draft(pair.ana.state, pair.town.context())
    mark = draft.mark()
    draft.show(Notice("x"))
    draft.put_account(pair.ana.state.account)
    draft.set_mailbox_cursor(99)
    draft.back_to(mark)
    assert draft.state is pair.ana.state
    assert not draft.writes
    assert not draft.effects


def secrets_of(state):
    """Return every secret of 16 or more bytes that a state holds."""
    account = state.account
    yield from (account.identity_seed, account.signature_seed)
    yield from (account.login_seed, account.mailbox_key)
    yield from (link.secret for link in state.links.values())
    yield from (link.reply_private for link in state.links.values())
    yield from (invite.reply_private for invite in state.invites.values())
    yield from (p.bundle[-64:] for p in state.packages.values())
    yield from (c.mailbox_key for c in state.contacts.values())
    for chat in state.chats.values():
        yield chat.secret
    for group in state.groups.values():
        yield group.state.secrets.membership_key
        yield group.state.secrets.init_secret
        yield group.state.secrets.exporter_secret
    for job in state.jobs.values():
        yield getattr(job.request, "access_seed", b"")
        yield getattr(job.request, "mailbox_key", b"")


def test_no_secret_of_a_full_state_is_printed(trio):
    ana = trio.ana
    ana.take(i.MakeLink())
    ana.disconnect()
    ana.say(trio.chat, "hello")
    ana.take(i.AddMembers(trio.chat, ()))
    ana.take(i.RemoveMember(trio.chat, trio.cem.id))
    ana.connect()
    ana.take(i.Block(trio.ben.id))
    sends = [e for e in ana.requests if isinstance(e, Send)]
    assert sends
    printed = repr(ana.state) + repr(sends) + repr(ana.following)
    printed += repr(list(ana.state.jobs.values()))
    found = [s for s in secrets_of(ana.state) if s]
    assert len(found) > 25
    for secret in found:
        assert repr(secret)[2:-1] not in printed
        assert secret.hex() not in printed


def test_a_new_account_and_sealed_messages_print_no_secret(trio, second):
    town = Town(seed=5)
    address = RelayAddress(b"town.example", b"http://localhost", b"")
    made = accounts.new_account(address, "", "Zoe", town.context())
    values = accounts.LoginValues(bytes(range(32)), bytes(range(32)), b"p" * 32)
    request, package = second
    bundle = mls.KeyPackageBundle.decode(package.bundle)
    suite = mls.suite(made.account.suite)
    body = admission(trio.ana, request, package, secret=b"s" * 32)
    message = open_message(suite, bundle.init_private, Admission, body)
    printed = repr(made) + repr(values) + repr(message)
    for secret in (made.account.identity_seed, bytes(range(32)), b"p" * 32, b"s" * 32):
        assert repr(secret)[2:-1] not in printed
        assert secret.hex() not in printed
