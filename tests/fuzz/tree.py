"""Any bytes as a ratchet tree: refused, or a tree that a joiner may trust.

Leaves are signed anew by their own keys, where the group has them, so that what is
behind the signatures is reached; or left as they are.
"""

from dataclasses import replace

from privity.mls import CommitOptions
from privity.mls.nodes import LeafNode
from privity.mls.ratchet_tree import RatchetTree
from privity.mls.tree_validation import validate_tree
from tests.fuzz.target import REFUSALS, Fault, Target
from tests.fuzz.world import World, seeded, world

__all__ = ["TARGET"]


def run(data: bytes) -> None:
    """Import a tree: the first byte says whether leaves are signed anew."""
    here = world()
    ada = here.company["ada"]
    try:
        tree = RatchetTree.decode(ada.suite, data[1:])
        if tree.encode() != data[1:]:
            raise Fault("not the bytes that it was read from")
        if data[:1] == b"\1":
            tree = _signed(here, tree)
        context = replace(ada.context, tree_hash=tree.tree_hash())
        validate_tree(tree, context)
    except REFUSALS:
        return
    for leaf, node in tree.members():
        assert tree.find_encryption_key(node.encryption_key) == 2 * leaf
        for at, other in tree.filtered_direct_path(leaf):
            assert tree.resolution(other)
            assert tree.node_hash(at)


def _signed(here: World, tree: RatchetTree) -> RatchetTree:
    suite = tree.suite
    private = {
        person.signature_public(suite): person.signature_private
        for person in here.company.people.values()
    }
    group_id = here.company["ada"].group_id
    nodes = list(tree.nodes)
    for at, node in enumerate(nodes):
        if isinstance(node, LeafNode) and node.signature_key in private:
            key = private[node.signature_key]
            nodes[at] = node.signed(suite, key, group_id, at // 2)
    return RatchetTree(suite, nodes)


def seeds() -> list[bytes]:
    """Return trees with filled, blank and unmerged places."""
    here = world()
    ada, package = here.company["ada"], here.bundle.key_package
    with seeded(b"tree") as draw:
        options = (
            CommitOptions(add=(package,), path=False),
            CommitOptions(remove=(1,)),
        )
        grown = [ada.commit(one, draw).next for one in options]
    trees = [group.tree_bytes() for group in (ada, *grown)]
    return [bytes([mode]) + tree for tree in trees for mode in (0, 1)]


TARGET = Target("tree", run, seeds, longest=8192)
