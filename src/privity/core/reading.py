"""From an entry to what it says: the envelope, then the MLS message in it."""

from privity import mls
from privity.core.envelopes import open_envelope
from privity.core.errors import Outcome, OutcomeError, Reason
from privity.core.generations import Generation
from privity.core.state import Chat
from privity.errors import DecodeError, NotAuthentic, PrivityError

__all__ = ["account_of", "group_event", "leaf_of", "open_content"]


def open_content(chat: Chat, header: bytes, envelope: bytes) -> bytes:
    """Return what an envelope of my generation holds; raises OutcomeError."""
    try:
        return open_envelope(Generation(chat.secret), header, envelope)
    except (NotAuthentic, DecodeError):
        raise OutcomeError(Outcome.INVALID, Reason.ENVELOPE) from None


def group_event(
    group: mls.Group, message: bytes
) -> mls.Application | mls.Proposed | mls.StagedCommit:
    """Return what an MLS message does; raises OutcomeError."""
    try:
        return group.process(message)
    except mls.PathSlotFailed as error:
        raise OutcomeError(Outcome.UNAPPLIABLE, Reason.PATH, str(error)) from None
    except mls.OwnCommit:
        raise OutcomeError(Outcome.UNAPPLIABLE, Reason.OWN_LEAF) from None
    except mls.ConfirmationTagMismatch:
        raise OutcomeError(Outcome.INVALID, Reason.TAG) from None
    except PrivityError as error:
        raise OutcomeError(Outcome.INVALID, Reason.MESSAGE, str(error)) from None


def leaf_of(group: mls.Group | mls.PublicGroup, index: int) -> mls.LeafNode:
    """Return an occupied leaf; raises OutcomeError for a blank one."""
    leaf = group.member(index)
    if leaf is None:
        raise OutcomeError(Outcome.INVALID, Reason.MESSAGE, "a blank leaf")
    return leaf


def account_of(group: mls.Group | mls.PublicGroup, index: int) -> bytes:
    """Return the account id in a leaf's credential."""
    return leaf_of(group, index).credential.identity[:16]
