"""Which of the proposals that wait a commit takes (RFC 9420 §12.2, §12.4).

A committer should take all valid ones, and a member who sends one that clashes must
not stop anybody from committing. So of those that clash one is taken and the others are
left out: removals are preferred to everything, then the newest, and of removals those
that their own leaves ask for. A ReInit, which ends the group, is taken only if nothing
else is to be done.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TypeVar

from privity.errors import ProtocolError, Unsupported
from privity.mls.framing import SenderType
from privity.mls.group_context import GroupContext
from privity.mls.proposal_list import SentProposal, combine_proposals
from privity.mls.proposals import (
    Add,
    GroupContextExtensions,
    PreSharedKey,
    ProposalType,
    ReInit,
    Remove,
    SelfRemove,
    Update,
)
from privity.mls.ratchet_tree import RatchetTree

__all__ = ["choose_proposals", "leaving_by_themselves", "supports_self_remove"]

_ATTEMPTS = 256
"""Enough for some 30 that clash among 1,024; a member who sends more gains no time.

Half of them find the members whose proposals clash; among these the rest is shared, so
that nobody's are left out for another one's.
"""

_T = TypeVar("_T")
_Fits = Callable[[Sequence[bytes]], bool]


def choose_proposals(
    tree: RatchetTree,
    context: GroupContext,
    committer: int,
    required: Sequence[SentProposal],
    waiting: Mapping[bytes, SentProposal],
) -> list[bytes]:
    """Return the references of waiting proposals that can stand beside `required`.

    In the order in which they came. `check_proposal` has let each of them pass, so no
    signature is verified. k of n that clash cost some k log n attempts to apply the
    rest, of which there are 256 at most, shared by those who sent them: what was not
    tried by then is left out. That `required` itself is valid is not said.
    """
    # Nothing stands beside a ReInit.
    if not waiting or any(isinstance(s.proposal, ReInit) for s in required):
        return []

    def stands(names: Sequence[bytes]) -> bool:
        listed = [*(waiting[name] for name in names), *required]
        try:
            combine_proposals(tree, context, committer, listed)
        except (ProtocolError, Unsupported):
            return False
        return True

    removes, others = _without_obvious_clashes(tree, committer, required, waiting)
    by_sender: dict[tuple[SenderType, int], list[bytes]] = {}
    for name in others:
        sent = waiting[name]
        by_sender.setdefault((sent.sender_type, sent.sender), []).append(name)
    chosen = frozenset(_all_that_fit(_Trials(stands), removes, [*by_sender.values()]))
    return [name for name in waiting if name in chosen]


@dataclass(slots=True)
class _Trials:
    """How many lists of proposals may still be tried."""

    stands: _Fits
    left: int = _ATTEMPTS

    def at_most(self, number: int) -> _Fits:
        """Return a test that says no, untried, after so many lists."""
        end = max(self.left - number, 0)

        def fits(names: Sequence[bytes]) -> bool:
            if self.left <= end:
                return False
            self.left -= 1
            return self.stands(names)

        return fits


def _all_that_fit(
    trials: _Trials, removes: list[bytes], senders: list[list[bytes]]
) -> list[bytes]:
    """Return the removals and all that fits beside them, preferring the newest.

    First of the members all of whose proposals fit, then of the others, each with an
    equal share of the attempts.
    """
    fits = trials.at_most(_ATTEMPTS // 2)
    everything = [*removes, *chain.from_iterable(senders)]
    if fits(everything):
        return everything
    if not fits(removes):
        return removes
    clashing: list[list[bytes]] = []
    taken = _add(fits, removes, senders, clashing)
    for left, names in zip(range(len(clashing), 0, -1), clashing, strict=True):
        share = trials.at_most(max(trials.left // left, 1))
        taken = _add(share, taken, [[name] for name in names], [])
    return taken


def _add(
    fits: _Fits,
    taken: list[bytes],
    more: list[list[bytes]],
    clashing: list[list[bytes]],
) -> list[bytes]:
    """Return what was taken and those parts of `more` that fit; list the others."""
    longer = [*taken, *chain.from_iterable(more)]
    if fits(longer):
        return longer
    if len(more) == 1:
        clashing.extend(more)
        return taken
    half = len(more) // 2
    taken = _add(fits, taken, more[:half], clashing)
    return _add(fits, taken, more[half:], clashing)


def leaving_by_themselves(
    tree: RatchetTree, waiting: Mapping[bytes, SentProposal]
) -> frozenset[int]:
    """Return the leaves whose SelfRemoves wait, if every member supports these.

    For such a leaf no Remove is valid (draft-ietf-mls-extensions).
    """
    leaves = (s.sender for s in waiting.values() if isinstance(s.proposal, SelfRemove))
    found = frozenset(leaves)
    return found if found and supports_self_remove(tree) else frozenset()


def supports_self_remove(tree: RatchetTree) -> bool:
    """Say whether every member lists SelfRemove in its capabilities."""
    return all(
        ProposalType.SELF_REMOVE in leaf.capabilities.proposals
        for _, leaf in tree.members()
    )


def _without_obvious_clashes(
    tree: RatchetTree,
    committer: int,
    required: Sequence[SentProposal],
    waiting: Mapping[bytes, SentProposal],
) -> tuple[list[bytes], list[bytes]]:
    """Return removals and all else, at most one for each leaf and each new client."""
    seen = _Seen({committer}, set())
    for sent in required:
        seen.takes(sent)
    newest_first = list(waiting.items())[::-1]
    own_wish = leaving_by_themselves(tree, waiting)

    def may_go(sent: SentProposal) -> bool:
        if isinstance(sent.proposal, SelfRemove):
            return sent.sender in own_wish
        return (
            isinstance(sent.proposal, Remove)
            and tree.leaf(sent.proposal.removed) is not None
        )

    gone = [item for item in newest_first if may_go(item[1])]
    # The sort is stable: own wishes first, else the newest.
    gone.sort(key=lambda item: isinstance(item[1].proposal, Remove))
    removes = [name for name, sent in gone if seen.takes(sent)]
    others = [
        name
        for name, sent in newest_first
        if not isinstance(sent.proposal, Remove | SelfRemove | ReInit)
        and seen.takes(sent)
    ]
    if not (required or removes or others):
        ends = [name for name, s in newest_first if isinstance(s.proposal, ReInit)]
        others = ends[:1]
    return removes, others


@dataclass(slots=True)
class _Seen:
    """The leaves and clients that proposals taken so far are about."""

    changed: set[int]
    clients: set[bytes]
    extensions: bool = False

    def takes(self, sent: SentProposal) -> bool:
        """Say whether this clashes with none taken so far; then it is taken."""
        match sent.proposal:
            case Remove(leaf):
                return _first(self.changed, leaf)
            case Update() | SelfRemove():
                return _first(self.changed, sent.sender)
            case Add(package):
                return _first(self.clients, package.leaf_node.signature_key)
            case GroupContextExtensions():
                taken, self.extensions = self.extensions, True
                return not taken
            case PreSharedKey():
                return True
            case _:
                return False


def _first(seen: set[_T], item: _T) -> bool:
    if item in seen:
        return False
    seen.add(item)
    return True
