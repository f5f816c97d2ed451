"""The official test vectors of the tree side of MLS, one function a format.

Formats: https://github.com/mlswg/mls-implementations/tree/main/test-vectors. Each
function takes one case as JSON gives it and raises when it does not hold. A case of
a cipher suite that is not there raises `Unsupported`.
"""

from collections.abc import Callable

from privity.codec import Reader
from privity.errors import UsageError
from privity.mls import tree_math
from privity.mls.group_context import GroupContext
from privity.mls.nodes import MLS_10, UpdatePath
from privity.mls.path_keys import PathKeys, node_key_pair
from privity.mls.proposal_list import AppliedProposals
from privity.mls.proposals import Add, Proposal, ProposalField, Remove, Update
from privity.mls.ratchet_tree import RatchetTree
from privity.mls.suites import suite
from privity.mls.tree_draft import TreeDraft
from privity.mls.tree_validation import validate_tree
from privity.mls.treekem import FreshPath, LeafSigner, place_path, refresh_path
from tools.mls_vectors_case import Case, counting

__all__ = [
    "check_tree_math",
    "check_tree_operations",
    "check_tree_validation",
    "check_treekem",
]


def check_tree_math(case: Case) -> None:
    """Check the index arithmetic of one size of tree."""
    leaves = case["n_leaves"]
    nodes = range(case["n_nodes"])
    _same("n_nodes", tree_math.node_width(leaves), case["n_nodes"])
    _same("leaf_count", tree_math.leaf_count(len(nodes)), leaves)
    _same("root", tree_math.root(leaves), case["root"])
    for at in nodes:
        _same("left", _or_none(tree_math.left, at), case["left"][at])
        _same("right", _or_none(tree_math.right, at), case["right"][at])
        _same("parent", _or_none(tree_math.parent, at, leaves), case["parent"][at])
        _same("sibling", _or_none(tree_math.sibling, at, leaves), case["sibling"][at])


def check_tree_operations(case: Case) -> None:
    """Check what one Add, Update or Remove makes of a tree."""
    crypto = suite(case["cipher_suite"])
    before = RatchetTree.decode(crypto, bytes.fromhex(case["tree_before"]))
    _same("tree_hash_before", before.tree_hash().hex(), case["tree_hash_before"])
    reader = Reader(bytes.fromhex(case["proposal"]))
    proposal: Proposal = ProposalField.read(reader)
    reader.finish()
    after = _apply_alone(before, case["proposal_sender"], proposal)
    _same("tree_after", after.encode().hex(), case["tree_after"])
    _same("tree_hash_after", after.tree_hash().hex(), case["tree_hash_after"])


def check_tree_validation(case: Case) -> None:
    """Check resolutions, tree hashes, parent hashes and signatures of one tree."""
    crypto = suite(case["cipher_suite"])
    data = bytes.fromhex(case["tree"])
    tree = RatchetTree.decode(crypto, data)
    _same("encoding", tree.encode(), data)
    for at in range(2 * tree.size - 1):
        _same("resolution", tree.resolution(at), case["resolutions"][at])
        _same("tree hash", tree.node_hash(at).hex(), case["tree_hashes"][at])
    validate_tree(tree, _context(case, tree))


def check_treekem(case: Case) -> None:
    """Check the update paths of one tree: those given, and our own, by everybody.

    The leaves are merged as they are: those of suite 7 do not list it as theirs.
    """
    crypto = suite(case["cipher_suite"])
    tree = RatchetTree.decode(crypto, bytes.fromhex(case["ratchet_tree"]))
    members = {
        member["index"]: _path_keys(tree, member) for member in case["leaves_private"]
    }
    signers = {
        member["index"]: LeafSigner(
            bytes.fromhex(member["signature_priv"]), bytes.fromhex(case["group_id"])
        )
        for member in case["leaves_private"]
    }
    for given in case["update_paths"]:
        _check_given_path(case, tree, members, given)
        sender = given["sender"]
        fresh = refresh_path(
            tree, sender, tree.member(sender), signers[sender], counting(crypto)
        )
        _check_own_path(case, tree, members, fresh)


def _check_given_path(
    case: Case, tree: RatchetTree, members: dict[int, PathKeys], given: Case
) -> None:
    data = bytes.fromhex(given["update_path"])
    path = UpdatePath.decode(data)
    _same("update_path", path.encode(), data)
    merged = place_path(
        AppliedProposals(tree, ()),
        given["sender"],
        path,
        bytes.fromhex(case["group_id"]),
    )
    _same("tree_hash_after", merged.tree.tree_hash().hex(), given["tree_hash_after"])
    context = _context(case, merged.tree).encode()
    for leaf, keys in members.items():
        if leaf == given["sender"]:
            continue
        opened, commit_secret = merged.open(keys, context)
        _same("commit_secret", commit_secret.hex(), given["commit_secret"])
        ancestor = tree_math.common_ancestor(2 * leaf, 2 * given["sender"])
        secret = bytes.fromhex(given["path_secrets"][leaf])
        _same(
            "path_secret", opened.keys[ancestor], node_key_pair(tree.suite, secret)[0]
        )


def _check_own_path(
    case: Case, tree: RatchetTree, members: dict[int, PathKeys], fresh: FreshPath
) -> None:
    sender = fresh.keys.own_leaf
    context = _context(case, fresh.tree).encode()
    path = UpdatePath.decode(fresh.seal(context, ()).encode())
    merged = place_path(
        AppliedProposals(tree, ()), sender, path, bytes.fromhex(case["group_id"])
    )
    _same("our tree", merged.tree.encode(), fresh.tree.encode())
    for leaf, keys in members.items():
        if leaf != sender:
            _same("our secret", merged.open(keys, context)[1], fresh.commit_secret)


def _apply_alone(tree: RatchetTree, sender: int, proposal: Proposal) -> RatchetTree:
    """Apply a proposal; its signatures are for a group that the case does not name."""
    draft = TreeDraft(tree)
    match proposal:
        case Add(package):
            draft.add(package.leaf_node)
        case Update(leaf):
            draft.update(sender, leaf)
        case Remove(removed):
            draft.remove(removed)
            draft.truncate()
        case _:
            raise UsageError("the format has Add, Update and Remove")
    return draft.freeze()


def _path_keys(tree: RatchetTree, member: Case) -> PathKeys:
    keys = PathKeys.of_leaf(member["index"], bytes.fromhex(member["encryption_priv"]))
    for entry in member["path_secrets"]:
        secret = bytes.fromhex(entry["path_secret"])
        private, public = node_key_pair(tree.suite, secret)
        node = tree.parent(entry["node"])
        if node is not None:
            _same("public key", public, node.encryption_key)
        keys = keys.with_keys({entry["node"]: private})
    return keys


def _context(case: Case, tree: RatchetTree) -> GroupContext:
    return GroupContext(
        MLS_10,
        case["cipher_suite"],
        bytes.fromhex(case["group_id"]),
        case.get("epoch", 0),
        tree.tree_hash(),
        bytes.fromhex(case.get("confirmed_transcript_hash", "")),
        (),
    )


def _or_none(function: Callable[..., int], *arguments: int) -> int | None:
    try:
        return function(*arguments)
    except UsageError:
        return None


def _same(what: str, ours: object, theirs: object) -> None:
    if ours != theirs:
        raise UsageError(f"{what}: {ours!r}, but the vector has {theirs!r}")
