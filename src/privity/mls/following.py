"""What handshake messages do to the public state of a group (RFC 9420 §12.4.2).

Every check here is a function of what all see, so that all refuse alike. Secrets,
and the tags that they make, are `processing`'s.
"""

from dataclasses import dataclass, replace
from types import MappingProxyType

from privity.errors import RuleViolation
from privity.mls.extensions import ExtensionType, ExternalSenders, find_extension
from privity.mls.failures import WrongEpoch
from privity.mls.framing import AuthenticatedContent, FramedContent, SenderType
from privity.mls.group_context import GroupContext
from privity.mls.key_schedule import (
    confirmed_transcript_hash,
    interim_transcript_hash,
)
from privity.mls.nodes import LeafNode
from privity.mls.proposal_list import (
    AppliedProposals,
    SentProposal,
    apply_proposals,
    check_proposal,
)
from privity.mls.proposals import (
    Add,
    Commit,
    InlineProposal,
    ProposalRef,
    Remove,
    SelfRemove,
)
from privity.mls.protection import verify_signature
from privity.mls.public_state import (
    MAX_PENDING_PROPOSALS,
    MAX_WAITING_PROPOSAL,
    MAX_WAITING_TOGETHER,
    PublicState,
    waiting_bytes,
)
from privity.mls.ratchet_tree import RatchetTree
from privity.mls.rules import Rule
from privity.mls.suites import CipherSuite
from privity.mls.treekem import MergedPath, merge_external_path, merge_path

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
        RuleViolation: another group, or one that has ended.
        WrongEpoch: another epoch of this group.
    """
    if group_id != state.context.group_id:
        raise RuleViolation(Rule.WRONG_GROUP)
    if epoch != state.context.epoch:
        raise WrongEpoch(f"epoch {epoch}, and we are in {state.context.epoch}")
    if state.reinit is not None:
        raise RuleViolation(Rule.GROUP_HAS_ENDED)


def verify_sender(state: PublicState, signed: AuthenticatedContent) -> int:
    """Check that its sender signed this content, and return the sender's index.

    That is a member's leaf index, an external sender's place in the list, or 0.

    Raises:
        RuleViolation: there is no such sender, or it may not say such a thing.
        NotAuthentic: it did not sign this.
        DecodeError: the list of external senders is not well formed.
    """
    key = _sender_key(state, signed.content)
    verify_signature(state.suite, key, signed, state.encoded_context)
    return signed.content.sender.index


def _sender_key(state: PublicState, content: FramedContent) -> bytes:
    sender, said = content.sender, content.content
    match sender.sender_type:
        case SenderType.MEMBER:
            leaf = state.tree.leaf(sender.index)
            if leaf is None:
                raise RuleViolation(Rule.SENDER_IS_BLANK, f"leaf {sender.index}")
            return leaf.signature_key
        case SenderType.EXTERNAL if not isinstance(said, bytes | Commit):
            return _external_key(state, sender.index)
        case SenderType.NEW_MEMBER_PROPOSAL if isinstance(said, Add):
            return said.key_package.leaf_node.signature_key
        case SenderType.NEW_MEMBER_COMMIT if isinstance(said, Commit):
            if said.path is None:
                raise RuleViolation(Rule.PATH_MISSING)
            return said.path.leaf_node.signature_key
    raise RuleViolation(Rule.NOT_THIS_SENDERS, sender.sender_type.name)


def _external_key(state: PublicState, index: int) -> bytes:
    listed = find_extension(state.context.extensions, ExtensionType.EXTERNAL_SENDERS)
    senders = ExternalSenders.decode(listed).senders if listed is not None else ()
    if index >= len(senders):
        raise RuleViolation(Rule.UNKNOWN_EXTERNAL_SENDER, str(index))
    return senders[index].signature_key


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
        RuleViolation: too many proposals wait already, or too many bytes, or this one
            is too large or invalid.
        NotAuthentic: it holds a leaf or key package that is not signed by its key.
    """
    if reference in state.proposals:
        return state
    size = waiting_bytes((sent.proposal,))
    together = state.waiting + size
    full = len(state.proposals) >= MAX_PENDING_PROPOSALS
    if full or size > MAX_WAITING_PROPOSAL or together > MAX_WAITING_TOGETHER:
        raise RuleViolation(Rule.TOO_MANY_PROPOSALS)
    check_proposal(state.tree, state.context, sent)
    proposals = MappingProxyType({**state.proposals, reference: sent})
    return replace(state, proposals=proposals, waiting=together)


def follow_commit(state: PublicState, signed: AuthenticatedContent) -> FollowedCommit:
    """Check all of a commit that needs no secret, and return where it leads.

    The sender's signature must have been checked. Raises RuleViolation,
    NotAuthentic or DecodeError.
    """
    content = signed.content
    commit = content.content
    tag = signed.auth.confirmation_tag
    if not isinstance(commit, Commit) or tag is None:
        raise TypeError("not a commit")
    listed = tuple(_resolve(state, content, item) for item in commit.proposals)
    joins = content.sender.sender_type is not SenderType.MEMBER
    committer = None if joins else content.sender.index
    applied = apply_proposals(state.tree, state.context, committer, listed)
    path = _merged(state, applied, listed, committer, commit)
    tree = path.tree if path else applied.tree
    provisional = next_context(state.context, tree, applied)
    confirmed = confirmed_transcript_hash(
        state.suite, state.interim_transcript_hash, signed.confirmed_input()
    )
    context = replace(provisional, confirmed_transcript_hash=confirmed)
    interim = interim_transcript_hash(state.suite, confirmed, tag)
    return FollowedCommit(
        committer=path.sender if path else content.sender.index,
        proposals=listed,
        applied=applied,
        path=path,
        provisional_context=provisional.encode(),
        confirmation_tag=tag,
        state=PublicState.of(context, tree, interim, applied.reinit),
    )


def _check_resync(
    state: PublicState, proposals: tuple[SentProposal, ...], leaf: LeafNode
) -> None:
    """Check a leaf that takes the place of another as if it were its Update (§12.2)."""
    for sent in proposals:
        if isinstance(sent.proposal, Remove):
            former = state.tree.member(sent.proposal.removed)
            if leaf.encryption_key == former.encryption_key:
                raise RuleViolation(Rule.UPDATE_KEEPS_KEY)


def _merged(
    state: PublicState,
    applied: AppliedProposals,
    proposals: tuple[SentProposal, ...],
    committer: int | None,
    commit: Commit,
) -> MergedPath | None:
    group_id = state.context.group_id
    if commit.path is None:
        if applied.needs_path:
            raise RuleViolation(Rule.PATH_MISSING)
        return None
    if committer is None:
        _check_resync(state, proposals, commit.path.leaf_node)
        return merge_external_path(applied, commit.path, group_id)
    return merge_path(applied, committer, commit.path, group_id)


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
    state: PublicState, content: FramedContent, item: InlineProposal | ProposalRef
) -> SentProposal:
    sender = content.sender
    if isinstance(item, InlineProposal):
        if isinstance(item.proposal, SelfRemove):
            raise RuleViolation(Rule.SELF_REMOVE_BY_VALUE)
        return SentProposal(sender.index, item.proposal, sender.sender_type)
    sent = state.proposals.get(item.reference)
    if sent is None:
        raise RuleViolation(Rule.UNKNOWN_PROPOSAL)
    joins = sender.sender_type is not SenderType.MEMBER
    if joins and not isinstance(sent.proposal, SelfRemove):
        raise RuleViolation(Rule.EXTERNAL_COMMIT_REFERENCE)
    return sent
