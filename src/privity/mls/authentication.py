"""Who stands behind a leaf: what an application decides (RFC 9420 §5.3.1).

Nothing here trusts or distrusts anybody. `check_commit` shows an application's
`AuthenticationService` each leaf that a commit brings, before the commit is merged.
"""

from typing import Protocol

from privity.errors import RuleViolation
from privity.mls.group import Group, StagedCommit
from privity.mls.nodes import LeafNode
from privity.mls.rules import Rule

__all__ = ["AuthenticationService", "check_commit", "check_members"]


class AuthenticationService(Protocol):
    """What an application knows of its users' keys; to refuse is to raise."""

    def validate(self, leaf: LeafNode) -> None:
        """Accept a leaf's credential for its signature key.

        Raises ProtocolError, as for a chain that ends nowhere.
        """

    def succeeds(self, before: LeafNode, after: LeafNode) -> bool:
        """Say whether a leaf may take the place of another: one client's, both."""
        ...


def check_members(service: AuthenticationService, group: Group) -> None:
    """Let the service validate all leaves of a group that was joined.

    Raises whatever the service does.
    """
    for _, leaf in group.members():
        service.validate(leaf)


def check_commit(
    service: AuthenticationService, before: Group, staged: StagedCommit
) -> None:
    """Let the service judge every leaf that a commit brings, before it is merged.

    Raises:
        RuleViolation: a leaf takes the place of another client's.
    """
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
    for _, former in staged.removed:
        _check_succession(service, former, staged.path_leaf)


def _check_succession(
    service: AuthenticationService, before: LeafNode | None, after: LeafNode
) -> None:
    service.validate(after)
    if before is None or not service.succeeds(before, after):
        raise RuleViolation(Rule.NO_SUCCESSION)
