"""Random lives of random people: whatever happens in between, all agree in the end.

People talk, invite, accept, remove, leave, lose their connection, and die in front of
any effect; a vandal among them fills the log with junk. When the town has come to rest,
all active members of a chat have one tree, one transcript and one order of messages;
nothing is lost or doubled; nothing waits.
"""

import itertools
from collections import Counter
from contextlib import suppress

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from town import Killed, Town
from vandal import Vandal

from privity.core import inputs as i
from privity.core.chat_rules import accounts_of
from privity.core.effects import MessageState
from privity.core.errors import CommandRefused
from privity.core.state import Status
from privity.wire.entry import Kind

PEOPLE = 4
PERSON = st.integers(0, PEOPLE - 1)
GONE = (Status.LEFT, Status.REMOVED)


class Lives(RuleBasedStateMachine):
    """A town of four, one group, and a direct chat of each with the first."""

    @initialize(seed=st.integers(1, 2**16))
    def settle(self, seed):
        self.town = Town(seed=seed)
        self.people = [self.town.person(f"P{n}") for n in range(PEOPLE)]
        self.said = itertools.count()
        self.groups = []
        self.town.run(seconds=1)
        first, *others = self.people
        for other in others:
            first.take(i.RequestByLink(other.take(i.MakeLink())))
            self.town.run(seconds=1)
            self.accept(self.people.index(other))
            self.town.run(seconds=1)
        ids = tuple(other.id for other in others)
        self.groups.append(first.take(i.CreateGroup("Town", ids)))
        self.town.run(seconds=1)
        for n in range(1, PEOPLE):
            self.accept(n)
        self.rest()
        chat = first.state.chats[self.groups[0]]
        self.vandal = Vandal(self.town, chat.log_id)

    def command(self, person, event):
        """Let a person do something that may be refused, or die with her."""
        with suppress(CommandRefused, Killed):
            return person.take(event)

    @rule(n=PERSON, pick=st.integers(0, 3))
    def talk(self, n, pick):
        person = self.people[n]
        chats = [c for c in person.state.chats.values() if c.status is Status.ACTIVE]
        if chats:
            with suppress(CommandRefused, Killed):
                person.say(chats[pick % len(chats)].chat_id, f"text {next(self.said)}")

    @rule(n=PERSON)
    def accept(self, n):
        person = self.people[n]
        for invite_id, request in list(person.state.requests.items()):
            if request.state == "pending":
                self.command(person, i.Accept(invite_id))

    @rule(who=PERSON)
    def invite(self, who):
        member = self.people[who].id
        self.command(self.people[0], i.AddMembers(self.groups[0], (member,)))

    @rule(by=PERSON, who=PERSON)
    def remove(self, by, who):
        member = self.people[who].id
        self.command(self.people[by], i.RemoveMember(self.groups[0], member))

    @rule(n=st.integers(1, PEOPLE - 1))
    def leave(self, n):
        self.command(self.people[n], i.Leave(self.groups[0]))

    @rule(n=PERSON)
    def disconnect(self, n):
        if self.people[n].online:
            self.people[n].disconnect()

    @rule(n=PERSON)
    def connect(self, n):
        if not self.people[n].online:
            with suppress(Killed):
                self.people[n].connect()

    @rule(n=PERSON)
    def crash(self, n):
        self.people[n].crash()
        with suppress(Killed):
            self.people[n].connect()

    @rule(effects=st.integers(1, 12))
    def die_soon(self, effects):
        self.town.kill_at = self.town.effects + effects

    @rule(
        n=PERSON,
        pick=st.integers(0, 5),
        kind=st.sampled_from(Kind),
        opens=st.booleans(),
        pays=st.booleans(),
    )
    def spoil(self, n, pick, kind, opens, pays):
        """Junk goes under any place where anybody ever stood, or under other junk."""
        chat = self.people[n].state.chats.get(self.groups[0])
        if chat is not None and chat.status is Status.ACTIVE:
            self.vandal.learn(chat)
        self.vandal.spoil(pick, kind, opens=opens, pays=pays)

    @rule(steps=st.lists(PERSON, max_size=12))
    def act(self, steps):
        """Let some do one thing each: all else stays under way."""
        for n in steps:
            self.people[n].act_alive()

    @rule(seconds=st.integers(1, 5))
    def pass_time(self, seconds):
        self.town.run(seconds=seconds)

    @precondition(lambda self: hasattr(self, "town"))
    @invariant()
    def nobody_is_stuck(self):
        for person in self.people:
            for chat in person.state.chats.values():
                assert chat.status is not Status.STUCK, chat.cause

    def rest(self):
        """Bring everybody back, and let everything that is under way arrive."""
        self.town.kill_at = -1
        for person in self.people:
            if not person.online:
                person.connect()
        for _ in range(4):
            self.town.run(seconds=120)
            self.town.now_ms += 5_000

    def teardown(self):
        if not hasattr(self, "town"):
            return
        self.rest()
        for person in self.people:
            assert not person.state.jobs, person.state.jobs
            assert not person.state.pending
            assert not any(person.state.outgoing.values())
        chats = {chat for person in self.people for chat in person.state.chats}
        for chat in chats:
            self.agree(chat)

    def agree(self, chat):
        active = [
            p
            for p in self.people
            if chat in p.state.chats and p.state.chats[chat].status is Status.ACTIVE
        ]
        groups = [p.state.groups[chat] for p in active]
        assert len({g.epoch_authenticator for g in groups}) <= 1
        assert len({g.interim_transcript_hash for g in groups}) <= 1
        assert len({p.state.chats[chat].chain for p in active}) <= 1
        for group in groups:
            assert set(accounts_of(group.members())) == {p.id for p in active}
        for one, other in itertools.combinations(active, 2):
            self.read_the_same(chat, one, other)

    def read_the_same(self, chat, one, other):
        """What both were there for, both have, once, at the same place."""
        placed = [self.placed(person, chat) for person in (one, other)]
        for rows in placed:
            assert max(Counter(rows.values()).values(), default=1) == 1
        for seq in placed[0].keys() & placed[1].keys():
            assert placed[0][seq] == placed[1][seq]
        since = max(self.since(person, chat) for person in (one, other))
        late = [{seq for seq in rows if seq > since} for rows in placed]
        assert late[0] == late[1]

    @staticmethod
    def placed(person, chat):
        rows = [r for r in person.messages(chat) if r.state is not MessageState.LINE]
        assert all(r.state is not MessageState.QUEUED for r in rows)
        return {r.seq: r.idem for r in rows if r.seq}

    @staticmethod
    def since(person, chat):
        """Return the place at which a person came in for the last time."""
        lines = [r for r in person.messages(chat) if r.state is MessageState.LINE]
        return max((r.seq for r in lines if b'"joined"' in bytes(r.content)), default=0)


Lives.TestCase.settings = settings(
    max_examples=8,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestATownOfPeople = Lives.TestCase
