"""Cases about the ratchet tree: its indexes, what proposals make of it, its paths."""

from collections.abc import Callable
from dataclasses import dataclass, field

from privity.codec import Struct
from privity.errors import UsageError
from privity.mls import (
    Add,
    Capabilities,
    CipherSuite,
    Credential,
    GroupContext,
    KeyPackageBundle,
    LeafIdentity,
    LeafNode,
    Proposal,
    Random,
    Remove,
    Update,
    make_key_package,
    suite,
    tree_math,
)
from privity.mls.nodes import MLS_10, FromUpdate
from privity.mls.path_keys import node_key_pair
from privity.mls.proposals import ProposalField
from privity.mls.ratchet_tree import RatchetTree
from privity.mls.tree_draft import TreeDraft
from privity.mls.treekem import FreshPath, LeafSigner, refresh_path
from tools.mls_makers import ALL_SUITES, Case, Format, is_hybrid

__all__ = ["FORMATS"]


def make_tree_math(random: Random) -> list[Case]:
    """Return every relation in trees of up to 256 leaves (Appendix C)."""
    del random
    return [_relations(2**depth) for depth in range(9)]


def _relations(leaves: int) -> Case:
    width = 2 * leaves - 1
    return {
        "n_leaves": leaves,
        "n_nodes": width,
        "root": tree_math.root(leaves),
        "left": [_or_none(tree_math.left, at) for at in range(width)],
        "right": [_or_none(tree_math.right, at) for at in range(width)],
        "parent": [_or_none(tree_math.parent, at, leaves) for at in range(width)],
        "sibling": [_or_none(tree_math.sibling, at, leaves) for at in range(width)],
    }


def _or_none(function: Callable[..., int], *arguments: int) -> int | None:
    try:
        return function(*arguments)
    except UsageError:
        return None


@dataclass(slots=True)
class _Leaf:
    """A member of a tree: what signs its leaf and which secrets it has learnt."""

    signature_private: bytes
    encryption_private: bytes
    path_secrets: dict[int, bytes] = field(default_factory=dict)


class _Wood:
    """A tree in which members commit, and what each of them knows of it."""

    def __init__(self, crypto: CipherSuite, size: int, random: Random) -> None:
        self.crypto, self.random, self.group_id = crypto, random, random(16)
        package, member = self._client()
        self.leaves = {0: member}
        self.tree = RatchetTree.of_one(crypto, package.key_package.leaf_node)
        for _ in range(1, size):
            self.add()

    def client(self) -> Add:
        """Return a proposal to add somebody who is not seen again."""
        return Add(self._client()[0].key_package)

    def _client(self) -> tuple[KeyPackageBundle, _Leaf]:
        crypto = self.crypto
        private, _ = crypto.generate_signature_pair(self.random)
        able = Capabilities(cipher_suites=(crypto.code,), credentials=(1,))
        me = LeafIdentity(Credential.basic(self.random(6)), private, able)
        bundle = make_key_package(
            crypto, me, random=self.random, not_before=0, not_after=2**40
        )
        return bundle, _Leaf(private, bundle.encryption_private)

    def add(self) -> None:
        """Add a member without a path: it is unmerged at the parents above."""
        bundle, member = self._client()
        draft = TreeDraft(self.tree)
        self.leaves[draft.add(bundle.key_package.leaf_node)] = member
        self.tree = draft.freeze()

    def remove(self, leaf: int) -> None:
        """Blank a leaf and its direct path."""
        del self.leaves[leaf]
        draft = TreeDraft(self.tree)
        draft.remove(leaf)
        draft.truncate()
        self.tree = draft.freeze()

    def updated(self, leaf: int) -> LeafNode:
        """Return a fresh leaf for an Update."""
        _, public = self.crypto.derive_key_pair(self.random(self.crypto.hash_length))
        return LeafNode(
            public,
            (old := self.tree.member(leaf)).signature_key,
            old.credential,
            old.capabilities,
            FromUpdate(),
            old.extensions,
            b"",
        ).signed(self.crypto, self.leaves[leaf].signature_private, self.group_id, leaf)

    def path(self, sender: int) -> FreshPath:
        """Return fresh keys for a member's path; nothing changes here."""
        signer = LeafSigner(self.leaves[sender].signature_private, self.group_id)
        leaf = self.tree.member(sender)
        return refresh_path(self.tree, sender, leaf, signer, self.random)

    def commit(self, sender: int) -> None:
        """Let a member refresh its path, and everybody learn their secrets of it."""
        fresh = self.path(sender)
        self.tree = fresh.tree
        self.leaves[sender].encryption_private = fresh.keys.keys[2 * sender]
        for leaf, member in self.leaves.items():
            for (at, _), secret in zip(fresh.steps, fresh.secrets, strict=True):
                if tree_math.is_in_subtree(2 * leaf, at):
                    member.path_secrets[at] = secret

    def known(self, leaf: int) -> list[Case]:
        """Return the path secrets of a member that are those of the tree's keys."""
        secrets = self.leaves[leaf].path_secrets
        return [
            {"node": at, "path_secret": secret.hex()}
            for at, secret in sorted(secrets.items())
            if at < 2 * self.tree.size - 1
            and (node := self.tree.parent(at)) is not None
            and node.encryption_key == node_key_pair(self.crypto, secret)[1]
        ]


