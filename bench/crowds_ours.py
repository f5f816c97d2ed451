"""The group of `crowds` as `privity.mls` does it."""

import os
import statistics
from collections.abc import Iterator

from bench import crowds
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

__all__ = ["OurCrowd"]

FOREVER = 2**40


class OurCrowd:
    """A warm group of `size` members."""

    def __init__(self, code: int, size: int) -> None:
        """Make the members, their group, and warm it."""
        self.suite = suite(code)
        self.size = size
        self.people = [self._person(number) for number in range(size)]
        self.bundles = [self._bundle(me) for me in self.people]
        self.packages = [bundle.key_package.encode() for bundle in self.bundles]
        _, made = self._add_all(self._decoded())
        self.groups = {0: made.next}
        for who in crowds.tracked(size)[1:]:
            self.groups[who] = self._join(who, made)
        for who in self.groups:
            self._update(who)
        kept = {0, *crowds.followers(size)}
        self.groups = {who: self.groups[who] for who in kept}

    def measure(self) -> Iterator[tuple[str, float]]:
        """Yield (operation, milliseconds), each operation once."""
        took, made = self._add_all(self._decoded())
        yield crowds.ADD, took * 1e3
        took, _ = timed(lambda: self._join(self.size - 1, made))
        yield crowds.JOIN, took * 1e3
        if self.size > 2:
            yield crowds.REMOVE, self._remove() * 1e3
        create, process = crowds.median_of_rounds(self.size, lambda: self._update(0))
        yield crowds.CREATE, create * 1e3
        yield crowds.PROCESS, process * 1e3
        yield from self._talk(crowds.SMALL, crowds.PROTECT, crowds.UNPROTECT)
        yield from self._talk(
            crowds.LARGE, crowds.PROTECT_LARGE, crowds.UNPROTECT_LARGE
        )
        yield from self._talk(
            crowds.SMALL, crowds.PROTECT_STORED, crowds.UNPROTECT_STORED, stored=True
        )
        yield from self._store()

    def sizes(self) -> Iterator[tuple[str, float]]:
        """Yield (what, bytes)."""
        group = self.groups[0]
        _, made = self._add_all(self._decoded())
        update = group.commit(CommitOptions(), os.urandom)
        state = group.dump_tree() + group.dump_ratchet()
        yield crowds.STATE_BYTES, len(state) / self.size
        yield crowds.WELCOME_BYTES, len(made.welcome or b"")
        yield crowds.COMMIT_BYTES, len(update.message)
        message, _ = group.protect(crowds.SMALL, random=os.urandom)
        yield crowds.MESSAGE_BYTES, len(message)

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

    def _add_all(self, packages: tuple[KeyPackage, ...]) -> tuple[float, PendingCommit]:
        group = Group.create(self.suite, b"crowd", self.people[0], random=os.urandom)
        # Without a path, as the peers do it; with one a first update costs less.
        options = CommitOptions(add=packages, path=False, tree_in_welcome=True)
        return timed(lambda: group.commit(options, os.urandom))

    def _join(self, who: int, made: PendingCommit) -> Group:
        if made.welcome is None:
            raise RuntimeError("a commit that adds has a Welcome")
        return Group.join(made.welcome, self.bundles[who], self.people[who]).group

    def _remove(self) -> float:
        options = CommitOptions(remove=(self.size - 2,))
        took, _ = timed(lambda: self.groups[0].commit(options, os.urandom))
        return took

    def _update(self, who: int) -> tuple[float, float]:
        """Let one commit and all follow; return what each took, in seconds."""
        group = self.groups[who]
        create, made = timed(lambda: group.commit(CommitOptions(), os.urandom))
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

    def _talk(
        self, data: bytes, protected: str, opened: str, *, stored: bool = False
    ) -> Iterator[tuple[str, float]]:
        """Yield what one message takes, sealed and opened; both states may be dumped.

        `stored` is what a client does that must not lose or use a key twice.
        """
        sent: list[bytes] = []

        def protect() -> None:
            message, self.groups[0] = self.groups[0].protect(data, random=os.urandom)
            if stored:
                self.groups[0].dump_ratchet()
            sent.append(message)

        def unprotect() -> None:
            event = self.groups[1].process(sent.pop(0))
            if event.next is not None:
                self.groups[1] = event.next
            if stored:
                self.groups[1].dump_ratchet()

        yield protected, per_call(protect, crowds.MESSAGES) * 1e3
        yield opened, per_call(unprotect, crowds.MESSAGES) * 1e3

    def _store(self) -> Iterator[tuple[str, float]]:
        group, me = self.groups[0], self.people[0]

        def commit() -> tuple[bytes, bytes]:
            after = group.commit(CommitOptions(), os.urandom).next
            return after.dump_tree(), after.dump_ratchet()

        took, _ = timed(commit)
        yield crowds.CREATE_STORED, took * 1e3
        tree, ratchet = group.dump_tree(), group.dump_ratchet()
        took, _ = timed(lambda: Group.load(tree, ratchet, me))
        yield crowds.LOAD, took * 1e3
