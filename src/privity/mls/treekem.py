"""Update paths: how one member gives the group fresh secrets (RFC 9420 §7.4-§7.6).

The sender calls `refresh_path` and, once it knows the tree hash that goes into the
provisional GroupContext, `FreshPath.seal`. Everybody else calls `merge_path`, which
needs no secret, and members then `MergedPath.open`. The tree given in is always the one
in which the commit's proposals have been applied.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

from privity.errors import RuleViolation, UsageError
from privity.mls import tree_math
from privity.mls.hpke import HPKECiphertext
from privity.mls.leaf_validation import (
    check_credential_support,
    check_group_extensions,
    check_source,
    validate_leaf,
)
from privity.mls.nodes import (
    FromCommit,
    LeafNode,
    ParentNode,
    UpdatePath,
    UpdatePathNode,
)
from privity.mls.parent_hash import parent_hash
from privity.mls.path_keys import PathKeys, PathSecret, derive_checked, node_key_pair
from privity.mls.proposal_list import AppliedProposals
from privity.mls.ratchet_tree import PathStep, RatchetTree
from privity.mls.rules import Rule
from privity.mls.suites import Random
from privity.mls.tree_draft import TreeDraft

__all__ = [
    "FreshPath",
    "LeafSigner",
    "MergedPath",
    "merge_external_path",
    "merge_path",
    "place_path",
    "refresh_path",
]


@dataclass(frozen=True, slots=True)
class LeafSigner:
    """What signs a leaf for its place in a group."""

    signature_private: bytes = field(repr=False)
    group_id: bytes


@dataclass(frozen=True, slots=True)
class FreshPath:
    """New keys for a sender's direct path, already in `tree`, not yet encrypted."""

    tree: RatchetTree
    keys: PathKeys
    commit_secret: bytes = field(repr=False)
    steps: tuple[PathStep, ...]
    secrets: tuple[PathSecret, ...] = field(repr=False)

    def seal(self, context: bytes, added: Collection[int]) -> UpdatePath:
        """Encrypt the path to the group (§7.6).

        `context` is the encoded provisional GroupContext, `added` the leaf indexes
        of members added in the same commit: they get theirs in the Welcome.
        """
        tree = self.tree
        receivers = _receivers(tree, self.steps, added)
        nodes = tuple(
            UpdatePathNode(
                _public_key(tree, at),
                tuple(
                    tree.suite.encrypt_with_label(
                        _public_key(tree, to), "UpdatePathNode", context, secret
                    )
                    for to in nodes
                ),
            )
            for (at, _), secret, nodes in zip(
                self.steps, self.secrets, receivers, strict=True
            )
        )
        return UpdatePath(tree.member(self.keys.own_leaf), nodes)

    def secret_for(self, leaf: int) -> PathSecret:
        """Return the path secret for the Welcome of a new leaf (§12.4.3.1)."""
        ancestor = tree_math.common_ancestor(2 * self.keys.own_leaf, 2 * leaf)
        for (at, _), secret in zip(self.steps, self.secrets, strict=True):
            if at == ancestor:
                return secret
        raise UsageError(f"leaf {leaf} is blank")


@dataclass(frozen=True, slots=True)
class MergedPath:
    """A sender's update path, checked and merged into `tree`, not yet decrypted.

    `receivers` are the nodes to which each step's secret was encrypted.
    """

    tree: RatchetTree
    sender: int
    path: UpdatePath
    steps: tuple[PathStep, ...]
    receivers: tuple[tuple[int, ...], ...]

    def open(self, keys: PathKeys, context: bytes) -> tuple[PathKeys, bytes]:
        """Return our keys after the path, and the commit secret (§7.5).

        `keys` are ours of the tree before, `context` is the encoded provisional
        GroupContext.

        Raises:
            NotAuthentic: our ciphertext does not open.
            RuleViolation: the secret in it is not that of the public keys.
        """
        suite = self.tree.suite
        place = self._place_of(keys.own_leaf)
        private, ciphertext = self._find_ours(place, keys)
        secret = suite.decrypt_with_label(
            private, "UpdatePathNode", context, ciphertext
        )
        fresh: dict[int, bytes] = {}
        for at, _ in self.steps[place:]:
            fresh[at] = derive_checked(self.tree, at, secret)
            secret = suite.derive_secret(secret, "path")
        outdated = tree_math.direct_path(2 * self.sender, self.tree.size)
        return keys.without(outdated).with_keys(fresh), secret

    def _place_of(self, leaf: int) -> int:
        for place, (_, other) in enumerate(self.steps):
            if tree_math.is_in_subtree(2 * leaf, other):
                return place
        raise UsageError("an update path is not opened by its sender")

    def _find_ours(self, place: int, keys: PathKeys) -> tuple[bytes, HPKECiphertext]:
        ciphertexts = self.path.nodes[place].encrypted_path_secret
        for at, ciphertext in zip(self.receivers[place], ciphertexts, strict=True):
            private = keys.keys.get(at)
            if private is not None:
                return private, ciphertext
        raise UsageError("no private key of ours is in the tree")


