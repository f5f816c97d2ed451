"""Saying something in a group: application data (RFC 9420 §6.3.1, §15)."""

from privity.mls.committing import sign_content
from privity.mls.failures import CommitRequired, GroupEnded
from privity.mls.framing import PrivateMessage, WireFormat
from privity.mls.group_state import GroupState
from privity.mls.protection import seal_private
from privity.mls.suites import Random

__all__ = ["say"]


def say(
    state: GroupState,
    data: bytes,
    authenticated_data: bytes,
    random: Random,
    padding: int = 0,
) -> tuple[PrivateMessage, GroupState]:
    """Return sealed application data, and the state that has forgotten its key.

    `padding` is a number of zero bytes.

    Raises:
        CommitRequired: a proposal waits (§12.4).
        GroupEnded: the group was reinitialised.
    """
    if state.public.reinit is not None:
        raise GroupEnded("the group was reinitialised")
    if state.public.proposals:
        raise CommitRequired("a proposal waits for a commit")
    signed = sign_content(state, WireFormat.PRIVATE_MESSAGE, data, authenticated_data)
    sent = seal_private(
        state.suite,
        state.secrets.sender_data_secret,
        state.secret_tree,
        signed,
        random,
        padding,
    )
    return sent.message, state.using(sent.tree)
