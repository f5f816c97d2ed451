"""Index arithmetic of full binary trees (RFC 9420 §4.1 and Appendix C).

Node x of a tree of n leaves, n a power of two: leaf i is node 2i, and a parent
stands between the subtrees of its children. The level of a node is the number of
its trailing one bits. Nothing here knows what a node contains.
"""

from privity.errors import UsageError

__all__ = [
    "common_ancestor",
    "copath",
    "direct_path",
    "is_in_subtree",
    "leaf_count",
    "leaf_span",
    "left",
    "level",
    "node_of",
    "node_width",
    "parent",
    "right",
    "root",
    "sibling",
]


def node_of(leaf: int) -> int:
    """Return the node index of a leaf."""
    return 2 * leaf


def node_width(leaves: int) -> int:
    """Return the number of nodes of a tree of that many leaves."""
    return 2 * leaves - 1


def leaf_count(nodes: int) -> int:
    """Return the number of leaves of the smallest full tree that has these nodes."""
    leaves = 1
    while node_width(leaves) < nodes:
        leaves *= 2
    return leaves


def level(node: int) -> int:
    """Return how far above the leaves a node stands."""
    return (~node & (node + 1)).bit_length() - 1


def root(leaves: int) -> int:
    """Return the root of a tree of that many leaves."""
    return leaves - 1


def left(node: int) -> int:
    """Return the left child; a leaf has none."""
    height = level(node)
    if height == 0:
        raise UsageError("a leaf has no children")
    return node - (1 << (height - 1))


def right(node: int) -> int:
    """Return the right child; a leaf has none."""
    height = level(node)
    if height == 0:
        raise UsageError("a leaf has no children")
    return node + (1 << (height - 1))


def parent(node: int, leaves: int) -> int:
    """Return the parent; the root has none."""
    if node == root(leaves):
        raise UsageError("the root has no parent")
    return _above(node)


def sibling(node: int, leaves: int) -> int:
    """Return the other child of the parent; the root has none."""
    return _mirrored(node, parent(node, leaves))


def direct_path(node: int, leaves: int) -> list[int]:
    """Return the ancestors of a node, the root last; the root has none."""
    path: list[int] = []
    top = _root_above(node, leaves)
    while node != top:
        node = _above(node)
        path.append(node)
    return path


def copath(node: int, leaves: int) -> list[int]:
    """Return the siblings of a node and of its ancestors, in that order."""
    path: list[int] = []
    top = _root_above(node, leaves)
    while node != top:
        above = _above(node)
        path.append(_mirrored(node, above))
        node = above
    return path


def common_ancestor(one: int, other: int) -> int:
    """Return the lowest node whose subtree holds both nodes."""
    while not is_in_subtree(other, one):
        one = _above(one)
    return one


def is_in_subtree(node: int, top: int) -> bool:
    """Say whether `node` is `top` or one of its descendants."""
    return abs(node - top) < 1 << level(top)


def leaf_span(node: int) -> range:
    """Return the leaf indexes below a node, or its own if it is a leaf."""
    reach = (1 << level(node)) - 1
    return range((node - reach) // 2, (node + reach) // 2 + 1)


def _mirrored(child: int, above: int) -> int:
    """Return the other child: a parent stands midway between its children."""
    return 2 * above - child


def _root_above(node: int, leaves: int) -> int:
    top = root(leaves)
    # A walk from outside the tree would never come to the root.
    if not 0 <= node < node_width(leaves):
        raise UsageError(f"no node {node} in a tree of {leaves} leaves")
    return top


def _above(node: int) -> int:
    bit = ~node & (node + 1)
    return (node | bit) & ~(bit << 1)
