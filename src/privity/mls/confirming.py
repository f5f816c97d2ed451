"""Confirming a commit of ours: the epoch that it begins, its tag (RFC 9420 §12.4.1).

The same for a member and for a client that joins by its commit; what differs is the
init secret, and what led to the tree.
"""

from dataclasses import dataclass, field, replace

from privity.mls.framing import AuthenticatedContent
from privity.mls.group_context import GroupContext
from privity.mls.group_state import GroupState, Membership, begin_epoch
from privity.mls.key_schedule import (
    confirmed_transcript_hash,
    derive_epoch,
    derive_joiner_secret,
)
from privity.mls.ratchet_tree import RatchetTree

__all__ = ["Confirmed", "Entering", "Unconfirmed", "confirm"]


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """Where a commit leads: a provisional GroupContext, its tree, and us in that."""

    context: GroupContext
    tree: RatchetTree
    membership: Membership
    commit_secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, repr=False)
class Entering:
    """What else enters the epoch, of the one before it and of pre-shared keys."""

    interim_transcript_hash: bytes
    init_secret: bytes
    psk_secret: bytes


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The commit with its tag, the state that it leads to, what a Welcome needs."""

    signed: AuthenticatedContent
    state: GroupState
    joiner_secret: bytes = field(repr=False)


def confirm(
    ahead: Unconfirmed, signed: AuthenticatedContent, entering: Entering
) -> Confirmed:
    """Return a signed commit with its confirmation tag, and the epoch of that tag."""
    suite = ahead.tree.suite
    confirmed = confirmed_transcript_hash(
        suite, entering.interim_transcript_hash, signed.confirmed_input()
    )
    context = replace(ahead.context, confirmed_transcript_hash=confirmed)
    encoded = context.encode()
    joiner_secret = derive_joiner_secret(
        suite, entering.init_secret, ahead.commit_secret, encoded
    )
    epoch = derive_epoch(suite, joiner_secret, entering.psk_secret, encoded)
    state = begin_epoch(context, ahead.tree, epoch, ahead.membership)
    auth = replace(signed.auth, confirmation_tag=state.confirmation_tag)
    return Confirmed(replace(signed, auth=auth), state, joiner_secret)
