"""Becoming a member: by creating a group, or by a Welcome (RFC 9420 §11, §12.4.3.1).

The caller knows its other groups, so it is the caller that refuses a `group_id` it
has already. Joining by a commit of one's own is in `external_commit`.
"""

from dataclasses import dataclass, field, replace

from privity.errors import RuleViolation, UsageError
from privity.mls import tree_math
from privity.mls.extensions import (
    Extension,
    ExtensionType,
    ExternalPub,
    check_extensions,
    find_extension,
)
from privity.mls.grease import without_grease
from privity.mls.group_context import GroupContext
from privity.mls.group_state import GroupState, Membership, begin_epoch, check_tag
from privity.mls.key_schedule import (
    derive_epoch,
    derive_welcome_secret,
    epoch_from_secret,
)
from privity.mls.leaf_validation import (
    check_context_extensions,
    check_group_extensions,
    validate_leaf,
)
from privity.mls.messages import open_mls_message
from privity.mls.nodes import MLS_10, FromKeyPackage, LeafNode
from privity.mls.own_keys import KeyPackageBundle, LeafIdentity
from privity.mls.path_keys import PathKeys
from privity.mls.psks import KnownPsks, derive_psk_secret
from privity.mls.ratchet_tree import RatchetTree
from privity.mls.resumption import check_resumed, check_welcome_psks
from privity.mls.rules import Rule
from privity.mls.suites import CipherSuite, Random, suite
from privity.mls.tree_validation import validate_tree
from privity.mls.welcome import GroupInfo, GroupSecrets, Welcome, open_group_info

__all__ = [
    "Beside",
    "Joined",
    "check_group_info",
    "check_info_extensions",
    "check_own_support",
    "create_group",
    "join_group",
]

_FOREVER = FromKeyPackage(0, 2**64 - 1)


@dataclass(frozen=True, slots=True)
class Joined:
    """A new member's state, and the GroupInfo that it was welcomed with."""

    state: GroupState
    group_info: GroupInfo


@dataclass(frozen=True, slots=True)
class Beside:
    """What comes to a joiner otherwise than in the Welcome.

    `tree` is the encoded ratchet tree, if it does not travel inside. `former` is the
    group that the new one resumes, after a ReInit or as its branch.
    """

    tree: bytes | None = None
    psks: KnownPsks = field(default_factory=KnownPsks)
    former: GroupState | None = None


def create_group(
    suite: CipherSuite,
    group_id: bytes,
    me: LeafIdentity,
    extensions: tuple[Extension, ...],
    random: Random,
) -> GroupState:
    """Return a group of which we are the only member (§11).

    Our leaf is valid for ever; it has no lifetime once we commit with a path.

    Raises:
        RuleViolation: our leaf cannot live under these extensions.
    """
    private, public = suite.derive_key_pair(random(suite.hash_length))
    leaf = me.leaf(suite, public, _FOREVER).signed(suite, me.signing_key(suite))
    validate_leaf(suite, leaf)
    check_context_extensions(suite, extensions)
    check_own_support(extensions, leaf)
    tree = RatchetTree.of_one(suite, leaf)
    context = GroupContext(
        version=MLS_10,
        cipher_suite=suite.code,
        group_id=group_id,
        epoch=0,
        tree_hash=tree.tree_hash(),
        confirmed_transcript_hash=b"",
        extensions=extensions,
    )
    epoch = epoch_from_secret(suite, random(suite.hash_length))
    return begin_epoch(
        context, tree, epoch, Membership(me, PathKeys.of_leaf(0, private))
    )


def join_group(
    message: bytes, bundle: KeyPackageBundle, me: LeafIdentity, beside: Beside
) -> Joined:
    """Return the state of a new member (§12.4.3.1).

    The bundle's private keys have done their work afterwards.

    Raises:
        RuleViolation, DecodeError: the Welcome, the tree or both together are wrong.
        NotAuthentic: a seal, a signature or the confirmation tag is.
        UnknownPsk: a pre-shared key of the Welcome is not among those given.
        Unsupported: the suite.
        UsageError: there is no tree; `me` is not who the bundle is for.
    """
    welcome = open_mls_message(message)
    if not isinstance(welcome, Welcome):
        raise RuleViolation(Rule.NOT_A_WELCOME, type(welcome).__name__)
    crypto = suite(welcome.cipher_suite)
    if bundle.key_package.cipher_suite != crypto.code:
        raise RuleViolation(Rule.WELCOME_OF_OTHER_SUITE)
    if me.signature_public(crypto) != bundle.key_package.leaf_node.signature_key:
        raise UsageError("a key package of somebody else")
    secrets = _open_secrets(crypto, welcome, bundle)
    check_welcome_psks(crypto, secrets.psks, beside.former)
    psk_secret = _psk_secret(crypto, secrets, beside)
    welcome_secret = derive_welcome_secret(crypto, secrets.joiner_secret, psk_secret)
    info = open_group_info(crypto, welcome_secret, welcome.encrypted_group_info)
    known = check_group_info(crypto, info, beside.tree)
    check_own_support(info.group_context.extensions, bundle.key_package.leaf_node)
    if beside.former is not None:
        check_resumed(beside.former, info.group_context, known)
    keys = _own_keys(known, bundle, info.signer, secrets)
    context = info.group_context
    epoch = derive_epoch(crypto, secrets.joiner_secret, psk_secret, context.encode())
    state = begin_epoch(context, known, epoch, Membership(me, keys))
    check_tag(crypto, epoch, context.confirmed_transcript_hash, info.confirmation_tag)
    info.check_external_pub(state.external_pub)
    return Joined(state, info)


