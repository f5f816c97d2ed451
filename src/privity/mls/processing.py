"""What a member makes of a message that arrives (RFC 9420 §6, §12.4.2).

A step from one `GroupState` to the next; the old one stays as it was, so refused
input changes nothing. A message is opened by its membership tag or its seal, and by its
signature. Of a commit what all can check comes first (`following`), then what only
members can: path secret, confirmation tag.
"""

from dataclasses import dataclass, replace

from privity.errors import NotAuthentic, RuleViolation
from privity.mls.failures import OwnCommit, PathSlotFailed
from privity.mls.following import (
    FollowedCommit,
    check_addressed,
    follow_commit,
    proposal_reference,
    remember_proposal,
    verify_sender,
)
from privity.mls.framing import (
    AuthenticatedContent,
    ContentType,
    PrivateMessage,
    PublicMessage,
    SenderType,
)
from privity.mls.group_state import (
    GroupState,
    Membership,
    check_tag,
    enter_epoch,
    succeed,
)
from privity.mls.key_schedule import derive_epoch, derive_joiner_secret
from privity.mls.messages import open_mls_message
from privity.mls.nodes import LeafNode
from privity.mls.past_epochs import PastEpoch, open_past
from privity.mls.path_keys import PathKeys
from privity.mls.proposal_list import SentProposal
from privity.mls.proposals import Commit, SelfRemove
from privity.mls.protection import open_private, open_public, open_sender_data
from privity.mls.psks import KnownPsks, derive_psk_secret
from privity.mls.rules import Rule

__all__ = ["Received", "known_psks", "open_message", "receive_commit"]


@dataclass(frozen=True, slots=True)
class Received:
    """Content that its sender is proved to have sent, and the state after opening.

    `leaf` is a member's in the message's epoch, which may have ended. `reference`
    names a proposal, and is empty for anything else.
    """

    sender: int
    leaf: LeafNode | None
    signed: AuthenticatedContent
    state: GroupState
    reference: bytes = b""


def open_message(state: GroupState, message: bytes) -> Received:
    """Open a message of this group and epoch and check who sent it.

    A proposal is remembered in the state that comes back.

    Raises:
        DecodeError: not a message.
        RuleViolation: a message that must not be sent.
        NotAuthentic: a tag or a signature is wrong.
        Stale: another epoch, or our own commit.
    """
    body = open_mls_message(message)
    if isinstance(body, PublicMessage):
        signed, opened = _open_public(state, body)
    elif isinstance(body, PrivateMessage):
        past = _past_epoch(state, body)
        if past is not None:
            return _open_late(state, past, body)
        signed, opened = _open_private(state, body)
    else:
        raise RuleViolation(Rule.NOT_A_GROUP_MESSAGE, type(body).__name__)
    sender = verify_sender(state.public, signed)
    sender_type, content = signed.content.sender.sender_type, signed.content.content
    by_member = sender_type is SenderType.MEMBER
    leaf = state.tree.leaf(sender) if by_member else None
    if isinstance(content, Commit) and by_member and sender == state.own_leaf:
        raise OwnCommit("apply the pending commit instead")
    if isinstance(content, bytes | Commit):
        return Received(sender, leaf, signed, opened)
    private = isinstance(body, PrivateMessage)
    if private and isinstance(content, SelfRemove):
        raise RuleViolation(Rule.SELF_REMOVE_ENCRYPTED)
    reference = proposal_reference(state.suite, signed)
    sent = SentProposal(sender, content, sender_type)
    public = remember_proposal(opened.public, reference, sent)
    return Received(sender, leaf, signed, replace(opened, public=public), reference)


def receive_commit(
    state: GroupState, signed: AuthenticatedContent, psks: KnownPsks
) -> tuple[FollowedCommit, GroupState | None]:
    """Check a commit whose sender is proved; return where it leads.

    The state is `None` if the commit removes us: then its confirmation tag, which is
    of the epoch that we are kept out of, stays unchecked.

    Raises:
        RuleViolation, NotAuthentic, DecodeError: as all others see it.
        UnknownPsk: it names a pre-shared key that is not among `psks`.
        PathSlotFailed: only the path secret for us is unusable.
        ConfirmationTagMismatch: the new epoch is not the one that was confirmed.
    """
    followed = follow_commit(state.public, signed)
    if any(leaf == state.own_leaf for leaf, _ in followed.applied.removed):
        return followed, None
    keys, commit_secret = _open_path(state, followed)
    suite, context = state.suite, followed.state.context
    joiner_secret = derive_joiner_secret(
        suite,
        _init_secret(state, followed),
        commit_secret,
        followed.state.encoded_context,
    )
    psk_secret = derive_psk_secret(
        suite, followed.applied.psks, known_psks(state, psks)
    )
    epoch = derive_epoch(
        suite, joiner_secret, psk_secret, followed.state.encoded_context
    )
    check_tag(
        suite, epoch, context.confirmed_transcript_hash, followed.confirmation_tag
    )
    membership = Membership(state.membership.me, keys)
    after = enter_epoch(followed.state, followed.confirmation_tag, epoch, membership)
    return followed, succeed(state, after)


