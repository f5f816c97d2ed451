"""Sending and receiving: order, repeats, refusals, and what is kept for a report."""

import pytest
from msgspec import structs

from privity.core import inputs as i
from privity.core.effects import MessageState
from privity.core.engine import MOST_DOUBTS
from privity.core.errors import CommandRefused, Refusal
from privity.core.events import ChatChanged, MessageDropped, MessageSent
from privity.core.state import Status
from privity.wire.codes import Code
from privity.wire.entry import Header, chain


def test_both_read_the_same_texts_in_the_same_order(pair):
    for number in range(20):
        speaker = pair.ana if number % 3 else pair.ben
        speaker.say(pair.chat, f"text {number}")
    pair.town.run()
    assert pair.ana.texts(pair.chat) == pair.ben.texts(pair.chat)
    assert len(pair.ana.texts(pair.chat)) == 20


def test_a_message_is_durable_before_it_is_sent_and_sent_before_it_says_so(pair, shown):
    pair.ana.disconnect()
    idem = pair.ana.say(pair.chat, "from the tunnel")
    row = pair.ana.rows[pair.chat, idem]
    assert (row.state, row.seq) == (MessageState.QUEUED, 0)
    assert not [e for e in shown(pair.ana, MessageSent) if e.idem == idem]
    pair.ana.connect()
    pair.town.run()
    assert pair.ana.rows[pair.chat, idem].state is MessageState.SENT
    assert pair.ben.texts(pair.chat) == ["from the tunnel"]


def test_nothing_is_protected_before_the_chat_is_read_up_to_its_head(pair):
    pair.ana.crash()
    pair.ana.say(pair.chat, "too early")
    assert not pair.ana.requests
    assert not any(o.job for o in pair.ana.state.outgoing[pair.chat])
    pair.ana.connect()
    pair.town.run()
    assert pair.ben.texts(pair.chat) == ["too early"]


def test_a_repeat_after_a_lost_answer_is_byte_for_byte_the_same(pair):
    pair.ana.say(pair.chat, "once")
    pair.ana.perform(pair.ana.requests[0].request)
    pair.ana.disconnect()
    pair.ana.connect()
    pair.town.run()
    first, second = pair.ana.sent_frames[-2:]
    assert (first.header, first.envelope) == (second.header, second.envelope)
    assert pair.ben.texts(pair.chat) == ["once"]
    assert pair.ana.texts(pair.chat) == ["once"]


def test_after_a_lost_race_the_same_content_goes_in_new_bytes(trio):
    town, ana, ben = trio.town, trio.ana, trio.ben
    ana.take(i.RemoveMember(trio.chat, trio.cem.id))
    ana.perform(ana.requests[0].request)
    ben.say(trio.chat, "too late for this epoch")
    town.run()
    attempts = [f for f in ben.sent_frames if Header.parse(f.header).kind == 1]
    stale, taken = attempts[-2:]
    headers = Header.parse(stale.header), Header.parse(taken.header)
    assert headers[0].idem == headers[1].idem
    assert headers[0].tag == headers[1].tag
    assert headers[0].parent != headers[1].parent
    assert ana.texts(trio.chat) == ["too late for this epoch"]


def test_no_two_different_envelopes_share_a_salt(trio):
    for number in range(10):
        for person in trio.everybody:
            person.say(trio.chat, str(number))
    trio.ana.take(i.RemoveMember(trio.chat, trio.cem.id))
    trio.town.run()
    frames = {f.envelope for p in trio.everybody for f in p.sent_frames}
    assert len({envelope[:32] for envelope in frames}) == len(frames)


def test_what_the_relay_puts_off_goes_again_in_order(pair, monkeypatch):
    real = pair.ana.perform
    refusals = [Code.RATE_LIMITED, Code.AFTER_REFUSED, Code.AFTER_REFUSED]

    def perform(request):
        from privity.core import requests as r

        if refusals and isinstance(request, r.AppendEntry):
            return r.Refused(refusals.pop(0).value, "", 500)
        return real(request)

    monkeypatch.setattr(pair.ana, "perform", perform)
    for text in ("a", "b", "c"):
        pair.ana.say(pair.chat, text)
    pair.town.run()
    assert pair.ben.texts(pair.chat) == ["a", "b", "c"]
    assert not refusals


def test_a_message_that_the_relay_refuses_for_good_fails_by_name(pair, monkeypatch):
    from privity.core import requests as r

    monkeypatch.setattr(pair.ana, "perform", lambda _: r.Refused(Code.MALFORMED.value))
    idem = pair.ana.say(pair.chat, "broken")
    pair.town.run()
    assert pair.ana.rows[pair.chat, idem].state is MessageState.FAILED
    assert not pair.ana.state.jobs


def test_a_queued_message_can_be_taken_back(pair):
    pair.ana.disconnect()
    idem = pair.ana.say(pair.chat, "better not")
    pair.ana.take(i.TakeBack(pair.chat, idem))
    assert (pair.chat, idem) not in pair.ana.rows
    pair.ana.connect()
    pair.town.run()
    assert pair.ben.texts(pair.chat) == []


def test_a_message_that_may_have_left_can_not_be_taken_back(pair):
    idem = pair.ana.say(pair.chat, "gone")
    with pytest.raises(CommandRefused, match=Refusal.ALREADY_SENT.value):
        pair.ana.take(i.TakeBack(pair.chat, idem))
    with pytest.raises(CommandRefused, match=Refusal.NO_SUCH_MESSAGE.value):
        pair.ana.take(i.TakeBack(pair.chat, bytes(16)))


