"""A client is welcomed by an insider, to a group of the insider's making.

The input is what a Welcome holds: group secrets, GroupInfo and tree. Hashes, tags and
signatures that others look at first are made to fit, so that what is behind them is
reached; seals are made anew.
"""

from dataclasses import dataclass, replace
from typing import Annotated

from mls_groups import wrapped

from privity.codec import U8, Bytes, Opaque, Reader, Struct
from privity.mls import CommitOptions, Group, GroupInfo, Welcome
from privity.mls.extensions import Extension, ExtensionType
from privity.mls.key_schedule import derive_epoch, derive_welcome_secret
from privity.mls.psks import derive_psk_secret
from privity.mls.ratchet_tree import RatchetTree
from privity.mls.welcome import (
    EncryptedGroupSecrets,
    GroupSecrets,
    open_group_info,
    seal_group_info,
)
from tests.fuzz.target import REFUSALS, Target
from tests.fuzz.world import World, seeded, world

__all__ = ["TARGET"]

TREE_INSIDE, KEEP_HASH, KEEP_TAG, RESUME = 1, 2, 4, 8


@dataclass(frozen=True, slots=True)
class Offer(Struct):
    """An input: how to mend, what the Welcome says, and the tree."""

    mode: U8
    signer: U8
    secrets: Annotated[bytes, Bytes(600)]
    info: Annotated[bytes, Bytes(2000)]
    tree: Opaque


def run(data: bytes) -> None:
    """Let the client outside join by the Welcome of an offer."""
    here = world()
    try:
        offer = Offer.decode(data)
        with seeded(b"join"):
            message, tree = _welcome(here, offer)
    except REFUSALS:
        return
    former = here.company["cyd"] if offer.mode & RESUME else None
    try:
        joined = Group.join(
            message,
            here.bundle,
            here.outsider,
            tree=tree,
            psks=here.psks,
            former=former,
        )
    except REFUSALS:
        return
    group = joined.group
    parts = group.dump_tree(), group.dump_ratchet()
    assert Group.load(*parts, here.outsider) == group
    with seeded(b"go on") as draw:
        group.commit(CommitOptions(), draw)


def _welcome(here: World, offer: Offer) -> tuple[bytes, bytes]:
    suite = here.company.crypto
    info, joiner, psk = offer.info, b"", bytes(suite.hash_length)
    try:
        secrets = GroupSecrets.decode(offer.secrets)
        joiner, psk = (
            secrets.joiner_secret,
            derive_psk_secret(suite, secrets.psks, here.psks),
        )
        info = _mended(here, offer, GroupInfo.decode(info), joiner, psk).encode()
    except REFUSALS:
        pass
    welcome_secret = derive_welcome_secret(suite, joiner, psk)
    sealed = _sealed(here, welcome_secret, info)
    package = here.bundle.key_package
    entry = EncryptedGroupSecrets(
        here.bundle.reference(suite),
        suite.encrypt_with_label(package.init_key, "Welcome", sealed, offer.secrets),
    )
    return wrapped(Welcome(suite.code, (entry,), sealed)), offer.tree


def _sealed(here: World, welcome_secret: bytes, info: bytes) -> bytes:
    class Raw:
        def encode(self):
            return info

    return seal_group_info(here.company.crypto, welcome_secret, Raw())


def _mended(
    here: World, offer: Offer, info: GroupInfo, joiner: bytes, psk: bytes
) -> GroupInfo:
    suite, context = here.company.crypto, info.group_context
    if not offer.mode & KEEP_HASH:
        tree = RatchetTree.decode(suite, offer.tree)
        context = replace(context, tree_hash=tree.tree_hash())
    info = replace(info, group_context=context)
    if offer.mode & TREE_INSIDE:
        inside = Extension(ExtensionType.RATCHET_TREE, offer.tree)
        info = replace(info, extensions=(*info.extensions, inside))
    if not offer.mode & KEEP_TAG:
        epoch = derive_epoch(suite, joiner, psk, context.encode())
        confirmed = context.confirmed_transcript_hash
        tag = suite.mac(epoch.secrets.confirmation_key, confirmed)
        info = replace(info, confirmation_tag=tag)
    return info.signed(suite, here.key_of(offer.signer))


def seeds() -> list[bytes]:
    """Return valid offers: the tree inside and beside, with and without a path."""
    found = []
    here = world()
    suite = here.company.crypto
    with seeded(b"offers") as draw:
        dan = here.company["dan"]
        package = here.bundle.key_package
        for mode, path in ((0, True), (TREE_INSIDE, True), (0, False)):
            options = CommitOptions(add=(package,), path=path)
            made = dan.commit(options, draw)
            reader = Reader(made.welcome or b"", 4)
            welcome = Welcome.read(reader)
            sealed = welcome.encrypted_group_info
            secrets = suite.decrypt_with_label(
                here.bundle.init_private,
                "Welcome",
                sealed,
                welcome.secrets[0].encrypted_group_secrets,
            )
            known = GroupSecrets.decode(secrets)
            welcome_secret = derive_welcome_secret(
                suite, known.joiner_secret, bytes(suite.hash_length)
            )
            info = open_group_info(suite, welcome_secret, sealed).encode()
            tree = made.next.tree_bytes()
            found.append(Offer(mode, dan.own_leaf, secrets, info, tree).encode())
    return found


TARGET = Target("join", run, seeds, longest=8192)
