"""Missing messages are handed on by who has them, and nothing else is."""

from dataclasses import replace

import pytest
from losing import credential, lose, tally
from msgspec import structs
from refounds import stop

from privity import mls
from privity.content.build import control_message, origin, text_message
from privity.content.control import HandedOn, MissingAsked
from privity.core import inputs as i
from privity.core.errors import Reason
from privity.core.events import Line, Notice
from privity.core.handed import (
    Ask,
    Frame,
    Given,
    OwnWords,
    Span,
    decode_ask,
    open_given,
    seal_given,
)
from privity.core.handed_rules import Rule
from privity.core.handing import _found
from privity.core.step import Context, Draft
from privity.core.tallies import Epoch, missing
from privity.errors import DecodeError


@pytest.fixture
def lost(trio, monkeypatch):
    lose(trio, monkeypatch)
    return trio


def lines(person, what):
    found = [e for e in person.events if isinstance(e, Line) and e.what == what]
    return [(line.by, line.who, line.text) for line in found]


def test_what_is_missing_is_named_asked_for_and_handed_on(lost, shown):
    lost.town.run(seconds=120)
    texts = lost.cem.texts(lost.chat)
    assert "lost of Ana" in texts
    assert "lost of Ben" in texts
    assert missing(tally(lost.cem, lost.chat, lost.ana)) == 0
    assert missing(tally(lost.cem, lost.chat, lost.ben)) == 0
    told = {(who, text) for _, who, text in lines(lost.cem, "missing")}
    assert told == {(lost.ana.id, "2"), (lost.ben.id, "1")}
    assert sum(int(text) for *_, text in lines(lost.cem, "found")) == 3
    assert not lost.cem.state.fetches


def test_what_was_handed_on_stands_in_its_place(lost):
    lost.town.run(seconds=120)
    found = [t for t in lost.cem.texts(lost.chat) if "lost" in t]
    assert found == ["lost of Ana", "lost of Ben"]
    assert lost.cem.texts(lost.chat) == lost.ben.texts(lost.chat)


def test_one_answer_is_enough(lost):
    lost.town.run(seconds=300)
    given = [p for p in (lost.ana, lost.ben) if _answers(lost.cem, lost.chat, p)]
    assert len(given) == 1
    assert not any(p.state.session.plans for p in lost.everybody)


def _answers(reader, chat, sender):
    found = [m for m in reader.messages(chat) if m.sender == sender.id]
    return [m for m in found if b"\x83\x50" in m.content and b"control" in m.content]


def test_a_person_asks_at_once(lost):
    assert lost.cem.take(i.FetchMissing(lost.chat)) == 3
    lost.town.run(seconds=15)
    assert "lost of Ben" in lost.cem.texts(lost.chat)


def test_who_misses_nothing_says_nothing(trio):
    trio.ana.say(trio.chat, "hello")
    trio.town.run()
    before = trio.ben.state.chats[trio.chat].counter
    assert trio.ben.take(i.FetchMissing(trio.chat)) == 0
    trio.town.run(seconds=7_200)
    assert trio.ben.state.chats[trio.chat].counter == before


def test_a_message_that_nobody_has_is_asked_for_three_times(trio):
    trio.ana.say(trio.chat, "one")
    trio.town.run()
    chat = trio.ana.state.chats[trio.chat]
    skipped = structs.replace(chat, counter=chat.counter + 2)
    chats = {**trio.ana.state.chats, trio.chat: skipped}
    trio.ana.state = replace(trio.ana.state, chats=chats)
    trio.ana.say(trio.chat, "two")
    before = trio.ben.state.chats[trio.chat].counter
    trio.town.run(seconds=86_400)
    assert missing(tally(trio.ben, trio.chat, trio.ana)) == 2
    assert trio.ben.state.chats[trio.chat].counter == before + 3
    assert lines(trio.ben, "missing") == [(trio.ana.id, trio.ana.id, "2")]


def ask_of(person, chat, *spans):
    suite = person.state.groups[chat].suite
    private = suite.derive_key_pair(person.town.random.randbytes(32))[0]
    ask_id = person.town.random.randbytes(16)
    return Ask(1, ask_id, suite.kem.public_of(private), spans), private


def send(person, chat, *items):
    where = origin(person.id, chat, person.town.random.randbytes)
    person.take(i.SendContent(chat, control_message(where, *items).encode()))


