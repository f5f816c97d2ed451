"""Thirteen faults, each planted in the product by a patch and found by seeds.

A simulator that can't fail shows nothing. Each fault is the kind of mistake that a
change of the product could make; none of them is ever in it.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from unittest.mock import patch

from msgspec import structs

from privity import mls
from privity.core import (
    commits,
    committing,
    engine,
    judging,
    moving,
    outbox,
    placing,
    pleading,
    refounding,
    rejoining,
)
from privity.core.effects import AckMailbox, PutMessage, Save, Send
from privity.core.errors import OutcomeError, Reason
from privity.core.inputs import EntriesArrived
from privity.core.leaves import leaf_identity
from privity.core.requests import Appended
from privity.core.step import Draft
from privity.relay.idems import Idems
from privity.wire.entry import Header, chain_of_links

__all__ = ["PLANTED", "Planted"]


@dataclass(frozen=True, slots=True)
class Planted:
    """A fault: how it is planted, and seeds of which some find it."""

    plant: Callable[[], AbstractContextManager[object]]
    seeds: tuple[int, ...]


def _finish_otherwise(order: Callable[[tuple], tuple]) -> AbstractContextManager:
    honest = Draft.finish

    def finish(self: Draft, result: object | None = None):
        step = honest(self, result)
        return replace(step, effects=order(step.effects))

    return patch.object(Draft, "finish", finish)


def ratchet_saved_after_send():
    """What was sent is saved only when it has left."""

    def order(effects):
        sends = [e for e in effects if isinstance(e, Send)]
        return (*sends, *(e for e in effects if not isinstance(e, Send)))

    return _finish_otherwise(order)


def mailbox_acknowledged_before_saved():
    """The relay may delete a letter that is on no disk yet."""

    def order(effects):
        acks = [e for e in effects if isinstance(e, AckMailbox)]
        return (*acks, *(e for e in effects if not isinstance(e, AckMailbox)))

    return _finish_otherwise(order)


def cursor_saved_before_messages():
    """The cursor is saved in one transaction, what was read in the next."""

    def order(effects):
        found = []
        for effect in effects:
            if isinstance(effect, Save):
                rows = [w for w in effect.writes if isinstance(w, PutMessage)]
                rest = [w for w in effect.writes if not isinstance(w, PutMessage)]
                found += [Save(tuple(part)) for part in (rest, rows) if part]
            else:
                found.append(effect)
        return tuple(found)

    return _finish_otherwise(order)


@contextmanager
def idem_ignored():
    """The relay stores what it is sent again as something new."""

    def claim(_self, logs, header, seq):
        row = (header.log_id, seq.to_bytes(16, "big"), seq)
        logs.execute("INSERT INTO idems (log_id, idem, seq) VALUES (?, ?, ?)", row)

    with (
        patch.object(Idems, "claim", claim),
        patch.object(Idems, "find", lambda _self, logs, header: None),
    ):
        yield


@contextmanager
def chain_not_checked():
    """Whatever a batch says is taken."""
    honest = engine._entries

    def entries(draft, event):
        batch = event.entries
        chat = draft.state.chat_of_log(batch.log_id)
        first = batch.entries[0].seq if batch.entries else 0
        before = batch.before
        if chat is not None and first == chat.cursor + 1:
            before = chat.chain
        value = before
        for entry in batch.entries:
            value = chain_of_links(value, entry.links)
        told = structs.replace(batch, before=before, chain=value)
        honest(draft, replace(event, entries=told))

    with patch.dict(engine._OUTSIDE, {EntriesArrived: entries}):
        yield


@contextmanager
def one_secret_for_all_generations():
    """What opens a generation follows from the log, and not from the epoch."""

    def secret(group, log_id, host):
        return sha256(log_id + host.encode()).digest()

    with (
        patch.object(committing, "generation_secret", secret),
        patch.object(commits, "generation_secret", secret),
        patch.object(rejoining, "generation_secret", secret),
        patch("privity.core.joining.generation_secret", secret),
    ):
        yield


@contextmanager
def invalid_commit_applied_by_one():
    """The device in the second leaf judges nothing."""
    honest = commits.judge_commit

    def judge(before, staged, header):
        if getattr(before, "own_leaf", 0) != 1:
            honest(before, staged, header)

    with patch.object(commits, "judge_commit", judge):
        yield


@contextmanager
def removal_without_opening_accepted():
    """Who was removed can read on: no generation begins."""
    honest = judging._judge_opening

    def judge(staged, header):
        try:
            honest(staged, header)
        except OutcomeError as error:
            if error.reason is not Reason.CLOSES_WITHOUT_OPENING:
                raise

    with patch.object(judging, "_judge_opening", judge):
        yield


@contextmanager
def commit_applied_at_its_answer():
    """My commit counts when the relay has it, not when its place in the log is read."""
    honest = placing.answered

    def answered(draft, job, answer):
        pending = draft.state.pending.get(job.context)
        honest(draft, job, answer)
        mine = pending is not None and pending.job == job.number
        if mine and isinstance(answer, Appended):
            me = leaf_identity(draft.state.account)
            after = mls.Group.load(pending.tree, pending.ratchet, me)
            draft.put_group(job.context, after, epoch=True)

    with patch.object(placing, "answered", answered):
        yield


@contextmanager
def one_salt_for_all_attempts():
    """The envelope's salt is fixed with the message, like its franking salt."""
    honest = outbox.seal_envelope

    def seal(generation, header, content, salt):
        fixed = sha256(Header.parse(header).idem).digest()
        return honest(generation, header, content, fixed)

    with patch.object(outbox, "seal_envelope", seal):
        yield


def nobody_pleads():
    """Who can't follow stops, and asks nobody."""
    return patch.object(pleading, "_plead", lambda *_: None)


@contextmanager
def unseen_words_left_behind():
    """What was not seen in the old log is not said again in the new one."""
    honest = moving.move_out

    def move_out(draft, old, moved):
        for item in draft.state.outgoing.get(old.chat_id, ()):
            draft.drop_outgoing(item)
        honest(draft, old, moved)

    with (
        patch.object(moving, "move_out", move_out),
        patch.object(refounding, "move_out", move_out),
    ):
        yield


def everybody_is_asked_along():
    """Who is left behind is asked into the new log like all others."""
    honest = refounding._ask

    def ask(draft, old, ground, statement, words):
        honest(draft, old, ground, replace(statement, without=()), words)

    return patch.object(refounding, "_ask", ask)


_SEEDS = (
    (ratchet_saved_after_send, (16, 24, 36, 150, 156)),
    (mailbox_acknowledged_before_saved, (0, 210)),
    (cursor_saved_before_messages, (14, 16, 18, 46, 52)),
    (idem_ignored, (4, 16, 20, 23, 24)),
    (chain_not_checked, (17, 203)),
    (one_secret_for_all_generations, (9, 12, 17, 45)),
    (invalid_commit_applied_by_one, (15, 45, 111)),
    (removal_without_opening_accepted, (15, 153, 201, 231)),
    (commit_applied_at_its_answer, (12, 14, 17, 22, 23)),
    (one_salt_for_all_attempts, (5, 9, 14, 17)),
    (nobody_pleads, (37, 73, 75, 79)),
    (unseen_words_left_behind, (1_000_025, 1_000_029, 1_000_045)),
    (everybody_is_asked_along, (1_000_015, 1_000_021, 1_000_044)),
)
PLANTED = {
    plant.__name__.replace("_", " "): Planted(plant, seeds) for plant, seeds in _SEEDS
}
"""By what is wrong."""
