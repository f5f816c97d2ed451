"""Making proposals and commits (RFC 9420 §12.1, §12.4.1).

Making a commit changes nothing: it returns the state that counts once the commit
was accepted, and everything that has to be sent for it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from privity.errors import RuleViolation, UsageError
from privity.mls.confirming import Entering, Unconfirmed, confirm
from privity.mls.extensions import Extension
from privity.mls.failures import GroupEnded
from privity.mls.following import next_context, proposal_reference, remember_proposal
from privity.mls.framing import (
    AuthenticatedContent,
    FramedContent,
    FramedContentAuthData,
    PrivateMessage,
    PublicMessage,
    Sender,
    SenderType,
    WireFormat,
)
from privity.mls.group_state import (
    GroupState,
    Membership,
    OwnUpdate,
    succeed,
)
from privity.mls.key_packages import KeyPackage
from privity.mls.leaf_validation import (
    check_credential_support,
    check_group_extensions,
    validate_leaf,
)
from privity.mls.nodes import FromUpdate, LeafNode, UpdatePath
from privity.mls.own_keys import LeafIdentity
from privity.mls.processing import known_psks
from privity.mls.proposal_choice import (
    choose_proposals,
    leaving_by_themselves,
    supports_self_remove,
)
from privity.mls.proposal_list import AppliedProposals, SentProposal, apply_proposals
from privity.mls.proposals import (
    Add,
    Commit,
    ExternalPSK,
    GroupContextExtensions,
    InlineProposal,
    PreSharedKey,
    PreSharedKeyID,
    Proposal,
    ProposalRef,
    ReInit,
    Remove,
    ResumptionPSK,
    SelfRemove,
    Update,
)
from privity.mls.protection import seal_private, seal_public, sign
from privity.mls.psks import KnownPsks, derive_psk_secret
from privity.mls.rules import Rule
from privity.mls.suites import Random
from privity.mls.treekem import FreshPath, LeafSigner, refresh_path

__all__ = [
    "CommitOptions",
    "CommittedState",
    "create_commit",
    "fresh_psk",
    "fresh_update",
    "propose",
    "sign_content",
]

GroupInfoExtensions = Callable[[Any], tuple[Extension, ...]]
"""Called with the `Group` of the epoch that a commit begins."""


@dataclass(frozen=True, slots=True)
class CommitOptions:
    """What a commit is to do (§12.4.1).

    `add` are key packages whose leaves the caller has validated, `remove` leaf
    indexes. `extensions` replace those of the GroupContext. `by_reference` names
    proposals of this epoch; `None` takes all that can stand beside the rest. Without
    `path` the commit has one only where it must. `me`, if given, is what our leaf is
    to say from now on. `psks` enter the new epoch; their secrets, and those of
    proposals that wait, are in `known_psks`. A `reinit` stands alone: what waits is
    left, though §12.2 would have it committed first, which is the caller's to do.
    `private` makes the commit a PrivateMessage, which watchers cannot follow.
    `authenticated_data` travels in the open, signed. `tree_in_welcome` puts the
    ratchet tree into the Welcome, else joiners need `Group.tree_bytes` beside it.
    """

    add: tuple[KeyPackage, ...] = ()
    remove: tuple[int, ...] = ()
    extensions: tuple[Extension, ...] | None = None
    by_reference: tuple[bytes, ...] | None = None
    path: bool = True
    authenticated_data: bytes = b""
    me: LeafIdentity | None = None
    tree_in_welcome: bool = False
    group_info_extensions: GroupInfoExtensions | None = None
    psks: tuple[ExternalPSK | ResumptionPSK, ...] = ()
    known_psks: KnownPsks = field(default_factory=KnownPsks)
    reinit: ReInit | None = None
    private: bool = False


_Handshake = PublicMessage | PrivateMessage


@dataclass(frozen=True, slots=True)
class CommittedState:
    """A commit that was made, and what its Welcome needs; `path` may be absent.

    `before` is the ending epoch's state, if making the commit has changed it.
    """

    message: _Handshake
    state: GroupState
    applied: AppliedProposals
    joiner_secret: bytes = field(repr=False)
    psk_secret: bytes = field(repr=False)
    path: FreshPath | None = field(repr=False)
    before: GroupState | None = None


@dataclass(frozen=True, slots=True)
class _Advanced:
    """Where a commit leads, and the path that leads there, if there is one."""

    ahead: Unconfirmed
    update_path: UpdatePath | None = None
    fresh: FreshPath | None = field(repr=False, default=None)


def sign_content(
    state: GroupState,
    wire_format: WireFormat,
    body: bytes | Proposal | Commit,
    data: bytes,
) -> AuthenticatedContent:
    """Sign content as the member that we are; `data` is authenticated with it."""
    content = FramedContent(
        state.context.group_id,
        state.context.epoch,
        Sender(SenderType.MEMBER, state.own_leaf),
        data,
        body,
    )
    signature = sign(
        state.suite,
        state.membership.me.signing_key(state.suite),
        wire_format,
        content,
        state.public.encoded_context,
    )
    return AuthenticatedContent(wire_format, content, FramedContentAuthData(signature))


def propose(
    state: GroupState, proposal: Proposal, data: bytes, private: Random | None = None
) -> tuple[_Handshake, GroupState]:
    """Return a proposal of ours and the state that knows it.

    It is a PrivateMessage if what that takes is given.

    Raises:
        RuleViolation: it names a leaf that is blank, too many wait already, or it is
            a SelfRemove that the group does not support or has from us.
        GroupEnded: the group was reinitialised.
    """
    _check_going_on(state)
    if isinstance(proposal, Remove):
        state.tree.member(proposal.removed)
    if isinstance(proposal, SelfRemove):
        if private is not None:
            raise RuleViolation(Rule.SELF_REMOVE_ENCRYPTED)
        _check_self_remove(state)
    signed = sign_content(state, _format(private), proposal, data)
    message, state = _sealed(state, signed, private)
    reference = proposal_reference(state.suite, signed)
    sent = SentProposal(state.own_leaf, proposal)
    public = remember_proposal(state.public, reference, sent)
    return message, replace(state, public=public)


def _check_self_remove(state: GroupState) -> None:
    if not supports_self_remove(state.tree):
        raise RuleViolation(Rule.PROPOSAL_UNSUPPORTED)
    if state.own_leaf in leaving_by_themselves(state.tree, state.public.proposals):
        raise RuleViolation(Rule.SELF_REMOVE_TWICE)


def fresh_update(state: GroupState, random: Random) -> tuple[Update, OwnUpdate]:
    """Return an Update with a fresh key for our leaf, and what belongs to that key."""
    suite = state.suite
    private, public = suite.derive_key_pair(random(suite.hash_length))
    leaf = replace(
        state.tree.member(state.own_leaf), encryption_key=public, source=FromUpdate()
    ).signed(
        suite,
        state.membership.me.signing_key(suite),
        state.context.group_id,
        state.own_leaf,
    )
    return Update(leaf), OwnUpdate(public, private)


def create_commit(
    state: GroupState, options: CommitOptions, random: Random
) -> CommittedState:
    """Return a commit and the state that it leads to; `state` stays valid.

    Raises:
        RuleViolation, NotAuthentic, DecodeError: what is to be committed is invalid.
        UnknownPsk: a pre-shared key that the commit names is not known.
        UsageError: a reference is unknown, or a leaf is to change without a path.
    """
    _check_going_on(state)
    chosen = _choose(state, options, random)
    applied = apply_proposals(
        state.tree, state.context, state.own_leaf, [sent for _, sent in chosen]
    )
    advanced = _advance(state, applied, options, random)
    body = Commit(tuple(item for item, _ in chosen), advanced.update_path)
    private = random if options.private else None
    signed = sign_content(state, _format(private), body, options.authenticated_data)
    psk_secret = derive_psk_secret(
        state.suite, applied.psks, known_psks(state, options.known_psks)
    )
    entering = Entering(
        state.public.interim_transcript_hash, state.secrets.init_secret, psk_secret
    )
    confirmed = confirm(advanced.ahead, signed, entering)
    message, before = _sealed(state, confirmed.signed, private)
    return CommittedState(
        message=message,
        state=succeed(state, confirmed.state).ended_by(applied.reinit),
        applied=applied,
        joiner_secret=confirmed.joiner_secret,
        psk_secret=psk_secret,
        path=advanced.fresh,
        before=before if options.private else None,
    )


def _format(private: Random | None) -> WireFormat:
    return WireFormat.PRIVATE_MESSAGE if private else WireFormat.PUBLIC_MESSAGE


def _sealed(
    state: GroupState, signed: AuthenticatedContent, private: Random | None
) -> tuple[_Handshake, GroupState]:
    """Return the message, and the state in which its key, if it took one, is gone."""
    suite, secrets = state.suite, state.secrets
    if private is None:
        context = state.public.encoded_context
        return seal_public(suite, secrets.membership_key, signed, context), state
    secret = secrets.sender_data_secret
    sent = seal_private(suite, secret, state.secret_tree, signed, private)
    return sent.message, state.using(sent.tree)


_Chosen = tuple[InlineProposal | ProposalRef, SentProposal]


def _check_going_on(state: GroupState) -> None:
    if state.public.reinit is not None:
        raise GroupEnded("the group was reinitialised")


def fresh_psk(
    state: GroupState, key: ExternalPSK | ResumptionPSK, random: Random
) -> PreSharedKey:
    """Return a proposal of a pre-shared key, with a nonce of its own (§8.4)."""
    return PreSharedKey(PreSharedKeyID(key, random(state.suite.hash_length)))


def _inline(
    state: GroupState, options: CommitOptions, random: Random
) -> list[SentProposal]:
    leave = frozenset[int]()
    if options.by_reference is None:
        leave = leaving_by_themselves(state.tree, state.public.proposals)
    inline: list[Proposal] = [Remove(at) for at in options.remove if at not in leave]
    inline += [Add(package) for package in options.add]
    if options.extensions is not None:
        inline.append(GroupContextExtensions(options.extensions))
    inline += [fresh_psk(state, key, random) for key in options.psks]
    if options.reinit is not None:
        inline.append(options.reinit)
    return [SentProposal(state.own_leaf, item) for item in inline]


def _committable(state: GroupState, known: KnownPsks) -> dict[bytes, SentProposal]:
    """Return the proposals that wait, but for keys that we do not know."""
    known = known_psks(state, known)
    return {
        name: sent
        for name, sent in state.public.proposals.items()
        if not isinstance(sent.proposal, PreSharedKey)
        or known.knows(sent.proposal.psk.key)
    }


def _choose(state: GroupState, options: CommitOptions, random: Random) -> list[_Chosen]:
    own = state.own_leaf
    ours = _inline(state, options, random)
    if options.by_reference is None:
        waiting = _committable(state, options.known_psks)
        names = choose_proposals(state.tree, state.context, own, ours, waiting)
    else:
        names = list(options.by_reference)
    chosen: list[_Chosen] = []
    for name in names:
        sent = state.public.proposals.get(name)
        if sent is None:
            raise UsageError("a commit of a proposal that this epoch does not know")
        chosen.append((ProposalRef(name), sent))
    chosen += [(InlineProposal(sent.proposal), sent) for sent in ours]
    return chosen


def _advance(
    state: GroupState,
    applied: AppliedProposals,
    options: CommitOptions,
    random: Random,
) -> _Advanced:
    if not (options.path or applied.needs_path):
        if options.me is not None:
            raise UsageError("our leaf changes only in a commit with a path")
        context = next_context(state.context, applied.tree, applied)
        keys = state.membership.keys.kept(state.tree, applied.tree)
        membership = replace(state.membership, keys=keys)
        nothing = bytes(state.suite.hash_length)
        return _Advanced(Unconfirmed(context, applied.tree, membership, nothing))
    me = options.me or state.membership.me
    leaf = _leaf_template(state, applied, options.me)
    signer = LeafSigner(me.signing_key(state.suite), state.context.group_id)
    fresh = refresh_path(applied.tree, state.own_leaf, leaf, signer, random)
    context = next_context(state.context, fresh.tree, applied)
    update_path = fresh.seal(context.encode(), applied.added_leaves)
    membership = Membership(me, fresh.keys)
    ahead = Unconfirmed(context, fresh.tree, membership, fresh.commit_secret)
    return _Advanced(ahead, update_path, fresh)


def _leaf_template(
    state: GroupState, applied: AppliedProposals, me: LeafIdentity | None
) -> LeafNode:
    leaf = applied.tree.member(state.own_leaf)
    if me is None:
        return leaf
    leaf = me.leaf(state.suite, leaf.encryption_key, leaf.source)
    validate_leaf(state.suite, leaf)
    check_group_extensions(applied.extensions, (leaf,))
    others = (other for at, other in applied.tree.members() if at != state.own_leaf)
    check_credential_support((leaf, *others))
    return leaf