def known_psks(state: GroupState, given: KnownPsks) -> KnownPsks:
    """Return the pre-shared keys that were given, and this epoch's own."""
    context = state.context
    return given.with_epoch(
        context.group_id, context.epoch, state.secrets.resumption_psk
    )


def _init_secret(state: GroupState, followed: FollowedCommit) -> bytes:
    kem_output = followed.applied.kem_output
    if kem_output is None:
        return state.secrets.init_secret
    private, _ = state.suite.derive_key_pair(state.secrets.external_secret)
    return state.suite.receive_external_init(private, kem_output)


def kept_keys(state: GroupState, followed: FollowedCommit) -> PathKeys:
    """Return our private keys that the commit's proposals leave valid."""
    after = followed.applied.tree
    keys = state.membership.keys.kept(state.tree, after)
    for leaf, node in followed.applied.updated:
        if leaf == state.own_leaf:
            return keys.with_leaf_key(_own_update(state, node.encryption_key))
    return keys


def _open_path(state: GroupState, followed: FollowedCommit) -> tuple[PathKeys, bytes]:
    keys = kept_keys(state, followed)
    if followed.path is None:
        return keys, bytes(state.suite.hash_length)
    try:
        return followed.path.open(keys, followed.provisional_context)
    except (NotAuthentic, RuleViolation) as failure:
        raise PathSlotFailed(str(failure)) from None


def _own_update(state: GroupState, encryption_key: bytes) -> bytes:
    for own in state.own_updates:
        if own.encryption_key == encryption_key:
            return own.private
    raise PathSlotFailed("an Update of ours whose key we do not have")


def _open_public(
    state: GroupState, message: PublicMessage
) -> tuple[AuthenticatedContent, GroupState]:
    if _is_own_join(state, message):
        raise OwnCommit("we joined by this commit")
    check_addressed(state.public, message.content.group_id, message.content.epoch)
    signed = open_public(
        state.suite,
        state.secrets.membership_key,
        message,
        state.public.encoded_context,
    )
    return signed, state


def _is_own_join(state: GroupState, message: PublicMessage) -> bool:
    """Say whether this is the commit that began our epoch, by which we joined.

    Nothing needs to be verified: whoever repeats it tells us what we know.
    """
    content = message.content
    commit, tag = content.content, message.auth.confirmation_tag
    return (
        content.sender.sender_type is SenderType.NEW_MEMBER_COMMIT
        and content.group_id == state.context.group_id
        and content.epoch + 1 == state.context.epoch
        and isinstance(commit, Commit)
        and commit.path is not None
        and commit.path.leaf_node == state.tree.leaf(state.own_leaf)
        and tag == state.confirmation_tag
    )


def _open_private(
    state: GroupState, message: PrivateMessage
) -> tuple[AuthenticatedContent, GroupState]:
    check_addressed(state.public, message.group_id, message.epoch)
    suite = state.suite
    sender = open_sender_data(suite, state.secrets.sender_data_secret, message)
    if state.tree.leaf(sender.leaf_index) is None:
        raise RuleViolation(Rule.SENDER_IS_BLANK, f"leaf {sender.leaf_index}")
    signed, tree = open_private(suite, state.secret_tree, sender, message)
    return signed, state.using(tree)


def _past_epoch(state: GroupState, message: PrivateMessage) -> PastEpoch | None:
    if message.group_id != state.context.group_id:
        return None
    if message.content_type is not ContentType.APPLICATION:
        return None
    return state.past.find(message.epoch)


def _open_late(state: GroupState, past: PastEpoch, message: PrivateMessage) -> Received:
    sender, signed, used = open_past(state.suite, past, message)
    opened = replace(state, past=state.past.with_epoch(used))
    return Received(sender, past.members[sender], signed, opened)
