"""Answers of a relay: put off, refused for good, or other than what was asked for."""

from dataclasses import replace

import pytest
from msgspec import structs

from privity.core import accounts, engine
from privity.core import inputs as i
from privity.core import requests as r
from privity.core.effects import Kind, MessageState
from privity.core.errors import CommandRefused, Reason, Refusal
from privity.core.events import MessageDropped, Notice
from privity.core.state import ContactState, Session, Status
from privity.errors import DecodeError, UsageError
from privity.wire.codes import Code
from privity.wire.entry import chain
from privity.wire.frames import Entries, Entry, Greeting, MailboxEntry


def refused(code):
    return pytest.raises(CommandRefused, match=code.value)


def job(person, reason):
    """Return the number of the one job with that reason."""
    found = [n for n, j in person.state.jobs.items() if j.reason == reason]
    assert len(found) == 1
    return found[0]


def answer(person, reason, code, wait_ms=0):
    """Let the relay refuse the one job with that reason."""
    number = job(person, reason)
    person.requests = [s for s in person.requests if s.job != number]
    person.take(i.Answered(number, r.Refused(code.value, "", wait_ms)))


@pytest.mark.parametrize("code", [Code.TOKEN_NEEDED, Code.TOKEN_SPENT])
def test_a_log_that_can_not_be_made_yet_is_made_later(town, strangers, code):
    ana = strangers[0]
    chat = ana.take(i.CreateGroup("Choir"))
    answer(ana, "create_chat", code, 3_000)
    assert ana.state.chats[chat].status is Status.CREATING
    town.run(seconds=90)
    assert ana.state.chats[chat].status is Status.ACTIVE


def test_a_log_that_is_refused_stops_its_chat_by_name(strangers):
    ana = strangers[0]
    chat = ana.take(i.CreateGroup("Choir"))
    answer(ana, "create_chat", Code.LOG_EXISTS)
    stopped = ana.state.chats[chat]
    assert (stopped.status, stopped.cause) == (Status.STUCK, "access_refused")
    with refused(Refusal.CHAT_NOT_USABLE):
        ana.take(i.SetTitle(chat, "Other"))


def test_a_commit_that_is_put_off_goes_again_with_the_same_bytes(trio):
    trio.ana.take(i.RemoveMember(trio.chat, trio.cem.id))
    before = trio.ana.state.pending[trio.chat]
    answer(trio.ana, "commit", Code.TOO_SOON, 700)
    assert trio.ana.state.pending[trio.chat] == before
    trio.town.run()
    assert trio.cem.state.chats[trio.chat].status is Status.REMOVED


@pytest.mark.parametrize("code", [Code.STALE, Code.WRONG_GENERATION])
def test_what_is_denied_without_a_cause_goes_again(trio, code):
    """Nothing behind the parent is ever shown: only asking again can bring it in."""
    trio.ana.say(trio.chat, "hello")
    answer(trio.ana, "message", code)
    trio.town.run(seconds=59)
    assert trio.ben.texts(trio.chat) == []
    trio.town.run(seconds=61)
    assert trio.ben.texts(trio.chat) == ["hello"]
    trio.ana.take(i.RemoveMember(trio.chat, trio.cem.id))
    made = trio.ana.state.pending[trio.chat]
    answer(trio.ana, "commit", code)
    assert trio.ana.state.pending[trio.chat] == made
    trio.town.run(seconds=61)
    assert trio.cem.state.chats[trio.chat].status is Status.REMOVED
    assert trio.ana.state.chats[trio.chat].parent > made.parent
    assert not trio.ana.state.session.retry_at


@pytest.mark.parametrize("code", [Code.TOKEN_NEEDED, Code.TOKEN_SPENT])
def test_a_relay_that_takes_no_token_does_not_empty_the_purse(strangers, code):
    ana, ben, _ = strangers
    ana.take(i.RequestByLink(ben.take(i.MakeLink())))
    number = job(ana, "invitation")
    answer(ana, "invitation", code, 1_000)
    due = ana.state.session.retry_at[number]
    assert due >= ana.town.now_ms + 60_000


