"""Groups that follow another one (RFC 9420 §11.2, §11.3).

The first commit of such a group holds the resumption secret of the former one, which
shows joiners that its creator was a member there. They pass the former group to
`Group.join`, which checks that the new one is what was agreed on (`resumption`).
"""

from privity.errors import Unsupported, UsageError
from privity.mls.committing import CommitOptions
from privity.mls.events import PendingCommit
from privity.mls.failures import GroupEnded
from privity.mls.group import Group
from privity.mls.key_packages import KeyPackage
from privity.mls.nodes import MLS_10
from privity.mls.own_keys import LeafIdentity
from privity.mls.psks import KnownPsks
from privity.mls.resumption import resumption_of
from privity.mls.suites import Random, suite

__all__ = ["branch", "reinitialize"]


def branch(
    former: Group,
    group_id: bytes,
    me: LeafIdentity,
    others: tuple[KeyPackage, ...],
    *,
    random: Random,
) -> PendingCommit:
    """Create a subgroup, of members of `former` only (§11.3).

    `group_id` must be new to them; version, suite and extensions stay. `others` are
    fresh key packages of whoever comes along.

    Raises as `Group.commit` does.
    """
    if former.reinit is not None:
        raise GroupEnded("the group was reinitialised")
    extensions = former.context.extensions
    first = Group.create(
        former.suite, group_id, me, random=random, extensions=extensions
    )
    return _resuming(former, first, others, random)


def reinitialize(
    former: Group, me: LeafIdentity, others: tuple[KeyPackage, ...], *, random: Random
) -> PendingCommit:
    """Create the group that a committed ReInit agreed on (§11.2).

    Its name, suite and extensions are those of `former.reinit`. `others` are fresh key
    packages of all other members, and `me` fits the new suite.

    Raises:
        UsageError: no ReInit was committed; and as `Group.commit` does.
        Unsupported: it names a version or a suite that we do not have.
    """
    reinit = former.reinit
    if reinit is None:
        raise UsageError("no ReInit has ended the group")
    if reinit.version != MLS_10:
        raise Unsupported(f"protocol version {reinit.version}")
    first = Group.create(
        suite(reinit.cipher_suite),
        reinit.group_id,
        me,
        random=random,
        extensions=reinit.extensions,
    )
    return _resuming(former, first, others, random)


def _resuming(
    former: Group, first: Group, others: tuple[KeyPackage, ...], random: Random
) -> PendingCommit:
    known = KnownPsks().with_epoch(former.group_id, former.epoch, former.resumption_psk)
    key = resumption_of(former.state)
    return first.commit(
        CommitOptions(add=others, psks=(key,), known_psks=known), random
    )
