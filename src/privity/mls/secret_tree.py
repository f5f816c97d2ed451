"""The secret tree: from one encryption secret to every sender's ratchets (§9).

A node's secret is dropped in the step that derives its children, so what a
member keeps is the frontier of subtrees nobody has sent from, and the ratchets
of those who have. The tree is a value: each use returns the tree that has
forgotten what was used.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated, Self

from privity.codec import U32, Opaque, Struct, Vector
from privity.errors import DecodeError, UsageError
from privity.mls.sender_ratchet import MessageKey, SenderRatchet
from privity.mls.suites import CipherSuite

__all__ = ["RatchetKind", "SecretTree"]


class RatchetKind(IntEnum):
    """Which of a leaf's two ratchets."""

    HANDSHAKE = 0
    APPLICATION = 1


@dataclass(frozen=True, slots=True, repr=False)
class _NodeSecret(Struct):
    node: U32
    secret: Opaque


@dataclass(frozen=True, slots=True, repr=False)
class _LeafRatchets(Struct):
    leaf: U32
    handshake: SenderRatchet
    application: SenderRatchet


@dataclass(frozen=True, slots=True, repr=False)
class _Stored(Struct):
    """How a secret tree lies in the stored state."""

    leaves: U32
    nodes: Annotated[tuple[_NodeSecret, ...], Vector(_NodeSecret)]
    ratchets: Annotated[tuple[_LeafRatchets, ...], Vector(_LeafRatchets)]


@dataclass(frozen=True, slots=True, repr=False)
class SecretTree:
    """Unused node secrets by node index, and the ratchets of leaves in use.

    `leaves` is the width of the ratchet tree, a power of two; the mappings are
    never changed after construction.
    """

    leaves: int
    nodes: Mapping[int, bytes]
    ratchets: Mapping[int, tuple[SenderRatchet, SenderRatchet]]

    @classmethod
    def of(cls, encryption_secret: bytes, leaves: int) -> Self:
        """Return the tree of a new epoch over `leaves` (a power of two) leaves."""
        return cls(leaves, {leaves - 1: encryption_secret}, {})

    def next_key(
        self, suite: CipherSuite, leaf: int, kind: RatchetKind
    ) -> "tuple[MessageKey, SecretTree]":
        """Return a leaf's next key for sending, and the tree without it."""
        tree = self._opened(suite, leaf)
        key, ratchet = tree.ratchets[leaf][kind].next_key(suite)
        return key, _replaced(tree, leaf, kind, ratchet)

    def key_for(
        self, suite: CipherSuite, leaf: int, kind: RatchetKind, generation: int
    ) -> "tuple[MessageKey, SecretTree]":
        """Return the key of one generation, and the tree that forgets it.

        Raises:
            RuleViolation: the key was used before, or lies too far ahead.
        """
        tree = self._opened(suite, leaf)
        key, ratchet = tree.ratchets[leaf][kind].key_for(suite, generation)
        return key, _replaced(tree, leaf, kind, ratchet)

    def encode(self) -> bytes:
        """Return the stored form."""
        return _Stored(
            self.leaves,
            tuple(_NodeSecret(node, self.nodes[node]) for node in sorted(self.nodes)),
            tuple(
                _LeafRatchets(leaf, *self.ratchets[leaf])
                for leaf in sorted(self.ratchets)
            ),
        ).encode()

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Return the tree that `encode` stored."""
        stored = _Stored.decode(data)
        nodes = {item.node: item.secret for item in stored.nodes}
        ratchets = {
            item.leaf: (item.handshake, item.application) for item in stored.ratchets
        }
        ordered = [item.node for item in stored.nodes] == sorted(nodes)
        if not ordered or [item.leaf for item in stored.ratchets] != sorted(ratchets):
            raise DecodeError("a secret tree with nodes out of order or twice")
        return cls(stored.leaves, nodes, ratchets)

    def _opened(self, suite: CipherSuite, leaf: int) -> "SecretTree":
        """Return the tree in which `leaf` has its ratchets."""
        if leaf in self.ratchets:
            return self
        if not 0 <= leaf < self.leaves:
            raise UsageError(f"no leaf {leaf} in a tree of {self.leaves}")
        nodes = dict(self.nodes)
        root, width = self._frontier_above(leaf)
        secret = nodes.pop(root)
        size = suite.hash_length
        while width > 1:
            width //= 2
            left = suite.expand_with_label(secret, "tree", b"left", size)
            right = suite.expand_with_label(secret, "tree", b"right", size)
            left_root, right_root = root - width, root + width
            if 2 * leaf < root:
                nodes[right_root], root, secret = right, left_root, left
            else:
                nodes[left_root], root, secret = left, right_root, right
        handshake = suite.expand_with_label(secret, "handshake", b"", size)
        application = suite.expand_with_label(secret, "application", b"", size)
        pair = (SenderRatchet(0, handshake), SenderRatchet(0, application))
        return SecretTree(self.leaves, nodes, {**self.ratchets, leaf: pair})

    def _frontier_above(self, leaf: int) -> tuple[int, int]:
        """Return the node over `leaf` whose secret is still here, and its width."""
        root, width = self.leaves - 1, self.leaves
        while root not in self.nodes:
            if width == 1:
                raise DecodeError(f"a stored secret tree without leaf {leaf}")
            width //= 2
            root = root - width if 2 * leaf < root else root + width
        return root, width


def _replaced(
    tree: SecretTree, leaf: int, kind: RatchetKind, ratchet: SenderRatchet
) -> SecretTree:
    handshake, application = tree.ratchets[leaf]
    if kind is RatchetKind.HANDSHAKE:
        pair = (ratchet, application)
    else:
        pair = (handshake, ratchet)
    return SecretTree(tree.leaves, tree.nodes, {**tree.ratchets, leaf: pair})
