"""Trees with all their private keys, for tests of the tree side of MLS.

A `Grove` is a group without framing and key schedule: it runs proposals and update
paths through the real code, as the committer and as every other member.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from privity.mls.credentials import Credential, CredentialType
from privity.mls.extensions import Extension
from privity.mls.framing import SenderType
from privity.mls.group_context import GroupContext
from privity.mls.key_packages import KeyPackage
from privity.mls.nodes import (
    MLS_10,
    Capabilities,
    FromKeyPackage,
    FromUpdate,
    LeafNode,
    UpdatePath,
)
from privity.mls.path_keys import PathKeys
from privity.mls.proposal_list import (
    AppliedProposals,
    SentProposal,
    apply_proposals,
)
from privity.mls.proposals import Add, Proposal, Remove, Update
from privity.mls.ratchet_tree import RatchetTree
from privity.mls.suites import CipherSuite, suite
from privity.mls.treekem import LeafSigner, merge_path, refresh_path

GROUP_ID = b"a grove"
SUITE = suite(0x0001)
YEAR = 365 * 24 * 3600


class Draw:
    """Bytes that look random, never repeat and are the same in every run."""

    def __init__(self, seed: bytes = b"") -> None:
        self.state = hashlib.sha256(b"draw" + seed).digest()

    def __call__(self, size: int) -> bytes:
        self.state = hashlib.sha256(self.state).digest()
        return hashlib.shake_256(self.state).digest(size)


@dataclass
class Person:
    """A client: its signature key and what it says of itself."""

    name: str
    crypto: CipherSuite = SUITE
    seed: bytes = field(init=False)

    def __post_init__(self) -> None:
        self.seed = hashlib.sha256(self.name.encode()).digest()

    def leaf(self, **changes: Any) -> tuple[LeafNode, bytes]:
        """Return an unsigned leaf as of a key package, and its private key."""
        private, public = self.crypto.derive_key_pair(DRAW(32))
        leaf = LeafNode(
            encryption_key=public,
            signature_key=self.crypto.signature.public_of(self.seed),
            credential=Credential.basic(self.name.encode()),
            capabilities=Capabilities(
                cipher_suites=(self.crypto.code,),
                credentials=(CredentialType.BASIC,),
            ),
            source=FromKeyPackage(0, YEAR),
            extensions=(),
            signature=b"",
        )
        return replace(leaf, **changes), private

    def package(
        self, *, of_package: dict[str, Any] | None = None, **of_leaf: Any
    ) -> tuple[KeyPackage, bytes]:
        """Return a key package, and the private key of its leaf."""
        leaf, private = self.leaf(**of_leaf)
        _, init_key = self.crypto.derive_key_pair(DRAW(32))
        package = KeyPackage(
            version=MLS_10,
            cipher_suite=self.crypto.code,
            init_key=init_key,
            leaf_node=leaf.signed(self.crypto, self.seed),
            extensions=(),
            signature=b"",
        )
        package = replace(package, **(of_package or {}))
        return package.signed(self.crypto, self.seed), private

    def updated_leaf(self, index: int, **changes: Any) -> tuple[LeafNode, bytes]:
        """Return a leaf for an Update proposal, and its private key."""
        leaf, private = self.leaf(**{"source": FromUpdate(), **changes})
        return leaf.signed(self.crypto, self.seed, GROUP_ID, index), private

    @property
    def signer(self) -> LeafSigner:
        """What signs this person's leaves."""
        return LeafSigner(self.seed, GROUP_ID)


DRAW = Draw()


