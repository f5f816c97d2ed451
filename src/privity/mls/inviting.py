"""What a committer makes for new members: GroupInfo and Welcome (§12.4.1)."""

from dataclasses import replace

from privity.mls.committing import CommittedState
from privity.mls.extensions import Extension, ExtensionType, ExternalPub
from privity.mls.group_state import GroupState
from privity.mls.key_packages import KeyPackage
from privity.mls.key_schedule import derive_welcome_secret
from privity.mls.welcome import (
    EncryptedGroupSecrets,
    GroupInfo,
    GroupSecrets,
    PathSecret,
    Welcome,
    seal_group_info,
)

__all__ = ["add_tree", "make_group_info", "make_welcome"]


def make_group_info(
    state: GroupState, extensions: tuple[Extension, ...], *, with_tree: bool = False
) -> GroupInfo:
    """Return a signed GroupInfo with `external_pub`, ours, and the tree if wanted."""
    external_pub = ExternalPub(state.external_pub).encode()
    info = GroupInfo(
        group_context=state.context,
        extensions=(Extension(ExtensionType.EXTERNAL_PUB, external_pub), *extensions),
        confirmation_tag=state.confirmation_tag,
        signer=state.own_leaf,
    )
    return add_tree(state, info) if with_tree else _signed(state, info)


def add_tree(state: GroupState, info: GroupInfo) -> GroupInfo:
    """Return a GroupInfo of ours with the tree in it, signed anew."""
    tree = Extension(ExtensionType.RATCHET_TREE, state.tree.encode())
    return _signed(state, replace(info, extensions=(*info.extensions, tree)))


def make_welcome(committed: CommittedState, info: GroupInfo) -> Welcome | None:
    """Return one Welcome for all whom the commit adds, or nothing if it adds none."""
    if not committed.applied.added:
        return None
    suite = committed.state.suite
    secret = derive_welcome_secret(suite, committed.joiner_secret, committed.psk_secret)
    sealed = seal_group_info(suite, secret, info)
    secrets = tuple(
        _encrypted(committed, leaf, package, sealed)
        for leaf, package in committed.applied.added
    )
    return Welcome(suite.code, secrets, sealed)


def _signed(state: GroupState, info: GroupInfo) -> GroupInfo:
    return info.signed(state.suite, state.membership.me.signing_key(state.suite))


def _encrypted(
    committed: CommittedState, leaf: int, package: KeyPackage, sealed: bytes
) -> EncryptedGroupSecrets:
    suite, path = committed.state.suite, committed.path
    path_secret = PathSecret(path.secret_for(leaf)) if path else None
    secrets = GroupSecrets(committed.joiner_secret, path_secret, committed.applied.psks)
    ciphertext = suite.encrypt_with_label(
        package.init_key, "Welcome", sealed, secrets.encode()
    )
    return EncryptedGroupSecrets(package.reference(suite), ciphertext)
