"""A group over a network at its worst: loss, repeats, any order, crashes, rivals.

Handshakes are in one order, as a delivery service gives it, and each member reads them
when it pleases. Application messages arrive whenever, twice, or never. A member that
crashes goes on from what it had stored.
"""

from collections import Counter
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from mls_groups import CLASSIC, DRAW, Company, key_package, stored

from privity.errors import ProtocolError
from privity.mls import (
    CommitOptions,
    ExternalJoin,
    Group,
    GroupInfo,
    OwnCommit,
    PendingCommit,
    Rule,
    WrongEpoch,
)

FEWEST, MOST, KEPT = 5, 8, 2
pick = st.integers(0, 10**6)


@dataclass
class Entry:
    """A handshake that the delivery service took."""

    committer: str
    message: bytes


@dataclass
class Letter:
    """Application data on its way to one member."""

    to: str
    text: bytes
    message: bytes
    epoch: int
    number: int


@dataclass
class Member:
    """One member's memory, and its disk: what a crash leaves of it."""

    name: str
    group: Group
    place: int
    disk: tuple[bytes, bytes] = field(init=False)
    pending: dict[int, PendingCommit] = field(default_factory=dict)
    heard: Counter = field(default_factory=Counter)

    def __post_init__(self):
        self.save(self.group.keeping(KEPT))

    def save(self, group):
        self.group, self.disk = group, stored(group)