def test_a_newcomer_gets_nothing_of_the_time_before(trio, town, make_friends):
    trio.ana.say(trio.chat, "between us")
    town.run()
    dan = town.person("Dan", "dan")
    town.run()
    make_friends(town, trio.ana, dan)
    trio.ana.take(i.AddMembers(trio.chat, (dan.id,)))
    town.run()
    dan.take(i.Accept(next(k for k, v in dan.state.requests.items() if v.title)))
    town.run()
    counter = trio.ana.state.chats[trio.chat].counter
    span = Span(credential(trio.ana), 1, counter, 0, 1 << 40)
    before = [p.state.chats[trio.chat].counter for p in (trio.ana, trio.ben)]
    ask, _ = ask_of(dan, trio.chat, replace(span, last=1))
    send(dan, trio.chat, MissingAsked(ask.encode()))
    town.run(seconds=60)
    assert before == [p.state.chats[trio.chat].counter for p in (trio.ana, trio.ben)]


def test_others_can_not_read_what_is_handed_on(lost):
    lost.cem.take(i.FetchMissing(lost.chat))
    lost.town.run(seconds=15)
    rows = lost.ben.messages(lost.chat) + lost.cem.messages(lost.chat)
    handed = [m for m in rows if b"vnd.privity.control" in m.content]
    assert handed
    assert not any(b"lost of" in m.content for m in handed)


def test_the_same_device_is_not_helped_again_at_once(lost):
    lost.cem.take(i.FetchMissing(lost.chat))
    lost.town.run(seconds=15)
    before = [p.state.chats[lost.chat].counter for p in (lost.ana, lost.ben)]
    newest = lost.ana.state.chats[lost.chat].counter
    span = Span(credential(lost.ana), 1, newest, 0, 1 << 40)
    for _ in range(20):
        ask, _ = ask_of(lost.cem, lost.chat, span)
        send(lost.cem, lost.chat, MissingAsked(ask.encode()))
    lost.town.run(seconds=60)
    assert before == [p.state.chats[lost.chat].counter for p in (lost.ana, lost.ben)]


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"spans": (Span(bytes(32), 2, 1, 0, 9),)},
        {"spans": (Span(bytes(32), 4, 9, 0, 9), Span(bytes(32), 1, 4, 0, 9))},
    ],
    ids=["version", "backwards", "overlapping"],
)
def test_a_request_that_makes_no_sense_is_refused_by_name(trio, shown, change):
    ask, _ = ask_of(trio.cem, trio.chat, Span(credential(trio.ana), 1, 2, 0, 9))
    bad = replace(ask, **change)
    with pytest.raises(DecodeError):
        decode_ask(bad.encode())
    send(trio.cem, trio.chat, MissingAsked(bad.encode()))
    trio.town.run(seconds=60)
    assert shown(trio.ana, Notice)[-1].code == "ask_refused"
    assert not trio.ana.state.session.plans


def test_a_key_that_is_none_is_refused_by_name(lost, shown):
    ask, _ = ask_of(lost.cem, lost.chat, *_wanted(lost))
    send(lost.cem, lost.chat, MissingAsked(replace(ask, key=b"none").encode()))
    lost.town.run(seconds=15)
    assert shown(lost.ana, Notice)[-1].code == "ask_refused"


def _wanted(trio):
    found = []
    for sender in (trio.ana, trio.ben):
        for hole in tally(trio.cem, trio.chat, sender).holes:
            span = (hole.first, hole.last, hole.above, hole.below)
            found.append(Span(credential(sender), *span))
    return tuple(found)


class Liar:
    """Ben, who hands on what he likes when Cem asks."""

    def __init__(self, trio):
        self.trio, self.chat = trio, trio.chat
        trio.cem.take(i.FetchMissing(trio.chat))
        trio.ana.disconnect()
        trio.town.run(seconds=0)
        plans = trio.ben.state.session.plans
        self.plan = next(iter(plans.values()))
        trio.ben.state = replace(
            trio.ben.state, session=replace(trio.ben.state.session, plans={})
        )

    def row(self, text):
        rows = self.trio.ben.messages(self.chat)
        return next(m for m in rows if text.encode() in m.content)

    def frame(self, text):
        """Return what Ben would honestly hand on of Ana's."""
        draft = Draft(self.trio.ben.state, Context(self.trio.town.now_ms, bytes))
        return _found(draft, self.plan, self.row(text))

    def give(self, *frames, own=(), key=None):
        given = Given(1, frames, own)
        suite = mls.suite(self.trio.ben.state.account.suite)
        ask = replace(self.plan.ask, key=key) if key else self.plan.ask
        sealed = seal_given(suite, ask, given)
        send(self.trio.ben, self.chat, HandedOn(ask.ask_id, False, sealed))
        before = self.trio.cem.state.tallies
        rows = set(self.trio.cem.rows)
        self.trio.town.run(seconds=0)
        after = self.trio.cem.state.tallies
        same = all(after[k].holes == before[k].holes for k in before)
        new = set(self.trio.cem.rows) - rows
        return same and len(new) == 1

    def cause(self, shown):
        return shown(self.trio.cem, Notice)[-1]


