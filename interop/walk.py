"""A random walk of a group: who does what next comes from a seed.

The keys are the implementations' own and differ from run to run; the script is the
same. Each step ends with every member in one and the same epoch.
"""

import random
from collections import Counter
from dataclasses import dataclass, field

from interop.company import Company
from interop.peer import Ability, Wish

__all__ = ["Walk", "WalkFailed"]

FEWEST, MOST = 4, 9
"""Below and above these the group only grows or only shrinks."""


class WalkFailed(Exception):
    """A step failed; the text says which and how to see it again."""


@dataclass
class Walk:
    """Steps of one company, drawn from a seed."""

    name: str
    company: Company
    seed: int
    steps: Counter[str] = field(default_factory=Counter)
    _random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = random.Random(f"{self.name} {self.seed}")  # noqa: S311  a script

    def run(self, count: int) -> None:
        """Take so many steps; raises WalkFailed."""
        for number in range(count):
            step = self._next() if number else "begin"
            try:
                self._take(step)
            except Exception as error:
                raise WalkFailed(
                    f"walk {self.name}, seed {self.seed}, step {number} ({step}):"
                    f" {type(error).__name__}: {error}\n"
                    f"again: make interop WALK={self.name} SEED={self.seed}"
                    f" STEPS={number + 1}"
                ) from error
            self.steps[step] += 1

    def _next(self) -> str:
        size = len(self.company.members)
        steps: dict[str, int] = {
            "update": 12,
            "talk": 20,
            "reordered": 5,
            "late": 6,
            "compete": 6,
            "reload": 6,
            "resync": 6,
        }
        if size >= FEWEST:
            steps |= {"mixed": 6, "propose": 12}
        if size < min(MOST, len(self.company.clients)):
            steps |= {"add": 12, "external": 6}
        if size > FEWEST:
            steps |= {"remove": 10}
        if all(self._can(name, Ability.PSK) for name in self.company.members):
            steps |= {"psk": 8}
        return self._random.choices([*steps], [*steps.values()])[0]

    def _take(self, step: str) -> None:
        {
            "add": self._add,
            "begin": self._begin,
            "compete": self._compete,
            "external": self._external,
            "late": self._late,
            "mixed": self._mixed,
            "propose": self._propose,
            "psk": self._psk,
            "reload": self._reload,
            "remove": self._remove,
            "reordered": self._reordered,
            "resync": self._resync,
            "talk": self._talk,
            "update": self._update,
        }[step]()

    def _can(self, name: str, ability: Ability) -> bool:
        return ability in self.company.can[name]

    def _one(self, names: list[str], *, can: Ability | None = None) -> str:
        """Choose an implementation, then one of its clients."""
        names = [name for name in names if can is None or self._can(name, can)]
        if not names:
            raise LookupError("nobody can take this step")
        kinds = sorted({self.company.kinds[name] for name in names})
        kind = self._random.choice(kinds)
        return self._random.choice(
            [name for name in names if self.company.kinds[name] == kind]
        )

    def _dispensable(self, *, but: str) -> str:
        """Choose one to remove, so that each implementation keeps a member."""
        counts = Counter(self.company.kinds[name] for name in self.company.members)
        several = [
            name
            for name in self.company.others(but)
            if counts[self.company.kinds[name]] > 1
        ]
        return self._one(several)

    def _newcomers(self, most: int) -> dict[str, bytes]:
        company = self.company
        room = min(most, MOST - len(company.members), len(company.outsiders))
        names: list[str] = []
        for _ in range(self._random.randint(1, room) if room > 0 else 0):
            names.append(
                self._one([n for n in self.company.outsiders if n not in names])
            )
        return {name: self.company.clients[name].key_package(name) for name in names}

    def _hidden(self, who: str) -> bool:
        return self._can(who, Ability.PRIVATE) and self._random.random() < 0.5

    def _add(self) -> None:
        new = self._newcomers(2)
        who = self._one(self.company.members)
        wish = Wish(add=tuple(new.values()), private=self._hidden(who))
        self.company.commit(who, wish, joiners=list(new))

    def _begin(self) -> None:
        """Add the first client of each implementation; from now on all know all."""
        creator = self.company.members[0]
        firsts = {
            self.company.kinds[name]: name for name in self.company.outsiders[::-1]
        }
        del firsts[self.company.kinds[creator]]
        new = {n: self.company.clients[n].key_package(n) for n in firsts.values()}
        self.company.commit(creator, Wish(add=tuple(new.values())), joiners=list(new))
        self.company.say(creator, b"welcome")

    def _remove(self) -> None:
        who = self._one(self.company.members)
        leaving = self._dispensable(but=who)
        self.company.commit(who, Wish(remove=(leaving,), private=self._hidden(who)))

    def _mixed(self) -> None:
        who = self._one(self.company.members, can=Ability.MIXED)
        leaving = self._dispensable(but=who)
        new = self._newcomers(1)
        wish = Wish(tuple(new.values()), (leaving,), private=self._hidden(who))
        self.company.commit(who, wish, joiners=list(new))

    def _update(self) -> None:
        who = self._one(self.company.members)
        self.company.commit(who, Wish(private=self._hidden(who)))

    def _psk(self) -> None:
        who = self._one(self.company.members)
        name, secret = self._random.randbytes(8), self._random.randbytes(32)
        for client, peer in self.company.clients.items():
            peer.know_psk(client, name, secret)
        new = self._newcomers(1) if len(self.company.members) < MOST else {}
        wish = Wish(tuple(new.values()), (), (name,), self._hidden(who))
        self.company.commit(who, wish, joiners=list(new))

    def _external(self) -> None:
        sponsor = self._one(self.company.members, can=Ability.EXTERNAL)
        who = self._one(self.company.outsiders, can=Ability.EXTERNAL)
        self.company.join_externally(who, sponsor)

    def _resync(self) -> None:
        who = self._one(self.company.members, can=Ability.EXTERNAL)
        sponsor = self._one(self.company.others(who), can=Ability.EXTERNAL)
        self.company.join_externally(who, sponsor)

    def _propose(self) -> None:
        """Let several propose, and one whom it does not concern commit it all."""
        company = self.company
        committer = self._one(company.members)
        chosen = self._random.sample(["add", "remove", "update"], k=2)
        leaving = [self._dispensable(but=committer)] if "remove" in chosen else []
        free = [name for name in company.others(committer) if name not in leaving]
        new = self._newcomers(1) if "add" in chosen else {}
        for package in new.values():
            who = self._one([*free, committer])
            hidden = self._hidden(who)
            company.propose(who, company.clients[who].propose_add(who, package, hidden))
        for name in leaving:
            who = self._one([*free, committer])
            hidden = self._hidden(who)
            company.propose(who, company.clients[who].propose_remove(who, name, hidden))
        able = [name for name in free if self._can(name, Ability.PROPOSE_UPDATE)]
        if "update" in chosen and able:
            who = self._one(able)
            company.propose(who, company.clients[who].propose_update(who))
        self._commit_waiting(committer, leaving, list(new))

    def _commit_waiting(
        self, committer: str, leaving: list[str], joiners: list[str]
    ) -> None:
        wish = Wish(private=self._hidden(committer))
        committed = self.company.clients[committer].commit(committer, wish)
        self.company.follow(committer, committed.message, leaving=leaving)
        self.company.welcome(committed, joiners)

    def _talk(self) -> None:
        who = self._one(self.company.members)
        self.company.say(who, self._random.randbytes(self._random.randrange(600)))

    def _reordered(self) -> None:
        """Let messages of one sender arrive in another order."""
        who = self._one(self.company.members)
        said = [b"first", b"second", b"third", b"fourth"]
        sent = [(self.company.protect(who, data), data) for data in said]
        self._random.shuffle(sent)
        for message, data in sent:
            self.company.hear(who, message, data)

    def _late(self) -> None:
        """Let a message arrive in the epoch after its own."""
        who = self._one(self.company.members)
        message = self.company.protect(who, b"from the last epoch")
        self._update()
        self.company.hear(who, message, b"from the last epoch")

    def _compete(self) -> None:
        """Let two commit at once: one of them is second and follows the other."""
        first = self._one(self.company.members)
        second = self._one(self.company.others(first))
        commits = {
            who: self.company.clients[who].commit(who, Wish())
            for who in (second, first)
        }
        self.company.clients[second].drop(second)
        self.company.follow(first, commits[first].message)
        self.company.agree()

    def _reload(self) -> None:
        """Let all store what they have and go on from it."""
        for name in self.company.members:
            self.company.clients[name].store(name)
            self.company.clients[name].load(name)
        self.company.agree()
