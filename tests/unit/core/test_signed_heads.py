"""Signed heads at a client: kept, compared, and a proof where two disagree."""

import sqlite3
from dataclasses import replace

import pytest
from troubles import poison

from privity.core import inputs as i
from privity.core.errors import Reason
from privity.core.events import Line, Notice
from privity.core.state import Status
from privity.errors import NotAuthentic
from privity.relay.heads import Heads
from privity.wire.evidence import open_evidence, pack
from privity.wire.heads import Fork, SignedHead, log_hash


def newest(person, chat):
    return SignedHead.decode(person.state.heads[chat].signed).head


class Unsigned(Heads):
    """A relay that leaves its heads out."""

    def sign(self, log_id, seq, chain):
        del log_id, seq, chain
        return b""


class Careless(Heads):
    """A relay that signs some other place than it should."""

    def sign(self, log_id, seq, chain):
        return super().sign(log_id, seq + 1, chain)


class Confused(Heads):
    """A relay that signs for another log."""

    def sign(self, log_id, seq, chain):
        return super().sign(bytes(reversed(log_id)), seq, chain)


def sign_by(town, kind, seed=bytes(range(32))):
    town.heads = kind(seed, "town.example", lambda: town.now_ms // 60_000)


def wait_ten_minutes(trio):
    """Let time pass in which nobody hears anything, then let all be awake."""
    trio.town.now_ms += 600_000
    for person in trio.everybody:
        person.take(i.Tick())
    trio.town.run(seconds=300)


def fork(pair, messages=1):
    """Show Ben one history; then another, in which Ana said something else."""
    copy = sqlite3.connect(":memory:", isolation_level=None)
    pair.town.logs.backup(copy)
    before, disk = pair.ana.state, dict(pair.ana.disk)
    pair.ana.say(pair.chat, "yes")
    pair.town.run()
    assert pair.ben.texts(pair.chat)[-1] == "yes"
    pair.town.logs = copy
    pair.town.sequencer.forget()
    pair.ana.state, pair.ana.disk = before, disk
    for number in range(messages):
        pair.ana.say(pair.chat, f"no {number}")
    while pair.ana.act():
        pass
    pair.ben.disconnect()
    pair.ben.connect()
    pair.town.run()


def test_the_first_head_key_is_believed_and_kept(pair):
    key = pair.town.heads.public
    assert pair.ben.state.account.head_key == key
    pair.ben.crash()
    assert pair.ben.state.account.head_key == key


def test_the_newest_head_of_a_chat_is_kept(pair):
    pair.ana.say(pair.chat, "one more")
    pair.town.run()
    for person in (pair.ana, pair.ben):
        chat = person.state.chats[pair.chat]
        head = newest(person, pair.chat)
        assert (head.seq, head.chain) == (chat.cursor, chat.chain)
        person.crash()
        assert newest(person, pair.chat) == head


@pytest.mark.parametrize("messages", [1, 3])
def test_two_histories_that_a_relay_signed_are_proven_and_said(pair, shown, messages):
    before = pair.ben.state.groups[pair.chat]
    key = pair.town.heads.public
    fork(pair, messages)
    chat = pair.ben.state.chats[pair.chat]
    assert (chat.status, chat.cause) == (Status.STUCK, Reason.EQUIVOCATION.value)
    assert pair.ben.texts(pair.chat)[-1] == "yes"
    assert [e.what for e in shown(pair.ben, Line)][-1] == "forked"
    pair.ben.crash()
    proof = Fork.decode(pair.ben.state.forks[pair.chat].fork)
    proof.check()
    assert proof.key == key
    assert len(proof.links) == messages - 1
    assert before.epoch_authenticator
    # Nobody is asked by itself: a person decides whom to believe.
    assert pair.chat not in pair.ben.state.repairs


def test_what_a_device_proves_stands_in_a_file_by_itself(pair):
    fork(pair, 3)
    known = pair.ben.state.forks[pair.chat]
    proof = Fork.decode(known.fork)
    found = open_evidence(pack(proof, "town.example", known.found))
    assert found.fork == proof
    assert found.fork.key == pair.town.heads.public
    chat = pair.ben.state.chats[pair.chat]
    assert chat.log_id not in found.encode()
    assert found.fork.first.head.log_hash == log_hash(chat.log_id, "town.example")


def test_a_place_that_the_relay_signed_and_then_gave_to_others_is_proven(pair):
    """What an answer to an append said in front of the log is compared on arrival."""
    copy = sqlite3.connect(":memory:", isolation_level=None)
    pair.town.logs.backup(copy)
    pair.ben.say(pair.chat, "mine")
    assert pair.ben.act()
    ahead = SignedHead.decode(pair.ben.state.heads[pair.chat].ahead).head
    assert ahead.seq == pair.ben.state.chats[pair.chat].cursor + 1
    pair.town.logs = copy
    pair.town.sequencer.forget()
    for text in ("one", "two"):
        pair.ana.say(pair.chat, text)
        while pair.ana.act():
            pass
    pair.town.run()
    proof = Fork.decode(pair.ben.state.forks[pair.chat].fork)
    proof.check()
    assert proof.first.head == ahead
    assert pair.ben.state.chats[pair.chat].status is Status.STUCK


def test_a_person_may_ask_the_members_behind_a_fork(pair):
    fork(pair)
    pair.ben.take(i.AskForHelp(pair.chat))
    assert pair.chat in pair.ben.state.repairs


def test_a_proof_that_was_touched_proves_nothing(pair):
    fork(pair, 3)
    proof = Fork.decode(pair.ben.state.forks[pair.chat].fork)
    one, other = proof.first, proof.second
    head = replace(one.head, chain=bytes(32))
    for wrong in (
        replace(proof, key=bytes(32)),
        replace(proof, before=one.head.chain),
        replace(proof, before=bytes(32)),
        replace(proof, links=proof.links[1:]),
        replace(proof, links=()),
        replace(proof, second=one),
        replace(proof, first=other),
        replace(proof, first=replace(one, head=head)),
        replace(proof, first=replace(one, signature=bytes(64))),
    ):
        with pytest.raises(NotAuthentic):
            wrong.check()


@pytest.mark.parametrize("kind", [Careless, Confused])
def test_a_head_that_does_not_hold_is_named_once_and_stops_nothing(pair, shown, kind):
    known = newest(pair.ben, pair.chat)
    sign_by(pair.town, kind)
    for text in ("one", "two"):
        pair.ana.say(pair.chat, text)
        pair.town.run()
    assert pair.ben.texts(pair.chat)[-2:] == ["one", "two"]
    codes = [event.code for event in shown(pair.ben, Notice)]
    assert codes.count("head_invalid") == 1
    assert newest(pair.ben, pair.chat) == known
    assert not pair.ben.state.forks


def test_another_head_key_is_named_and_what_it_signs_counts_for_nothing(pair, shown):
    key, known = pair.town.heads.public, newest(pair.ben, pair.chat)
    sign_by(pair.town, Heads, b"another key of the same relay..."[:32])
    pair.ben.disconnect()
    pair.ben.connect()
    pair.ana.say(pair.chat, "one")
    pair.town.run()
    codes = {event.code for event in shown(pair.ben, Notice)}
    assert {"head_key_changed", "head_invalid"} <= codes
    assert pair.ben.state.account.head_key == key
    assert newest(pair.ben, pair.chat) == known
    assert pair.ben.texts(pair.chat)[-1] == "one"


@pytest.mark.parametrize("kind", [Unsigned, Careless, Heads])
def test_a_plea_is_answered_only_by_who_is_synced_to_a_signed_head(
    trio, monkeypatch, kind
):
    poison(trio, monkeypatch)
    sign_by(trio.town, kind)
    wait_ten_minutes(trio)
    back = trio.cem.state.chats[trio.chat].status is Status.ACTIVE
    assert back is (kind is Heads)


def test_a_head_that_was_signed_too_long_ago_is_not_new(trio, monkeypatch):
    """A relay whose clock stands still can't make a member feel up to date."""
    poison(trio, monkeypatch)
    still = trio.town.now_ms // 60_000
    trio.town.heads = Heads(bytes(range(32)), "town.example", lambda: still)
    wait_ten_minutes(trio)
    assert trio.cem.state.chats[trio.chat].status is Status.STUCK


def test_who_comes_back_behind_a_fork_names_all_of_that_history_as_a_gap(pair, shown):
    """It read one entry of the other history there, which fills nothing here."""
    fork(pair, 3)
    parted = Fork.decode(pair.ben.state.forks[pair.chat].fork).first.head.seq
    pair.ben.take(i.AskForHelp(pair.chat))
    pair.town.run(seconds=60)
    back = pair.ben.state.chats[pair.chat]
    assert back.status is Status.ACTIVE
    assert pair.ben.state.pasts[pair.chat].gaps == ((parted, back.parent - 1),)
    gap = [line for line in shown(pair.ben, Line) if line.what == "gap"]
    assert [line.text for line in gap] == [str(back.parent - parted)]
    assert back.parent - parted >= 3
