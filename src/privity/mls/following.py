"""What handshake messages do to the public state of a group (RFC 9420 §12.4.2).

Every check here is a function of what all see, so that all refuse alike. Secrets,
and the tags that they make, are `processing`'s. Not here: senders who are not
members, which raises `Unsupported`.
"""

from dataclasses import dataclass, replace
from types import MappingProxyType

from privity.errors import RuleViolation, Unsupported
from privity.mls.failures import WrongEpoch
from privity.mls.framing import AuthenticatedContent, SenderType
from privity.mls.group_context import GroupContext
from privity.mls.key_schedule import (
    confirmed_transcript_hash,
    interim_transcript_hash,
)
from privity.mls.proposal_list import (
    AppliedProposals,
    SentProposal,
    apply_proposals,
    check_proposal,
)
from privity.mls.proposals import (
    Commit,
    InlineProposal,
    ProposalField,
    ProposalRef,
)
from privity.mls.protection import verify_signature
from privity.mls.public_state import (
    MAX_PENDING_PROPOSALS,
    MAX_WAITING_PROPOSAL,
    PublicState,
)
from privity.mls.ratchet_tree import RatchetTree
from privity.mls.rules import Rule
from privity.mls.suites import CipherSuite
from privity.mls.treekem import MergedPath, merge_path

__all__ = [
    "FollowedCommit",
    "check_addressed",
    "follow_commit",
    "next_context",
    "proposal_reference",
    "remember_proposal",
    "verify_sender",
]

_LAST_EPOCH = 2**64 - 1


@dataclass(frozen=True, slots=True)
class FollowedCommit:
    """A commit that everybody who sees it finds well formed.

    `provisional_context` is the encoded GroupContext that path secrets are
    encrypted under; `state` is the epoch that the commit begins.
    """

    committer: int
    proposals: tuple[SentProposal, ...]
    applied: AppliedProposals
    path: MergedPath | None
    provisional_context: bytes
    confirmation_tag: bytes
    state: PublicState


def check_addressed(state: PublicState, group_id: bytes, epoch: int) -> None:
    """Refuse what is meant for another group or epoch.

    Raises:
        RuleViolation: another group.
        WrongEpoch: another epoch of this group.
    """
    if group_id != state.context.group_id:
        raise RuleViolation(Rule.WRONG_GROUP)
    if epoch != state.context.epoch:
        raise WrongEpoch(f"epoch {epoch}, and we are in {state.context.epoch}")


def verify_sender(state: PublicState, signed: AuthenticatedContent) -> int:
    """Check that a member signed this content, and return its leaf index.

    Raises:
        Unsupported: the sender does not claim to be a member.
        RuleViolation: its leaf is blank.
        NotAuthentic: it did not sign this.
    """
    sender = signed.content.sender
    if sender.sender_type is not SenderType.MEMBER:
        raise Unsupported(f"messages of {sender.sender_type.name.lower()} senders")
    leaf = state.tree.leaf(sender.index)
    if leaf is None:
        raise RuleViolation(Rule.SENDER_IS_BLANK, f"leaf {sender.index}")
    verify_signature(state.suite, leaf.signature_key, signed, state.encoded_context)
    return sender.index


def proposal_reference(suite: CipherSuite, signed: AuthenticatedContent) -> bytes:
    """Return the name by which a commit calls a proposal (§5.2)."""
    return suite.ref_hash("MLS 1.0 Proposal Reference", signed.encode())


def remember_proposal(
    state: PublicState, reference: bytes, sent: SentProposal
) -> PublicState:
    """Return the state in which a commit may name this proposal.

    One that no commit could hold does not wait: it would keep everybody from
    committing, and so from sending.

    Raises:
        RuleViolation: too many proposals wait already, or this one is too large or
            invalid.
        NotAuthentic: it holds a leaf or key package that is not signed by its key.
        Unsupported: its type is one that we do not handle yet.
    """
    if reference in state.proposals:
        return state
    encoded = bytearray()
    ProposalField.write(encoded, sent.proposal)
    full = len(state.proposals) >= MAX_PENDING_PROPOSALS
    if full or len(encoded) > MAX_WAITING_PROPOSAL:
        raise RuleViolation(Rule.TOO_MANY_PROPOSALS)
    check_proposal(state.tree, state.context, sent)
    proposals = MappingProxyType({**state.proposals, reference: sent})
    return replace(state, proposals=proposals)


def follow_commit(state: PublicState, signed: AuthenticatedContent) -> FollowedCommit:
    """Check all of a commit that needs no secret, and return where it leads.

    The sender's signature must have been checked. Raises RuleViolation,
    NotAuthentic, DecodeError or Unsupported.
    """
    content = signed.content
    commit, committer = content.content, content.sender.index
    tag = signed.auth.confirmation_tag
    if not isinstance(commit, Commit) or tag is None:
        raise TypeError("not a commit")
    listed = tuple(_resolve(state, committer, item) for item in commit.proposals)
    applied = apply_proposals(state.tree, state.context, committer, listed)
    path = None
    if commit.path is not None:
        path = merge_path(applied, committer, commit.path, state.context.group_id)
    elif applied.needs_path:
        raise RuleViolation(Rule.PATH_MISSING)
    tree = path.tree if path else applied.tree
    provisional = next_context(state.context, tree, applied)
    confirmed = confirmed_transcript_hash(
        state.suite, state.interim_transcript_hash, signed.confirmed_input()
    )
    context = replace(provisional, confirmed_transcript_hash=confirmed)
    interim = interim_transcript_hash(state.suite, confirmed, tag)
    return FollowedCommit(
        committer=committer,
        proposals=listed,
        applied=applied,
        path=path,
        provisional_context=provisional.encode(),
        confirmation_tag=tag,
        state=PublicState.of(context, tree, interim),
    )


def next_context(
    context: GroupContext, tree: RatchetTree, applied: AppliedProposals
) -> GroupContext:
    """Return the provisional GroupContext: the new one, the old transcript."""
    if context.epoch == _LAST_EPOCH:
        raise RuleViolation(Rule.LAST_EPOCH)
    return replace(
        context,
        epoch=context.epoch + 1,
        tree_hash=tree.tree_hash(),
        extensions=applied.extensions,
    )


def _resolve(
    state: PublicState, committer: int, item: InlineProposal | ProposalRef
) -> SentProposal:
    if isinstance(item, InlineProposal):
        return SentProposal(committer, item.proposal)
    sent = state.proposals.get(item.reference)
    if sent is None:
        raise RuleViolation(Rule.UNKNOWN_PROPOSAL)
    return sent
