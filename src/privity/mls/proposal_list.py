"""Lists of proposals: which are valid together, what they do (RFC 9420 §12.2-§12.3).

For commits of members, and of clients that join by theirs (§12.4.3.2).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from privity.errors import RuleViolation, Unsupported
from privity.mls.extensions import Extension, check_extensions
from privity.mls.framing import SenderType
from privity.mls.group_context import GroupContext
from privity.mls.key_packages import KeyPackage
from privity.mls.leaf_validation import (
    check_context_extensions,
    check_credential_support,
    check_group_extensions,
    check_source,
    validate_key_package,
    validate_leaf,
)
from privity.mls.nodes import FromUpdate, LeafNode
from privity.mls.proposals import (
    DEFAULT_PROPOSALS,
    Add,
    ExternalInit,
    GroupContextExtensions,
    PreSharedKey,
    PreSharedKeyID,
    Proposal,
    ReInit,
    Remove,
    ResumptionPSK,
    ResumptionPSKUsage,
    SelfRemove,
    UnknownProposal,
    Update,
    type_of,
)
from privity.mls.psks import check_psks
from privity.mls.ratchet_tree import RatchetTree
from privity.mls.rules import Rule
from privity.mls.suites import CipherSuite
from privity.mls.tree_draft import TreeDraft

__all__ = ["AppliedProposals", "SentProposal", "apply_proposals", "check_proposal"]


@dataclass(frozen=True, slots=True)
class SentProposal:
    """A proposal and the leaf index of the member that sent it (§12.1, §12.4).

    For an external sender it is its place in `external_senders`, else 0.
    """

    sender: int
    proposal: Proposal
    sender_type: SenderType = SenderType.MEMBER


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
    psks: tuple[PreSharedKeyID, ...] = ()
    reinit: ReInit | None = None
    kem_output: bytes | None = None

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
    self_removes: list[int] = field(default_factory=list)
    adds: list[KeyPackage] = field(default_factory=list)
    psks: list[PreSharedKeyID] = field(default_factory=list)
    reinits: list[ReInit] = field(default_factory=list)
    kem_outputs: list[bytes] = field(default_factory=list)
    not_default: set[int] = field(default_factory=set)
    unknown: list[UnknownProposal] = field(default_factory=list)

    @property
    def leaving(self) -> list[int]:
        """The leaves that are blanked; SelfRemoves come before Removes."""
        return [*self.self_removes, *self.removes]

    def note(self, proposal: Proposal) -> None:
        """Take a proposal that changes no leaf that is there."""
        match proposal:
            case Add(key_package):
                self.adds.append(key_package)
            case GroupContextExtensions():
                self.extensions.append(proposal)
            case PreSharedKey(psk):
                self.psks.append(psk)
            case ReInit():
                self.reinits.append(proposal)
            case ExternalInit(kem_output):
                self.kem_outputs.append(kem_output)
            case UnknownProposal():
                self.unknown.append(proposal)


def apply_proposals(
    tree: RatchetTree,
    context: GroupContext,
    committer: int | None,
    proposals: Sequence[SentProposal],
) -> AppliedProposals:
    """Check the proposals of a commit and apply them (§12.2, §12.3).

    `committer` is a leaf index, or nothing if a client joins by the commit.

    Raises:
        RuleViolation: one of them, or all of them together, must not be committed.
        NotAuthentic: a key package or a leaf is not signed by its key.
        DecodeError: a known extension is not well formed.
        Unsupported: all members support a type of proposal that this library lacks.
    """
    sorted_ = _sort(committer, proposals)
    _check_support(tree, sorted_)
    _check_combination(sorted_, committer, len(proposals))
    _check_psks(tree, context, sorted_.psks)
    for reinit in sorted_.reinits:
        _check_reinit(context, reinit)
    extensions = _new_extensions(tree.suite, context, sorted_.extensions)
    for index, leaf in sorted_.updates.items():
        _check_update(tree, context.group_id, index, leaf)
    removed = tuple((index, tree.member(index)) for index in sorted_.leaving)
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
        needs_path=_needs_path(sorted_, len(proposals)),
        psks=tuple(sorted_.psks),
        reinit=sorted_.reinits[0] if sorted_.reinits else None,
        kem_output=sorted_.kem_outputs[0] if sorted_.kem_outputs else None,
    )


def check_proposal(
    tree: RatchetTree, context: GroupContext, sent: SentProposal
) -> None:
    """Check what one proposal owes by itself, before it may wait for a commit (§12.1).

    A proposal that fails here can be in no valid commit. One that passes may still
    clash with others, or with keys that are in the tree. Raises as
    `apply_proposals` does.
    """
    _check_sender_type(sent)
    match sent.proposal:
        case Add(key_package):
            validate_key_package(tree.suite, key_package)
        case Update(leaf):
            _check_update(tree, context.group_id, sent.sender, leaf)
        case Remove(removed):
            tree.member(removed)
        case GroupContextExtensions(extensions):
            check_context_extensions(tree.suite, extensions)
        case PreSharedKey(psk):
            _check_psks(tree, context, [psk])
        case ReInit():
            _check_reinit(context, sent.proposal)
        case ExternalInit():
            raise RuleViolation(Rule.EXTERNAL_INIT_BY_MEMBER)


def _sort(committer: int | None, proposals: Sequence[SentProposal]) -> _ByType:
    found = _ByType()
    changed: set[int] = set()
    for sent in proposals:
        found.not_default.update({type_of(sent.proposal)} - DEFAULT_PROPOSALS)
        match sent.proposal:
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
            case SelfRemove():
                if sent.sender == committer:
                    raise RuleViolation(Rule.COMMITTER_REMOVED)
                _note_change(changed, sent.sender)
                found.self_removes.append(sent.sender)
            case _:
                found.note(sent.proposal)
    return found


def _check_support(tree: RatchetTree, found: _ByType) -> None:
    """Check that all who are members before and after support what is proposed."""
    if not found.not_default:
        return
    leaving = set(found.leaving)
    for index, leaf in tree.members():
        able = found.not_default.issubset(leaf.capabilities.proposals)
        if not able and index not in leaving:
            raise RuleViolation(Rule.PROPOSAL_UNSUPPORTED, f"leaf {index}")
    if found.unknown:
        raise Unsupported(f"proposal type {found.unknown[0].proposal_type:#06x}")


def _check_combination(found: _ByType, committer: int | None, count: int) -> None:
    if committer is not None:
        if found.kem_outputs:
            raise RuleViolation(Rule.EXTERNAL_INIT_BY_MEMBER)
        if found.reinits and count > 1:
            raise RuleViolation(Rule.REINIT_NOT_ALONE)
        return
    allowed = len(found.kem_outputs) + len(found.leaving) + len(found.psks)
    if len(found.kem_outputs) != 1 or len(found.removes) > 1 or allowed != count:
        raise RuleViolation(Rule.EXTERNAL_COMMIT_PROPOSALS)


def _needs_path(found: _ByType, count: int) -> bool:
    without = len(found.adds) + len(found.psks) + len(found.reinits)
    return count == 0 or without != count


_OF_EXTERNAL_SENDERS = (Add, Remove, PreSharedKey, ReInit, GroupContextExtensions)


def _check_sender_type(sent: SentProposal) -> None:
    match sent.sender_type:
        case SenderType.MEMBER:
            allowed = True
        case SenderType.EXTERNAL:
            allowed = isinstance(sent.proposal, _OF_EXTERNAL_SENDERS)
        case _:
            allowed = isinstance(sent.proposal, Add)
    if not allowed:
        raise RuleViolation(Rule.NOT_THIS_SENDERS, type(sent.proposal).__name__)


def _check_psks(
    tree: RatchetTree, context: GroupContext, psks: Sequence[PreSharedKeyID]
) -> None:
    check_psks(tree.suite, psks)
    for psk in psks:
        # The other usages belong to the commit by which a creator leaves epoch 0.
        if (
            isinstance(psk.key, ResumptionPSK)
            and psk.key.usage is not ResumptionPSKUsage.APPLICATION
            and context.epoch
        ):
            raise RuleViolation(Rule.PSK_USAGE)


def _check_reinit(context: GroupContext, reinit: ReInit) -> None:
    if reinit.version < context.version:
        raise RuleViolation(Rule.REINIT_LOWERS_VERSION)
    check_extensions(reinit.extensions)


def _note_change(changed: set[int], leaf: int) -> None:
    if leaf in changed:
        raise RuleViolation(Rule.LEAF_CHANGED_TWICE, f"leaf {leaf}")
    changed.add(leaf)


def _new_extensions(
    suite: CipherSuite,
    context: GroupContext,
    proposed: Sequence[GroupContextExtensions],
) -> tuple[Extension, ...]:
    if not proposed:
        return context.extensions
    if len(proposed) > 1:
        raise RuleViolation(Rule.DUPLICATE_GROUP_CONTEXT_EXTENSIONS)
    check_context_extensions(suite, proposed[0].extensions)
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
    if not (proposals.updates or proposals.leaving or proposals.adds):
        return tree, []
    draft = TreeDraft(tree)
    for index, leaf in proposals.updates.items():
        draft.update(index, leaf)
    for index in proposals.leaving:
        draft.remove(index)
    draft.truncate()
    places = [draft.add(package.leaf_node) for package in proposals.adds]
    return draft.freeze(), places
