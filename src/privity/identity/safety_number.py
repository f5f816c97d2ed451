"""The safety number of two accounts: 60 digits that both can read to each other.

Format: docs/spec/safety-number.md. Each account has a half of 30 digits, made of its
id and its identity key only: a new device does not change it, a new identity key does,
and it is the same towards everybody. A false key must meet the 30 digits of the real
one; each try costs 5,200 hashes. Digits of one half say nothing about the other key.
"""

from dataclasses import dataclass
from enum import unique
from hashlib import sha512
from typing import Annotated

from privity import errors
from privity.codec import U8, Bytes, Fixed, Opaque, Struct
from privity.errors import DecodeError, RuleViolation, UsageError
from privity.identity.text import from_base64url, to_base64url

__all__ = [
    "GROUPS",
    "QR_PREFIX",
    "ROUNDS",
    "AccountKey",
    "Mismatch",
    "VerificationCode",
    "check_scanned",
    "parse_qr",
    "render_qr",
    "safety_number",
]

ROUNDS = 5200
GROUPS = 12
QR_PREFIX = "privity:verify1#"
_VERSION = 1
_LABEL = b"Privity 1.0 safety-number"
_HALF_SIZE = 5 * GROUPS // 2
_QR_TEXT_SIZE = 1024


@unique
class Mismatch(errors.Rule):
    """Why a scanned code does not confirm a person."""

    OTHER_PERSON = "the code was made by another account than this contact"
    OTHER_READER = "the code was made for somebody else than you"
    THEIR_KEY = "their identity key is not the one that you know of them"
    YOUR_KEY = "the identity key that they know of you is not yours"


@dataclass(frozen=True, slots=True)
class AccountKey(Struct):
    """An account and its identity key."""

    account_id: Annotated[bytes, Fixed(16)]
    identity_key: Annotated[bytes, Fixed(32)]


@dataclass(frozen=True, slots=True)
class _Half(Struct):
    label: Opaque
    account: AccountKey


@dataclass(frozen=True, slots=True)
class VerificationCode(Struct):
    """What a QR code shows: its maker, whom it is for, a transparency log head.

    `log_head` is empty where there is no log to speak of.
    """

    version: U8
    mine: AccountKey
    yours: AccountKey
    log_head: Annotated[bytes, Bytes(256)]


def safety_number(one: AccountKey, other: AccountKey) -> tuple[str, ...]:
    """Return twelve groups of five digits, the same whoever asks. Takes about 10 ms."""
    if one.account_id == other.account_id:
        raise UsageError("a safety number is of two accounts")
    first, second = sorted((one, other), key=lambda account: account.account_id)
    return _half_of(first) + _half_of(second)


def render_qr(mine: AccountKey, yours: AccountKey, log_head: bytes = b"") -> str:
    """Return the text of the QR code that I show to the other person."""
    code = VerificationCode(_VERSION, mine, yours, log_head)
    return QR_PREFIX + to_base64url(code.encode())


def parse_qr(text: str) -> VerificationCode:
    """Return what a scanned QR code says, or raise DecodeError."""
    text = text.strip()
    if not text.startswith(QR_PREFIX) or len(text) > _QR_TEXT_SIZE:
        raise DecodeError("not a Privity verification code")
    code = VerificationCode.decode(from_base64url(text.removeprefix(QR_PREFIX)))
    if code.version != _VERSION:
        raise DecodeError("a verification code of an unknown version")
    return code


def check_scanned(code: VerificationCode, me: AccountKey, contact: AccountKey) -> None:
    """Accept the code that a contact showed me, or raise RuleViolation (Mismatch)."""
    if code.mine.account_id != contact.account_id:
        raise RuleViolation(Mismatch.OTHER_PERSON)
    if code.yours.account_id != me.account_id:
        raise RuleViolation(Mismatch.OTHER_READER)
    if code.mine.identity_key != contact.identity_key:
        raise RuleViolation(Mismatch.THEIR_KEY)
    if code.yours.identity_key != me.identity_key:
        raise RuleViolation(Mismatch.YOUR_KEY)


def _half_of(account: AccountKey) -> tuple[str, ...]:
    half = _Half(label=_LABEL, account=account).encode()
    digest = sha512(half).digest()
    for _ in range(ROUNDS - 1):
        digest = sha512(digest + half).digest()
    return tuple(
        f"{int.from_bytes(digest[at : at + 5], 'big') % 100_000:05d}"
        for at in range(0, _HALF_SIZE, 5)
    )
