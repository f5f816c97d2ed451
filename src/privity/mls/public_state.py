"""What everybody who sees a group's handshakes knows of its epoch.

The tree, the GroupContext, the transcript and the proposals of this epoch; no
secrets. A member's state contains it, and `PublicGroup` is it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Self

from privity.mls.group_context import GroupContext
from privity.mls.proposal_list import SentProposal
from privity.mls.proposals import Proposal, ProposalField, ReInit
from privity.mls.ratchet_tree import RatchetTree
from privity.mls.suites import CipherSuite

__all__ = [
    "MAX_PENDING_PROPOSALS",
    "MAX_WAITING_PROPOSAL",
    "MAX_WAITING_TOGETHER",
    "PublicState",
    "waiting_bytes",
]

MAX_PENDING_PROPOSALS = 1024
"""How many proposals of one epoch are kept (RFC 9420 §16 leaves limits to us)."""

MAX_WAITING_PROPOSAL = 1 << 16
"""How many bytes one of them may have; in a commit it may have more."""

MAX_WAITING_TOGETHER = 1 << 20
"""How many bytes all of them may have, since each is stored with every message."""


def _none() -> Mapping[bytes, SentProposal]:
    return MappingProxyType({})


def waiting_bytes(proposals: Iterable[Proposal]) -> int:
    """Return how many bytes proposals have, encoded with their types."""
    encoded = bytearray()
    for proposal in proposals:
        ProposalField.write(encoded, proposal)
    return len(encoded)


@dataclass(frozen=True, slots=True)
class PublicState:
    """One epoch of a group, as seen from outside.

    `encoded_context` is `context`, encoded; `proposals` are those of this epoch by
    the reference with which a commit names them, `waiting` their `waiting_bytes`.
    `reinit` is what ended the group.
    """

    context: GroupContext
    encoded_context: bytes
    tree: RatchetTree
    interim_transcript_hash: bytes
    proposals: Mapping[bytes, SentProposal] = field(default_factory=_none)
    reinit: ReInit | None = None
    waiting: int = 0

    @property
    def suite(self) -> CipherSuite:
        """The group's cipher suite."""
        return self.tree.suite

    @classmethod
    def of(
        cls,
        context: GroupContext,
        tree: RatchetTree,
        interim_transcript_hash: bytes,
        reinit: ReInit | None = None,
    ) -> Self:
        """Return the state of an epoch in which nothing was proposed yet."""
        return cls(
            context,
            context.encode(),
            tree,
            interim_transcript_hash,
            reinit=reinit,
        )
