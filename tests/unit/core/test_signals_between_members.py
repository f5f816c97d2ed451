"""Signals between members: shown for a moment, ignored by name, never kept."""

import secrets
from dataclasses import replace

import pytest
from msgspec import structs
from nacl import bindings
from town_signals import pass_on, tell

from privity.core import engine, signalling, signals
from privity.core import inputs as i
from privity.core.effects import Save
from privity.core.events import Typing
from privity.core.signals import Ignored, SignalBody, SignalPlace
from privity.core.state import ContactState
from privity.wire.frames import Signal
from privity.wire.limits import SIGNAL


def stored(person):
    """Return all of a state that a store keeps, and the disk."""
    return replace(person.state.without_session()), dict(person.disk), dict(person.rows)


def forged(person, chat_id, leaf=None, plain=None, **changes):
    """Return a signal as a member with the right keys could make it."""
    chat, group = person.state.chats[chat_id], person.state.groups[chat_id]
    leaf = group.own_leaf if leaf is None else leaf
    fields = {"version": 1, "kind": 1, "sent": person.town.now_ms} | changes
    body = SignalBody(**fields).encode()
    plain = plain or body + bytes(signals._PLAIN - len(body))
    place = SignalPlace(chat.log_id, chat.generation)
    nonce, key = secrets.token_bytes(24), signals.signal_key(group, leaf)
    sealed = bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(
        plain, place.encode(), nonce, key
    )
    return Signal(chat.log_id, chat.generation, nonce + sealed)


def typing(person, shown):
    return [(event.account_id, event.typing) for event in shown(person, Typing)]


def ignored(person, signal):
    """Give a signal to somebody who has to ignore it, and return the reason."""
    before, told = stored(person), len(person.events)
    state = person.state
    why = person.take(i.SignalArrived(signal))
    assert isinstance(why, Ignored)
    assert stored(person) == before
    assert person.state.session.typing == state.session.typing
    assert len(person.events) == told
    return why


def test_who_types_is_shown_to_everybody_else_and_fades(trio, shown):
    assert pass_on(trio.ana, tell(trio.ana, trio.chat)) == {"Ben": None, "Cem": None}
    for person in (trio.ben, trio.cem):
        assert typing(person, shown) == [(trio.ana.id, True)]
    assert typing(trio.ana, shown) == []
    trio.town.run(seconds=signalling.FADE_MS / 1_000)
    for person in (trio.ben, trio.cem):
        assert typing(person, shown) == [(trio.ana.id, True), (trio.ana.id, False)]
        assert not person.state.session.typing


def test_who_goes_on_typing_is_shown_once(trio, shown):
    for _ in range(4):
        pass_on(trio.ana, tell(trio.ana, trio.chat))
        trio.town.run(seconds=0)
        trio.town.now_ms += signalling.EVERY_MS
        trio.ben.take(i.Tick())
    assert typing(trio.ben, shown) == [(trio.ana.id, True)]


def test_what_was_typed_ends_the_typing(trio, shown):
    pass_on(trio.ana, tell(trio.ana, trio.chat))
    trio.ana.say(trio.chat, "this")
    trio.town.run(seconds=0)
    assert typing(trio.ben, shown) == [(trio.ana.id, True), (trio.ana.id, False)]


def test_a_device_tells_of_a_chat_once_in_three_seconds(trio):
    assert tell(trio.ana, trio.chat)
    trio.town.now_ms += signalling.EVERY_MS - 1
    assert tell(trio.ana, trio.chat) is None
    trio.town.now_ms += 1
    assert tell(trio.ana, trio.chat)


def test_nothing_is_told_offline_unsynced_or_to_somebody_who_is_blocked(pair):
    pair.ana.disconnect()
    assert tell(pair.ana, pair.chat) is None
    pair.ana.connect()
    pair.ana.state = replace(
        pair.ana.state,
        session=replace(pair.ana.state.session, synced=frozenset()),
    )
    assert tell(pair.ana, pair.chat) is None
    pair.town.run()
    pair.ana.disconnect()
    pair.ana.connect()
    pair.town.run()
    assert tell(pair.ana, pair.chat)
    pair.town.now_ms += signalling.EVERY_MS
    pair.ana.take(i.Block(pair.ben.id, blocked=True))
    assert tell(pair.ana, pair.chat) is None


