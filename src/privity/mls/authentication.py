"""Who stands behind a leaf: what an application decides (RFC 9420 §5.3.1).

Nothing here trusts or distrusts anybody. The three functions show an application's
`AuthenticationService` every credential that is new to it: `check_members` after
joining, `check_proposed` before a proposal may wait for our own commit, `check_commit`
before another's commit is merged. Whoever adds a client validates its leaf itself.
"""

from typing import Protocol

from privity.errors import RuleViolation
from privity.mls.events import Proposed, StagedCommit
from privity.mls.extensions import (
    Extension,
    ExtensionType,
    ExternalSender,
    ExternalSenders,
    find_extension,
)
from privity.mls.group import Group
from privity.mls.nodes import LeafNode
from privity.mls.proposals import Add, GroupContextExtensions, Remove, Update
from privity.mls.rules import Rule

__all__ = [
    "AuthenticationService",
    "check_commit",
    "check_members",
    "check_proposed",
]


class AuthenticationService(Protocol):
    """What an application knows of its users' keys; to refuse is to raise (§5.3.1).

    The credentials that it is shown are of any type, and of anybody's making.
    """

    def validate(self, leaf: LeafNode) -> None:
        """Accept a leaf's credential for its signature key (§5.3.1).

        Raises ProtocolError, as for a chain that ends nowhere.
        """

    def validate_external_sender(self, sender: ExternalSender) -> None:
        """Accept that somebody outside the group proposes in it (§5.3.1, §12.1.8.1).

        Raises ProtocolError.
        """

    def succeeds(self, before: LeafNode, after: LeafNode) -> bool:
        """Say whether a leaf may take another's place: one client's, both (§5.3.1)."""
        ...


def check_members(service: AuthenticationService, group: Group) -> None:
    """Let the service validate all of a group that was joined (§5.3.1).

    Those are the leaves and the external senders. Raises whatever the service does.
    """
    for _, leaf in group.members():
        service.validate(leaf)
    _check_senders(service, (), group.context.extensions)


def check_proposed(
    service: AuthenticationService, before: Group, proposed: Proposed
) -> None:
    """Let the service judge what a proposal brings, before it waits (§5.3.1).

    What waits is in our own next commit, unless that says otherwise. To refuse a
    proposal, keep the group as it was `before`.

    Raises:
        RuleViolation: a leaf takes the place of another client's.
    """
    match proposed.proposal:
        case Add(key_package):
            service.validate(key_package.leaf_node)
        case Update(leaf):
            _check_succession(service, before.member(proposed.sender), leaf)
        case GroupContextExtensions(extensions):
            _check_senders(service, before.context.extensions, extensions)
        case _:
            pass


def check_commit(
    service: AuthenticationService, before: Group, staged: StagedCommit
) -> None:
    """Let the service judge every credential that a commit brings (§5.3.1).

    Whether a client may join by a commit of its own (`staged.joins`), as one that was
    removed can, is not said.

    Raises:
        RuleViolation: a leaf takes the place of another client's.
    """
    _check_senders(service, before.context.extensions, staged.context.extensions)
    for _, leaf in staged.added:
        service.validate(leaf)
    for index, leaf in staged.updated:
        _check_succession(service, before.member(index), leaf)
    if staged.path_leaf is None:
        return
    if not staged.joins:
        _check_succession(service, before.member(staged.committer), staged.path_leaf)
        return
    service.validate(staged.path_leaf)
    for sent in staged.proposals:
        # A SelfRemove in it is another member's; a Remove is of the joiner's old leaf.
        if isinstance(sent.proposal, Remove):
            former = before.member(sent.proposal.removed)
            _check_succession(service, former, staged.path_leaf)


def _check_succession(
    service: AuthenticationService, before: LeafNode | None, after: LeafNode
) -> None:
    service.validate(after)
    if before is None or not service.succeeds(before, after):
        raise RuleViolation(Rule.NO_SUCCESSION)


def _check_senders(
    service: AuthenticationService,
    before: tuple[Extension, ...],
    after: tuple[Extension, ...],
) -> None:
    if _external_senders(after) == _external_senders(before):
        return
    for sender in ExternalSenders.decode(_external_senders(after)).senders:
        service.validate_external_sender(sender)


def _external_senders(extensions: tuple[Extension, ...]) -> bytes:
    listed = find_extension(extensions, ExtensionType.EXTERNAL_SENDERS)
    return ExternalSenders(()).encode() if listed is None else listed
