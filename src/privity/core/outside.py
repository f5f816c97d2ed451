"""A commit as everybody sees it, also who can't open its path secret.

docs/spec/validity.md. Those whose slot of a commit's path was poisoned must reach
the same verdict on it as the others, so all that is judged is taken from what is
public: the message, and the tree that it leads to.
"""

from privity import mls
from privity.core.chat_rules import invalid
from privity.core.errors import Reason
from privity.errors import PrivityError
from privity.mls.framing import PublicMessage, Sender
from privity.mls.messages import MLSMessage
from privity.mls.proposal_list import SentProposal
from privity.mls.proposals import Commit, ExternalInit, InlineProposal

__all__ = ["check_is_commit", "seen_from_outside"]

_REJOIN = (ExternalInit, mls.Remove)
_USED = (mls.Add, mls.Remove, mls.Update, mls.GroupContextExtensions)


def check_is_commit(message: bytes) -> None:
    """Accept a Commit in a PublicMessage, of a member or a rejoin; raises OutcomeError.

    Members could process one in a PrivateMessage as well, but joiners couldn't follow
    it: they would be led to another state. By a commit of its own only a lost self is
    replaced: one ExternalInit, one Remove, a path. What no chat has a use for, such as
    the end of the group, is refused.
    """
    _public_commit(message)


def seen_from_outside(
    before: mls.PublicGroup, message: bytes
) -> tuple[mls.StagedCommit, mls.PublicGroup]:
    """Return what a commit does, without its secrets, and the tree behind it.

    `next` is `None` whoever is removed. Raises OutcomeError.
    """
    body, commit = _public_commit(message)
    try:
        after = before.follow(message)
    except PrivityError as error:
        raise invalid(Reason.MESSAGE, str(error)) from None
    joins = body.content.sender.sender_type is not mls.SenderType.MEMBER
    committer = body.content.sender.index
    if joins and commit.path is not None:
        committer = _place_of(after, commit.path.leaf_node)
    proposals = _proposals(before, body.content.sender, commit)
    return mls.StagedCommit(
        committer=committer,
        added=_added(after, proposals),
        removed=_removed(before, proposals),
        updated=_updated(proposals),
        path_leaf=commit.path.leaf_node if commit.path else None,
        proposals=proposals,
        authenticated_data=body.content.authenticated_data,
        context=after.context,
        next=None,
        joins=joins,
    ), after


def _public_commit(message: bytes) -> tuple[PublicMessage, Commit]:
    try:
        body = MLSMessage.decode(message).body
    except PrivityError as error:
        raise invalid(Reason.MESSAGE, str(error)) from None
    if not isinstance(body, PublicMessage):
        raise invalid(Reason.KIND, type(body).__name__)
    content = body.content.content
    if not isinstance(content, Commit):
        raise invalid(Reason.KIND, type(content).__name__)
    sender = body.content.sender.sender_type
    if sender is mls.SenderType.NEW_MEMBER_COMMIT:
        _check_rejoin(content)
        return body, content
    for item in content.proposals:
        if isinstance(item, InlineProposal) and not isinstance(item.proposal, _USED):
            raise invalid(Reason.KIND, type(item.proposal).__name__)
    return body, content


def _check_rejoin(commit: Commit) -> None:
    """Accept what takes the place of one leaf and does nothing else."""
    kinds = [
        type(item.proposal)
        for item in commit.proposals
        if isinstance(item, InlineProposal)
    ]
    complete = commit.path is not None and len(kinds) == len(commit.proposals)
    if not complete or sorted(kinds, key=str) != sorted(_REJOIN, key=str):
        raise invalid(Reason.NOT_A_REJOIN)


def _place_of(group: mls.PublicGroup, leaf: mls.LeafNode) -> int:
    return next(index for index, one in group.members() if one == leaf)


def _proposals(
    before: mls.PublicGroup, sender: Sender, commit: Commit
) -> tuple[SentProposal, ...]:
    waiting = before.state.proposals
    return tuple(
        SentProposal(sender.index, item.proposal, sender.sender_type)
        if isinstance(item, InlineProposal)
        else waiting[item.reference]
        for item in commit.proposals
    )


Leaves = tuple[tuple[int, mls.LeafNode], ...]


def _added(after: mls.PublicGroup, proposals: tuple[SentProposal, ...]) -> Leaves:
    new = [
        sent.proposal.key_package.leaf_node
        for sent in proposals
        if isinstance(sent.proposal, mls.Add)
    ]
    return tuple((index, leaf) for index, leaf in after.members() if leaf in new)


def _removed(before: mls.PublicGroup, proposals: tuple[SentProposal, ...]) -> Leaves:
    gone = {
        sent.proposal.removed
        for sent in proposals
        if isinstance(sent.proposal, mls.Remove)
    }
    return tuple((index, leaf) for index, leaf in before.members() if index in gone)


def _updated(proposals: tuple[SentProposal, ...]) -> Leaves:
    return tuple(
        (sent.sender, sent.proposal.leaf_node)
        for sent in proposals
        if isinstance(sent.proposal, mls.Update)
    )
