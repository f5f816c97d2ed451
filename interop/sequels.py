"""What a walk does not do: new extensions, asking to be added, an end, a branch.

Each implementation does each once, among two clients of both, and the others follow.
"""

from collections import Counter
from dataclasses import dataclass, field

from interop.company import Company, Disagreement
from interop.known import NO_PATH_FOR_EXTENSIONS, lacks_the_path_of_extensions
from interop.peer import Committed, Refused, Wish
from interop.roster import OURS

__all__ = ["Sequels"]

REQUIRED = b"\0\0\2\0\1"
"""`required_capabilities` of no extension, no proposal, and basic credentials."""


@dataclass
class Sequels:
    """One company of implementations that can all do this."""

    company: Company
    done: Counter[str] = field(default_factory=Counter)

    def run(self) -> None:
        """Let all join, and one of each implementation do everything once."""
        company = self.company
        asking = {company.kinds[name]: name for name in company.outsiders}
        new = {
            name: company.clients[name].key_package(name)
            for name in company.outsiders
            if name not in asking.values()
        }
        creator = company.members[0]
        company.commit(creator, Wish(add=tuple(new.values())), joiners=list(new))
        company.say(creator, b"all know all")
        doers = {company.kinds[name]: name for name in company.members}
        for number, (kind, who) in enumerate(doers.items()):
            self._require(who)
            self._count("extensions", kind)
            self._ask(asking[kind])
            self._count("own add", kind)
            self._go_on(who, f"a branch {number}".encode())
            self._count("branch", kind)
            self._end(who, f"a sequel {number}".encode())
            self._count("reinit", kind)

    def _count(self, what: str, kind: str) -> None:
        self.company.agree()
        self.done[f"{what} by {kind}"] += 1

    def _require(self, who: str) -> None:
        """Let one propose new extensions, and one of another implementation commit."""
        company = self.company
        company.propose(who, company.clients[who].propose_requirement(who, REQUIRED))
        others = company.others(who)
        other = next(
            (name for name in others if company.kinds[name] != company.kinds[who]),
            others[0],
        )
        committed = company.clients[other].commit(other, Wish())
        if not lacks_the_path_of_extensions(company.kinds[other], committed.message):
            company.follow(other, committed.message)
            return
        self._refuse(other, committed.message)
        company.commit(who, Wish())

    def _refuse(self, who: str, commit: bytes) -> None:
        """Let our clients refuse a commit, and its maker forget it."""
        company = self.company
        for name in company.others(who):
            if company.kinds[name] == OURS:
                self._refused(name, who, commit)
        company.clients[who].drop(who)
        company.known[NO_PATH_FOR_EXTENSIONS] += 1

    def _refused(self, name: str, who: str, commit: bytes) -> None:
        try:
            self.company.clients[name].process(name, who, commit)
        except Refused:
            return
        raise Disagreement(f"{name} takes a commit without its path")

    def _ask(self, who: str) -> None:
        """Let one ask from outside to be added, and a member do it."""
        company = self.company
        sponsor = company.members[0]
        info = company.clients[sponsor].group_info(sponsor)
        asked = company.clients[who].ask(who, info)
        for name in company.members:
            company.clients[name].process(name, who, asked)
        committed = company.clients[sponsor].commit(sponsor, Wish())
        company.follow(sponsor, committed.message)
        company.welcome(committed, [who])

    def _end(self, who: str, group_id: bytes) -> None:
        """Let one end the group, and create what follows."""
        company = self.company
        company.follow(who, company.clients[who].end(who, group_id).message)
        self._go_on(who, group_id)

    def _go_on(self, who: str, group_id: bytes) -> None:
        company = self.company
        others = company.others(who)
        packages = [company.clients[name].key_package(name) for name in others]
        committed = company.clients[who].follow_up(who, group_id, packages)
        company.clients[who].apply(who)
        for name in others:
            self._join_next(name, committed)
        for name in company.members:
            company.say(name, f"{name} went along".encode())

    def _join_next(self, name: str, committed: Committed) -> None:
        if committed.welcome is None:
            raise Disagreement(f"no Welcome for {name}")
        self.company.clients[name].join_next(name, committed.welcome, committed.tree)