def check_group_info(
    crypto: CipherSuite, info: GroupInfo, tree: bytes | None
) -> RatchetTree:
    """Return the tree of a GroupInfo, if all of both is valid.

    `tree` is the encoded ratchet tree, if the GroupInfo does not hold it. Costs a
    signature for each member.
    """
    context = info.group_context
    if context.version != MLS_10 or context.cipher_suite != crypto.code:
        raise RuleViolation(Rule.WELCOME_OF_OTHER_SUITE)
    check_info_extensions(crypto, info)
    enclosed = find_extension(info.extensions, ExtensionType.RATCHET_TREE)
    encoded = tree if enclosed is None else enclosed
    if encoded is None:
        raise UsageError("the ratchet tree must come with the Welcome or beside it")
    known = RatchetTree.decode(crypto, encoded)
    signer = known.leaf(info.signer)
    if signer is None:
        raise RuleViolation(Rule.SIGNER_IS_BLANK, f"leaf {info.signer}")
    info.verify_signature(crypto, signer.signature_key)
    validate_tree(known, context)
    return known


def check_info_extensions(crypto: CipherSuite, info: GroupInfo) -> None:
    """Check the extensions of a GroupInfo, `external_pub` to its key (§12.4.3.2).

    Whoever rejoins encrypts to that key, so it must be usable when it arrives.
    Raises RuleViolation or DecodeError.
    """
    check_extensions(info.extensions)
    data = find_extension(info.extensions, ExtensionType.EXTERNAL_PUB)
    if data is not None:
        crypto.check_public_key(ExternalPub.decode(data).external_pub)


def check_own_support(extensions: tuple[Extension, ...], own: LeafNode) -> None:
    """Check that we can live under the extensions of a GroupContext (§13.4, §13.5).

    What our leaf claims as GREASE does not count. Raises RuleViolation.
    """
    able = without_grease(own.capabilities)
    check_group_extensions(extensions, (replace(own, capabilities=able),))


def _open_secrets(
    crypto: CipherSuite, welcome: Welcome, bundle: KeyPackageBundle
) -> GroupSecrets:
    name = bundle.reference(crypto)
    for entry in welcome.secrets:
        if entry.new_member == name:
            break
    else:
        raise RuleViolation(Rule.WELCOME_FOR_OTHERS)
    return GroupSecrets.decode(
        crypto.decrypt_with_label(
            bundle.init_private,
            "Welcome",
            welcome.encrypted_group_info,
            entry.encrypted_group_secrets,
        )
    )


def _psk_secret(crypto: CipherSuite, secrets: GroupSecrets, beside: Beside) -> bytes:
    psks, former = beside.psks, beside.former
    if former is not None:
        context = former.context
        psks = psks.with_epoch(
            context.group_id, context.epoch, former.secrets.resumption_psk
        )
    return derive_psk_secret(crypto, secrets.psks, psks)


def _own_keys(
    tree: RatchetTree, bundle: KeyPackageBundle, signer: int, secrets: GroupSecrets
) -> PathKeys:
    leaf = bundle.key_package.leaf_node
    own = tree.find_signature_key(leaf.signature_key)
    if own is None or tree.leaf(own) != leaf or own == signer:
        raise RuleViolation(Rule.OWN_LEAF_MISSING)
    keys = PathKeys.of_leaf(own, bundle.encryption_private)
    if secrets.path_secret is not None:
        keys = keys.after_welcome(tree, signer, secrets.path_secret.path_secret)
    for at in tree_math.direct_path(2 * own, tree.size):
        node = tree.parent(at)
        if node and own not in node.unmerged_leaves and at not in keys.keys:
            raise RuleViolation(Rule.JOINER_LACKS_A_KEY, f"node {at}")
    return keys
