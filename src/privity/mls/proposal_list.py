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
from privity.mls.tree_draft import TreeDraft

__all__ = [
    "AppliedProposals",
    "SentProposal",
    "apply_proposals",
    "check_proposal",
    "combine_proposals",
]


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

    count: int
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
    sorted_ = _sort(tree, committer, proposals)
    for sent in proposals:
        _check_alone(tree, context, sent)
    return _apply_together(tree, context, sorted_)


def combine_proposals(
    tree: RatchetTree,
    context: GroupContext,
    committer: int | None,
    proposals: Sequence[SentProposal],
) -> AppliedProposals:
    """Apply proposals each of which `check_proposal` has let pass.

    Does and raises what `apply_proposals` does, but for what each owes by itself:
    it verifies no signature.
    """
    return _apply_together(tree, context, _sort(tree, committer, proposals))


def _apply_together(
    tree: RatchetTree, context: GroupContext, found: _ByType
) -> AppliedProposals:
    _check_psks(tree, context, found.psks)
    _check_once(found)
    extensions = context.extensions
    if found.extensions:
        extensions = found.extensions[0].extensions
    removed = tuple((index, tree.member(index)) for index in found.leaving)
    after, places = _apply(tree, found)
    _check_fits(after, extensions, found)
    return AppliedProposals(
        tree=after,
        extensions=extensions,
        added=tuple(zip(places, found.adds, strict=True)),
        updated=tuple(found.updates.items()),
        removed=removed,
        needs_path=_needs_path(found),
        psks=tuple(found.psks),
        reinit=found.reinits[0] if found.reinits else None,
        kem_output=found.kem_outputs[0] if found.kem_outputs else None,
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
    if isinstance(sent.proposal, ExternalInit):
        raise RuleViolation(Rule.EXTERNAL_INIT_BY_MEMBER)
    _check_alone(tree, context, sent)


def _check_alone(tree: RatchetTree, context: GroupContext, sent: SentProposal) -> None:
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


def _sort(
    tree: RatchetTree, committer: int | None, proposals: Sequence[SentProposal]
) -> _ByType:
    """Sort the proposals of a commit, if their types may stand in one."""
    found = _by_type(committer, proposals)
    _check_support(tree, found)
    _check_combination(found, committer)
    return found


def _by_type(committer: int | None, proposals: Sequence[SentProposal]) -> _ByType:
    found = _ByType(len(proposals))
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


def _check_combination(found: _ByType, committer: int | None) -> None:
    if committer is not None:
        if found.kem_outputs:
            raise RuleViolation(Rule.EXTERNAL_INIT_BY_MEMBER)
        if found.reinits and found.count > 1:
            raise RuleViolation(Rule.REINIT_NOT_ALONE)
        return
    allowed = len(found.kem_outputs) + len(found.leaving) + len(found.psks)
    if len(found.kem_outputs) != 1 or len(found.removes) > 1 or allowed != found.count:
        raise RuleViolation(Rule.EXTERNAL_COMMIT_PROPOSALS)


def _needs_path(found: _ByType) -> bool:
    without = len(found.adds) + len(found.psks) + len(found.reinits)
    return found.count == 0 or without != found.count


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


def _check_once(found: _ByType) -> None:
    """Check what may be there once: new extensions, and each key package."""
    if len(found.extensions) > 1:
        raise RuleViolation(Rule.DUPLICATE_GROUP_CONTEXT_EXTENSIONS)
    if len({package.init_key for package in found.adds}) != len(found.adds):
        raise RuleViolation(Rule.DUPLICATE_INIT_KEY)


def _check_fits(
    after: RatchetTree, extensions: tuple[Extension, ...], found: _ByType
) -> None:
    """Check that all leaves can live with what the proposals bring."""
    fresh = [*found.updates.values(), *(p.leaf_node for p in found.adds)]
    if found.extensions:
        check_group_extensions(extensions, (leaf for _, leaf in after.members()))
    elif fresh:
        check_group_extensions(extensions, fresh)
    if fresh:
        check_credential_support(leaf for _, leaf in after.members())


def _check_update(
    tree: RatchetTree, group_id: bytes, index: int, leaf: LeafNode
) -> None:
    old = tree.member(index)
    check_source(leaf, FromUpdate)
    validate_leaf(tree.suite, leaf)
    if leaf.encryption_key == old.encryption_key:
        raise RuleViolation(Rule.UPDATE_KEEPS_KEY, f"leaf {index}")
    leaf.verify_signature(tree.suite, group_id, index)


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
