"""Groups that go on from another: after a ReInit, or branched (RFC 9420 §11.2, §11.3).

The first commit of the new group holds the resumption secret of the former one, so
that whoever joins knows that its creator was a member there. What is checked here is
that the new group is the one that was agreed on.
"""

from collections.abc import Sequence

from privity.errors import RuleViolation
from privity.mls.group_context import GroupContext
from privity.mls.group_state import GroupState
from privity.mls.proposals import (
    PreSharedKeyID,
    ReInit,
    ResumptionPSK,
    ResumptionPSKUsage,
)
from privity.mls.psks import check_psks
from privity.mls.ratchet_tree import RatchetTree
from privity.mls.rules import Rule
from privity.mls.suites import CipherSuite

__all__ = ["check_resumed", "check_welcome_psks", "resumption_of"]


def resumption_of(former: GroupState) -> ResumptionPSK:
    """Return the key by which a group that goes on from `former` names it."""
    ended = former.public.reinit is not None
    usage = ResumptionPSKUsage.REINIT if ended else ResumptionPSKUsage.BRANCH
    return ResumptionPSK(usage, former.context.group_id, former.context.epoch)


def check_welcome_psks(
    suite: CipherSuite, psks: Sequence[PreSharedKeyID], former: GroupState | None
) -> None:
    """Check the keys that a Welcome names; a resumption is one of `former`.

    Raises RuleViolation.
    """
    check_psks(suite, psks)
    resumed = [
        psk.key
        for psk in psks
        if isinstance(psk.key, ResumptionPSK)
        and psk.key.usage is not ResumptionPSKUsage.APPLICATION
    ]
    if resumed != ([] if former is None else [resumption_of(former)]):
        raise RuleViolation(Rule.PSK_USAGE)


def check_resumed(former: GroupState, context: GroupContext, tree: RatchetTree) -> None:
    """Check that a new group is what `former` was to become; raises RuleViolation.

    Members are compared by their credentials: all of them after a ReInit, those of
    the branch otherwise.
    """
    expected, reinit = former.context, former.public.reinit
    agreed = (
        _parameters(reinit)
        if reinit
        else (context.group_id, expected.version, expected.cipher_suite, None)
    )
    stated = (
        context.group_id,
        context.version,
        context.cipher_suite,
        context.extensions if reinit else None,
    )
    if context.epoch != 1 or stated != agreed:
        raise RuleViolation(Rule.RESUMED_PARAMETERS)
    before = {leaf.credential for _, leaf in former.tree.members()}
    after = {leaf.credential for _, leaf in tree.members()}
    if not after <= before or (reinit and after != before):
        raise RuleViolation(Rule.RESUMED_MEMBERS)


def _parameters(reinit: ReInit) -> tuple[object, ...]:
    return reinit.group_id, reinit.version, reinit.cipher_suite, reinit.extensions