def test_a_commit_that_is_refused_for_good_is_given_up_by_name(trio, shown):
    trio.ana.take(i.RemoveMember(trio.chat, trio.cem.id))
    answer(trio.ana, "commit", Code.TOO_LARGE)
    assert trio.chat not in trio.ana.state.pending
    assert not trio.ana.state.chats[trio.chat].intents
    assert shown(trio.ana, Notice)[-1].code == "commit_refused"
    trio.ana.say(trio.chat, "on we go")
    trio.town.run()
    assert trio.ben.texts(trio.chat) == ["on we go"]


def test_an_answer_to_a_commit_that_is_over_ends_its_job(trio):
    trio.ana.take(i.RemoveMember(trio.chat, trio.cem.id))
    number = job(trio.ana, "commit")
    state = replace(trio.ana.state, pending={})
    step = engine.step(
        state, i.Answered(number, r.Refused("stale")), trio.town.context()
    )
    assert number not in step.state.jobs


@pytest.mark.parametrize("code", [Code.NO_SUCH_LOG, Code.GONE])
def test_a_log_that_is_gone_stops_the_chat_and_keeps_what_was_queued(pair, code):
    pair.ana.say(pair.chat, "hello?")
    answer(pair.ana, "message", code)
    chat = pair.ana.state.chats[pair.chat]
    assert (chat.status, chat.cause) == (Status.STUCK, Reason.GONE.value)
    assert pair.ana.state.outgoing[pair.chat]


def test_an_answer_with_another_digest_says_that_the_disk_went_back(pair):
    pair.ana.say(pair.chat, "mine")
    other = r.Appended(9, 1, 1, bytes(32), bytes(32), bytes(32))
    pair.ana.take(i.Answered(job(pair.ana, "message"), other))
    chat = pair.ana.state.chats[pair.chat]
    assert (chat.status, chat.cause) == (Status.STUCK, Reason.OWN_LEAF.value)


def test_an_answer_to_nothing_changes_nothing(pair):
    before = pair.ana.state
    pair.ana.take(i.Answered(10_000, r.Done()))
    assert pair.ana.state is before


def test_a_full_mailbox_is_tried_again_and_a_missing_one_is_told(
    town, strangers, shown
):
    ana, ben, _ = strangers
    ana.take(i.RequestByLink(ben.take(i.MakeLink())))
    answer(ana, "invitation", Code.MAILBOX_FULL, 2_000)
    job(ana, "invitation")
    answer(ana, "invitation", Code.NO_SUCH_MAILBOX)
    assert shown(ana, Notice)[-1].code == "not_delivered"
    assert not ana.state.jobs


def test_a_refused_upkeep_is_told_by_name(pair, shown):
    pair.ana.take(i.Block(pair.ben.id))
    answer(pair.ana, "mailbox_key", Code.MALFORMED)
    assert shown(pair.ana, Notice)[-1].code == "request_refused"


def test_a_claim_that_is_refused_or_empty_ends_the_invitation(town, strangers, shown):
    ana, ben, _ = strangers
    for spoiled in (r.Refused("no_key_package"), r.Claimed(b"", ())):
        ana.take(i.RequestByHandle("ben"))
        while not any(j.reason == "claim" for j in ana.state.jobs.values()):
            ana.act()
        ana.requests.clear()
        ana.take(i.Answered(job(ana, "claim"), spoiled))
        assert shown(ana, Notice)[-1].code == "invitation_failed"
        assert not ana.state.invites
    ana.take(i.RequestByHandle("ben"))
    number = job(ana, "find")
    ana.requests.clear()
    ana.take(i.Answered(number, r.Found(ben.id, ana.state.account.device_list)))
    assert shown(ana, Notice)[-1].detail == Refusal.OWN_LINK.value


