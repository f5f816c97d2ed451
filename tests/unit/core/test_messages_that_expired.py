"""Back after long: what went from the relay is named, the rest is followed."""

import msgspec
import pytest

from privity.core import inputs as i
from privity.core.effects import MessageState
from privity.core.errors import Reason
from privity.core.events import Line, MessageSent
from privity.core.past import past_of
from privity.core.requests import AppendEntry
from privity.core.state import Status
from privity.core.step import Draft
from privity.core.tallies import missing_by_account
from privity.relay.retention import due_weeks, expire_some
from privity.wire import frames
from privity.wire.entry import chain_of_links, links
from privity.wire.stamp import NO_STAMP

DAY_MS = 86_400_000


def pass_days(town, days):
    """Let days pass, in which the relay sweeps."""
    town.now_ms += days * DAY_MS
    for week in due_weeks(town.logs, town.now_ms // 60_000, 30):
        while expire_some(town.logs, week, town.sequencer.forget):
            pass


def lines(person, what):
    """Return the lines of a kind that a person was shown."""
    return [e for e in person.events if isinstance(e, Line) and e.what == what]


def gaps(person, chat):
    """Return which places a person can't read."""
    context = person.town.context()
    return past_of(Draft(person.state, context), chat).gaps


def say(trio, *texts):
    """Let Ana say something, which arrives."""
    for text in texts:
        trio.ana.say(trio.chat, text)
        trio.town.run()


@pytest.fixture
def away(trio):
    """Everybody, of whom Ben missed three messages that expired since."""
    trio.ben.disconnect()
    say(trio, "one", "two", "three")
    pass_days(trio.town, 45)
    return trio


def test_who_comes_back_goes_on_and_is_told_once_what_went(away):
    before = away.ben.state.chats[away.chat].cursor
    away.ben.connect()
    away.town.run()
    chat = away.ben.state.chats[away.chat]
    assert (chat.status, chat.cursor) == (Status.ACTIVE, before + 3)
    (line,) = lines(away.ben, "expired")
    assert line.seq == before + 1
    assert int(line.text) % 7 == 0
    assert gaps(away.ben, away.chat) == ((before + 1, before + 3),)
    assert not lines(away.ben, "stuck")


def test_what_is_said_then_is_read_and_shows_what_is_missing(away):
    away.ben.connect()
    away.town.run()
    say(away, "four")
    assert "four" in away.ben.texts(away.chat)
    away.town.run(seconds=120)
    assert {"one", "two", "three", "four"} <= set(away.ben.texts(away.chat))
    assert not missing_by_account(away.ben.state.tallies, away.chat)
    assert not lines(away.ben, "differs")
    assert not lines(away.ben, "elsewhere")
    assert not lines(away.cem, "differs")


def test_commits_among_what_expired_are_followed(trio):
    trio.ben.disconnect()
    say(trio, "one")
    trio.ana.take(i.RemoveMember(trio.chat, trio.cem.id))
    trio.town.run()
    say(trio, "two")
    pass_days(trio.town, 45)
    say(trio, "three")
    trio.ben.connect()
    trio.town.run()
    epochs = {p.state.groups[trio.chat].epoch for p in (trio.ana, trio.ben)}
    assert len(epochs) == 1
    assert trio.ben.texts(trio.chat)[-1] == "three"
    assert len(lines(trio.ben, "expired")) == 1
    assert len(gaps(trio.ben, trio.chat)) == 2


def test_a_second_absence_writes_a_second_line(away):
    away.ben.connect()
    away.town.run()
    say(away, "four")
    away.ben.disconnect()
    say(away, "five")
    pass_days(away.town, 45)
    away.ben.connect()
    away.town.run()
    assert len(lines(away.ben, "expired")) == 2


def test_a_crash_between_two_expired_messages_writes_no_second_line(away):
    away.ben.room = 1
    away.ben.connect()
    while not lines(away.ben, "expired"):
        assert away.ben.act_alive()
    away.ben.crash()
    away.ben.connect()
    away.town.run()
    stored = [row for row in away.ben.rows.values() if b'"expired"' in row.content]
    assert len(stored) == 1
    assert len(gaps(away.ben, away.chat)) == 1


@pytest.mark.parametrize("is_answered", [False, True])
def test_an_own_message_that_expired_was_sent(trio, is_answered):
    ben = trio.ben
    idem = ben.say(trio.chat, "mine")
    (send,) = ben.requests
    answer = ben.perform(send.request)
    if is_answered:
        ben.take(i.Answered(send.job, answer))
    ben.disconnect()
    before = ben.state.chats[trio.chat].cursor
    pass_days(trio.town, 45)
    ben.connect()
    trio.town.run()
    assert ben.state.chats[trio.chat].cursor == before + 1
    assert not ben.state.outgoing.get(trio.chat)
    sent = [e for e in ben.events if isinstance(e, MessageSent) and e.idem == idem]
    assert [one.seq for one in sent] == [answer.seq]
    row = ben.rows[trio.chat, idem]
    assert row.state is MessageState.SENT
    assert row.stamp == (answer.stamp if is_answered else NO_STAMP)
    assert not lines(ben, "expired")
    assert trio.town.logs.execute(
        "SELECT count(*) FROM entries WHERE log_id = ?",
        (ben.state.chats[trio.chat].log_id,),
    ).fetchone() == (before + 1,)


def arrived(chat, links):
    """Return what a relay sends that calls the next entry expired."""
    place = chat.cursor + 1
    chain = chain_of_links(chat.chain, links)
    entries = [frames.Expired(place, 0, links)]
    where = chat.log_id, chat.generation
    return i.EntriesArrived(frames.Entries(*where, entries, chat.chain, chain, place))


def test_a_relay_that_calls_my_commit_expired_is_not_followed(trio):
    ana = trio.ana
    ana.take(i.RemoveMember(trio.chat, trio.cem.id))
    send = ana.requests.pop(0)
    while not isinstance(send.request, AppendEntry):
        ana.take(i.Answered(send.job, ana.perform(send.request)))
        send = ana.requests.pop(0)
    ana.take(i.Answered(send.job, ana.perform(send.request)))
    chat = ana.state.chats[trio.chat]
    both = links(send.request.header, send.request.envelope)
    ana.take(arrived(chat, both))
    now = ana.state.chats[trio.chat]
    assert (now.status, now.cause) == (Status.STUCK, Reason.CHAIN.value)


def test_a_relay_that_calls_another_message_mine_and_expired_is_not_followed(trio):
    ben = trio.ben
    ben.say(trio.chat, "mine")
    (send,) = ben.requests
    ben.take(i.Answered(send.job, ben.perform(send.request)))
    ben.take(arrived(ben.state.chats[trio.chat], bytes(64)))
    now = ben.state.chats[trio.chat]
    assert (now.status, now.cause) == (Status.STUCK, Reason.CHAIN.value)
    assert ben.state.outgoing[trio.chat]


def test_an_expired_entry_that_breaks_the_chain_is_not_taken(trio):
    chat = trio.ben.state.chats[trio.chat]
    event = arrived(chat, bytes(64))
    lie = msgspec.structs.replace(event.entries, chain=bytes(32))
    trio.ben.take(i.EntriesArrived(lie))
    assert trio.ben.state.chats[trio.chat] == chat
