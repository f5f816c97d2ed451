"""Proposals (RFC 9420 §12.1) and the commit that carries them (§12.4).

Structures only: which of them may stand together is in `proposal_list`. SelfRemove is
of draft-ietf-mls-extensions. A proposal of a type that is not listed here is carried
unread.
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
    Reader,
    Select,
    Struct,
    Vector,
    write_opaque,
    write_uint,
)
from privity.errors import UsageError
from privity.mls.extensions import Extensions
from privity.mls.key_packages import KeyPackage
from privity.mls.nodes import LeafNode, Remembered, UpdatePath

__all__ = [
    "DEFAULT_PROPOSALS",
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
    "SelfRemove",
    "UnknownProposal",
    "Update",
    "type_of",
]


class ProposalType(IntEnum):
    """RFC 9420 §17.4; values that are not listed here are legal and opaque."""

    ADD = 1
    UPDATE = 2
    REMOVE = 3
    PSK = 4
    REINIT = 5
    EXTERNAL_INIT = 6
    GROUP_CONTEXT_EXTENSIONS = 7
    SELF_REMOVE = 10


DEFAULT_PROPOSALS = frozenset(ProposalType) - {ProposalType.SELF_REMOVE}
"""What every client of MLS 1.0 supports without saying so (RFC 9420 §7.2)."""


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


@dataclass(frozen=True, slots=True)
class SelfRemove(Struct):
    """draft-ietf-mls-extensions, `struct SelfRemove`: its sender is to be removed."""


@dataclass(frozen=True, slots=True)
class UnknownProposal(Struct):
    """A proposal whose type we do not know, carried unread (RFC 9420 §12.1, §13.1).

    A commit ends a proposal nowhere but in its own structure, so one vector is taken
    to be all of it, as other implementations do; what is shaped otherwise does not
    decode.
    """

    proposal_type: U16
    content: Opaque


_Known = (
    Add
    | Update
    | Remove
    | PreSharedKey
    | ReInit
    | ExternalInit
    | GroupContextExtensions
    | SelfRemove
)
Proposal = _Known | UnknownProposal
"""What a member, a listed sender or a client outside may ask for (RFC 9420 §12.1)."""

_VARIANTS: dict[int, type[_Known]] = {
    ProposalType.ADD: Add,
    ProposalType.UPDATE: Update,
    ProposalType.REMOVE: Remove,
    ProposalType.PSK: PreSharedKey,
    ProposalType.REINIT: ReInit,
    ProposalType.EXTERNAL_INIT: ExternalInit,
    ProposalType.GROUP_CONTEXT_EXTENSIONS: GroupContextExtensions,
    ProposalType.SELF_REMOVE: SelfRemove,
}
_TYPES = {variant: code for code, variant in _VARIANTS.items()}


class _ProposalField:
    """The type of a proposal in front of it; a type without a name is kept."""

    def write(self, out: bytearray, value: Proposal) -> None:
        write_uint(out, type_of(value), 2)
        if isinstance(value, UnknownProposal):
            write_opaque(out, value.content)
        else:
            value.write(out)

    def read(self, reader: Reader) -> Proposal:
        kind = reader.uint(2)
        known = _VARIANTS.get(kind)
        if known is None:
            return UnknownProposal(kind, reader.opaque())
        return known.read(reader)


ProposalField = _ProposalField()
"""RFC 9420 §12.1, `struct Proposal`: how a proposal is encoded with its type."""


def type_of(proposal: Proposal) -> int:
    """Return the ProposalType of a proposal."""
    if not isinstance(proposal, UnknownProposal):
        return _TYPES[type(proposal)]
    if proposal.proposal_type in _VARIANTS:
        raise UsageError("a known proposal is not written as an unknown one")
    return proposal.proposal_type


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
