"""Joining by a commit of one's own (RFC 9420 §12.4.3.2), also to replace a lost state.

Whoever has a GroupInfo with `external_pub` needs no invitation. Whether it may join
is for the application, which sees the commit before it takes effect.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from privity.errors import RuleViolation
from privity.mls.confirming import Entering, Unconfirmed, confirm
from privity.mls.extensions import ExtensionType, ExternalPub, find_extension
from privity.mls.following import (
    check_addressed,
    next_context,
    proposal_reference,
    remember_proposal,
    verify_sender,
)
from privity.mls.framing import (
    AuthenticatedContent,
    FramedContent,
    FramedContentAuthData,
    PublicMessage,
    Sender,
    SenderType,
    WireFormat,
)
from privity.mls.group_state import GroupState, Membership
from privity.mls.joining import check_group_info, check_own_support
from privity.mls.key_schedule import interim_transcript_hash
from privity.mls.leaf_validation import (
    check_credential_support,
    validate_leaf,
)
from privity.mls.messages import open_mls_message
from privity.mls.nodes import FromUpdate
from privity.mls.own_keys import LeafIdentity
from privity.mls.proposal_choice import leaving_by_themselves, supports_self_remove
from privity.mls.proposal_list import AppliedProposals, SentProposal, apply_proposals
from privity.mls.proposals import (
    Commit,
    ExternalInit,
    ExternalPSK,
    InlineProposal,
    PreSharedKey,
    PreSharedKeyID,
    Proposal,
    ProposalRef,
    Remove,
    ResumptionPSK,
    SelfRemove,
)
from privity.mls.protection import as_signed, sign
from privity.mls.psks import KnownPsks, derive_psk_secret
from privity.mls.public_state import PublicState
from privity.mls.ratchet_tree import RatchetTree
from privity.mls.rules import Rule
from privity.mls.suites import Random, suite
from privity.mls.tree_draft import TreeDraft
from privity.mls.treekem import FreshPath, LeafSigner, refresh_path
from privity.mls.welcome import GroupInfo

__all__ = ["ExternalJoin", "JoinedByCommit", "join_by_commit"]


@dataclass(frozen=True, slots=True)
class ExternalJoin:
    """How to join by a commit (§12.4.3.2).

    `tree` is the encoded ratchet tree, if the GroupInfo has none. `replaces` is the
    leaf index of our own former self. `psks` enter the new epoch; their secrets are in
    `known_psks`. `authenticated_data` travels in the open, signed. `self_removes` are
    the SelfRemoves of this epoch, as MLSMessages: all that are known must be given
    (draft-ietf-mls-extensions). Those that no commit may hold are left out: the second
    of one member, and all where a member does not support them.
    """

    tree: bytes | None = None
    replaces: int | None = None
    psks: tuple[ExternalPSK | ResumptionPSK, ...] = ()
    known_psks: KnownPsks = field(default_factory=KnownPsks)
    authenticated_data: bytes = b""
    self_removes: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class JoinedByCommit:
    """The commit, and our state once the group has accepted it."""

    message: PublicMessage
    applied: AppliedProposals
    state: GroupState


def join_by_commit(
    info: GroupInfo, me: LeafIdentity, options: ExternalJoin, random: Random
) -> JoinedByCommit:
    """Return a commit that makes us a member; nothing has happened yet.

    Raises:
        RuleViolation, DecodeError: the GroupInfo or its tree is wrong, or our leaf
            cannot live in the group, or what waits is no SelfRemove of this epoch.
        NotAuthentic: a signature is.
        UnknownPsk: one of `psks` is not known.
        WrongEpoch: a SelfRemove is of another epoch.
        Unsupported: the suite.
        UsageError: there is no tree.
    """
    crypto, context = suite(info.group_context.cipher_suite), info.group_context
    tree = check_group_info(crypto, info, options.tree)
    kem_output, init_secret = crypto.send_external_init(_external_pub(info))
    waiting = _self_removes(info, tree, options)
    others = _proposals(tree, waiting, options, random)
    proposals = [ExternalInit(kem_output), *others]
    sent = [SentProposal(0, item, SenderType.NEW_MEMBER_COMMIT) for item in proposals]
    applied = apply_proposals(tree, context, None, [*waiting.values(), *sent])
    fresh = _fresh_path(applied, context.group_id, me, random)
    provisional = next_context(context, fresh.tree, applied)
    body = Commit(
        (*map(ProposalRef, waiting), *map(InlineProposal, proposals)),
        fresh.seal(provisional.encode(), ()),
    )
    signed = _signed(info, me, body, options.authenticated_data)
    membership = Membership(me, fresh.keys)
    ahead = Unconfirmed(provisional, fresh.tree, membership, fresh.commit_secret)
    psk_secret = derive_psk_secret(crypto, applied.psks, options.known_psks)
    entering = Entering(_transcript(info), init_secret, psk_secret)
    confirmed = confirm(ahead, signed, entering)
    message = PublicMessage(signed.content, confirmed.signed.auth, None)
    return JoinedByCommit(message, applied, confirmed.state)


def _external_pub(info: GroupInfo) -> bytes:
    """Return the key that who comes by a commit seals to; raises RuleViolation."""
    found = find_extension(info.extensions, ExtensionType.EXTERNAL_PUB)
    if found is None:
        raise RuleViolation(Rule.EXTERNAL_PUB_MISSING)
    return ExternalPub.decode(found).external_pub


def _self_removes(
    info: GroupInfo, tree: RatchetTree, options: ExternalJoin
) -> Mapping[bytes, SentProposal]:
    """Return the SelfRemoves to commit; their membership tags stay unchecked.

    One of each member, the first, for a commit removes a leaf once.
    """
    senders: set[int] = set()
    state = PublicState.of(info.group_context, tree, b"")
    for message in options.self_removes:
        body = open_mls_message(message)
        if not isinstance(body, PublicMessage):
            raise RuleViolation(Rule.NOT_A_GROUP_MESSAGE, type(body).__name__)
        signed = as_signed(body)
        content = signed.content
        check_addressed(state, content.group_id, content.epoch)
        if not isinstance(content.content, SelfRemove):
            raise RuleViolation(Rule.EXTERNAL_COMMIT_REFERENCE)
        sender = verify_sender(state, signed)
        if sender in senders:
            continue
        senders.add(sender)
        sent = SentProposal(sender, content.content)
        state = remember_proposal(state, proposal_reference(state.suite, signed), sent)
    return state.proposals if supports_self_remove(tree) else {}


def _proposals(
    tree: RatchetTree,
    waiting: Mapping[bytes, SentProposal],
    options: ExternalJoin,
    random: Random,
) -> list[Proposal]:
    proposals: list[Proposal] = []
    leaving = leaving_by_themselves(tree, waiting)
    if options.replaces is not None and options.replaces not in leaving:
        proposals.append(Remove(options.replaces))
    nonces = (random(tree.suite.hash_length) for _ in options.psks)
    ids = map(PreSharedKeyID, options.psks, nonces)
    return [*proposals, *(PreSharedKey(psk) for psk in ids)]


def _transcript(info: GroupInfo) -> bytes:
    context = info.group_context
    return interim_transcript_hash(
        suite(context.cipher_suite),
        context.confirmed_transcript_hash,
        info.confirmation_tag,
    )


def _fresh_path(
    applied: AppliedProposals, group_id: bytes, me: LeafIdentity, random: Random
) -> FreshPath:
    crypto = applied.tree.suite
    # The place is taken with a key of its own, which the path then replaces.
    _, stand_in = crypto.derive_key_pair(random(crypto.hash_length))
    leaf = me.leaf(crypto, stand_in, FromUpdate())
    validate_leaf(crypto, leaf)
    check_own_support(applied.extensions, leaf)
    check_credential_support((leaf, *(other for _, other in applied.tree.members())))
    draft = TreeDraft(applied.tree)
    at = draft.add(leaf)
    signer = LeafSigner(me.signing_key(crypto), group_id)
    return refresh_path(draft.freeze(), at, leaf, signer, random)


def _signed(
    info: GroupInfo, me: LeafIdentity, body: Commit, data: bytes
) -> AuthenticatedContent:
    context, wire_format = info.group_context, WireFormat.PUBLIC_MESSAGE
    crypto = suite(context.cipher_suite)
    sender = Sender(SenderType.NEW_MEMBER_COMMIT)
    content = FramedContent(context.group_id, context.epoch, sender, data, body)
    key = me.signing_key(crypto)
    signature = sign(crypto, key, wire_format, content, context.encode())
    return AuthenticatedContent(wire_format, content, FramedContentAuthData(signature))
