"""The statement of a refound, and the ground on which a member judges it.

docs/spec/refound.md. Who refounds a chat says which log it leaves and where it stood
in it; each member judges that at its own newest epoch. Nothing here has a side effect.
"""

import hmac
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, NamedTuple

from privity import mls
from privity.codec import U8, U16, U64, Bytes, Fixed, Struct, Vector
from privity.core.chat_rules import (
    CHAT_RULES,
    ChatKindCode,
    ChatRules,
    Role,
    accounts_of,
    claim_of,
    may_change_members,
)
from privity.core.errors import Doubt, RefoundDoubted
from privity.core.suites import is_not_weaker
from privity.core.values import Value

__all__ = [
    "MOST_WITHOUT",
    "PATIENCE",
    "VERSION",
    "Ground",
    "Refounding",
    "Signer",
    "check_group",
    "check_statement",
    "ground_of_group",
    "lacking",
    "rank",
]

VERSION = 1
MOST_WITHOUT = 128
PATIENCE = 7 * 86_400
"""Seconds without an owner or admin after which any member may refound."""
_Id = Annotated[bytes, Fixed(16)]
_Hash = Annotated[bytes, Fixed(32)]


@dataclass(frozen=True, slots=True)
class Refounding(Struct):
    """Which log is left, where its signer stood in it, and what comes instead.

    `seq` is the commit that began the signer's last epoch there (0: the creation),
    `authenticator` that epoch's. `host` and `log_id` are of the new log, `suite` of
    the new group; `without` are the accounts that are not asked to come along.
    """

    version: U8
    log_hash: _Hash
    seq: U64
    authenticator: Annotated[bytes, Bytes(64)]
    host: Annotated[bytes, Bytes(255)]
    log_id: _Id
    suite: U16
    without: Annotated[tuple[bytes, ...], Vector(Fixed(16), MOST_WITHOUT)]


class Ground(Value, frozen=True):
    """What a member knows of a log that may be left: all that a statement is held to.

    `road` are commits of my road, of which the last began my epoch; `rules` is the
    GroupContext extension. `people` are (account, identity key), `leaves` the
    signature keys, both in the order of the tree. `since` is when the chat stopped
    here (Unix seconds, 0: it did not).
    """

    log_hash: bytes
    road: tuple[int, ...]
    authenticator: bytes
    suite: int
    rules: bytes
    people: tuple[tuple[bytes, bytes], ...]
    leaves: tuple[bytes, ...]
    since: int = 0

    @property
    def accounts(self) -> dict[bytes, list[int]]:
        """The leaves of each account, as `chat_rules` wants them."""
        found: dict[bytes, list[int]] = {}
        for place, (account_id, _) in enumerate(self.people):
            found.setdefault(account_id, []).append(place)
        return found


class Signer(NamedTuple):
    """The device that signed a statement."""

    account_id: bytes
    identity_key: bytes
    signature_key: bytes


def ground_of_group(
    group: mls.Group, log_hash: bytes, road: tuple[int, ...], since: int
) -> Ground:
    """Return the ground that a group stands on; its leaves were judged before."""
    members = [leaf for _, leaf in group.members()]
    claims = [claim_of(leaf) for leaf in members]
    return Ground(
        log_hash=log_hash,
        road=road,
        authenticator=group.epoch_authenticator,
        suite=group.context.cipher_suite,
        rules=mls.find_extension(group.context.extensions, CHAT_RULES) or b"",
        people=tuple((c.account_id, c.identity_key) for c in claims),
        leaves=tuple(leaf.signature_key for leaf in members),
        since=since,
    )


def rank(ground: Ground, account_id: bytes, statement: Refounding) -> tuple[int, bytes]:
    """Return what decides between statements: the lower one stands.

    An owner's goes before an admin's, that before a member's; then the lower hash.
    """
    return _standing(ground, account_id), sha256(statement.encode()).digest()


def _standing(ground: Ground, account_id: bytes) -> int:
    rules = ChatRules.decode(ground.rules)
    if not may_change_members(rules, ground.accounts, account_id):
        return Role.MEMBER
    role = rules.role_of(account_id)
    return role if role <= Role.ADMIN else Role.OWNER


def check_statement(
    ground: Ground, signer: Signer, statement: Refounding, now: int
) -> None:
    """Accept a statement about my chat; raises RefoundDoubted, by name.

    The signer is a leaf of my newest epoch, was in an epoch of my road, and may remove
    whom it leaves out; a plain member leaves out nobody, and waits for a week.
    """
    if statement.version != VERSION:
        raise RefoundDoubted(Doubt.VERSION)
    _check_signer(ground, signer)
    if not is_not_weaker(statement.suite, ground.suite):
        raise RefoundDoubted(Doubt.SUITE)
    _check_epoch(ground, statement)
    if _standing(ground, signer.account_id) == Role.MEMBER:
        _check_patience(ground, statement, now)
    rules = ChatRules.decode(ground.rules)
    if statement.without and rules.kind is ChatKindCode.DIRECT:
        raise RefoundDoubted(Doubt.ROLE)


def _check_signer(ground: Ground, signer: Signer) -> None:
    mine = (signer[:2], signer.signature_key)
    if mine not in zip(ground.people, ground.leaves, strict=True):
        raise RefoundDoubted(Doubt.SIGNER)


def _check_epoch(ground: Ground, statement: Refounding) -> None:
    """See that the signer stood where I stand, or on my road; further on, I can't."""
    newest = ground.road[-1]
    if statement.seq == newest:
        if not hmac.compare_digest(statement.authenticator, ground.authenticator):
            raise RefoundDoubted(Doubt.EPOCH)
    elif statement.seq < newest and statement.seq not in ground.road:
        raise RefoundDoubted(Doubt.EPOCH)


def _check_patience(ground: Ground, statement: Refounding, now: int) -> None:
    if statement.without or statement.seq != ground.road[-1]:
        raise RefoundDoubted(Doubt.ROLE)
    if not ground.since or now - ground.since < PATIENCE:
        raise RefoundDoubted(Doubt.TOO_SOON)


def check_group(
    ground: Ground, signer: bytes, statement: Refounding, group: mls.PublicGroup
) -> None:
    """See that a group whose leaves were judged is as stated; raises RefoundDoubted.

    Its rules are the old ones to the byte, its suite the stated one, its accounts have
    their old identity keys. Only who may add can have added anybody since.
    """
    rules = mls.find_extension(group.context.extensions, CHAT_RULES)
    if rules != ground.rules:
        raise RefoundDoubted(Doubt.RULES)
    if group.context.cipher_suite != statement.suite:
        raise RefoundDoubted(Doubt.SUITE)
    known = dict(ground.people)
    if _standing(ground, signer) == Role.MEMBER and (
        accounts_of(group.members()).keys() - known.keys()
    ):
        raise RefoundDoubted(Doubt.MEMBERS)
    for _, leaf in group.members():
        claim = claim_of(leaf)
        if known.get(claim.account_id, claim.identity_key) != claim.identity_key:
            raise RefoundDoubted(Doubt.IDENTITY)


def lacking(group: mls.Group, suite: int) -> set[bytes]:
    """Return the accounts with a device that does not show that it has a suite."""
    return {
        claim_of(leaf).account_id
        for _, leaf in group.members()
        if suite not in leaf.capabilities.cipher_suites
    }
