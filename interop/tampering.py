"""Each implementation's messages, changed by one bit: all refuse, nobody's state moves.

Afterwards the message as it was sent is taken by all, which shows that the refusals
used nothing up.
"""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from interop.company import Company, Disagreement
from interop.known import (
    READS_ANY_OCTET,
    USES_A_KEY_UP,
    is_read_by_ts_mls_all_the_same,
    may_use_a_key_up,
)
from interop.peer import Ability, Refused, Wish

__all__ = ["Tampering"]


@dataclass
class Tampering:
    """One company; `refusals` counts by the implementation that refused."""

    company: Company
    seed: int
    bits: int
    refusals: Counter[str] = field(default_factory=Counter)

    def run(self) -> None:
        """Let one member of every implementation send, tampered and then as it is."""
        company = self.company
        new = {n: company.clients[n].key_package(n) for n in company.outsiders}
        spare = new.popitem()[0]
        creator = company.members[0]
        company.commit(creator, Wish(add=tuple(new.values())), joiners=list(new))
        company.say(creator, b"all know all")
        senders = {company.kinds[name]: name for name in company.members}
        for who in senders.values():
            self._commit(who, Wish())
            if Ability.PRIVATE in company.can[who]:
                self._commit(who, Wish(private=True))
            self._application(who)
            self._welcome(who, spare)

    def _commit(self, who: str, wish: Wish) -> None:
        company = self.company
        committed = company.clients[who].commit(who, wish)
        self._all_refuse(who, committed.message)
        company.follow(who, committed.message)
        company.agree()

    def _application(self, who: str) -> None:
        message = self.company.protect(who, b"exactly this")
        self._all_refuse(who, message)
        self.company.hear(who, message, b"exactly this")

    def _welcome(self, who: str, spare: str) -> None:
        """Add one whose Welcome is tampered, then right; and remove it again."""
        company = self.company
        peer = company.clients[spare]
        wish = Wish(add=(peer.key_package(spare),))
        committed = company.clients[who].commit(who, wish)
        self._all_refuse(who, committed.message)
        company.follow(who, committed.message)
        welcome, tree = committed.welcome, committed.tree
        if welcome is None:
            raise Disagreement(f"no Welcome from {who}")
        for changed, bit in self._changed(welcome):
            if not self._refuses(spare, partial(peer.join, spare, changed, tree)):
                raise Disagreement(
                    f"{spare} joins by {who}'s Welcome but for bit {bit}"
                )
        company.welcome(committed, [spare])
        company.commit(who, Wish(remove=(spare,)))

    def _all_refuse(self, who: str, message: bytes) -> None:
        clients = self.company.clients
        before = {name: clients[name].state(name) for name in self.company.members}
        for name in before:
            clients[name].store(name)
        for changed, bit in self._changed(message):
            for name in self.company.others(who):
                peer = clients[name]
                if not self._refuses(name, partial(peer.process, name, who, changed)):
                    self._taken(name, message, changed, f"{who}'s but for bit {bit}")
        for name, state in before.items():
            if clients[name].state(name) != state:
                self._moved(name, who, message)

    def _moved(self, name: str, who: str, message: bytes) -> None:
        if not may_use_a_key_up(self.company.kinds[name], message):
            raise Disagreement(f"{name} refused a message of {who} and changed")
        self.company.known[USES_A_KEY_UP] += 1
        self.company.clients[name].load(name)

    def _taken(self, name: str, message: bytes, changed: bytes, what: str) -> None:
        kind = self.company.kinds[name]
        if not is_read_by_ts_mls_all_the_same(kind, message, changed):
            raise Disagreement(f"{name} takes a message that is {what}")
        self.company.known[READS_ANY_OCTET] += 1
        self.company.clients[name].load(name)

    def _refuses(self, name: str, act: Callable[[], object]) -> bool:
        try:
            act()
        except Refused:
            self.refusals[self.company.kinds[name]] += 1
            return True
        return False

    def _changed(self, message: bytes) -> list[tuple[bytes, int]]:
        """Return the message with one bit changed, for bits drawn from the seed."""
        drawn = random.Random(f"{self.seed} {len(message)}")  # noqa: S311  places
        found: list[tuple[bytes, int]] = []
        for bit in sorted(drawn.sample(range(8 * len(message)), self.bits)):
            changed = bytearray(message)
            changed[bit // 8] ^= 1 << bit % 8
            found.append((bytes(changed), bit))
        return found