def test_telling_and_hearing_write_nothing(trio):
    context = trio.town.context()
    step = engine.step(trio.ana.state, i.TellTyping(trio.chat), context)
    assert not [e for e in step.effects if isinstance(e, Save)]
    before = stored(trio.ben)
    pass_on(trio.ana, tell(trio.ana, trio.chat))
    assert stored(trio.ben) == before


def test_all_signals_have_one_size_and_no_two_a_nonce(trio):
    bodies = set()
    for person in trio.everybody:
        for _ in range(3):
            bodies.add(tell(person, trio.chat).body)
            trio.town.now_ms += signalling.EVERY_MS
    assert {len(body) for body in bodies} == {SIGNAL}
    assert len({body[:24] for body in bodies}) == 9


@pytest.mark.parametrize("size", [0, 24, SIGNAL - 1, SIGNAL + 1])
def test_a_signal_of_another_size_is_ignored(trio, size):
    signal = structs.replace(tell(trio.ana, trio.chat), body=bytes(size))
    assert ignored(trio.ben, signal) is Ignored.SIZE


def test_every_touched_byte_of_a_signal_closes_it(trio):
    signal = tell(trio.ana, trio.chat)
    for at in (0, 23, 24, 60, SIGNAL - 1):
        body = bytearray(signal.body)
        body[at] ^= 1
        touched = structs.replace(signal, body=bytes(body))
        assert ignored(trio.ben, touched) is Ignored.NOT_OPENED


def test_a_signal_of_another_epoch_or_chat_is_not_opened(trio):
    old = tell(trio.ana, trio.chat)
    chat = trio.ben.state.chats[trio.chat]
    direct = trio.ana.state.contacts[trio.ben.id].chat_id
    moved = structs.replace(tell(trio.ana, direct), log_id=chat.log_id)
    assert ignored(trio.ben, moved) is Ignored.NOT_OPENED
    trio.ana.take(i.RemoveMember(trio.chat, trio.cem.id))
    trio.town.run()
    current = trio.ben.state.chats[trio.chat]
    assert ignored(trio.ben, old) is Ignored.NOT_OPENED
    late = structs.replace(old, generation=current.generation)
    assert ignored(trio.ben, late) is Ignored.NOT_OPENED


def test_who_was_removed_can_not_open_what_is_told_behind_it(trio):
    kept, place = trio.cem.state.groups[trio.chat], trio.cem.state.chats[trio.chat]
    trio.ana.take(i.RemoveMember(trio.chat, trio.cem.id))
    trio.town.run()
    signal = tell(trio.ana, trio.chat)
    for generation in (place.generation, signal.generation):
        with pytest.raises(signals.SignalIgnored) as found:
            signals.open_signal(
                kept, SignalPlace(signal.log_id, generation), signal.body
            )
        assert found.value.why is Ignored.NOT_OPENED
    assert ignored(trio.cem, signal) is Ignored.NO_CHAT
    assert pass_on(trio.ana, signal) == {"Ben": None}


def test_who_was_removed_can_not_pretend_that_a_member_types(trio):
    member = forged(trio.cem, trio.chat)
    trio.ana.take(i.RemoveMember(trio.chat, trio.cem.id))
    trio.town.run()
    now = trio.ben.state.chats[trio.chat].generation
    there = structs.replace(member, generation=now)
    assert ignored(trio.ben, there) is Ignored.NOT_OPENED


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"version": 2}, Ignored.VERSION),
        ({"version": 0}, Ignored.VERSION),
        ({"kind": 0}, Ignored.KIND),
        ({"kind": 2}, Ignored.KIND),
        ({"plain": SignalBody(1, 1, 9).encode() + b"\1" * 78}, Ignored.PADDING),
    ],
)
def test_what_this_version_does_not_know_is_ignored(trio, changes, why):
    assert ignored(trio.ben, forged(trio.ana, trio.chat, **changes)) is why


def test_a_signal_under_my_own_leaf_is_ignored(trio):
    mine = trio.ben.state.groups[trio.chat].own_leaf
    signal = forged(trio.ana, trio.chat, leaf=mine)
    assert ignored(trio.ben, signal) is Ignored.OWN


def test_a_signal_under_a_leaf_that_nobody_has_is_not_opened(trio):
    signal = forged(trio.ana, trio.chat, leaf=77)
    assert ignored(trio.ben, signal) is Ignored.NOT_OPENED


