"""Joining, check by check: one thing is other than it should be, and it is named."""

from dataclasses import replace
from hashlib import sha256

import pytest
from msgspec import structs

from privity import mls
from privity.core import inputs as i
from privity.core import requests as r
from privity.core import roads
from privity.core.envelopes import CommitPayload, seal_envelope
from privity.core.events import Notice
from privity.core.generations import Generation
from privity.core.sealed import Admission, Locator, open_message, seal_message
from privity.core.state import ChatKind, Status
from privity.errors import ProtocolError
from privity.relay import mailboxes
from privity.wire.entry import chain, digest
from privity.wire.frames import MailboxEntry


class Door:
    """Ben in front of a group that Ana has added him to, her admission in his hand."""

    def __init__(self, trio, request, package):
        self.town, self.ana, self.ben = trio.town, trio.ana, trio.ben
        self.request, self.package = request, package
        account = self.ben.state.account
        self.suite = mls.suite(account.suite)
        self.bundle = mls.KeyPackageBundle.decode(package.bundle)
        cursor = self.ben.state.mailbox_cursor
        entries = mailboxes.read(self.town.accounts, account.mailbox_id, cursor, 4)
        self.entry = entries[-1]
        private = self.bundle.init_private
        self.message = open_message(self.suite, private, Admission, self.entry.body)
        self.ben.mailbox_seen = self.entry.seq

    def enter(self, **changes):
        """Let Ben read the admission with changes that Ana signs too, and join."""
        message = replace(self.message, **changes)
        public = self.bundle.key_package.init_key
        seed = self.ana.state.account.signature_seed
        body = seal_message(self.suite, public, message, seed)
        self.ben.take(i.Connected({self.ben.state.account.suite: 20}))
        self.ben.take(i.MailboxArrived(MailboxEntry(self.entry.seq, "contacts", body)))
        self.chat_id = message.chat_id

    def end(self):
        """Let the relay answer; returns why Ben did not join."""
        self.ben.online = True
        self.town.run(seconds=0)
        chat = self.ben.state.chats[self.chat_id]
        assert (chat.status, chat.cause) == (Status.STUCK, "join")
        assert self.chat_id not in self.ben.state.groups
        notes = [e for e in self.ben.events if isinstance(e, Notice)]
        assert notes[-1].code == "join_failed"
        return notes[-1].detail


@pytest.fixture
def door(trio, ask):
    trio.ana.take(i.CreateGroup("Second", (trio.ben.id,)))
    trio.town.run()
    trio.ben.take(i.Accept(ask(trio.ben)))
    while trio.ben.requests:
        trio.ben.act()
    trio.ben.disconnect()
    trio.town.run()
    request = next(q for q in trio.ben.state.requests.values() if q.state == "accepted")
    packages = trio.ben.state.packages.values()
    package = next(p for p in packages if p.invite_id == request.invite_id)
    return Door(trio, request, package)


def test_nothing_changed_leads_in(door):
    door.enter()
    door.ben.online = True
    door.town.run()
    assert door.ben.state.chats[door.message.chat_id].status is Status.ACTIVE


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"chat_id": bytes(16)}, "the group of another chat"),
        ({"digest": bytes(32)}, "the commit is not the one that was named"),
        ({"chain": bytes(32)}, "the chain is not the one that was named"),
        (
            {"welcome": Locator(1, 0, bytes(32))},
            "the welcome is not the one that was named",
        ),
        (
            {"checkpoint": Locator(0, 0, bytes(32))},
            "the checkpoint is not the one that was named",
        ),
    ],
    ids=["chat", "digest", "chain", "welcome", "checkpoint"],
)
def test_what_the_admission_says_is_what_there_is(door, changes, why):
    door.enter(**changes)
    assert door.end() == why


def walk_from_creation(door):
    """Read what an admission leads to that names the first checkpoint of the log."""
    asked = r.JoinWalk(
        log_id=door.message.log_id,
        generation=door.message.generation,
        access_seed=Generation(door.message.secret).access_seed,
        checkpoint_seq=0,
        commit_seq=door.message.seq,
    )
    walk = door.ben.perform(asked)
    return walk, Locator(0, 0, sha256(walk.checkpoint).digest())


