"""The private side of the ratchet tree (RFC 9420 §4.1.3, §7.4).

A member knows the private keys of its leaf and of parents above it. `PathKeys` is
that knowledge as a value; what a change of the tree outdates is not in the next
value, so nothing keeps it alive.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from privity.errors import RuleViolation, UsageError
from privity.mls import tree_math
from privity.mls.ratchet_tree import RatchetTree
from privity.mls.rules import Rule
from privity.mls.suites import CipherSuite

__all__ = ["PathKeys", "PathSecret", "derive_checked", "node_key_pair"]

PathSecret = bytes


@dataclass(frozen=True, slots=True)
class PathKeys:
    """The private HPKE keys that the member at `own_leaf` knows, by node index."""

    own_leaf: int
    keys: Mapping[int, bytes] = field(repr=False)

    @classmethod
    def of_leaf(cls, own_leaf: int, private: bytes) -> "PathKeys":
        """Return the keys of a member that knows that of its leaf only."""
        return cls(own_leaf, MappingProxyType({2 * own_leaf: private}))

    def with_leaf_key(self, private: bytes) -> "PathKeys":
        """Return these keys with another one for the leaf."""
        return self.with_keys({2 * self.own_leaf: private})

    def with_keys(self, keys: Mapping[int, bytes]) -> "PathKeys":
        """Return these keys with some of them new."""
        return PathKeys(self.own_leaf, MappingProxyType({**self.keys, **keys}))

    def without(self, outdated: Iterable[int]) -> "PathKeys":
        """Return these keys without those of some nodes."""
        gone = set(outdated)
        kept = {at: key for at, key in self.keys.items() if at not in gone}
        return PathKeys(self.own_leaf, MappingProxyType(kept))

    def kept(self, before: RatchetTree, after: RatchetTree) -> "PathKeys":
        """Return the keys whose nodes are the same in both trees."""
        kept = {
            at: private
            for at, private in self.keys.items()
            if _same_key(before, after, at)
        }
        return PathKeys(self.own_leaf, MappingProxyType(kept))

    def after_welcome(
        self, tree: RatchetTree, committer: int, path_secret: PathSecret
    ) -> "PathKeys":
        """Return the keys of a new member that a Welcome gave a path secret.

        RFC 9420 §12.4.3.1. Raises RuleViolation when they are not those of the tree.
        """
        if committer == self.own_leaf:
            raise UsageError("nobody adds itself by a Welcome")
        first = tree_math.common_ancestor(2 * committer, 2 * self.own_leaf)
        above = [
            at
            for at, _ in tree.filtered_direct_path(committer)
            if tree_math.is_in_subtree(first, at)
        ]
        if not above or above[0] != first:
            raise RuleViolation(Rule.PATH_KEY_MISMATCH, f"node {first}")
        found: dict[int, bytes] = {}
        for at in above:
            found[at] = derive_checked(tree, at, path_secret)
            path_secret = tree.suite.derive_secret(path_secret, "path")
        return self.with_keys(found)


def node_key_pair(suite: CipherSuite, path_secret: PathSecret) -> tuple[bytes, bytes]:
    """Return the private and public key of a parent (§7.4)."""
    return suite.derive_key_pair(suite.derive_secret(path_secret, "node"))


def derive_checked(tree: RatchetTree, at: int, path_secret: PathSecret) -> bytes:
    """Return the private key of a node; it must be that of the tree's public key."""
    private, public = node_key_pair(tree.suite, path_secret)
    node = tree.node(at)
    if node is None or node.encryption_key != public:
        raise RuleViolation(Rule.PATH_KEY_MISMATCH, f"node {at}")
    return private


def _same_key(before: RatchetTree, after: RatchetTree, at: int) -> bool:
    old, new = before.node(at), after.node(at)
    return (
        old is not None and new is not None and old.encryption_key == new.encryption_key
    )