def refresh_path(
    tree: RatchetTree,
    committer: int,
    leaf: LeafNode,
    signer: LeafSigner,
    random: Random,
) -> FreshPath:
    """Generate fresh keys for a committer's leaf and direct path (§7.4, §7.5).

    `leaf` gives credential, capabilities, extensions and signature key of the new
    leaf; its keys, source and signature are replaced.
    """
    suite = tree.suite
    leaf_private, leaf_public = suite.derive_key_pair(random(suite.hash_length))
    steps = tree.filtered_direct_path(committer)
    secret = random(suite.hash_length)
    secrets: list[PathSecret] = []
    keys = {2 * committer: leaf_private}
    publics: list[bytes] = []
    for at, _ in steps:
        secrets.append(secret)
        keys[at], public = node_key_pair(suite, secret)
        publics.append(public)
        secret = suite.derive_secret(secret, "path")
    draft, stated = _set_path(tree, committer, steps, publics)
    leaf = replace(leaf, encryption_key=leaf_public, source=FromCommit(stated))
    draft.set_leaf(
        committer,
        leaf.signed(suite, signer.signature_private, signer.group_id, committer),
    )
    return FreshPath(
        draft.freeze(),
        PathKeys.of_leaf(committer, leaf_private).with_keys(keys),
        secret,
        tuple(steps),
        tuple(secrets),
    )


def merge_path(
    applied: AppliedProposals, sender: int, path: UpdatePath, group_id: bytes
) -> MergedPath:
    """Check all of a member's update path that is public and merge it (§12.4.2).

    Raises:
        RuleViolation: a requirement is not met.
        NotAuthentic: the leaf is not signed by its own key.
        DecodeError: a known extension is not well formed.
    """
    _check_path_leaf(applied, sender, path.leaf_node)
    return place_path(applied, sender, path, group_id)


def merge_external_path(
    applied: AppliedProposals, path: UpdatePath, group_id: bytes
) -> MergedPath:
    """Check and merge the update path of a client that joins by it (§12.4.3.2).

    Its leaf takes the leftmost blank place. Raises as `merge_path` does.
    """
    leaf = path.leaf_node
    _check_new_leaf(applied, leaf)
    check_credential_support((leaf, *(other for _, other in applied.tree.members())))
    if applied.tree.find_encryption_key(leaf.encryption_key) is not None:
        raise RuleViolation(Rule.PATH_KEY_REUSED)
    draft = TreeDraft(applied.tree)
    # A stand-in, whose key cannot be mistaken for that of the path.
    sender = draft.add(replace(leaf, encryption_key=b""))
    return place_path(replace(applied, tree=draft.freeze()), sender, path, group_id)


def place_path(
    applied: AppliedProposals, sender: int, path: UpdatePath, group_id: bytes
) -> MergedPath:
    """Merge a path whose leaf is known to be one that may stand in the group."""
    tree = applied.tree
    steps = tree.filtered_direct_path(sender)
    if len(path.nodes) != len(steps):
        raise RuleViolation(Rule.WRONG_PATH_LENGTH)
    _check_path_keys(tree, path)
    receivers = _receivers(tree, steps, applied.added_leaves)
    for expected, node in zip(receivers, path.nodes, strict=True):
        if len(node.encrypted_path_secret) != len(expected):
            raise RuleViolation(Rule.WRONG_CIPHERTEXT_COUNT)
    publics = [node.encryption_key for node in path.nodes]
    draft, stated = _set_path(tree, sender, steps, publics)
    if path.leaf_node.parent_hash != stated:
        raise RuleViolation(Rule.PATH_PARENT_HASH)
    path.leaf_node.verify_signature(tree.suite, group_id, sender)
    draft.set_leaf(sender, path.leaf_node)
    return MergedPath(draft.freeze(), sender, path, tuple(steps), receivers)


def _check_new_leaf(applied: AppliedProposals, leaf: LeafNode) -> None:
    validate_leaf(applied.tree.suite, leaf)
    check_source(leaf, FromCommit)
    check_group_extensions(applied.extensions, (leaf,))


def _check_path_leaf(applied: AppliedProposals, sender: int, leaf: LeafNode) -> None:
    _check_new_leaf(applied, leaf)
    old = applied.tree.member(sender)
    same_type = leaf.credential.credential_type == old.credential.credential_type
    if not same_type or leaf.capabilities != old.capabilities:
        others = (other for at, other in applied.tree.members() if at != sender)
        check_credential_support((leaf, *others))


def _check_path_keys(tree: RatchetTree, path: UpdatePath) -> None:
    seen = {path.leaf_node.encryption_key}
    for node in path.nodes:
        tree.suite.check_public_key(node.encryption_key)
        seen.add(node.encryption_key)
    if len(seen) != len(path.nodes) + 1:
        raise RuleViolation(Rule.PATH_KEY_REUSED, "one stands twice in the path")
    if any(tree.find_encryption_key(key) is not None for key in seen):
        raise RuleViolation(Rule.PATH_KEY_REUSED)


def _receivers(
    tree: RatchetTree, steps: Iterable[PathStep], added: Collection[int]
) -> tuple[tuple[int, ...], ...]:
    """Return the nodes to which the secret of each step is encrypted (§7.6)."""
    new = {2 * leaf for leaf in added}
    return tuple(
        tuple(at for at in tree.resolution(other) if at not in new)
        for _, other in steps
    )


def _set_path(
    tree: RatchetTree, leaf: int, steps: Sequence[PathStep], publics: Sequence[bytes]
) -> tuple[TreeDraft, bytes]:
    """Return a draft with the new parents, and the parent hash of their leaf.

    Parent hashes are computed from the root down; no new parent has unmerged
    leaves, so the siblings' tree hashes are those of the tree as it stands.
    """
    draft = TreeDraft(tree)
    for at in tree_math.direct_path(2 * leaf, tree.size):
        draft.set_parent(at, None)
    stated = b""
    for (at, other), public in reversed(tuple(zip(steps, publics, strict=True))):
        node = ParentNode(public, stated)
        draft.set_parent(at, node)
        stated = parent_hash(tree, node, other)
    return draft, stated


def _public_key(tree: RatchetTree, at: int) -> bytes:
    node = tree.node(at)
    if node is None:
        raise UsageError(f"node {at} is blank")
    return node.encryption_key