def test_a_checkpoint_that_lies_farther_back_leads_in_too(door):
    """Who adds brings one; the road from another is walked all the same."""
    assert door.message.checkpoint.seq == door.message.seq
    door.enter(checkpoint=walk_from_creation(door)[1])
    door.ben.online = True
    door.town.run()
    assert door.ben.state.chats[door.message.chat_id].status is Status.ACTIVE


def test_only_commits_of_members_lead_on(door):
    """A road that the admission vouches for, with a proposal where a commit stood."""
    message, generation = door.message, Generation(door.message.secret)
    walk, creation = walk_from_creation(door)
    [commit] = walk.entries
    proposal, _ = door.ana.state.groups[message.chat_id].propose_remove(0)
    payload = CommitPayload(1, proposal, b"").encode()
    envelope = seal_envelope(generation, commit.header, payload, bytes(32))
    forged = structs.replace(commit, envelope=envelope)
    door.enter(
        digest=digest(commit.header, envelope),
        chain=chain(walk.before, commit.header, envelope),
        checkpoint=creation,
    )
    jobs = door.ben.state.jobs.values()
    job = next(j for j in jobs if isinstance(j.request, r.JoinWalk))
    answer = structs.replace(walk, entries=(forged,))
    door.ben.take(i.Answered(job.number, answer))
    assert door.ben.state.chats[message.chat_id].cause == "join"
    notes = [e for e in door.ben.events if isinstance(e, Notice)]
    assert "kind" in notes[-1].detail


def test_another_secret_opens_nothing(door):
    door.enter(secret=bytes(32))
    door.end()


def test_a_group_is_no_direct_chat(door):
    asked = structs.replace(door.request, kind=ChatKind.DIRECT)
    requests = {**door.ben.state.requests, asked.invite_id: asked}
    door.ben.state = replace(door.ben.state, requests=requests)
    door.enter()
    assert door.end() == "another kind of chat than was accepted"


def test_a_package_that_was_forgotten_joins_nothing(door):
    door.enter()
    kept = {
        ref: package
        for ref, package in door.ben.state.packages.items()
        if package.invite_id != door.request.invite_id
    }
    door.ben.state = replace(door.ben.state, packages=kept)
    assert door.end() == "the key package of the acceptance is gone"


def altered(door, monkeypatch, change):
    """Let the relay answer the walk with something else."""
    real = door.ben.perform

    def perform(request):
        found = real(request)
        return change(found) if isinstance(request, r.JoinWalk) else found

    monkeypatch.setattr(door.ben, "perform", perform)


def test_an_entry_that_the_relay_changed_is_noticed(door, monkeypatch):
    def change(walk):
        last = walk.entries[-1]
        other = structs.replace(last, envelope=bytes(len(last.envelope)))
        return structs.replace(walk, entries=(*walk.entries[:-1], other))

    altered(door, monkeypatch, change)
    door.enter()
    assert door.end() == "the commit is not the one that was named"


def test_another_past_of_the_log_is_noticed(door, monkeypatch):
    altered(door, monkeypatch, lambda walk: structs.replace(walk, before=b"\1" * 32))
    door.enter()
    assert door.end() == "the chain is not the one that was named"


def test_a_log_without_the_commit_is_noticed(door, monkeypatch):
    altered(door, monkeypatch, lambda walk: structs.replace(walk, entries=()))
    door.enter()
    assert door.end() == "the log ends before the commit"


def road(door, seqs):
    """Ask for the road over real headers, placed at other seqs."""
    frames = [f for f in door.ana.sent_frames if f.header[1:17] == door.message.log_id]
    entries = tuple(
        r.WalkedEntry(seq, frames[n].header, frames[n].envelope)
        for n, seq in enumerate(seqs)
    )
    return roads.road(entries, door.message.log_id, 0, seqs[-1])


def test_a_road_has_no_gap_and_only_commits(door, monkeypatch):
    assert [entry.seq for entry in road(door, (1,))] == [1]
    with pytest.raises(ProtocolError, match="no road"):
        roads.road((), door.message.log_id, 0, door.message.seq)
    with pytest.raises(ProtocolError, match="not behind its parent"):
        roads.road(tuple(road(door, (1,))), bytes(16), 0, 1)
    monkeypatch.setattr(roads, "MAX_ROAD", 0)
    with pytest.raises(ProtocolError, match="too many commits"):
        road(door, (1,))
