"""Whether a ratchet tree may be trusted (RFC 9420 §12.4.3.1, §7.3).

For a joiner and for whoever starts from a checkpoint. Members who follow commits
keep a valid tree valid, and check only what changes.
"""

from itertools import pairwise

from privity.errors import RuleViolation
from privity.mls import tree_math
from privity.mls.group_context import GroupContext
from privity.mls.leaf_validation import (
    check_context_extensions,
    check_credential_support,
    check_group_extensions,
    validate_leaf,
)
from privity.mls.nodes import ParentNode
from privity.mls.parent_hash import leaves_below, verify_parent_hashes
from privity.mls.ratchet_tree import RatchetTree
from privity.mls.rules import Rule

__all__ = ["check_tree_structure", "validate_tree"]


def validate_tree(tree: RatchetTree, context: GroupContext) -> None:
    """Check a whole tree against the GroupContext that comes with it.

    Raises RuleViolation, NotAuthentic, or DecodeError for an extension that is not
    well formed. Costs a signature for each member; the rest is near-linear.
    """
    if tree.tree_hash() != context.tree_hash:
        raise RuleViolation(Rule.WRONG_TREE_HASH)
    check_tree_structure(tree)
    check_context_extensions(tree.suite, context.extensions)
    leaves = [leaf for _, leaf in tree.members()]
    for leaf in leaves:
        validate_leaf(tree.suite, leaf)
    check_credential_support(leaves)
    check_group_extensions(context.extensions, leaves)
    for index, leaf in tree.members():
        leaf.verify_signature(tree.suite, context.group_id, index)


def check_tree_structure(tree: RatchetTree) -> None:
    """Check keys, unmerged leaves and parent hashes; leaves may say what they like."""
    tree.key_index()
    for at in range(1, 2 * tree.size - 1, 2):
        node = tree.parent(at)
        if node is not None:
            tree.suite.check_public_key(node.encryption_key)
            _check_unmerged_leaves(tree, at, node)
    verify_parent_hashes(tree)


def _check_unmerged_leaves(tree: RatchetTree, at: int, node: ParentNode) -> None:
    unmerged = node.unmerged_leaves
    ascending = all(a < b for a, b in pairwise(unmerged))
    span = tree_math.leaf_span(at)
    if not ascending or any(
        leaf not in span or tree.leaf(leaf) is None for leaf in unmerged
    ):
        raise RuleViolation(Rule.BAD_UNMERGED_LEAVES, f"node {at}")
    for above in tree_math.direct_path(at, tree.size):
        ancestor = tree.parent(above)
        if ancestor is not None:
            # What holds for the nearest parent above holds for those above it,
            # because each parent is compared with its own nearest one.
            missing = set(leaves_below(ancestor.unmerged_leaves, at))
            if not missing.issubset(unmerged):
                raise RuleViolation(Rule.BAD_UNMERGED_LEAVES, f"node {at}")
            return
