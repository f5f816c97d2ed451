"""A group's state as bytes, in two parts.

The *tree part* changes with the epoch: tree, context, epoch secrets, private keys.
The *ratchet part* changes with every message: secret tree, proposals, past epochs.
A caller that stores both in the transaction in which it stores what a message said
can restart at any time. Both hold secrets and go nowhere but into a vault. A group may
fork, so an epoch's number does not say which parts belong together: its tag does.

Each begins with its version. Who changes a structure raises `_VERSION`, keeps the old
structure with what makes the new one of it, and runs `tools/make_stored_states.py`:
samples of every version must load for ever.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated

from privity.codec import (
    U8,
    U32,
    U64,
    Nested,
    Opaque,
    Optional,
    Struct,
    Vector,
    as_opaque,
)
from privity.errors import DecodeError, UsageError
from privity.mls.failures import UnknownStateVersion
from privity.mls.framing import Sender, SenderType
from privity.mls.group_context import GroupContext
from privity.mls.group_state import GroupState, Membership, OwnUpdate
from privity.mls.key_schedule import EpochSecrets
from privity.mls.own_keys import LeafIdentity
from privity.mls.past_epochs import StoredPast
from privity.mls.path_keys import PathKeys
from privity.mls.proposal_list import SentProposal
from privity.mls.proposals import Proposal, ProposalField, ReInit
from privity.mls.public_state import PublicState, waiting_bytes
from privity.mls.ratchet_tree import RatchetTree
from privity.mls.secret_tree import SecretTree
from privity.mls.suites import suite

__all__ = ["decode_group", "encode_ratchet_part", "encode_tree_part"]

_FIRST_VERSION, _VERSION = 1, 3
_WITHOUT_TAG = 2


@dataclass(frozen=True, slots=True, repr=False)
class _PrivateKey(Struct):
    node: U32
    private: Opaque


@dataclass(frozen=True, slots=True, repr=False)
class _TreePart(Struct):
    version: U8
    context: GroupContext
    tree: Opaque
    interim_transcript_hash: Opaque
    confirmation_tag: Opaque
    secrets: EpochSecrets
    own_leaf: U32
    private_keys: Annotated[tuple[_PrivateKey, ...], Vector(Nested(_PrivateKey))]
    reinit: Annotated[ReInit | None, Optional(Nested(ReInit))]


@dataclass(frozen=True, slots=True)
class _StoredProposal(Struct):
    reference: Opaque
    sender: Sender
    proposal: Annotated[Proposal, ProposalField]


@dataclass(frozen=True, slots=True, repr=False)
class _RatchetPart(Struct):
    version: U8
    group_id: Opaque
    epoch: U64
    secret_tree: Opaque
    proposals: Annotated[tuple[_StoredProposal, ...], Vector(Nested(_StoredProposal))]
    own_updates: Annotated[tuple[OwnUpdate, ...], Vector(Nested(OwnUpdate))]
    past: StoredPast
    confirmation_tag: Opaque


@dataclass(frozen=True, slots=True)
class _FirstProposal(Struct):
    """A stored proposal of version 1, when all senders were members."""

    reference: Opaque
    sender: U32
    proposal: Annotated[Proposal, ProposalField]


@dataclass(frozen=True, slots=True, repr=False)
class _FirstRatchetPart(Struct):
    version: U8
    group_id: Opaque
    epoch: U64
    secret_tree: Opaque
    proposals: Annotated[tuple[_FirstProposal, ...], Vector(Nested(_FirstProposal))]
    own_updates: Annotated[tuple[OwnUpdate, ...], Vector(Nested(OwnUpdate))]
    past: StoredPast


def encode_tree_part(state: GroupState) -> bytes:
    """Return what changes with the epoch."""
    keys = state.membership.keys
    return _TreePart(
        version=_VERSION,
        context=state.context,
        tree=state.tree.encode(),
        interim_transcript_hash=state.public.interim_transcript_hash,
        confirmation_tag=state.confirmation_tag,
        secrets=state.secrets,
        own_leaf=keys.own_leaf,
        private_keys=tuple(_PrivateKey(at, keys.keys[at]) for at in sorted(keys.keys)),
        reinit=state.public.reinit,
    ).encode()


def encode_ratchet_part(state: GroupState) -> bytes:
    """Return what changes with every message."""
    return _RatchetPart(
        version=_VERSION,
        group_id=state.context.group_id,
        epoch=state.context.epoch,
        secret_tree=state.secret_tree.encode(),
        proposals=tuple(
            _StoredProposal(
                reference, Sender(sent.sender_type, sent.sender), sent.proposal
            )
            for reference, sent in state.public.proposals.items()
        ),
        own_updates=state.own_updates,
        past=StoredPast.of(state.past),
        confirmation_tag=state.confirmation_tag,
    ).encode()


def decode_group(tree_part: bytes, ratchet_part: bytes, me: LeafIdentity) -> GroupState:
    """Return the state that the two parts were made of.

    Raises:
        DecodeError: one is no such part, or they are of different epochs, or of two
            forks of one; UnknownStateVersion if a later version of this library wrote
            one.
        RuleViolation: the tree is none.
        Unsupported: the suite.
        UsageError: `me` is not whose leaf is ours.
    """
    first = _decode_tree_part(tree_part)
    second = _decode_ratchet_part(ratchet_part, first.confirmation_tag)
    context = first.context
    if (second.group_id, second.epoch) != (context.group_id, context.epoch):
        raise DecodeError("a tree part and a ratchet part of different epochs")
    if second.confirmation_tag != first.confirmation_tag:
        raise DecodeError("a tree part and a ratchet part of two forks")
    tree = RatchetTree.decode(suite(context.cipher_suite), first.tree)
    _check_own_leaf(tree, first.own_leaf, me)
    proposals = _waiting(second)
    public = PublicState(
        context=context,
        encoded_context=context.encode(),
        tree=tree,
        interim_transcript_hash=first.interim_transcript_hash,
        proposals=proposals,
        reinit=first.reinit,
        waiting=waiting_bytes(sent.proposal for sent in proposals.values()),
    )
    return GroupState(
        public=public,
        membership=Membership(me, _path_keys(first)),
        confirmation_tag=first.confirmation_tag,
        secrets=first.secrets,
        secret_tree=SecretTree.decode(second.secret_tree),
        own_updates=second.own_updates,
        past=second.past.restored(),
    )


def _path_keys(part: _TreePart) -> PathKeys:
    private = {item.node: item.private for item in part.private_keys}
    if [item.node for item in part.private_keys] != sorted(private):
        raise DecodeError("private keys out of order or twice")
    return PathKeys(part.own_leaf, MappingProxyType(private))


def _waiting(part: _RatchetPart) -> Mapping[bytes, SentProposal]:
    proposals = {
        item.reference: SentProposal(
            item.sender.index, item.proposal, item.sender.sender_type
        )
        for item in part.proposals
    }
    if len(proposals) < len(part.proposals):
        raise DecodeError("a proposal that waits twice")
    return MappingProxyType(proposals)


def _check_own_leaf(tree: RatchetTree, at: int, me: LeafIdentity) -> None:
    leaf = tree.leaf(at)
    if leaf is None:
        raise DecodeError("a state without a leaf of ours")
    # Else what we sign would be refused by everybody, and by nobody here.
    if leaf.signature_key != me.signature_public(tree.suite):
        raise UsageError("the state of somebody else, or of a former key of ours")


def _decode_tree_part(data: bytes) -> _TreePart:
    if _version_of(data) == _FIRST_VERSION:
        # Version 1 ended before `reinit`.
        data += b"\0"
    return _TreePart.decode(data)


def _version_of(part: bytes) -> int:
    """Return the version of a stored part; it is the first byte of each, for ever."""
    version = part[0] if part else 0
    if version > _VERSION:
        raise UnknownStateVersion(f"a state of version {version}")
    if version < _FIRST_VERSION:
        raise DecodeError("a state without a version")
    return version


def _decode_ratchet_part(data: bytes, tag: bytes) -> _RatchetPart:
    """Read a ratchet part; the first two versions are taken to be of `tag`."""
    version = _version_of(data)
    if version == _WITHOUT_TAG:
        # Version 2 ended before `confirmation_tag`.
        data += as_opaque(tag)
    if version != _FIRST_VERSION:
        return _RatchetPart.decode(data)
    first = _FirstRatchetPart.decode(data)
    return _RatchetPart(
        version=_VERSION,
        group_id=first.group_id,
        epoch=first.epoch,
        secret_tree=first.secret_tree,
        proposals=tuple(
            _StoredProposal(
                item.reference, Sender(SenderType.MEMBER, item.sender), item.proposal
            )
            for item in first.proposals
        ),
        own_updates=first.own_updates,
        past=first.past,
        confirmation_tag=tag,
    )
