"""Proposals (RFC 9420 §12.1) and the commit that carries them (§12.4).

Structures only: which of them may stand together is in `proposal_list`. A proposal
of a type that is not listed here has no known end and does not decode.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated

from privity.codec import (
    U16,
    U32,
    U64,
    Enumerated,
    Nested,
    Opaque,
    Optional,
    Select,
    Struct,
    Vector,
)
from privity.mls.extensions import Extensions
from privity.mls.key_packages import KeyPackage
from privity.mls.nodes import LeafNode, Remembered, UpdatePath

__all__ = [
    "Add",
    "Commit",
    "ExternalInit",
    "ExternalPSK",
    "GroupContextExtensions",
    "InlineProposal",
    "PreSharedKey",
    "PreSharedKeyID",
    "Proposal",
    "ProposalField",
    "ProposalRef",
    "ProposalType",
    "ReInit",
    "Remove",
    "ResumptionPSK",
    "ResumptionPSKUsage",
    "Update",
]


class ProposalType(IntEnum):
    """RFC 9420 §17.4."""

    ADD = 1
    UPDATE = 2
    REMOVE = 3
    PSK = 4
    REINIT = 5
    EXTERNAL_INIT = 6
    GROUP_CONTEXT_EXTENSIONS = 7


@dataclass(frozen=True, slots=True)
class Add(Struct):
    """RFC 9420 §12.1.1, `struct Add`."""

    key_package: KeyPackage


@dataclass(frozen=True, slots=True)
class Update(Struct):
    """RFC 9420 §12.1.2, `struct Update`."""

    leaf_node: LeafNode


@dataclass(frozen=True, slots=True)
class Remove(Struct):
    """RFC 9420 §12.1.3, `struct Remove`."""

    removed: U32


class ResumptionPSKUsage(IntEnum):
    """RFC 9420 §8.4, `enum ResumptionPSKUsage`."""

    APPLICATION = 1
    REINIT = 2
    BRANCH = 3


@dataclass(frozen=True, slots=True)
class ExternalPSK(Struct):
    """RFC 9420 §8.4, the case `external` of a PreSharedKeyID."""

    psk_id: Opaque


@dataclass(frozen=True, slots=True)
class ResumptionPSK(Struct):
    """RFC 9420 §8.4, the case `resumption` of a PreSharedKeyID."""

    usage: Annotated[ResumptionPSKUsage, Enumerated(ResumptionPSKUsage, 1)]
    psk_group_id: Opaque
    psk_epoch: U64


@dataclass(frozen=True, slots=True)
class PreSharedKeyID(Struct):
    """RFC 9420 §8.4, `struct PreSharedKeyID`."""

    key: Annotated[
        ExternalPSK | ResumptionPSK, Select(1, {1: ExternalPSK, 2: ResumptionPSK})
    ]
    psk_nonce: Opaque


@dataclass(frozen=True, slots=True)
class PreSharedKey(Struct):
    """RFC 9420 §12.1.4, `struct PreSharedKey`."""

    psk: PreSharedKeyID


@dataclass(frozen=True, slots=True)
class ReInit(Struct):
    """RFC 9420 §12.1.5, `struct ReInit`."""

    group_id: Opaque
    version: U16
    cipher_suite: U16
    extensions: Extensions


@dataclass(frozen=True, slots=True)
class ExternalInit(Struct):
    """RFC 9420 §12.1.6, `struct ExternalInit`."""

    kem_output: Opaque


@dataclass(frozen=True, slots=True)
class GroupContextExtensions(Struct):
    """RFC 9420 §12.1.7, `struct GroupContextExtensions`."""

    extensions: Extensions


Proposal = (
    Add
    | Update
    | Remove
    | PreSharedKey
    | ReInit
    | ExternalInit
    | GroupContextExtensions
)

ProposalField = Select(
    2,
    {
        ProposalType.ADD: Add,
        ProposalType.UPDATE: Update,
        ProposalType.REMOVE: Remove,
        ProposalType.PSK: PreSharedKey,
        ProposalType.REINIT: ReInit,
        ProposalType.EXTERNAL_INIT: ExternalInit,
        ProposalType.GROUP_CONTEXT_EXTENSIONS: GroupContextExtensions,
    },
)
"""RFC 9420 §12.1, `struct Proposal`: how a proposal is encoded with its type."""


@dataclass(frozen=True, slots=True)
class InlineProposal(Struct):
    """RFC 9420 §12.4, a ProposalOrRef that holds the proposal itself."""

    proposal: Annotated[Proposal, ProposalField]


@dataclass(frozen=True, slots=True)
class ProposalRef(Struct):
    """RFC 9420 §12.4, a ProposalOrRef that names a proposal sent before."""

    reference: Opaque


@dataclass(frozen=True, slots=True)
class Commit(Remembered):
    """RFC 9420 §12.4, `struct Commit`."""

    proposals: Annotated[
        tuple[InlineProposal | ProposalRef, ...],
        Vector(Select(1, {1: InlineProposal, 2: ProposalRef})),
    ]
    path: Annotated[UpdatePath | None, Optional(Nested(UpdatePath))] = None
