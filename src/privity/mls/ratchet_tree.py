"""The ratchet tree (RFC 9420 §4 and §7): a value that epochs share.

A `RatchetTree` never changes. `TreeDraft` makes another one, which shares all nodes
and all tree hashes that stay the same. Hashes are computed when they are asked for
and kept; after a change only the path to the root is hashed again.

Not here: who may stand in a tree (`tree_validation`), and private keys (`treekem`).
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import replace
from struct import pack

from privity.codec import Reader, as_opaque, write_varint
from privity.errors import DecodeError, RuleViolation
from privity.mls import tree_math
from privity.mls.nodes import LeafNode, Node, OptionalNode, ParentNode
from privity.mls.rules import Rule
from privity.mls.suites import CipherSuite

__all__ = ["MAX_LEAVES", "KeyIndex", "Nodes", "PathStep", "RatchetTree"]

MAX_LEAVES = 1 << 14
"""How wide a tree may be, blank leaves included: one byte makes a blank node, and
each costs a hash (RFC 9420 §16 leaves limits to us)."""

Nodes = list[Node | None]
PathStep = tuple[int, int]
"""A parent on a direct path, and its child on the copath."""


class KeyIndex:
    """Which node holds a key; building it refuses keys that stand twice."""

    __slots__ = ("encryption", "signature")

    def __init__(self) -> None:
        self.encryption: dict[bytes, int] = {}
        self.signature: dict[bytes, int] = {}

    def copy(self) -> "KeyIndex":
        """Return an index that can change without this one."""
        other = KeyIndex()
        other.encryption = self.encryption.copy()
        other.signature = self.signature.copy()
        return other

    def put(self, at: int, node: Node) -> None:
        """Enter the keys of a node; raises RuleViolation when one is taken."""
        if self.encryption.setdefault(node.encryption_key, at) != at:
            raise RuleViolation(Rule.DUPLICATE_ENCRYPTION_KEY, f"node {at}")
        if (
            isinstance(node, LeafNode)
            and self.signature.setdefault(node.signature_key, at) != at
        ):
            raise RuleViolation(Rule.DUPLICATE_SIGNATURE_KEY, f"leaf {at // 2}")

    def drop(self, node: Node) -> None:
        """Forget the keys of a node."""
        del self.encryption[node.encryption_key]
        if isinstance(node, LeafNode):
            del self.signature[node.signature_key]


class RatchetTree:
    """All public nodes of a group, in the order of an in-order traversal.

    The width is always that of a full tree of 2^d leaves. Whoever builds one from
    lists gives them away.
    """

    __slots__ = ("_hashes", "_index", "_nodes", "first_blank", "suite")

    def __init__(
        self,
        suite: CipherSuite,
        nodes: Nodes,
        hashes: list[bytes | None] | None = None,
        index: KeyIndex | None = None,
        first_blank: int = 0,
    ) -> None:
        self.suite = suite
        self.first_blank = first_blank
        self._nodes = nodes
        self._hashes: list[bytes | None] = hashes or [None] * len(nodes)
        self._index = index

    @classmethod
    def of_one(cls, suite: CipherSuite, leaf: LeafNode) -> "RatchetTree":
        """Return the tree of a group that has just been created (§11)."""
        return cls(suite, [leaf])

    @classmethod
    def decode(cls, suite: CipherSuite, data: bytes) -> "RatchetTree":
        """Return the tree of a `ratchet_tree` extension (§12.4.3.3).

        It is well formed and no more; `validate_tree` says whether to trust it.
        Memory is bounded by the input. Raises DecodeError or RuleViolation.
        """
        outer = Reader(data)
        reader = outer.inner()
        outer.finish()
        nodes: Nodes = []
        while reader.remaining:
            node = OptionalNode.read(reader)
            if node is not None and isinstance(node, ParentNode) != len(nodes) % 2:
                raise RuleViolation(Rule.MALFORMED_TREE, f"node {len(nodes)}")
            nodes.append(node)
            if len(nodes) > tree_math.node_width(MAX_LEAVES):
                raise RuleViolation(Rule.TREE_TOO_LARGE)
        if not nodes:
            raise DecodeError("a tree without nodes")
        if nodes[-1] is None:
            raise RuleViolation(Rule.BLANK_LAST_NODE)
        if len(nodes) % 2 == 0:
            # A parent is never set above an empty right half, nor left there (§7.7).
            raise RuleViolation(Rule.MALFORMED_TREE, "it ends in a parent")
        width = tree_math.node_width(tree_math.leaf_count(len(nodes)))
        nodes.extend([None] * (width - len(nodes)))
        return cls(suite, nodes)

    def encode(self) -> bytes:
        """Return the content of a `ratchet_tree` extension (§12.4.3.3)."""
        last = len(self._nodes)
        while self._nodes[last - 1] is None:
            last -= 1
        body = bytearray()
        for node in self._nodes[:last]:
            OptionalNode.write(body, node)
        out = bytearray()
        write_varint(out, len(body))
        return bytes(out + body)

    def __eq__(self, other: object) -> bool:
        """Compare suite and nodes."""
        if not isinstance(other, RatchetTree):
            return NotImplemented
        return self.suite is other.suite and self._nodes == other._nodes

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        """Return the size; the nodes would fill a screen."""
        return f"<RatchetTree of {self.size} leaves>"

    @property
    def size(self) -> int:
        """The number of leaves, blank ones included: a power of two."""
        return (len(self._nodes) + 1) // 2

    @property
    def root(self) -> int:
        """The node index of the root."""
        return tree_math.root(self.size)

    @property
    def nodes(self) -> tuple[Node | None, ...]:
        """All nodes; `None` is a blank one."""
        return tuple(self._nodes)

    def node(self, at: int) -> Node | None:
        """Return a node by its index; a blank or missing one is `None`."""
        return self._nodes[at] if 0 <= at < len(self._nodes) else None

    def leaf(self, leaf: int) -> LeafNode | None:
        """Return a leaf by its leaf index; a blank or missing one is `None`."""
        found = self.node(2 * leaf)
        return found if isinstance(found, LeafNode) else None

    def parent(self, at: int) -> ParentNode | None:
        """Return a parent by its node index; a blank or missing one is `None`."""
        found = self.node(at)
        return found if isinstance(found, ParentNode) else None

    def member(self, leaf: int) -> LeafNode:
        """Return a leaf that must be occupied; raises RuleViolation."""
        found = self.leaf(leaf)
        if found is None:
            raise RuleViolation(Rule.BLANK_LEAF, f"leaf {leaf}")
        return found

    def members(self) -> tuple[tuple[int, LeafNode], ...]:
        """Return every occupied leaf with its leaf index."""
        return tuple(self._members())

    def find_signature_key(self, key: bytes) -> int | None:
        """Return the leaf index that has this signature key; one look-up."""
        at = self.key_index().signature.get(key)
        return None if at is None else at // 2

    def find_encryption_key(self, key: bytes) -> int | None:
        """Return the node index that has this encryption key; one look-up."""
        return self.key_index().encryption.get(key)

    def key_index(self) -> KeyIndex:
        """Return the index of all keys; raises RuleViolation if one stands twice."""
        if self._index is None:
            index = KeyIndex()
            for at, node in enumerate(self._nodes):
                if node is not None:
                    index.put(at, node)
            self._index = index
        return self._index

    def resolution(self, at: int) -> list[int]:
        """Return the nodes that stand for the subtree of a node (§4.1.1).

        Costs the size of the blank part of the subtree.
        """
        found: list[int] = []
        waiting = [at]
        while waiting:
            at = waiting.pop()
            node = self._nodes[at]
            if node is None:
                if at % 2:
                    waiting += (tree_math.right(at), tree_math.left(at))
                continue
            found.append(at)
            if isinstance(node, ParentNode):
                found.extend(2 * leaf for leaf in node.unmerged_leaves)
        return found

    def is_empty(self, at: int) -> bool:
        """Say whether the resolution of a node is empty."""
        if self._nodes[at] is not None:
            return False
        reach = (1 << tree_math.level(at)) - 1
        return not any(self._nodes[at - reach : at + reach + 1])

    def filtered_direct_path(self, leaf: int) -> list[PathStep]:
        """Return the parents above a leaf that get keys from it (§4.1.2), upwards."""
        at = 2 * leaf
        path = tree_math.direct_path(at, self.size)
        beside = tree_math.copath(at, self.size)
        return [
            (above, other)
            for above, other in zip(path, beside, strict=True)
            if not self.is_empty(other)
        ]

    def tree_hash(self) -> bytes:
        """Return the tree hash of the root (§7.8)."""
        return self.node_hash(self.root)

    def node_hash(self, at: int) -> bytes:
        """Return the tree hash of one subtree (§7.8); computed once."""
        known = self._hashes[at]
        if known is None:
            known = self._compute_hash(at)
            self._hashes[at] = known
        return known

    def known_hashes(self) -> list[bytes | None]:
        """Return a copy of the tree hashes computed so far, by node index."""
        return self._hashes.copy()

    def hash_without(self, at: int, leaves: tuple[int, ...]) -> bytes:
        """Return the tree hash of a subtree as it was before `leaves` were added.

        RFC 9420 §7.9, `original_sibling_tree_hash`: the leaves are blank and in
        nobody's `unmerged_leaves`. They must be in ascending order. Costs a hash for
        each node between them and `at`.
        """
        if not leaves:
            return self.node_hash(at)
        span = tree_math.leaf_span(at)
        inside = leaves[
            bisect_left(leaves, span.start) : bisect_left(leaves, span.stop)
        ]
        if not inside:
            return self.node_hash(at)
        if at % 2 == 0:
            return self._hash_leaf(at, None)
        node = self.parent(at)
        if node is not None:
            gone = frozenset(inside)
            kept = tuple(leaf for leaf in node.unmerged_leaves if leaf not in gone)
            node = replace(node, unmerged_leaves=kept)
        return self._hash_parent(
            node,
            self.hash_without(tree_math.left(at), inside),
            self.hash_without(tree_math.right(at), inside),
        )

    def _members(self) -> Iterator[tuple[int, LeafNode]]:
        for leaf, node in enumerate(self._nodes[::2]):
            if isinstance(node, LeafNode):
                yield leaf, node

    def _compute_hash(self, at: int) -> bytes:
        node = self._nodes[at]
        if at % 2 == 0:
            return self._hash_leaf(at, node)
        below = self.node_hash(tree_math.left(at)), self.node_hash(tree_math.right(at))
        return self._hash_parent(node, *below)

    def _hash_leaf(self, at: int, node: Node | None) -> bytes:
        return self.suite.hash(_LEAF + pack(">I", at // 2) + _optional(node))

    def _hash_parent(self, node: Node | None, left: bytes, right: bytes) -> bytes:
        below = as_opaque(left) + as_opaque(right)
        return self.suite.hash(_PARENT + _optional(node) + below)


_LEAF = b"\x01"
_PARENT = b"\x02"


def _optional(node: Node | None) -> bytes:
    return b"\0" if node is None else b"\1" + node.encode()
