"""Parent hashes (RFC 9420 §7.9): which members vouch for the keys of a parent."""

from bisect import bisect_left
from dataclasses import dataclass

from privity.codec import Opaque, Struct
from privity.errors import RuleViolation
from privity.mls import tree_math
from privity.mls.nodes import LeafNode, ParentNode
from privity.mls.ratchet_tree import RatchetTree
from privity.mls.rules import Rule

__all__ = ["ParentHashInput", "leaves_below", "parent_hash", "verify_parent_hashes"]


@dataclass(frozen=True, slots=True)
class ParentHashInput(Struct):
    """RFC 9420 §7.9, `struct ParentHashInput`."""

    encryption_key: Opaque
    parent_hash: Opaque
    original_sibling_tree_hash: Opaque


def parent_hash(tree: RatchetTree, node: ParentNode, other_child: int) -> bytes:
    """Return the parent hash of `node` with the copath child `other_child` (§7.9)."""
    sibling = tree.hash_without(other_child, node.unmerged_leaves)
    data = ParentHashInput(node.encryption_key, node.parent_hash, sibling)
    return tree.suite.hash(data.encode())


def verify_parent_hashes(tree: RatchetTree) -> None:
    """Raise RuleViolation unless every parent is parent-hash valid (§7.9.2).

    Top down: exactly one descendant is valid with respect to each parent. That
    descendant is a leaf or again such a parent, so each chain ends at a leaf.
    `unmerged_leaves` must have been checked before. Near-linear in the tree's
    encoding, whatever it contains.
    """
    for at in range(1, 2 * tree.size - 1, 2):
        node = tree.parent(at)
        if node is None:
            continue
        children = tree_math.left(at), tree_math.right(at)
        vouchers = sum(
            _is_vouched_for(tree, node, child, other)
            for child, other in (children, children[::-1])
        )
        if vouchers != 1:
            raise RuleViolation(Rule.BAD_PARENT_HASH, f"node {at}")


def leaves_below(leaves: tuple[int, ...], at: int) -> tuple[int, ...]:
    """Return those of some ascending leaf indexes that stand below a node."""
    span = tree_math.leaf_span(at)
    return leaves[bisect_left(leaves, span.start) : bisect_left(leaves, span.stop)]


def _is_vouched_for(
    tree: RatchetTree, node: ParentNode, child: int, other: int
) -> bool:
    """Say whether the child's resolution holds a node valid with respect to `node`."""
    unmerged = {2 * leaf for leaf in leaves_below(node.unmerged_leaves, child)}
    resolution = tree.resolution(child)
    rest = [at for at in resolution if at not in unmerged]
    if len(rest) != 1 or len(resolution) != len(unmerged) + 1:
        return False
    below = tree.node(rest[0])
    # A leaf that no commit set has an empty parent hash, which is nobody's.
    stated = below.parent_hash if isinstance(below, LeafNode | ParentNode) else b""
    return bool(stated) and stated == parent_hash(tree, node, other)
