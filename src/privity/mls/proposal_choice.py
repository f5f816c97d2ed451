"""Which of the proposals that wait a commit takes (RFC 9420 §12.2, §12.4).

A committer should take all valid ones, and a member who sends one that clashes must
not stop anybody from committing. So what clashes is left out, whatever it clashes
with; removals are preferred to everything, then the newest. A ReInit, which ends the
group, is taken only if nothing else is to be done.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from privity.errors import ProtocolError, Unsupported
from privity.mls.group_context import GroupContext
from privity.mls.proposal_list import SentProposal, apply_proposals
from privity.mls.proposals import (
    Add,
    GroupContextExtensions,
    PreSharedKey,
    ReInit,
    Remove,
    Update,
)
from privity.mls.ratchet_tree import RatchetTree

__all__ = ["choose_proposals"]

_T = TypeVar("_T")


def choose_proposals(
    tree: RatchetTree,
    context: GroupContext,
    committer: int,
    required: Sequence[SentProposal],
    waiting: Mapping[bytes, SentProposal],
) -> list[bytes]:
    """Return the references of waiting proposals that can stand beside `required`.

    In the order in which they came. Costs as many signatures as there are proposals,
    and twice that if some clash. That `required` itself is valid is not said.
    """
    if not waiting:
        return []

    def fits(*names: bytes) -> bool:
        listed = [*(waiting[name] for name in names), *required]
        try:
            apply_proposals(tree, context, committer, listed)
        except (ProtocolError, Unsupported):
            return False
        return True

    removes, others = _without_obvious_clashes(tree, committer, required, waiting)
    names = [*removes, *others]
    if not fits(*names):
        # One by one beside the removals, then together; else the removals alone.
        others = [name for name in others if fits(*removes, name)]
        names = [*removes, *others] if fits(*removes, *others) else removes
    chosen = set(names)
    return [name for name in waiting if name in chosen]


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
    removes: list[bytes] = []
    others: list[bytes] = []
    newest_first = list(waiting.items())[::-1]
    for name, sent in newest_first:
        if isinstance(sent.proposal, Remove):
            there = tree.leaf(sent.proposal.removed) is not None
            if there and seen.takes(sent):
                removes.append(name)
    for name, sent in newest_first:
        if not isinstance(sent.proposal, Remove | ReInit) and seen.takes(sent):
            others.append(name)
    if not (required or removes or others):
        ends = (
            name for name, sent in newest_first if isinstance(sent.proposal, ReInit)
        )
        others = list(ends)[:1]
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
            case Update():
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
