"""Lists of proposals: which are valid together, what they do (RFC 9420 §12.2-§12.3).

For commits of members. Not here yet, and refused by name: pre-shared keys,
reinitialisation, external commits.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NoReturn

from privity.errors import RuleViolation, Unsupported
from privity.mls.extensions import Extension, check_extensions
from privity.mls.group_context import GroupContext
from privity.mls.key_packages import KeyPackage
from privity.mls.leaf_validation import (
    check_credential_support,
    check_group_extensions,
    check_source,
    validate_key_package,
    validate_leaf,
)
from privity.mls.nodes import FromUpdate, LeafNode
from privity.mls.proposals import (
    Add,
    ExternalInit,
    GroupContextExtensions,
    PreSharedKey,
    Proposal,
    ReInit,
    Remove,
    Update,
)
from privity.mls.ratchet_tree import RatchetTree
from privity.mls.rules import Rule
from privity.mls.tree_draft import TreeDraft

__all__ = ["AppliedProposals", "SentProposal", "apply_proposals", "check_proposal"]


@dataclass(frozen=True, slots=True)
class SentProposal:
    """A proposal and the leaf index of the member that sent it."""

    sender: int
    proposal: Proposal


@dataclass(frozen=True, slots=True)
class AppliedProposals:
    """What a list of proposals makes of a group, and how.

    Added leaves have their new place, removed ones the one they had.
    """

    tree: RatchetTree
    extensions: tuple[Extension, ...]
    added: tuple[tuple[int, KeyPackage], ...] = ()
    updated: tuple[tuple[int, LeafNode], ...] = ()
    removed: tuple[tuple[int, LeafNode], ...] = ()
    needs_path: bool = True

    @property
    def added_leaves(self) -> frozenset[int]:
        """The leaf indexes of new members."""
        return frozenset(leaf for leaf, _ in self.added)


@dataclass(slots=True)
class _ByType:
    """The proposals of one commit, in the order in which they are applied."""

    extensions: list[GroupContextExtensions] = field(default_factory=list)
    updates: dict[int, LeafNode] = field(default_factory=dict)
    removes: list[int] = field(default_factory=list)
    adds: list[KeyPackage] = field(default_factory=list)


def apply_proposals(
    tree: RatchetTree,
    context: GroupContext,
    committer: int,
    proposals: Sequence[SentProposal],
) -> AppliedProposals:
    """Check the proposals of a member's commit and apply them (§12.2, §12.3).

    Raises:
        RuleViolation: one of them, or all of them together, must not be committed.
        NotAuthentic: a key package or a leaf is not signed by its key.
        DecodeError: a known extension is not well formed.
        Unsupported: a proposal of a type that we do not handle yet.
    """
    sorted_ = _sort(committer, proposals)
    extensions = _new_extensions(context, sorted_.extensions)
    for index, leaf in sorted_.updates.items():
        _check_update(tree, context.group_id, index, leaf)
    removed = tuple((index, tree.member(index)) for index in sorted_.removes)
    _check_adds(tree, sorted_.adds)
    after, places = _apply(tree, sorted_)
    fresh = [*sorted_.updates.values(), *(p.leaf_node for p in sorted_.adds)]
    if sorted_.extensions:
        check_group_extensions(extensions, (leaf for _, leaf in after.members()))
    elif fresh:
        check_group_extensions(extensions, fresh)
    if fresh:
        check_credential_support(leaf for _, leaf in after.members())
    return AppliedProposals(
        tree=after,
        extensions=extensions,
        added=tuple(zip(places, sorted_.adds, strict=True)),
        updated=tuple(sorted_.updates.items()),
        removed=removed,
        needs_path=len(sorted_.adds) != len(proposals) or not proposals,
    )


def check_proposal(
    tree: RatchetTree, context: GroupContext, sent: SentProposal
) -> None:
    """Check what one proposal owes by itself, before it may wait for a commit (§12.1).

    A proposal that fails here can be in no valid commit. One that passes may still
    clash with others, or with keys that are in the tree. Raises as
    `apply_proposals` does.
    """
    match sent.proposal:
        case Add(key_package):
            validate_key_package(tree.suite, key_package)
        case Update(leaf):
            _check_update(tree, context.group_id, sent.sender, leaf)
        case Remove(removed):
            tree.member(removed)
        case GroupContextExtensions(extensions):
            check_extensions(extensions)
        case _:
            _refuse(sent.proposal)


def _sort(committer: int, proposals: Sequence[SentProposal]) -> _ByType:
    found = _ByType()
    changed: set[int] = set()
    for sent in proposals:
        match sent.proposal:
            case Add(key_package):
                found.adds.append(key_package)
            case Update(leaf):
                if sent.sender == committer:
                    raise RuleViolation(Rule.UPDATE_BY_COMMITTER)
                _note_change(changed, sent.sender)
                found.updates[sent.sender] = leaf
            case Remove(removed):
                if removed == committer:
                    raise RuleViolation(Rule.COMMITTER_REMOVED)
                _note_change(changed, removed)
                found.removes.append(removed)
            case GroupContextExtensions():
                found.extensions.append(sent.proposal)
            case _:
                _refuse(sent.proposal)
    return found


def _refuse(proposal: ExternalInit | PreSharedKey | ReInit) -> NoReturn:
    if isinstance(proposal, ExternalInit):
        raise RuleViolation(Rule.EXTERNAL_INIT_BY_MEMBER)
    if isinstance(proposal, PreSharedKey):
        raise Unsupported("pre-shared keys in a commit")
    raise Unsupported("reinitialisation of a group")


def _note_change(changed: set[int], leaf: int) -> None:
    if leaf in changed:
        raise RuleViolation(Rule.LEAF_CHANGED_TWICE, f"leaf {leaf}")
    changed.add(leaf)


def _new_extensions(
    context: GroupContext, proposed: Sequence[GroupContextExtensions]
) -> tuple[Extension, ...]:
    if not proposed:
        return context.extensions
    if len(proposed) > 1:
        raise RuleViolation(Rule.DUPLICATE_GROUP_CONTEXT_EXTENSIONS)
    check_extensions(proposed[0].extensions)
    return proposed[0].extensions


def _check_update(
    tree: RatchetTree, group_id: bytes, index: int, leaf: LeafNode
) -> None:
    old = tree.member(index)
    check_source(leaf, FromUpdate)
    validate_leaf(tree.suite, leaf)
    if leaf.encryption_key == old.encryption_key:
        raise RuleViolation(Rule.UPDATE_KEEPS_KEY, f"leaf {index}")
    leaf.verify_signature(tree.suite, group_id, index)


def _check_adds(tree: RatchetTree, packages: Sequence[KeyPackage]) -> None:
    init_keys: set[bytes] = set()
    for package in packages:
        if package.init_key in init_keys:
            raise RuleViolation(Rule.DUPLICATE_INIT_KEY)
        init_keys.add(package.init_key)
        validate_key_package(tree.suite, package)


def _apply(tree: RatchetTree, proposals: _ByType) -> tuple[RatchetTree, list[int]]:
    if not (proposals.updates or proposals.removes or proposals.adds):
        return tree, []
    draft = TreeDraft(tree)
    for index, leaf in proposals.updates.items():
        draft.update(index, leaf)
    for index in proposals.removes:
        draft.remove(index)
    draft.truncate()
    places = [draft.add(package.leaf_node) for package in proposals.adds]
    return draft.freeze(), places