def _grown(crypto: CipherSuite, size: int, random: Random) -> list[_Wood]:
    """Return woods of that size: bare, filled, and with blanks and unmerged leaves."""
    bare, full, rough = (_Wood(crypto, size, random) for _ in range(3))
    for leaf in range(size):
        full.commit(leaf)
        rough.commit(leaf)
    if size > 2:
        rough.remove(size // 2)
        rough.commit(0)
        rough.add()
    return [bare, full, rough]


def _woods(random: Random) -> list[_Wood]:
    return [
        wood
        for code in ALL_SUITES
        for size in ((3,) if is_hybrid(code) else (2, 7))
        for wood in _grown(suite(code), size, random)
    ]


def make_tree_validation(random: Random) -> list[Case]:
    """Return trees with their hashes and resolutions (§7.8, §7.9, §4.1.1)."""
    alone = [_Wood(suite(code), 1, random) for code in ALL_SUITES]
    return [_validated(wood) for wood in (*alone, *_woods(random))]


def _validated(wood: _Wood) -> Case:
    nodes = range(2 * wood.tree.size - 1)
    return {
        "cipher_suite": wood.crypto.code,
        "tree": wood.tree.encode().hex(),
        "group_id": wood.group_id.hex(),
        "resolutions": [list(wood.tree.resolution(at)) for at in nodes],
        "tree_hashes": [wood.tree.node_hash(at).hex() for at in nodes],
    }


def make_tree_operations(random: Random) -> list[Case]:
    """Return what Add, Update and Remove make of a tree (§7.7, §12.1)."""
    cases = []
    for code in ALL_SUITES:
        wood = _grown(suite(code), 5, random)[2]
        # Leaf 2 was removed and its place is taken again; leaf 4 is the last one.
        cases += [
            _operated(wood, 0, wood.client()),
            _operated(wood, 1, Update(wood.updated(1))),
            _operated(wood, 0, Remove(3)),
            _operated(wood, 0, Remove(4)),
        ]
        wood.remove(1)
        cases.append(_operated(wood, 0, wood.client()))
    return cases


def _operated(wood: _Wood, sender: int, proposal: Proposal) -> Case:
    draft = TreeDraft(wood.tree)
    match proposal:
        case Add(package):
            draft.add(package.leaf_node)
        case Update(leaf):
            draft.update(sender, leaf)
        case Remove(removed):
            draft.remove(removed)
            draft.truncate()
    after = draft.freeze()
    return {
        "cipher_suite": wood.crypto.code,
        "tree_before": wood.tree.encode().hex(),
        "proposal": _encoded(proposal).hex(),
        "proposal_sender": sender,
        "tree_hash_before": wood.tree.tree_hash().hex(),
        "tree_after": after.encode().hex(),
        "tree_hash_after": after.tree_hash().hex(),
    }


def _encoded(proposal: Proposal) -> bytes:
    out = bytearray()
    ProposalField.write(out, proposal)
    return bytes(out)


def make_treekem(random: Random) -> list[Case]:
    """Return paths of the first and last member in several trees (§7.4 to §7.6)."""
    return [_paths(wood, random) for wood in _woods(random)]


def _paths(wood: _Wood, random: Random) -> Case:
    size = wood.crypto.hash_length
    epoch, transcript = int.from_bytes(random(2), "big"), random(size)
    last = max(wood.leaves)
    senders = [last] if is_hybrid(wood.crypto.code) else [0, last]
    return {
        "cipher_suite": wood.crypto.code,
        "group_id": wood.group_id.hex(),
        "epoch": epoch,
        "confirmed_transcript_hash": transcript.hex(),
        "ratchet_tree": wood.tree.encode().hex(),
        "leaves_private": [
            {
                "index": leaf,
                "encryption_priv": member.encryption_private.hex(),
                "signature_priv": member.signature_private.hex(),
                "path_secrets": wood.known(leaf),
            }
            for leaf, member in sorted(wood.leaves.items())
        ],
        "update_paths": [
            _update_path(wood, sender, (epoch, transcript)) for sender in senders
        ],
    }


def _update_path(wood: _Wood, sender: int, place: tuple[int, bytes]) -> Case:
    fresh = wood.path(sender)
    epoch, transcript = place
    context = GroupContext(
        MLS_10,
        wood.crypto.code,
        wood.group_id,
        epoch,
        fresh.tree.tree_hash(),
        transcript,
        (),
    )
    path: Struct = fresh.seal(context.encode(), ())
    return {
        "sender": sender,
        "update_path": path.encode().hex(),
        "path_secrets": [
            fresh.secret_for(leaf).hex()
            if leaf in wood.leaves and leaf != sender
            else None
            for leaf in range(wood.tree.size)
        ],
        "commit_secret": fresh.commit_secret.hex(),
        "tree_hash_after": fresh.tree.tree_hash().hex(),
    }


FORMATS = {
    "tree-math": Format(make_tree_math),
    "tree-operations": Format(make_tree_operations),
    "tree-validation": Format(make_tree_validation),
    "treekem": Format(make_treekem, frozenset({"update_path"})),
}
