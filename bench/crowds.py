"""A group of N members for `bench_mls`, and what each operation takes in it.

Warm: a member of every subtree beside member 0's path has committed, so that a
commit of member 0 encrypts once for each level. Only these members have a state;
the others are leaves. `crowds_mls_rs` does the same with mls-rs.
"""

import os
import statistics
from collections.abc import Iterator
from typing import Protocol

from bench.timing import per_call, timed
from privity.mls import (
    Capabilities,
    CommitOptions,
    Credential,
    Group,
    KeyPackage,
    KeyPackageBundle,
    LeafIdentity,
    PendingCommit,
    make_key_package,
    suite,
)

__all__ = ["ADD", "CREATE", "JOIN", "PROCESS", "PROTECT", "UNPROTECT", "Crowd"]
__all__ += ["OurCrowd", "tracked"]

ADD = "add all"
CREATE = "self-update: create"
JOIN = "join"
PROCESS = "self-update: process"
PROTECT = "protect 100 B"
UNPROTECT = "unprotect 100 B"
DUMP = "dump"
LOAD = "load"

MESSAGES = 30
DATA = os.urandom(100)
FOREVER = 2**40


class Crowd(Protocol):
    """A warm group of one implementation."""

    def measure(self) -> Iterator[tuple[str, float]]:
        """Yield (operation, milliseconds), each operation once."""
        ...

    def bytes_per_member(self) -> float:
        """Return the size of member 0's stored state, divided by N."""
        ...


def tracked(size: int) -> list[int]:
    """Return the members who have a state: 0, one of each subtree, the last."""
    powers = {1 << level for level in range(size.bit_length())}
    return sorted({0, size - 1} | {at for at in powers if at < size})


class OurCrowd:
    """The group as `privity.mls` does it."""

    def __init__(self, code: int, size: int) -> None:
        """Make the members, their group, and warm it."""
        self.suite = suite(code)
        self.size = size
        self.people = [self._person(number) for number in range(size)]
        self.bundles = [self._bundle(me) for me in self.people]
        self.packages = [bundle.key_package.encode() for bundle in self.bundles]
        made = self._add_all(self._decoded())
        tree = made.next.tree_bytes()
        self.groups = {0: made.next}
        for who in tracked(size)[1:]:
            self.groups[who] = self._join(who, made, tree)
        for who in self.groups:
            self._update(who)

    def measure(self) -> Iterator[tuple[str, float]]:
        """Yield (operation, milliseconds), each operation once."""
        packages = self._decoded()
        took, made = timed(lambda: self._add_all(packages))
        yield ADD, took * 1e3
        tree = made.next.tree_bytes()
        took, _ = timed(lambda: self._join(self.size - 1, made, tree))
        yield JOIN, took * 1e3
        create, process = self._update(0)
        yield CREATE, create * 1e3
        yield PROCESS, process * 1e3
        protect, unprotect = self._talk()
        yield PROTECT, protect * 1e3
        yield UNPROTECT, unprotect * 1e3
        yield from self._store()

    def bytes_per_member(self) -> float:
        """Return the size of member 0's stored state, divided by N."""
        group = self.groups[0]
        return len(group.dump_tree() + group.dump_ratchet()) / self.size

    def _person(self, number: int) -> LeafIdentity:
        private, _ = self.suite.generate_signature_pair(os.urandom)
        able = Capabilities(cipher_suites=(self.suite.code,), credentials=(1,))
        return LeafIdentity(Credential.basic(b"m%d" % number), private, able)

    def _bundle(self, me: LeafIdentity) -> KeyPackageBundle:
        return make_key_package(
            self.suite, me, random=os.urandom, not_before=0, not_after=FOREVER
        )

    def _decoded(self) -> tuple[KeyPackage, ...]:
        return tuple(KeyPackage.decode(package) for package in self.packages[1:])

    def _add_all(self, packages: tuple[KeyPackage, ...]) -> PendingCommit:
        group = Group.create(self.suite, b"crowd", self.people[0], random=os.urandom)
        return group.commit(CommitOptions(add=packages), os.urandom)

    def _join(self, who: int, made: PendingCommit, tree: bytes) -> Group:
        if made.welcome is None:
            raise RuntimeError("a commit that adds has a Welcome")
        me = self.people[who]
        return Group.join(made.welcome, self.bundles[who], me, tree=tree).group

    def _update(self, who: int) -> tuple[float, float]:
        """Let one commit and all follow; return what each took, in seconds."""
        create, made = timed(lambda: self.groups[who].commit(CommitOptions(), _draw))
        followed: list[float] = []
        for other, group in list(self.groups.items()):
            if other == who:
                self.groups[who] = made.next
                continue
            took, staged = timed(lambda: group.process(made.message))  # noqa: B023
            if staged.next is None:
                raise RuntimeError("an update removes nobody")
            self.groups[other] = staged.next
            followed.append(took)
        return create, statistics.median(followed)

    def _talk(self) -> tuple[float, float]:
        """Return the seconds that one message takes, sealed and opened."""
        sent: list[bytes] = []

        def protect() -> None:
            message, self.groups[0] = self.groups[0].protect(DATA, random=_draw)
            sent.append(message)

        def unprotect() -> None:
            event = self.groups[1].process(sent.pop(0))
            if event.next is not None:
                self.groups[1] = event.next

        return per_call(protect, MESSAGES), per_call(unprotect, MESSAGES)

    def _store(self) -> Iterator[tuple[str, float]]:
        group = self.groups[0]
        took, (tree, ratchet) = timed(
            lambda: (group.dump_tree(), group.dump_ratchet()),
        )
        yield DUMP, took * 1e3
        took, _ = timed(lambda: Group.load(tree, ratchet, self.people[0]))
        yield LOAD, took * 1e3


def _draw(size: int) -> bytes:
    return os.urandom(size)