def test_another_identity_key_than_before_is_refused_by_name(pair, shown):
    group = pair.ana.take(i.CreateGroup("Choir", (pair.ben.id,)))
    assert group
    number = job(pair.ana, "claim")
    pair.ana.requests.clear()
    ana = pair.ana.state.account
    pair.ana.take(i.Answered(number, r.Claimed(ana.device_list, ())))
    notice = shown(pair.ana, Notice)[-1]
    assert notice.detail == "the relay answered with another identity key"


def put_in_front(person, chat_id, *, header=None, envelope=b""):
    """Let the relay serve an entry of its own making."""
    chat = person.state.chats[chat_id]
    stamp = (1, 1, bytes(32))
    entry = Entry(chat.cursor + 1, *stamp, header or b"", envelope)
    behind = chain(chat.chain, entry.header, entry.envelope)
    batch = Entries(
        chat.log_id, chat.generation, [entry], chat.chain, behind, entry.seq
    )
    person.take(i.EntriesArrived(batch))


def test_entries_that_a_relay_makes_up_are_named_and_skipped(pair, shown):
    """A header alone is enough for a relay to write one; to be believed it is not."""
    pair.ana.say(pair.chat, "real")
    pair.town.run()
    real = pair.ana.sent_frames[-1].header
    junk = {
        b"\1": Reason.HEADER,
        real[:1] + bytes(16) + real[17:]: Reason.HEADER,
        real[:26] + b"\0\0\0\0\0\0\0\7" + real[34:]: Reason.HEADER,
        real[:34] + bytes(16) + real[50:]: Reason.ENVELOPE,
    }
    for header, reason in junk.items():
        put_in_front(pair.ben, pair.chat, header=header, envelope=bytes(80))
        assert shown(pair.ben, MessageDropped)[-1].cause == reason.value
        assert pair.ben.state.chats[pair.chat].status is Status.ACTIVE
    assert pair.ben.texts(pair.chat) == ["real"]


def test_what_is_read_and_what_was_compared_is_kept(pair):
    pair.ana.take(i.MarkRead(pair.chat, 3))
    pair.ana.take(i.MarkRead(pair.chat, 2))
    assert pair.ana.state.chats[pair.chat].read == 3
    pair.ana.take(i.MarkVerified(pair.ben.id))
    assert pair.ana.state.contacts[pair.ben.id].verified
    with refused(Refusal.NO_SUCH_CONTACT):
        pair.ana.take(i.MarkVerified(bytes(16)))
    with pytest.raises(UsageError):
        pair.ana.take("no input")


def test_who_was_blocked_can_be_let_in_again(pair):
    pair.ben.take(i.Block(pair.ana.id))
    pair.ben.take(i.Block(pair.ana.id))
    pair.ben.take(i.Block(pair.ana.id, blocked=False))
    assert pair.ben.state.contacts[pair.ana.id].state is ContactState.ACCEPTED
    with refused(Refusal.ALREADY_CONTACT):
        pair.ben.take(i.RequestByLink(pair.ana.take(i.MakeLink())))


def test_who_is_blocked_is_not_asked_either(pair):
    pair.ana.take(i.Block(pair.ben.id))
    with refused(Refusal.BLOCKED):
        pair.ana.take(i.RequestByLink(pair.ben.take(i.MakeLink())))
    group = pair.ana.take(i.CreateGroup("Choir"))
    with refused(Refusal.BLOCKED):
        pair.ana.take(i.AddMembers(group, (pair.ben.id,)))


def test_only_contacts_are_invited_and_only_once(pair, town):
    dan = town.person("Dan")
    group = pair.ana.take(i.CreateGroup("Choir", (pair.ben.id,)))
    with refused(Refusal.ALREADY_ASKED):
        pair.ana.take(i.AddMembers(group, (pair.ben.id,)))
    with refused(Refusal.NO_SUCH_CONTACT):
        pair.ana.take(i.AddMembers(group, (dan.id,)))
    pair.ana.take(i.RequestByLink(dan.take(i.MakeLink())))
    with refused(Refusal.NOT_A_CONTACT):
        pair.ana.take(i.AddMembers(group, (dan.id,)))


