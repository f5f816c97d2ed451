"""Failures that the layer above tells apart.

Most refusals are a pure function of what everybody sees, and everybody refuses
alike. Two are not: a path secret that was badly encrypted to us alone, and a
confirmation tag that only those who could decrypt can compute.
"""

from privity.errors import (
    DecodeError,
    NotAuthentic,
    ProtocolError,
    Stale,
    UsageError,
)

__all__ = [
    "CommitRequired",
    "ConfirmationTagMismatch",
    "GroupEnded",
    "GroupInfoMismatch",
    "OwnCommit",
    "PathSlotFailed",
    "UnknownPsk",
    "UnknownStateVersion",
    "WrongEpoch",
]


class PathSlotFailed(NotAuthentic):
    """A commit is well formed, but the path secret for us is unusable (§12.4.2)."""


class ConfirmationTagMismatch(NotAuthentic):
    """The confirmation tag is not that of the epoch that follows (§6.1, §12.4.2)."""


class GroupInfoMismatch(ProtocolError):
    """A GroupInfo is not of the epoch that following the commits reached (§12.4.3)."""


class WrongEpoch(Stale):
    """A message for an epoch that we have left or have not reached (§12.4.2, §14)."""


class OwnCommit(Stale):
    """Our own commit came back: its PendingCommit holds the next state (§14).

    Not said of one that we encrypted: with `PendingCommit.before` its key is gone, and
    that a message has our leaf's index is no proof that we sent it.
    """


class UnknownPsk(ProtocolError):
    """A pre-shared key is named whose secret we were not given (§8.4)."""


class UnknownStateVersion(DecodeError):
    """A stored state was written by a later version of this library (not in RFC 9420).

    Nothing is wrong with it: the version that wrote it reads it.
    """


class GroupEnded(UsageError):
    """The group was reinitialised: nothing more is said in it (§11.2)."""


class CommitRequired(UsageError):
    """A proposal waits: it must be committed before application data (§12.4)."""
