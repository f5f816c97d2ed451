"""Which of the proposals that wait a commit takes (RFC 9420 §12.2, §12.4).

A committer should take all valid ones, and a member who sends one that clashes must
not stop anybody from committing. So what clashes is left out, whatever it clashes
with; removals are preferred to everything, then the newest.
"""

from collections.abc import Mapping, Sequence

from privity.errors import ProtocolError, Unsupported
from privity.mls.group_context import GroupContext
from privity.mls.proposal_list import SentProposal, apply_proposals
from privity.mls.proposals import Add, Remove, Update
from privity.mls.ratchet_tree import RatchetTree

__all__ = ["choose_proposals"]


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
    changed = {committer}
    clients: set[bytes] = set()
    for sent in required:
        match sent.proposal:
            case Remove(removed):
                changed.add(removed)
            case Add(package):
                clients.add(package.leaf_node.signature_key)
    removes: list[bytes] = []
    others: list[bytes] = []
    newest_first = list(waiting.items())[::-1]
    for name, sent in newest_first:
        if isinstance(sent.proposal, Remove):
            removed = sent.proposal.removed
            if removed not in changed and tree.leaf(removed) is not None:
                changed.add(removed)
                removes.append(name)
    for name, sent in newest_first:
        match sent.proposal:
            case Update() if sent.sender not in changed:
                changed.add(sent.sender)
                others.append(name)
            case Add(package) if package.leaf_node.signature_key not in clients:
                clients.add(package.leaf_node.signature_key)
                others.append(name)
    return removes, others