@dataclass
class Grove:
    """A tree, and by leaf index who stands there and which private keys it has."""

    tree: RatchetTree
    people: dict[int, Person]
    keys: dict[int, PathKeys]
    extensions: tuple[Extension, ...] = ()
    commit_secret: bytes = b""

    @classmethod
    def planted(cls, first: Person) -> "Grove":
        """Return a group of one."""
        package, private = first.package()
        tree = RatchetTree.of_one(first.crypto, package.leaf_node)
        return cls(tree, {0: first}, {0: PathKeys.of_leaf(0, private)})

    @classmethod
    def of(cls, size: int, crypto: CipherSuite = SUITE) -> "Grove":
        """Return a group of that many, whose parents are all filled."""
        grove = cls.planted(Person("person 0", crypto))
        grove.commit(0, add=[Person(f"person {n}", crypto) for n in range(1, size)])
        for leaf in range(1, size):
            grove.commit(leaf)
        return grove

    def context(self, tree: RatchetTree | None = None) -> GroupContext:
        """Return the GroupContext of this tree or another one."""
        tree = tree or self.tree
        return GroupContext(
            MLS_10,
            tree.suite.code,
            GROUP_ID,
            0,
            tree.tree_hash(),
            b"",
            self.extensions,
        )

    def apply(self, committer: int, *proposals: Proposal) -> AppliedProposals:
        """Apply proposals of the committer, and change nothing here."""
        return self.apply_sent(
            committer, [SentProposal(committer, proposal) for proposal in proposals]
        )

    def apply_sent(
        self, committer: int, sent: Sequence[SentProposal]
    ) -> AppliedProposals:
        """Apply proposals of anybody, and change nothing here."""
        return apply_proposals(self.tree, self.context(), committer, sent)

    def apply_joining(self, *proposals: Proposal) -> AppliedProposals:
        """Apply proposals of a commit by which somebody joins."""
        kind = SenderType.NEW_MEMBER_COMMIT
        sent = [SentProposal(0, proposal, kind) for proposal in proposals]
        return apply_proposals(self.tree, self.context(), None, sent)

    def path(self, committer: int) -> UpdatePath:
        """Return an update path for the tree as it is, and change nothing here."""
        person = self.people[committer]
        leaf = self.tree.member(committer)
        fresh = refresh_path(self.tree, committer, leaf, person.signer, DRAW)
        return fresh.seal(self.context(fresh.tree).encode(), ())

    def commit(
        self,
        committer: int,
        *,
        add: Sequence[Person] = (),
        remove: Sequence[int] = (),
        updates: Sequence[int] = (),
    ) -> None:
        """Commit with a path, and let every member process it."""
        packages = [person.package() for person in add]
        leaves = {at: self.people[at].updated_leaf(at) for at in updates}
        applied = self.apply_sent(
            committer,
            [
                *(SentProposal(at, Update(leaf)) for at, (leaf, _) in leaves.items()),
                *(SentProposal(committer, Remove(at)) for at in remove),
                *(SentProposal(committer, Add(package)) for package, _ in packages),
            ],
        )
        kept = self._keys_after(applied, remove, {a: p for a, (_, p) in leaves.items()})
        leaf = applied.tree.member(committer)
        signer = self.people[committer].signer
        fresh = refresh_path(applied.tree, committer, leaf, signer, DRAW)
        context = self.context(fresh.tree).encode()
        path = UpdatePath.decode(fresh.seal(context, applied.added_leaves).encode())
        merged = merge_path(applied, committer, path, GROUP_ID)
        assert merged.tree == fresh.tree
        opened = {committer: fresh.keys}
        for at, keys in kept.items():
            if at != committer:
                opened[at], secret = merged.open(keys, context)
                assert secret == fresh.commit_secret
        for (at, _), (_, private), person in zip(
            applied.added, packages, add, strict=True
        ):
            opened[at] = PathKeys.of_leaf(at, private).after_welcome(
                merged.tree, committer, fresh.secret_for(at)
            )
            self.people[at] = person
        self.tree, self.keys = merged.tree, opened
        self.commit_secret = fresh.commit_secret

    def _keys_after(
        self, applied: AppliedProposals, removed: Sequence[int], fresh: dict[int, bytes]
    ) -> dict[int, PathKeys]:
        for at in removed:
            del self.people[at]
        kept = {}
        for at in self.people:
            kept[at] = self.keys[at].kept(self.tree, applied.tree)
            if at in fresh:
                kept[at] = kept[at].with_leaf_key(fresh[at])
        return kept
