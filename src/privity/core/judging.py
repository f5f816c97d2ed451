"""Judges a staged commit by the rules of its chat, before it is merged.

docs/spec/validity.md. Raises `OutcomeError`; a commit that passes is applied.
"""

from privity import mls
from privity.core.chat_rules import (
    LEAF_CAP,
    MAX_ADDS,
    ChatKindCode,
    ChatRules,
    CommitStatement,
    accounts_of,
    certificate_of,
    claim_of,
    invalid,
    may_change_members,
    parse_rules,
)
from privity.core.errors import Reason
from privity.core.reading import account_of
from privity.errors import DecodeError
from privity.wire.entry import Header

__all__ = ["account_behind", "judge_commit", "judge_members", "parse_statement"]

Before = mls.Group | mls.PublicGroup
"""The group in front of a commit, as a member or as anybody sees it."""


def account_behind(before: Before, staged: mls.StagedCommit) -> bytes:
    """Return the account id of who commits, a member or one that comes back."""
    if staged.joins and staged.path_leaf is not None:
        return staged.path_leaf.credential.identity[:16]
    return account_of(before, staged.committer)


def judge_commit(before: Before, staged: mls.StagedCommit, header: Header) -> None:
    """Refuse a commit that breaks a rule of the chat; raises OutcomeError.

    `before` may be the group as everybody sees it: no secret has a part in this.
    """
    rules = parse_rules(before.context)
    if staged.context.extensions != before.context.extensions:
        raise invalid(Reason.RULES_CHANGED)
    _judge_opening(staged, header)
    _judge_counts(before, staged)
    accounts = accounts_of(before.members())
    by = account_behind(before, staged)
    if staged.joins:
        _judge_rejoin(staged)
    _judge_adds(rules, accounts, by, staged)
    _judge_removals(rules, accounts, by, staged)
    _judge_leaves(before, staged)


def judge_members(group: mls.PublicGroup) -> ChatRules:
    """Check all leaves of a tree that a joiner has read; raises OutcomeError."""
    rules = parse_rules(group.context)
    identities: dict[bytes, bytes] = {}
    for _, leaf in group.members():
        claim = certificate_of(leaf).claim
        if identities.setdefault(claim.account_id, claim.identity_key) != (
            claim.identity_key
        ):
            raise invalid(Reason.OTHER_IDENTITY)
    if rules.kind is ChatKindCode.DIRECT and len(identities) > 2:
        raise invalid(Reason.DIRECT_CHAT)
    return rules


def parse_statement(data: bytes) -> CommitStatement:
    """Return what a commit's authenticated data states; raises OutcomeError."""
    try:
        statement = CommitStatement.decode(data)
    except DecodeError as error:
        raise invalid(Reason.OPENS, str(error)) from None
    if statement.version != 1:
        raise invalid(Reason.OPENS, "version")
    return statement


def _judge_opening(staged: mls.StagedCommit, header: Header) -> None:
    statement = parse_statement(staged.authenticated_data)
    if statement.opens != header.opens:
        raise invalid(Reason.OPENS)
    if staged.removed and not statement.opens:
        raise invalid(Reason.CLOSES_WITHOUT_OPENING)
    if statement.opens and staged.path_leaf is None:
        raise invalid(Reason.PATH, "an opening commit has a path")


def _judge_rejoin(staged: mls.StagedCommit) -> None:
    """Let a device come back in its own place, or in that which it replaces."""
    if staged.path_leaf is None or len(staged.removed) != 1:
        raise invalid(Reason.NOT_A_REJOIN)
    claim = certificate_of(staged.path_leaf).claim
    former = staged.removed[0][1].credential.identity
    if former not in (
        claim.account_id + claim.device_id,
        claim.account_id + (claim.replaces or claim.device_id),
    ):
        raise invalid(Reason.NOT_A_REJOIN, "the place of another device")


def _judge_counts(before: Before, staged: mls.StagedCommit) -> None:
    if len(staged.added) > MAX_ADDS and before.context.epoch > 0:
        raise invalid(Reason.TOO_MANY_ADDS)
    count = len(before.members()) + len(staged.added) - len(staged.removed)
    if count > LEAF_CAP:
        raise invalid(Reason.LEAF_CAP)


def _judge_adds(
    rules: ChatRules,
    accounts: dict[bytes, list[int]],
    by: bytes,
    staged: mls.StagedCommit,
) -> None:
    new = {leaf.credential.identity[:16] for _, leaf in staged.added}
    others = new - {by}
    if rules.kind is ChatKindCode.DIRECT and len(accounts.keys() | new) > 2:
        raise invalid(Reason.DIRECT_CHAT)
    allowed = rules.members_add or may_change_members(rules, accounts, by)
    if others and not allowed:
        raise invalid(Reason.ROLE, "add")


def _judge_removals(
    rules: ChatRules,
    accounts: dict[bytes, list[int]],
    by: bytes,
    staged: mls.StagedCommit,
) -> None:
    for index, leaf in staged.removed:
        if leaf.credential.identity[:16] == by or _left(staged, index):
            continue
        if rules.kind is ChatKindCode.DIRECT:
            raise invalid(Reason.DIRECT_CHAT)
        if not may_change_members(rules, accounts, by):
            raise invalid(Reason.ROLE, "remove")


def _left(staged: mls.StagedCommit, index: int) -> bool:
    """Tell whether a removal is the leaf's own; its leave was verified on arrival."""
    return any(
        isinstance(sent.proposal, mls.Remove)
        and sent.sender == sent.proposal.removed == index
        for sent in staged.proposals
    )


def _judge_leaves(before: Before, staged: mls.StagedCommit) -> None:
    """The hard device rule, for each leaf that is new or changed."""
    known: dict[bytes, tuple[bytes, int]] = {}
    for _, leaf in before.members():
        claim = claim_of(leaf)
        _, version = known.get(claim.account_id, (b"", 0))
        newest = max(version, claim.list_version)
        known[claim.account_id] = (claim.identity_key, newest)
    changed = [leaf for _, leaf in (*staged.added, *staged.updated)]
    if staged.path_leaf is not None:
        changed.append(staged.path_leaf)
    for leaf in changed:
        claim = certificate_of(leaf).claim
        identity, version = known.get(claim.account_id, (claim.identity_key, 0))
        if claim.identity_key != identity:
            raise invalid(Reason.OTHER_IDENTITY)
        if claim.list_version < version:
            raise invalid(Reason.OLDER_LIST)