@pytest.fixture
def liar(lost):
    return Liar(lost)


def test_what_a_member_hands_on_honestly_is_taken(liar):
    honest = liar.frame("lost of Ana")
    assert not liar.give(honest)
    assert "lost of Ana" in liar.trio.cem.texts(liar.chat)


def test_nobody_puts_words_into_another_s_mouth(liar, shown):
    honest = liar.frame("lost of Ana")
    forged = replace(honest, frame=honest.frame.replace(b"lost of", b"paid by"))
    assert liar.give(forged)
    assert liar.cause(shown).code == "handed_refused"
    assert "paid by Ana" not in liar.trio.cem.texts(liar.chat)


def test_a_message_of_ben_does_not_pass_as_one_of_ana(liar):
    honest = liar.frame("lost of Ana")
    frames = [r.frame for r in liar.trio.ana.messages(liar.chat) if r.frame]
    assert liar.give(replace(honest, frame=frames[-1]))


def test_another_epoch_s_context_makes_the_signature_wrong(liar):
    honest = liar.frame("lost of Ana")
    for epoch in liar.trio.ben.state.epochs.values():
        if epoch.context != honest.context:
            assert liar.give(replace(honest, context=epoch.context))
            return
    pytest.fail("there is one epoch only")


def test_what_is_not_missing_is_refused_by_name(liar, shown):
    here = liar.row("again")
    own = OwnWords(here.order, here.seq, here.minute, here.content)
    assert liar.give(own=(own,))
    assert Rule.NOT_MISSED.value in liar.cause(shown).detail


def test_a_message_comes_only_into_its_place(liar, shown):
    honest = liar.frame("lost of Ana")
    assert liar.give(replace(honest, seq=1))
    assert Rule.OTHER_PLACE.value in liar.cause(shown).detail


def test_a_message_of_another_chat_is_refused_by_name(liar, shown):
    honest = liar.frame("lost of Ana")
    header = bytearray(honest.header)
    log_id = liar.trio.cem.state.chats[liar.chat].log_id
    at = bytes(header).index(log_id)
    header[at : at + 16] = bytes(16)
    assert liar.give(replace(honest, header=bytes(header)))
    assert Rule.OTHER_CHAT.value in liar.cause(shown).detail


def test_own_words_under_another_account_are_refused(liar):
    hole = tally(liar.trio.cem, liar.chat, liar.trio.ben).holes[0]
    where = origin(liar.trio.ana.id, liar.chat, liar.trio.town.random.randbytes)
    content = text_message(where, "as Ana", plain=True).encode()
    assert liar.give(own=(OwnWords(hole.first, hole.above + 1, 0, content),))


def test_what_nobody_asked_for_is_left_alone(liar):
    ask_id = liar.plan.ask.ask_id
    changed = replace(liar.plan.ask, ask_id=bytes(16))
    liar.plan = replace(liar.plan, ask=changed)
    assert liar.give(liar.frame("lost of Ana"))
    assert liar.trio.cem.state.fetches[liar.chat].ask_id == ask_id


def test_what_is_sealed_to_another_key_is_refused_by_name(liar, shown):
    other, _ = ask_of(liar.trio.ana, liar.chat)
    assert liar.give(liar.frame("lost of Ana"), key=other.key)
    assert liar.cause(shown).code == "handed_refused"


def test_a_message_is_handed_on_as_it_was_sealed(trio):
    suite = mls.suite(trio.ana.state.account.suite)
    ask, private = ask_of(trio.ana, trio.chat)
    frame = Frame(bytes(32), 5, 6, b"header", b"context", b"frame")
    given = Given(1, (frame,), (OwnWords(1, 2, 3, b"content"),))
    sealed = seal_given(suite, ask, given)
    assert open_given(suite, private, ask.ask_id, sealed) == given


def test_who_comes_back_from_another_branch_shows_no_epoch_of_that_one(trio):
    """Epochs of two branches have the same numbers."""
    trio.ana.say(trio.chat, "before")
    trio.town.run()
    there = trio.cem.state.groups[trio.chat].epoch
    elsewhere = Epoch(b"of another branch")
    epochs = {trio.chat + n.to_bytes(8, "big"): elsewhere for n in range(there + 9)}
    trio.cem.state = replace(trio.cem.state, epochs=epochs)
    stop(trio.cem, trio.chat, Reason.GONE)
    trio.town.run(seconds=60)
    trio.ana.say(trio.chat, "behind it")
    trio.town.run()
    group = trio.cem.state.groups[trio.chat]
    assert group.epoch > there
    key = trio.chat + group.epoch.to_bytes(8, "big")
    assert trio.cem.state.epochs == {key: Epoch(group.context.encode())}
