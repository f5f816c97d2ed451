"""The rules of a chat: who may add and remove, which leaves are good.

docs/spec/validity.md. Everything here is a pure function of the tree before, the
GroupContext, and the commit: no clock, no network, no setting. So all members who
judge a commit judge it alike, and a relay can't make them disagree.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256
from typing import Annotated

from privity import mls
from privity.codec import (
    U8,
    U16,
    Bytes,
    Enumerated,
    Fixed,
    Flag,
    Nested,
    Optional,
    Struct,
    Vector,
)
from privity.core.errors import Outcome, OutcomeError, Reason
from privity.errors import DecodeError, ProtocolError
from privity.identity.certificates import DeviceCertificate, DeviceClaim, verify_leaf

__all__ = [
    "CERTIFICATE",
    "CHAT_RULES",
    "LEAF_CAP",
    "RULES_VERSION",
    "ChatKindCode",
    "ChatRules",
    "CommitStatement",
    "Role",
    "RoleEntry",
    "accounts_of",
    "certificate_of",
    "chat_id_hash",
    "claim_of",
    "invalid",
    "may_change_members",
    "parse_rules",
]

CERTIFICATE = 0xF5A2
"""The leaf extension with the device certificate."""
CHAT_RULES = 0xF5A3
"""The GroupContext extension with `ChatRules`."""
RULES_VERSION = 1
LEAF_CAP = 250
MAX_ADDS = 8


class ChatKindCode(IntEnum):
    """Two accounts for ever, or a group."""

    DIRECT = 1
    GROUP = 2


class Role(IntEnum):
    """What an account may do; who has no entry is a member."""

    OWNER = 1
    ADMIN = 2
    MODERATOR = 3
    MEMBER = 4
    READER = 5


@dataclass(frozen=True, slots=True)
class RoleEntry(Struct):
    """One account's role."""

    account_id: Annotated[bytes, Fixed(16)]
    role: Annotated[Role, Enumerated(Role, 1)]


@dataclass(frozen=True, slots=True)
class ChatRules(Struct):
    """What the GroupContext says of a chat (extension 0xF5A3).

    `chat_hash` binds the random chat id without showing it. With `members_add`
    every member may add; else owners and admins only.
    """

    rules_version: U16
    chat_hash: Annotated[bytes, Fixed(32)]
    kind: Annotated[ChatKindCode, Enumerated(ChatKindCode, 1)]
    members_add: Flag
    roles: Annotated[tuple[RoleEntry, ...], Vector(Nested(RoleEntry), 64)]

    def role_of(self, account_id: bytes) -> Role:
        """Return the role that is written down for an account."""
        for entry in self.roles:
            if entry.account_id == account_id:
                return entry.role
        return Role.MEMBER


@dataclass(frozen=True, slots=True)
class CommitStatement(Struct):
    """The MLS authenticated_data of a commit.

    `device_list` is a signed list if one is the reason of a removal.
    """

    version: U8
    opens: Flag
    device_list: Annotated[bytes | None, Optional(Bytes(16 * 1024))]


def chat_id_hash(chat_id: bytes) -> bytes:
    """Return what the GroupContext shows of a chat id."""
    return sha256(b"privity chat id v1" + chat_id).digest()


def invalid(reason: Reason, detail: str = "") -> OutcomeError:
    """Return the error of an entry that everybody skips."""
    return OutcomeError(Outcome.INVALID, reason, detail)


def parse_rules(context: mls.GroupContext) -> ChatRules:
    """Return the rules in a GroupContext; an unknown version stops the chat."""
    data = mls.find_extension(context.extensions, CHAT_RULES)
    if data is None:
        raise invalid(Reason.RULES_VERSION, "none")
    if int.from_bytes(data[:2], "big") != RULES_VERSION:
        raise OutcomeError(Outcome.UNAPPLIABLE, Reason.RULES_VERSION, "update")
    try:
        return ChatRules.decode(data)
    except DecodeError as error:
        raise invalid(Reason.RULES_VERSION, str(error)) from None


def certificate_of(leaf: mls.LeafNode) -> DeviceCertificate:
    """Return a leaf's device certificate, verified; raises OutcomeError."""
    data = mls.find_extension(leaf.extensions, CERTIFICATE)
    if data is None:
        raise invalid(Reason.CERTIFICATE, "none")
    try:
        return verify_leaf(data, leaf.credential.identity, leaf.signature_key)
    except ProtocolError as error:
        raise invalid(Reason.CERTIFICATE, str(error)) from None


def claim_of(leaf: mls.LeafNode) -> DeviceClaim:
    """Return what the certificate of a leaf claims that was verified when it came."""
    data = mls.find_extension(leaf.extensions, CERTIFICATE)
    if data is None:
        raise invalid(Reason.CERTIFICATE, "none")
    return DeviceCertificate.decode(data).claim


def accounts_of(members: Iterable[tuple[int, mls.LeafNode]]) -> dict[bytes, list[int]]:
    """Return the leaves of each account, in the order of the tree."""
    found: dict[bytes, list[int]] = {}
    for index, leaf in members:
        found.setdefault(leaf.credential.identity[:16], []).append(index)
    return found


def may_change_members(
    rules: ChatRules, accounts: Mapping[bytes, list[int]], account_id: bytes
) -> bool:
    """Tell whether an account may add and remove others in this tree.

    Owners and admins may. When none of them is left in the tree, the account of
    the lowest leaf acts as owner: so a group can't be orphaned.
    """
    if rules.kind is ChatKindCode.DIRECT:
        return True
    staff = [a for a in accounts if rules.role_of(a) <= Role.ADMIN]
    if not staff:
        staff = [min(accounts, key=lambda a: accounts[a][0])]
    return account_id in staff
