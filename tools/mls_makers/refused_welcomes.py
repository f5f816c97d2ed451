"""Welcomes and trees that break a rule; the case has no message beside them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from privity.codec import write_varint
from privity.mls import (
    CipherSuite,
    CommitOptions,
    Extension,
    ExtensionType,
    Random,
    Rule,
    Welcome,
    suite,
)
from privity.mls.committing import create_commit
from privity.mls.extensions import ExternalPub
from privity.mls.inviting import make_group_info, make_welcome
from privity.mls.messages import MLSMessage
from privity.mls.nodes import Node, OptionalNode, ParentNode
from privity.mls.ratchet_tree import RatchetTree
from privity.mls.tree_draft import TreeDraft
from privity.mls.welcome import GroupSecrets, PathSecret
from tools.mls_makers import Case
from tools.mls_makers.party import Party
from tools.mls_makers.passive import Follower
from tools.mls_makers.refusals import refused_case

__all__ = ["make_welcomes"]


class _Invitation:
    """Ada adds the victim to a group of six, and changes what she sends."""

    def __init__(self, crypto: CipherSuite, random: Random) -> None:
        self.party = Party.of(crypto, random, "abcdef")
        for name in "bcdef":
            self.party.commit(name)
        self.follower = Follower(self.party, psks=False)
        options = CommitOptions(add=(self.follower.bundle.key_package,))
        self.committed = create_commit(self.party["a"].state, options, random)
        self.tree = self.committed.state.tree
        self.sends(self.tree)

    def sends(self, tree: RatchetTree, **changes: Any) -> None:  # noqa: ANN401
        """Write down a tree, and a Welcome whose GroupInfo has its hash.

        `changes` are to fields of the GroupInfo.
        """
        state = self.committed.state
        context = replace(state.context, tree_hash=tree.tree_hash())
        info = make_group_info(state, ())
        info = replace(info, group_context=context, **changes)
        info = info.signed(state.suite, state.membership.me.signature_private)
        welcome = make_welcome(self.committed, info)
        if welcome is None:
            raise TypeError("a commit that adds nobody")
        self.follower.begin(MLSMessage(welcome).encode(), tree.encode())

    def welcomes(self, message: Welcome) -> None:
        """Write another Welcome down."""
        self.follower.case["welcome"] = MLSMessage(message).encode().hex()

    def travels(self, nodes: Sequence[Node | None]) -> None:
        """Write other nodes down as the tree."""
        body, out = bytearray(), bytearray()
        for node in nodes:
            OptionalNode.write(body, node)
        write_varint(out, len(body))
        self.follower.case["ratchet_tree"] = (out + body).hex()

    @property
    def welcome(self) -> Welcome:
        """The Welcome that is written down."""
        body = MLSMessage.decode(bytes.fromhex(self.follower.case["welcome"])).body
        if not isinstance(body, Welcome):
            raise TypeError("not a Welcome")
        return body

    def secretly(self, change: Callable[[GroupSecrets], GroupSecrets]) -> None:
        """Seal other secrets to the victim."""
        crypto, bundle, welcome = self.party.crypto, self.follower.bundle, self.welcome
        info, label = welcome.encrypted_group_info, "Welcome"
        (entry,) = welcome.secrets
        opened = crypto.decrypt_with_label(
            bundle.init_private, label, info, entry.encrypted_group_secrets
        )
        secrets = change(GroupSecrets.decode(opened))
        sealed = crypto.encrypt_with_label(
            bundle.key_package.init_key, label, info, secrets.encode()
        )
        entry = replace(entry, encrypted_group_secrets=sealed)
        self.welcomes(replace(welcome, secrets=(entry,)))


def make_welcomes(random: Random) -> list[Case]:
    """Return the cases, of suite 1."""
    cases = []
    for rule, change in _CHANGES.items():
        invitation = _Invitation(suite(1), random)
        change(invitation)
        cases.append(refused_case(rule, invitation.follower, []))
    return cases


def _no_welcome(made: _Invitation) -> None:
    package = MLSMessage(made.follower.bundle.key_package).encode()
    made.follower.case["welcome"] = package.hex()


def _other_suite(made: _Invitation) -> None:
    made.welcomes(replace(made.welcome, cipher_suite=3))


def _for_others(made: _Invitation) -> None:
    (entry,) = made.welcome.secrets
    other = replace(entry, new_member=bytes(32))
    made.welcomes(replace(made.welcome, secrets=(other,)))


def _without_own_leaf(made: _Invitation) -> None:
    draft = TreeDraft(made.tree)
    draft.remove(6)
    draft.truncate()
    made.sends(draft.freeze())


def _without_secret(made: _Invitation) -> None:
    made.secretly(lambda secrets: replace(secrets, path_secret=None))


def _other_secret(made: _Invitation) -> None:
    made.secretly(lambda secrets: replace(secrets, path_secret=PathSecret(bytes(32))))


def _older_tree(made: _Invitation) -> None:
    made.travels(made.party["a"].state.tree.nodes[:11])


def _with_parent(made: _Invitation, node: ParentNode) -> None:
    """Put a node in place 3, and let the GroupInfo have the hash of that tree."""
    draft = TreeDraft(made.tree)
    draft.set_parent(3, node)
    made.sends(draft.freeze())


def _parent(made: _Invitation) -> ParentNode:
    node = made.tree.parent(3)
    if node is None:
        raise TypeError("node 3 is blank")
    return node


def _unordered(made: _Invitation) -> None:
    _with_parent(made, replace(_parent(made), unmerged_leaves=(2, 1)))


def _other_parent_key(made: _Invitation) -> None:
    _, key = made.tree.suite.derive_key_pair(b"a stranger's")
    _with_parent(made, replace(_parent(made), encryption_key=key))


def _other_external_pub(made: _Invitation) -> None:
    """Let the GroupInfo announce a key that Ada alone could know."""
    _, key = made.tree.suite.derive_key_pair(b"a stranger's")
    announced = Extension(ExtensionType.EXTERNAL_PUB, ExternalPub(key).encode())
    made.sends(made.tree, extensions=(announced,))


def _leaf_for_parent(made: _Invitation) -> None:
    nodes = list(made.tree.nodes)
    made.travels([nodes[0], nodes[0], *nodes[2:13]])


def _blank_at_the_end(made: _Invitation) -> None:
    made.travels([*made.tree.nodes[:13], None])


_CHANGES: Mapping[Rule, Callable[[_Invitation], None]] = {
    Rule.NOT_A_WELCOME: _no_welcome,
    Rule.WELCOME_OF_OTHER_SUITE: _other_suite,
    Rule.WELCOME_FOR_OTHERS: _for_others,
    Rule.SIGNER_IS_BLANK: lambda made: made.sends(made.tree, signer=7),
    Rule.OWN_LEAF_MISSING: _without_own_leaf,
    Rule.JOINER_LACKS_A_KEY: _without_secret,
    Rule.PATH_KEY_MISMATCH: _other_secret,
    Rule.WRONG_TREE_HASH: _older_tree,
    Rule.BAD_UNMERGED_LEAVES: _unordered,
    Rule.BAD_PARENT_HASH: _other_parent_key,
    Rule.EXTERNAL_PUB_MISMATCH: _other_external_pub,
    Rule.MALFORMED_TREE: _leaf_for_parent,
    Rule.BLANK_LAST_NODE: _blank_at_the_end,
}