class Network(RuleBasedStateMachine):
    """Whoever has read the same handshakes is in the same epoch."""

    @initialize()
    def found(self):
        names = tuple(f"p{n}" for n in range(FEWEST))
        self.company = Company.of(*names, code=CLASSIC)
        self.born, self.said = FEWEST, 0
        self.log: list[Entry] = []
        self.letters: list[Letter] = []
        self.members = {n: Member(n, self.company[n], 0) for n in names}
        self.epoch = self.company["p0"].epoch
        self.known: dict[int, bytes] = {}

    def one(self, number: int) -> Member:
        names = sorted(self.members)
        return self.members[names[number % len(names)]]

    def submit(self, member: Member, pending: PendingCommit, **added) -> bool:
        """Let the delivery service take a commit, if nobody was faster."""
        if member.group.epoch != self.epoch:
            return False
        member.pending[len(self.log)] = pending
        self.log.append(Entry(member.name, pending.message))
        self.epoch += 1
        for name, bundle in added.items():
            tree = pending.next.tree_bytes()
            me = self.company.people[name]
            joined = Group.join(pending.welcome, bundle, me, tree=tree)
            self.members[name] = Member(name, joined.group, len(self.log))
        return True

    def made(self, member: Member, add=(), **options):
        bundles = {
            name: key_package(self.company.crypto, self.company.meet(name))
            for name in add
        }
        packages = tuple(bundle.key_package for bundle in bundles.values())
        chosen = CommitOptions(add=packages, tree_in_welcome=True, **options)
        return member.group.commit(chosen, DRAW), bundles

    def ready(self, number: int) -> Member:
        """Return a member that has read all, or is made to read it now."""
        member = self.one(number)
        if self.read_on(member, len(self.log)):
            return member
        return self.ready(number)

    def read_on(self, member: Member, upto: int) -> bool:
        """Let a member read handshakes; say whether it is still one."""
        entries = self.log[member.place : upto]
        return all(self.step(member, entry) for entry in entries)

    @rule(who=pick)
    def refresh(self, who):
        member = self.ready(who)
        pending, _ = self.made(member)
        assert self.submit(member, pending)

    @rule(who=pick)
    def commit_to_what_may_be_over(self, who):
        member = self.one(who)
        has_read_all = member.place == len(self.log)
        pending, _ = self.made(member)
        assert self.submit(member, pending) == has_read_all

    @rule(who=pick, path=st.booleans())
    def add(self, who, path):
        member, name = self.ready(who), f"p{self.born}"
        if len(member.group.members()) == MOST:
            return
        pending, bundles = self.made(member, add=(name,), path=path)
        self.born += 1
        assert self.submit(member, pending, **bundles)

    @rule(who=pick, whom=pick)
    def remove(self, who, whom):
        member, target = self.ready(who), self.ready(whom)
        there = len(member.group.members())
        if member is not target and member.name in self.members and there > FEWEST:
            pending, _ = self.made(member, remove=(target.group.own_leaf,))
            assert self.submit(member, pending)

    @rule(first=pick, second=pick)
    def rivals_commit_at_once(self, first, second):
        one, other = self.ready(first), self.ready(second)
        mine, _ = self.made(one)
        theirs, _ = self.made(other)
        assert self.submit(one, mine)
        assert not self.submit(other, theirs)

    @rule(who=pick, count=st.integers(1, 4))
    def read(self, who, count):
        member = self.one(who)
        self.read_on(member, member.place + count)

    def step(self, member: Member, entry: Entry) -> bool:
        """Let a member read one handshake; say whether it is still one."""
        before = stored(member.group)
        try:
            after = member.group.process(entry.message).next
        except OwnCommit:
            assert entry.committer == member.name
            after = member.group.begin(member.pending.pop(member.place).next)
        assert stored(member.group) == before
        if after is None:
            del self.members[member.name]
            self.letters = [it for it in self.letters if it.to != member.name]
            return False
        member.place += 1
        member.save(after)
        return True

    @rule(who=pick, text=st.binary(max_size=20))
    def say(self, who, text):
        member = self.one(who)
        message, after = member.group.protect(text, random=DRAW)
        member.save(after)
        self.said += 1
        self.letters += [
            Letter(name, text, message, member.group.epoch, self.said)
            for name in self.members
            if name != member.name
        ]

    @rule(order=st.randoms(use_true_random=False), count=st.integers(1, 12))
    @precondition(lambda self: self.letters)
    def deliver(self, order, count):
        for letter in order.choices(self.letters, k=count):
            self.receive(self.members[letter.to], letter)

    def receive(self, member: Member, letter: Letter) -> None:
        group, before = member.group, stored(member.group)
        if member.heard[letter.number]:
            with pytest.raises((ProtocolError, WrongEpoch)) as refused:
                group.process(letter.message)
            if self.keeps(member, letter.epoch):
                assert refused.value.rule is Rule.GENERATION_CONSUMED
        elif self.keeps(member, letter.epoch):
            event = group.process(letter.message)
            assert event.data == letter.text
            member.heard[letter.number] += 1
            member.save(event.next)
        else:
            # Too early, too late, or of a time before the member joined.
            with pytest.raises(WrongEpoch):
                group.process(letter.message)
        assert stored(group) == before

    @staticmethod
    def keeps(member: Member, epoch: int) -> bool:
        past = {one.epoch for one in member.group.state.past.epochs}
        return epoch == member.group.epoch or epoch in past

    @rule(which=pick)
    @precondition(lambda self: self.letters)
    def lose(self, which):
        self.letters.pop(which % len(self.letters))

    @rule(who=pick)
    def crash(self, who):
        member = self.one(who)
        loaded = Group.load(*member.disk, self.company.people[member.name])
        assert loaded == member.group
        member.group = loaded

    @rule(who=pick)
    def crash_before_saving_what_was_read(self, who):
        member = self.one(who)
        for entry in self.log[member.place : member.place + 1]:
            if entry.committer != member.name:
                member.group.process(entry.message)
        member.group = Group.load(*member.disk, self.company.people[member.name])

    @rule(who=pick)
    def lose_all_and_come_back(self, who):
        member, helper = self.one(who), self.one(who + 1)
        if (
            member is helper
            or not member.group.epoch == helper.group.epoch == self.epoch
        ):
            return
        info = GroupInfo.decode(helper.group.group_info(with_tree=True))
        resync = ExternalJoin(replaces=member.group.own_leaf)
        me = self.company.people[member.name]
        pending = Group.join_externally(info, me, resync, DRAW)
        self.log.append(Entry("", pending.message))
        self.epoch += 1
        back = Member(member.name, pending.next, len(self.log))
        self.members[member.name] = back
        self.letters = [it for it in self.letters if it.to != member.name]

    @invariant()
    def an_epoch_is_the_same_for_all_who_are_in_it(self):
        for member in self.members.values():
            group = member.group
            mine = group.epoch_authenticator + group.context.encode()
            assert self.known.setdefault(group.epoch, mine) == mine

    def teardown(self):
        if not hasattr(self, "members"):
            return
        for member in list(self.members.values()):
            self.read_on(member, len(self.log))
        assert {m.group.epoch for m in self.members.values()} == {self.epoch}
        self.an_epoch_is_the_same_for_all_who_are_in_it()


TestNetwork = Network.TestCase
TestNetwork.settings = settings(
    max_examples=30,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


class LongNetwork(Network):
    """The same for longer."""


TestLongNetwork = pytest.mark.timeout(600)(pytest.mark.slow(LongNetwork.TestCase))
TestLongNetwork.settings = settings(
    max_examples=100,
    stateful_step_count=60,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
