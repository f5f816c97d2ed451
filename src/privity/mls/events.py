"""What the steps of a `Group` return: what was said, staged, made or joined."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from privity.mls.framing import SenderType
from privity.mls.group_context import GroupContext
from privity.mls.nodes import LeafNode
from privity.mls.proposal_list import SentProposal
from privity.mls.proposals import Proposal
from privity.mls.welcome import GroupInfo

if TYPE_CHECKING:
    # Each holds the group that follows it; only their types point upwards.
    from privity.mls.group import Group

__all__ = [
    "Application",
    "JoinResult",
    "Members",
    "PendingCommit",
    "Proposed",
    "StagedCommit",
]

Members = tuple[tuple[int, LeafNode], ...]


@dataclass(frozen=True, slots=True)
class Application:
    """Application data that a member sent (§6.3, §15).

    `sender` is a leaf index and `leaf` that leaf, both of the epoch in which it was
    sent, which may have ended. `data` and `authenticated_data` are as the sender gave
    them; only `data` was encrypted. `frame` is the encoded AuthenticatedContent (§6).
    """

    sender: int
    leaf: LeafNode
    epoch: int
    data: bytes = field(repr=False)
    authenticated_data: bytes
    frame: bytes = field(repr=False)
    next: "Group"


@dataclass(frozen=True, slots=True)
class Proposed:
    """A proposal that arrived, before it waits for a commit (§12.1).

    `sender` is a member's leaf index or an external sender's place in its list, else
    0. `reference` is the ProposalRef (§5.2), as long as the suite's hash. Whoever does
    not keep `next` can't follow a commit that names it.
    """

    sender: int
    proposal: Proposal
    reference: bytes
    authenticated_data: bytes
    next: "Group"
    sender_type: SenderType = SenderType.MEMBER


@dataclass(frozen=True, slots=True)
class StagedCommit:
    """A valid commit of another member, or of a client that `joins` by it (§12.4.2).

    It counts when `next` is kept, which is `None` if the commit removes us. Leaf
    indexes of `committer` and added members are those in the new epoch, of removed
    ones those in the old. `path_leaf` is the committer's new leaf, `context` the new
    epoch's.
    """

    committer: int
    added: Members
    removed: Members
    updated: Members
    path_leaf: LeafNode | None
    proposals: tuple[SentProposal, ...]
    authenticated_data: bytes
    context: GroupContext
    next: "Group | None"
    joins: bool = False

    @property
    def removes_me(self) -> bool:
        """Whether we are not a member of the new epoch (§12.4.2).

        Who is removed cannot check the confirmation tag: others may refuse this commit.
        """
        return self.next is None


@dataclass(frozen=True, slots=True)
class PendingCommit:
    """A commit of ours; `next` counts when it was accepted, never before (§12.4.1).

    `message` and `welcome` are encoded MLSMessages, `group_info` is an encoded
    GroupInfo without the tree. The Welcome goes out after acceptance too. A commit
    that is a PrivateMessage has used a key of this epoch: then `before` is this epoch's
    group from now on, and must be stored before the message leaves; to that group the
    commit, if it comes back, is a `GENERATION_CONSUMED`. Who keeps ended epochs and
    opens messages meanwhile enters `next` by `Group.begin`.
    """

    message: bytes
    welcome: bytes | None
    group_info: bytes
    added: Members
    removed: Members
    next: "Group"
    before: "Group | None" = None


@dataclass(frozen=True, slots=True)
class JoinResult:
    """A group that we joined, and the GroupInfo of the Welcome (§12.4.3.1)."""

    group: "Group"
    group_info: GroupInfo