def test_who_was_accepted_is_invited_once_their_device_has_answered(
    strangers, town, ask
):
    ana, ben, _ = strangers
    ben.take(i.RequestByLink(ana.take(i.MakeLink())))
    group = ana.take(i.CreateGroup("Choir"))
    town.run()
    ana.take(i.Accept(ask(ana)))
    before = ana.state
    with refused(Refusal.NO_KEY_YET):
        ana.take(i.AddMembers(group, (ben.id,)))
    assert ana.state == before
    town.run()
    ana.take(i.AddMembers(group, (ben.id,)))
    town.run()
    assert ask(ben)


def test_a_message_whose_chat_ended_is_seen_to_have_failed(trio):
    trio.cem.disconnect()
    idem = trio.cem.say(trio.chat, "too late")
    trio.ana.take(i.RemoveMember(trio.chat, trio.cem.id))
    trio.town.run()
    trio.cem.connect()
    trio.town.run()
    assert trio.cem.rows[trio.chat, idem].state is MessageState.FAILED


def test_a_login_and_an_attachment_are_signed_for_one_connection(strangers):
    account = strangers[0].state.account
    greeting = Greeting(1, account.host, bytes(32), 1)
    other = structs.replace(greeting, nonce=b"n" * 32)
    values = accounts.LoginValues(bytes(32), b"", bytes(32))
    logins = [
        accounts.login_frame(account, g, 1, bytes(32), values)
        for g in (greeting, other)
    ]
    assert logins[0].signature != logins[1].signature
    attached = [
        accounts.attach_frame(g, 1, bytes(32), (bytes(16), 0), bytes(32))
        for g in (greeting, other)
    ]
    assert attached[0].signature != attached[1].signature


def test_a_profile_loads_as_it_was_and_a_damaged_one_is_refused(trio):
    disk = trio.ana.disk
    rows = [(kind, key, body) for (kind, key), body in disk.items()]
    loaded = engine.load(rows)
    for name in ("account", "chats", "contacts", "packages", "jobs", "requests"):
        assert getattr(loaded, name) == getattr(trio.ana.state, name)
    assert loaded.mailbox_cursor == trio.ana.state.mailbox_cursor
    with pytest.raises(UsageError):
        engine.load([row for row in rows if row[0] is not Kind.ACCOUNT])
    with pytest.raises(DecodeError):
        engine.load([*rows, (Kind.CHAT, bytes(16), b"\x80")])


def test_a_mailbox_that_is_read_anew_does_nothing_twice(trio, shown):
    for person in trio.everybody:
        entries = person.state.mailbox_cursor
        assert entries
        before = replace(person.state, mailbox_cursor=0, session=Session())
        person.take(i.MailboxLost())
        loaded = engine.load((k, n, b) for (k, n), b in person.disk.items())
        assert loaded.mailbox_cursor == person.state.mailbox_cursor == 0
        after = replace(person.state, session=Session())
        assert after == before
        assert Notice("mailbox_restored") in shown(person, Notice)


def test_the_same_letters_again_change_nothing(trio):
    """A relay that was restored delivers what was read; here it kept all of it."""
    ben = trio.ben
    kept = [
        MailboxEntry(seq, *letter)
        for seq, letter in trio.town.letters[ben.state.account.mailbox_id].items()
    ]
    assert len(kept) >= 2
    ben.take(i.MailboxLost())
    known = ben.state
    for entry in kept:
        ben.take(i.MailboxArrived(entry))
    trio.town.run()
    for table in ("chats", "contacts", "invites", "requests", "packages"):
        assert getattr(ben.state, table).keys() == getattr(known, table).keys()
    assert ben.state.chats == known.chats
    assert ben.state.mailbox_cursor == kept[-1].seq