def test_somebody_who_is_blocked_is_not_shown(trio):
    trio.ben.take(i.Block(trio.ana.id, blocked=True))
    assert trio.ben.state.contacts[trio.ana.id].state is ContactState.BLOCKED
    assert ignored(trio.ben, tell(trio.ana, trio.chat)) is Ignored.BLOCKED


def test_a_relay_that_replays_or_reorders_gains_nothing(trio):
    first = tell(trio.ana, trio.chat)
    trio.town.now_ms += signalling.EVERY_MS
    second = tell(trio.ana, trio.chat)
    assert trio.ben.take(i.SignalArrived(second)) is None
    for signal in (first, second, first):
        assert ignored(trio.ben, signal) is Ignored.REPLAYED


@pytest.mark.parametrize("wait", [-signalling.AGE_MS - 1, signalling.AGE_MS + 1])
def test_a_relay_that_keeps_signals_gains_nothing(trio, wait):
    signal = tell(trio.ana, trio.chat)
    trio.town.now_ms += wait
    assert ignored(trio.ben, signal) is Ignored.STALE


def test_a_flood_costs_a_bounded_number_of_looks(trio, monkeypatch):
    looks = []
    honest = signals.open_signal

    def counted(*given):
        looks.append(given)
        return honest(*given)

    monkeypatch.setattr(signalling, "open_signal", counted)
    flood = [forged(trio.ana, trio.chat, sent=trio.town.now_ms + n) for n in range(200)]
    made = [trio.ben.take(i.SignalArrived(signal)) for signal in flood]
    assert made.count(None) == len(looks) == signalling.MOST
    assert made[-1] is Ignored.TOO_MANY
    trio.town.now_ms += signalling.WINDOW_MS
    assert trio.ben.take(i.SignalArrived(tell(trio.ana, trio.chat))) is None


def test_floods_in_many_chats_share_one_bound(trio, monkeypatch):
    monkeypatch.setattr(signalling, "MOST_KEYS", 20)
    elsewhere = signals.Hearing(since=trio.town.now_ms, keys=13)
    session = replace(trio.ben.state.session, hearing={b"another chat": elsewhere})
    trio.ben.state = replace(trio.ben.state, session=session)
    flood = [forged(trio.ana, trio.chat, sent=trio.town.now_ms + n) for n in range(4)]
    made = [trio.ben.take(i.SignalArrived(signal)) for signal in flood]
    # Three leaves each: of the 7 keys that are left, two signals take 6.
    assert made == [None, None, Ignored.TOO_MANY, Ignored.TOO_MANY]
    trio.town.now_ms += signalling.WINDOW_MS
    assert trio.ben.take(i.SignalArrived(tell(trio.ana, trio.chat))) is None


def test_a_signal_of_a_chat_that_is_not_known_or_was_left_is_ignored(trio):
    signal = tell(trio.ana, trio.chat)
    strange = structs.replace(signal, log_id=bytes(16))
    assert ignored(trio.ben, strange) is Ignored.NO_CHAT
    trio.ben.take(i.Leave(trio.chat))
    trio.town.run()
    assert ignored(trio.ben, signal) is Ignored.NO_CHAT


def test_without_a_connection_nobody_is_shown_as_typing(trio, shown):
    pass_on(trio.ana, tell(trio.ana, trio.chat))
    trio.ben.disconnect()
    assert typing(trio.ben, shown) == [(trio.ana.id, True), (trio.ana.id, False)]
    assert not trio.ben.state.session.typing
    assert not trio.ben.state.session.hearing


def test_a_device_that_was_away_finds_nothing_of_a_flood(trio, shown):
    trio.ben.disconnect()
    before = stored(trio.ben)
    rows = trio.town.logs.execute("SELECT count(*) FROM entries").fetchone()
    for _ in range(100):
        assert pass_on(trio.ana, tell(trio.ana, trio.chat)) == {"Cem": None}
        trio.town.now_ms += signalling.EVERY_MS
    assert stored(trio.ben) == before
    assert trio.town.logs.execute("SELECT count(*) FROM entries").fetchone() == rows
    trio.ben.connect()
    trio.town.run(seconds=0)
    assert typing(trio.ben, shown) == []
    trio.ana.say(trio.chat, "after all")
    trio.town.run()
    assert trio.ben.texts(trio.chat)[-1] == "after all"
