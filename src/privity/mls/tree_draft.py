"""Changes to a ratchet tree (RFC 9420 §7.7 and §12.1), gathered into a new tree.

A draft starts from a tree, is changed any number of times and is frozen once. It
copies two lists of references, never a node. Keys are compared when it is frozen:
only then is known which of the old ones are gone.
"""

from bisect import insort
from dataclasses import replace

from privity.errors import RuleViolation
from privity.mls import tree_math
from privity.mls.nodes import LeafNode, Node, ParentNode
from privity.mls.ratchet_tree import MAX_LEAVES, KeyIndex, RatchetTree
from privity.mls.rules import Rule

__all__ = ["TreeDraft"]


class TreeDraft:
    """A tree that is being changed; no longer usable once it is frozen."""

    __slots__ = ("_base", "_first_blank", "_nodes", "_touched")

    def __init__(self, tree: RatchetTree) -> None:
        self._base = tree
        self._nodes: list[Node | None] = list(tree.nodes)
        self._first_blank = tree.first_blank
        self._touched: set[int] = set()

    @property
    def size(self) -> int:
        """The number of leaves, blank ones included."""
        return (len(self._nodes) + 1) // 2

    def add(self, leaf: LeafNode) -> int:
        """Put a leaf into the leftmost blank place and return its index (§12.1.1).

        Raises RuleViolation if the tree is as large as a tree may be.
        """
        index = self._take_blank()
        at = tree_math.node_of(index)
        for above in tree_math.direct_path(at, self.size):
            node = self._nodes[above]
            if isinstance(node, ParentNode):
                unmerged = list(node.unmerged_leaves)
                insort(unmerged, index)
                self._set(above, replace(node, unmerged_leaves=tuple(unmerged)))
        self._set(at, leaf)
        return index

    def update(self, index: int, leaf: LeafNode) -> None:
        """Replace an occupied leaf and blank the path above it (§12.1.2)."""
        self._require(index)
        self._set(tree_math.node_of(index), leaf)
        self._blank_path(index)

    def remove(self, index: int) -> None:
        """Blank an occupied leaf and the path above it (§12.1.3).

        The tree keeps its size until `truncate`, so that several leaves can go.
        """
        self._require(index)
        self._set(tree_math.node_of(index), None)
        self._blank_path(index)
        self._first_blank = min(self._first_blank, index)

    def truncate(self) -> None:
        """Halve the tree as long as its right half has no leaf (§7.7)."""
        while self.size > 1 and not any(self._nodes[self.size :: 2]):
            self._touched.update(range(self.size - 1, len(self._nodes)))
            del self._nodes[self.size - 1 :]

    def set_leaf(self, index: int, leaf: LeafNode) -> None:
        """Replace an occupied leaf and nothing else."""
        self._require(index)
        self._set(tree_math.node_of(index), leaf)

    def set_parent(self, at: int, node: ParentNode | None) -> None:
        """Replace or blank a parent."""
        self._set(at, node)

    def freeze(self) -> RatchetTree:
        """Return the tree as it is now.

        Raises:
            RuleViolation: a key would stand in two nodes.
        """
        return RatchetTree(
            self._base.suite,
            self._nodes,
            self._hashes(),
            self._index(),
            self._first_blank,
        )

    def _require(self, index: int) -> None:
        at = tree_math.node_of(index)
        if at >= len(self._nodes) or self._nodes[at] is None:
            raise RuleViolation(Rule.BLANK_LEAF, f"leaf {index}")

    def _set(self, at: int, node: Node | None) -> None:
        self._nodes[at] = node
        self._touched.add(at)

    def _blank_path(self, index: int) -> None:
        for above in tree_math.direct_path(tree_math.node_of(index), self.size):
            if self._nodes[above] is not None:
                self._set(above, None)

    def _take_blank(self) -> int:
        index = self._first_blank
        while index < self.size and self._nodes[2 * index] is not None:
            index += 1
        if index >= self.size:
            if self.size >= MAX_LEAVES:
                raise RuleViolation(Rule.TREE_TOO_LARGE)
            self._nodes.extend([None] * (len(self._nodes) + 1))
        self._first_blank = index + 1
        return index

    def _hashes(self) -> list[bytes | None]:
        hashes = self._base.known_hashes()
        width = len(self._nodes)
        del hashes[width:]
        hashes.extend([None] * (width - len(hashes)))
        for at in self._touched:
            if at < width:
                self._forget_hashes(hashes, at)
        return hashes

    def _forget_hashes(self, hashes: list[bytes | None], at: int) -> None:
        # Where a hash is missing, all hashes above it are missing too.
        hashes[at] = None
        root = tree_math.root(self.size)
        while at != root:
            at = tree_math.parent(at, self.size)
            if hashes[at] is None:
                return
            hashes[at] = None

    def _index(self) -> KeyIndex:
        index = self._base.key_index().copy()
        for at in self._touched:
            old = self._base.node(at)
            if old is not None:
                index.drop(old)
        for at in self._touched:
            new = self._nodes[at] if at < len(self._nodes) else None
            if new is not None:
                index.put(at, new)
        return index
