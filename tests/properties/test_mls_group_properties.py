"""Random people do random things in one group, over a network that misbehaves."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from mls_groups import DRAW, HYBRID, Company, key_package, stored

from privity.errors import PrivityError, ProtocolError, Stale, Unsupported
from privity.mls import (
    CommitOptions,
    CommitRequired,
    Group,
    OwnCommit,
    PublicGroup,
    Rule,
    WrongEpoch,
)

pick = st.integers(0, 10**6)


class Members(RuleBasedStateMachine):
    """All who are in the group agree; who is not reads nothing."""

    code = 0x0001
    most = 9

    @initialize()
    def found(self):
        self.company = Company.of("p0", code=self.code)
        self.born = 1
        self.watcher = self.company["p0"].public
        self.last: tuple[str, bytes] | None = None
        self.gone: list[Group] = []

    def one(self, number: int) -> str:
        names = sorted(self.company.groups)
        return names[number % len(names)]

    def commit(self, who: str, **what) -> None:
        before = dict(self.company.groups)
        pending = self.company.commit(who, **what)
        self.watcher = self.watcher.follow(pending.message)
        left = before.keys() - self.company.groups.keys()
        self.gone += [before[name] for name in left]
        self.last = None

    @rule(who=pick, count=st.integers(1, 3), path=st.booleans())
    def add(self, who, count, path):
        room = self.most - len(self.company.groups)
        names = tuple(f"p{self.born + n}" for n in range(min(count, room)))
        self.born += len(names)
        self.commit(self.one(who), add=names, path=path or not names)

    @rule(who=pick, whom=pick)
    def remove(self, who, whom):
        committer, target = self.one(who), self.one(whom)
        if committer != target:
            self.commit(committer, remove=(target,))

    @rule(who=pick)
    def refresh(self, who):
        self.commit(self.one(who))

    @rule(who=pick, whom=pick)
    def swap(self, who, whom):
        committer, target = self.one(who), self.one(whom)
        if committer != target:
            name = f"p{self.born}"
            self.born += 1
            self.commit(committer, add=(name,), remove=(target,))

    @rule(who=pick)
    def propose_to_leave(self, who):
        name = self.one(who)
        if len(self.company.groups) > 1:
            group = self.company[name]
            self.propose(name, *group.propose_remove(group.own_leaf))

    @rule(who=pick)
    def propose_an_update(self, who):
        name = self.one(who)
        self.propose(name, *self.company[name].propose_update(random=DRAW))

    def propose(self, name, message, after):
        self.company.groups[name] = after
        self.company.spread(message, but=name)
        self.watcher = self.watcher.follow(message)

    @rule(who=pick, text=st.binary(max_size=40))
    def say(self, who, text):
        name = self.one(who)
        if self.company[name].commit_required:
            with pytest.raises(CommitRequired):
                self.company.say(name, text)
            return
        message = self.company.say(name, text)
        for group in self.gone:
            with pytest.raises((WrongEpoch, ProtocolError)):
                group.process(message)
        heard = self.company.hear(message, but=name)
        assert heard == ({text} if len(self.company.groups) > 1 else set())
        self.last = (name, message)

    @rule(who=pick)
    @precondition(lambda self: self.last is not None)
    def hear_it_again(self, who):
        _, message = self.last
        group = self.company[self.one(who)]
        before = stored(group)
        with pytest.raises(ProtocolError) as refused:
            group.process(message)
        assert refused.value.rule is Rule.GENERATION_CONSUMED
        assert stored(group) == before

    @rule(who=pick, count=st.integers(2, 5), order=st.randoms(use_true_random=False))
    def say_much_that_arrives_in_any_order(self, who, count, order):
        name = self.one(who)
        if self.company[name].commit_required:
            return
        sent = [(b"%d" % n, self.company.say(name, b"%d" % n)) for n in range(count)]
        order.shuffle(sent)
        for text, message in sent[1:]:
            assert self.company.hear(message, but=name) <= {text}

    @rule(who=pick, winner=pick)
    def two_commit_at_once(self, who, winner):
        loser, name = self.one(who), self.one(winner)
        lost = self.company[loser].commit(CommitOptions(), DRAW)
        self.commit(name)
        for group in self.company.groups.values():
            with pytest.raises(WrongEpoch):
                group.process(lost.message)

    @rule(who=pick)
    def restart(self, who):
        name = self.one(who)
        group = self.company[name]
        loaded = Group.load(*stored(group), self.company.people[name])
        assert loaded == group
        self.company.groups[name] = loaded

    @rule(who=pick, at=pick, bit=st.integers(0, 7))
    def receive_damaged(self, who, at, bit):
        name = self.one(who)
        pending = self.company[name].commit(CommitOptions(), DRAW)
        damaged = bytearray(pending.message)
        damaged[at % len(damaged)] ^= 1 << bit
        for group in self.company.groups.values():
            before = stored(group)
            with pytest.raises((ProtocolError, Stale, Unsupported)):
                group.process(bytes(damaged))
            assert stored(group) == before

    @invariant()
    def all_members_agree(self):
        assert self.company.agree()

    @invariant()
    def a_watcher_without_secrets_sees_the_same(self):
        some = next(iter(self.company.groups.values()))
        assert self.watcher.context == some.context
        assert self.watcher.tree_bytes() == some.tree_bytes()


class HybridMembers(Members):
    code = HYBRID
    most = 5


TestMembers = Members.TestCase
TestMembers.settings = settings(
    max_examples=40,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestHybridMembers = HybridMembers.TestCase
TestHybridMembers.settings = settings(
    max_examples=10,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def pair():
    company = Company.of("ada", "bob")
    bundle = key_package(company.crypto, company.meet("cyd"))
    return company, bundle


@settings(max_examples=300, deadline=None)
@given(data=st.binary(max_size=300))
def test_only_our_errors_come_out_of_any_bytes(pair, data):
    company, bundle = pair
    head = company["ada"].group_id
    body = b"\0\1\0\1" + bytes([len(head)]) + head + bytes(7) + b"\1" + data
    for message in (data, b"\0\1" + data, body):
        with pytest.raises(PrivityError):
            company["bob"].process(message)
        with pytest.raises(PrivityError):
            Group.join(message, bundle, company.people["cyd"], tree=data)
        with pytest.raises(PrivityError):
            PublicGroup.decode(message)


@settings(max_examples=150, deadline=None)
@given(cut=st.integers(0, 2000), junk=st.binary(min_size=1, max_size=8))
def test_junk_inside_any_message_is_refused(pair, cut, junk):
    company, bundle = pair
    ada, bob = company["ada"], company["bob"]
    options = CommitOptions(add=(bundle.key_package,))
    message = ada.commit(options, DRAW).message
    at = cut % len(message)
    for changed in (
        message[:at] + junk + message[at:],
        message[:at] + junk + message[at + len(junk) :],
    ):
        if changed != message:
            with pytest.raises((ProtocolError, Stale, Unsupported)):
                bob.process(changed)


def test_our_own_commit_comes_back_as_such(pair):
    company, _ = pair
    pending = company["ada"].commit(CommitOptions(), DRAW)
    with pytest.raises(OwnCommit):
        company["ada"].process(pending.message)
