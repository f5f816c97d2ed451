"""A group seen from outside: its tree and context, followed without any secret.

A joiner starts from a checkpoint, follows the commits up to the one that added it,
and compares what it reached with the GroupInfo of its Welcome. Signatures and all
rules of trees and proposals are checked; membership tags, path secrets and
confirmation tags cannot be, and only that comparison confirms them.
"""

from dataclasses import dataclass, field, replace
from typing import Self

from privity.codec import U8, Opaque, Struct
from privity.errors import DecodeError, RuleViolation
from privity.mls.failures import GroupInfoMismatch
from privity.mls.following import (
    check_addressed,
    follow_commit,
    proposal_reference,
    remember_proposal,
    verify_sender,
)
from privity.mls.framing import PublicMessage
from privity.mls.group_context import GroupContext
from privity.mls.joining import check_group_info, check_info_extensions
from privity.mls.key_schedule import interim_transcript_hash
from privity.mls.messages import open_mls_message
from privity.mls.nodes import MLS_10, LeafNode
from privity.mls.proposal_list import SentProposal
from privity.mls.proposals import Commit, ReInit
from privity.mls.protection import as_signed
from privity.mls.public_state import PublicState
from privity.mls.ratchet_tree import RatchetTree
from privity.mls.rules import Rule
from privity.mls.suites import suite
from privity.mls.tree_validation import validate_tree
from privity.mls.welcome import GroupInfo

__all__ = ["PublicGroup", "verify_group_info"]

_VERSION = 1
_VERSION_OF_ENDED = 2


@dataclass(frozen=True, slots=True)
class _Checkpoint(Struct):
    version: U8
    context: GroupContext
    interim_transcript_hash: Opaque
    tree: Opaque


@dataclass(frozen=True, slots=True)
class _EndedCheckpoint(Struct):
    """Version 2: of a group that was reinitialised; all others stay version 1."""

    version: U8
    checkpoint: _Checkpoint
    reinit: ReInit


@dataclass(frozen=True, slots=True)
class PublicGroup:
    """One epoch as everybody who sees the handshakes knows it (§8.1, §12.4.2).

    RFC 9420 has no such role; each check is one of those that it asks of members.
    """

    state: PublicState = field(repr=False)

    @classmethod
    def of_group_info(cls, info: GroupInfo, tree: bytes | None) -> Self:
        """Return the group that a GroupInfo describes, wholly validated (§12.4.3.1).

        `tree` is the encoded ratchet tree, if the GroupInfo does not hold it.
        Raises ProtocolError, Unsupported or UsageError.
        """
        crypto = suite(info.group_context.cipher_suite)
        known = check_group_info(crypto, info, tree)
        interim = interim_transcript_hash(
            crypto,
            info.group_context.confirmed_transcript_hash,
            info.confirmation_tag,
        )
        return cls(PublicState.of(info.group_context, known, interim))

    @classmethod
    def decode(cls, checkpoint: bytes) -> Self:
        """Return the group of a checkpoint, wholly validated (not in RFC 9420).

        That it is the group's true past is shown only by arriving where a signed
        GroupInfo is. Raises ProtocolError or Unsupported.
        """
        stored, reinit = _stored(checkpoint)
        if (stored.version, stored.context.version) != (_VERSION, MLS_10):
            raise DecodeError("a checkpoint of another version")
        tree = RatchetTree.decode(suite(stored.context.cipher_suite), stored.tree)
        validate_tree(tree, stored.context)
        state = PublicState.of(stored.context, tree, stored.interim_transcript_hash)
        return cls(replace(state, reinit=reinit))

    def encode(self) -> bytes:
        """Return this epoch as a checkpoint, without what waits (not in RFC 9420)."""
        checkpoint = _Checkpoint(
            _VERSION,
            self.state.context,
            self.state.interim_transcript_hash,
            self.state.tree.encode(),
        )
        if self.state.reinit is None:
            return checkpoint.encode()
        ended = _EndedCheckpoint(_VERSION_OF_ENDED, checkpoint, self.state.reinit)
        return ended.encode()

    @property
    def reinit(self) -> ReInit | None:
        """What ended the group and says which one follows it (§11.2)."""
        return self.state.reinit

    @property
    def context(self) -> GroupContext:
        """The GroupContext of this epoch (§8.1)."""
        return self.state.context

    def members(self) -> tuple[tuple[int, LeafNode], ...]:
        """Return every occupied leaf with its leaf index (§4.1)."""
        return self.state.tree.members()

    def member(self, leaf: int) -> LeafNode | None:
        """Return one leaf, `None` if it is blank or not there (§4.1)."""
        return self.state.tree.leaf(leaf)

    def tree_bytes(self) -> bytes:
        """Return the encoded ratchet tree, as joiners need it (§12.4.3.3)."""
        return self.state.tree.encode()

    def follow(self, message: bytes) -> "PublicGroup":
        """Return the group after a handshake, an encoded MLSMessage (§12.4.2).

        Raises ProtocolError, Stale or Unsupported.
        """
        body = open_mls_message(message)
        if not isinstance(body, PublicMessage):
            raise RuleViolation(Rule.NOT_A_GROUP_MESSAGE, type(body).__name__)
        signed = as_signed(body)
        content = signed.content
        check_addressed(self.state, content.group_id, content.epoch)
        sender = verify_sender(self.state, signed)
        if isinstance(content.content, bytes):
            raise RuleViolation(Rule.APPLICATION_DATA_IN_THE_OPEN)
        if isinstance(content.content, Commit):
            return PublicGroup(follow_commit(self.state, signed).state)
        reference = proposal_reference(self.state.suite, signed)
        sent = SentProposal(sender, content.content, content.sender.sender_type)
        return PublicGroup(remember_proposal(self.state, reference, sent))


def _stored(checkpoint: bytes) -> tuple[_Checkpoint, ReInit | None]:
    if checkpoint[:1] != bytes([_VERSION_OF_ENDED]):
        return _Checkpoint.decode(checkpoint), None
    ended = _EndedCheckpoint.decode(checkpoint)
    return ended.checkpoint, ended.reinit


def verify_group_info(group: PublicGroup, info: GroupInfo) -> None:
    """Check that a member of this very epoch signed `info` (§12.4.3).

    Raises:
        GroupInfoMismatch: it describes another epoch, tree or transcript.
        RuleViolation: its signer's leaf is blank, its extensions are ambiguous, or
            its `external_pub` is no key.
        NotAuthentic: the signature is wrong.
        DecodeError: an extension that we know is not well formed.
    """
    state = group.state
    if info.group_context != state.context:
        raise GroupInfoMismatch("a GroupInfo of another epoch")
    interim = interim_transcript_hash(
        state.suite, state.context.confirmed_transcript_hash, info.confirmation_tag
    )
    if interim != state.interim_transcript_hash:
        raise GroupInfoMismatch("a GroupInfo with another confirmation tag")
    signer = state.tree.leaf(info.signer)
    if signer is None:
        raise RuleViolation(Rule.SIGNER_IS_BLANK, f"leaf {info.signer}")
    info.verify_signature(state.suite, signer.signature_key)
    check_info_extensions(state.suite, info)
