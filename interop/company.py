"""One group whose members run different implementations, over a perfect network.

Whatever anybody commits reaches everybody, and afterwards all members must tell the
same of their epoch.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from interop.known import (
    MISSES_ITS_REMOVAL,
    NO_UNEVEN_TREE,
    has_lost_its_leaf_to_another,
    is_too_uneven_for_ts_mls,
)
from interop.peer import Ability, Committed, Facts, Peer, Refused, Wish
from interop.roster import TS_MLS

__all__ = ["Company", "Disagreement"]

GROUP_ID = b"a group of several implementations"


class Disagreement(Exception):
    """Two implementations do not see the same; the text says who sees what."""


@dataclass
class Company:
    """Clients by name, and which of them are members just now."""

    suite: int
    clients: dict[str, Peer] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    can: dict[str, frozenset[Ability]] = field(default_factory=dict)
    members: list[str] = field(default_factory=list)
    commits: Counter[str] = field(default_factory=Counter)
    messages: Counter[str] = field(default_factory=Counter)
    joins: Counter[str] = field(default_factory=Counter)
    delivered: int = 0
    known: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, suite: int, peers: Mapping[str, Peer], each: int) -> "Company":
        """Return `each` clients of every implementation; the first makes the group."""
        company = cls(suite)
        for kind, peer in peers.items():
            can = frozenset(peer.hello().can)
            for number in range(1, each + 1):
                name = f"{kind}-{number}"
                peer.meet(name, suite, number % 2 == 1)
                company.clients[name] = peer
                company.kinds[name] = kind
                company.can[name] = can
        creator = next(iter(company.clients))
        company.clients[creator].create(creator, GROUP_ID)
        company.members = [creator]
        return company

    @property
    def outsiders(self) -> list[str]:
        """Who is not a member."""
        return [name for name in self.clients if name not in self.members]

    def commit(self, who: str, wish: Wish, *, joiners: Sequence[str] = ()) -> None:
        """Let one commit and all follow; `joiners` join by the Welcome."""
        committed = self.clients[who].commit(who, wish)
        self.follow(who, committed.message, leaving=wish.remove)
        self.welcome(committed, joiners)

    def follow(self, who: str, commit: bytes, *, leaving: Sequence[str] = ()) -> None:
        """Let all but the committer process a commit, and the committer apply it."""
        before = self._tree(self.others(who)[0]) if leaving else b""
        missed: list[str] = []
        for name in self.others(who):
            expected = "removed" if name in leaving else "commit"
            try:
                self._expect(name, who, commit, expected)
            except Refused:
                if name not in leaving or self.kinds[name] != TS_MLS:
                    raise
                missed.append(name)
        self.clients[who].apply(who)
        self.commits[self.kinds[who]] += 1
        for name in missed:
            self._check_missed(name, before, self._tree(who))
        for name in leaving:
            self.clients[name].leave(name)
            self.members.remove(name)

    def _check_missed(self, name: str, before: bytes, after: bytes) -> None:
        if not has_lost_its_leaf_to_another(self.suite, name, before, after):
            raise Disagreement(f"{name} does not see its removal")
        self.known[MISSES_ITS_REMOVAL] += 1

    def _tree(self, who: str) -> bytes:
        return self.clients[who].facts(who).tree

    def welcome(self, committed: Committed, joiners: Iterable[str]) -> None:
        """Let clients join by a Welcome, compare, and let each say hello to all.

        Whoever is known to refuse such a tree is removed again.
        """
        tree = self.agree().tree
        strays: list[str] = []
        for name in joiners:
            if committed.welcome is None:
                raise Disagreement(f"no Welcome for {name}")
            try:
                self.clients[name].join(name, committed.welcome, committed.tree)
            except Refused:
                if not self._is_known(name, tree):
                    raise
                strays.append(name)
            else:
                self.joins[self.kinds[name]] += 1
                self.members.append(name)
        self.agree()
        for name in joiners:
            if name not in strays:
                self.say(name, f"{name} is here".encode())
        if strays:
            self._send_away(strays)

    def _is_known(self, name: str, tree: bytes) -> bool:
        """Say whether the cause of a refusal to join is known, and count it."""
        if self.kinds[name] != TS_MLS or not is_too_uneven_for_ts_mls(self.suite, tree):
            return False
        self.known[NO_UNEVEN_TREE] += 1
        return True

    def _send_away(self, strays: Sequence[str]) -> None:
        who = next(one for one in self.members if Ability.MIXED in self.can[one])
        committed = self.clients[who].commit(who, Wish(remove=tuple(strays)))
        self.follow(who, committed.message)
        self.agree()

    def join_externally(self, who: str, sponsor: str) -> None:
        """Let one join, or take its own place again, by a commit of its own."""
        tree = self._tree(sponsor)
        info = self.clients[sponsor].group_info(sponsor)
        resync = who in self.members
        try:
            committed = self.clients[who].join_externally(who, info, resync)
        except Refused:
            if not self._is_known(who, tree):
                raise
            return
        if not resync:
            self.members.append(who)
        self.follow(who, committed.message)
        self.joins[self.kinds[who]] += 1
        self.agree()
        self.say(who, f"{who} came by itself".encode())

    def propose(self, who: str, proposal: bytes) -> None:
        """Let all but its sender take a proposal."""
        for name in self.others(who):
            self._expect(name, who, proposal, "proposal")

    def say(self, who: str, data: bytes) -> None:
        """Let one say something and all others read it."""
        self.hear(who, self.protect(who, data), data)

    def protect(self, who: str, data: bytes) -> bytes:
        """Return a message that nobody has received yet."""
        self.messages[self.kinds[who]] += 1
        return self.clients[who].protect(who, data)

    def hear(self, who: str, message: bytes, data: bytes) -> None:
        """Let all but the sender read a message."""
        for name in self.others(who):
            self._expect(name, who, message, "application", data)

    def others(self, who: str) -> list[str]:
        """Return all members but one."""
        return [name for name in self.members if name != who]

    def agree(self) -> Facts:
        """Return what all members tell of the epoch; raises Disagreement."""
        told = {name: self.clients[name].facts(name) for name in self.members}
        for field_name in ("epoch", "authenticator", "exporter", "tree"):
            values = {name: getattr(facts, field_name) for name, facts in told.items()}
            if len(set(values.values()) - {None}) != 1:
                raise Disagreement(f"{field_name}: {_abridged(values)}")
        return max(told.values(), key=lambda facts: facts.epoch or 0)

    def _expect(
        self, name: str, sender: str, message: bytes, kind: str, data: bytes = b""
    ) -> None:
        self.delivered += len(message)
        event = self.clients[name].process(name, sender, message)
        if (event.kind, event.data) != (kind, data):
            seen = f"{event.kind} {event.data[:40]!r}"
            raise Disagreement(f"{name} sees {seen}, {sender} sent {kind} {data!r}")


def _abridged(values: Mapping[str, object]) -> str:
    return ", ".join(
        f"{name} {value[:8].hex() if isinstance(value, bytes) else value}"
        for name, value in values.items()
    )