def test_a_received_message_keeps_what_a_report_needs(pair):
    pair.ana.say(pair.chat, "evidence")
    pair.town.run()
    row = pair.ben.messages(pair.chat)[-1]
    header = Header.parse(row.header)
    assert (len(row.stamp), header.idem) == (32, row.idem)
    assert header.tag != bytes(32)
    assert row.frame
    assert row.stamp_key
    assert row.sender == pair.ana.id


def test_an_entry_that_was_read_already_changes_nothing(pair):
    pair.ana.say(pair.chat, "hello")
    pair.town.run()
    chat = pair.ben.state.chats[pair.chat]
    batch = pair.ben.read(chat.log_id, chat.generation, 0)
    before = pair.ben.state
    pair.ben.take(i.EntriesArrived(batch))
    assert pair.ben.state.chats == before.chats
    assert pair.ben.texts(pair.chat) == ["hello"]


def test_an_entry_from_the_future_is_left_until_the_gap_is_filled(pair):
    chat = pair.ben.state.chats[pair.chat]
    for text in ("one", "two"):
        pair.ana.say(pair.chat, text)
    while pair.ana.act():
        pass
    batch = pair.ben.read(chat.log_id, chat.generation, chat.cursor)
    late = structs.replace(batch, entries=batch.entries[1:])
    pair.ben.take(i.EntriesArrived(late))
    assert pair.ben.state.chats[pair.chat].cursor == chat.cursor
    pair.town.run()
    assert pair.ben.texts(pair.chat) == ["one", "two"]


def test_a_relay_that_shows_another_past_stops_the_chat_by_name(pair, shown):
    chat = pair.ben.state.chats[pair.chat]
    pair.ana.say(pair.chat, "one")
    while pair.ana.act():
        pass
    batch = pair.ben.read(chat.log_id, chat.generation, chat.cursor)
    forked = structs.replace(batch, before=b"\x01" * 32)
    pair.ben.take(i.EntriesArrived(forked))
    stopped = pair.ben.state.chats[pair.chat]
    assert (stopped.status, stopped.cause) == (Status.STUCK, "chain")
    assert shown(pair.ben, ChatChanged)[-1].cause == "chain"


def changed_batch(pair, place):
    """Return Ben's next batch with one bit of an entry changed."""
    chat = pair.ben.state.chats[pair.chat]
    pair.ana.say(pair.chat, "one")
    while pair.ana.act():
        pass
    batch = pair.ben.read(chat.log_id, chat.generation, chat.cursor)
    entry = batch.entries[0]
    data = bytearray(getattr(entry, place))
    data[-1] ^= 1
    changed = structs.replace(entry, **{place: bytes(data)})
    return structs.replace(batch, entries=[changed])


@pytest.mark.parametrize("place", ["header", "envelope"])
def test_an_entry_that_was_changed_on_the_way_is_read_again(pair, place):
    pair.ben.take(i.EntriesArrived(changed_batch(pair, place)))
    assert pair.ben.texts(pair.chat) == []
    pair.town.run()
    assert pair.ben.texts(pair.chat) == ["one"]


def test_a_relay_that_keeps_changing_entries_stops_the_chat_by_name(pair):
    batch = changed_batch(pair, "envelope")
    for _ in range(MOST_DOUBTS + 1):
        assert pair.ben.state.chats[pair.chat].status is Status.ACTIVE
        pair.ben.take(i.EntriesArrived(batch))
    stopped = pair.ben.state.chats[pair.chat]
    assert (stopped.status, stopped.cause) == (Status.STUCK, "chain")


@pytest.mark.parametrize("place", ["header", "envelope"])
def test_an_entry_that_opens_to_nothing_is_dropped_by_name(pair, shown, place):
    """The relay vouches for it, so it is as a member with bad intent wrote it."""
    batch = changed_batch(pair, place)
    entry = batch.entries[0]
    value = chain(batch.before, entry.header, entry.envelope)
    pair.ben.take(i.EntriesArrived(structs.replace(batch, chain=value)))
    dropped = shown(pair.ben, MessageDropped)[-1]
    assert dropped.cause in ("header", "envelope")
    assert pair.ben.texts(pair.chat) == []


def test_a_text_too_large_for_an_entry_is_refused_by_name(pair):
    before = pair.ana.state
    with pytest.raises(CommandRefused, match=Refusal.TOO_LARGE.value):
        pair.ana.take(i.SendContent(pair.chat, bytes(50_000)))
    assert pair.ana.state is before


def test_a_restored_old_disk_is_noticed_before_anything_new_is_protected_and_healed(
    pair,
):
    old = dict(pair.ana.disk)
    pair.ana.say(pair.chat, "after the copy was made")
    pair.town.run()
    pair.ana.disk = old
    pair.ana.crash()
    pair.ana.connect()
    pair.ana.say(pair.chat, "with old keys")
    pair.town.run()
    chat = pair.ana.state.chats[pair.chat]
    said = ["after the copy was made", "with old keys"]
    assert chat.status is Status.ACTIVE
    assert pair.ben.texts(pair.chat) == said
    assert ChatChanged(pair.chat, "stuck", "rolled_back") in pair.ana.events
