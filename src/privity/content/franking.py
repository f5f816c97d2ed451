"""Franking: a tag that lets a receiver prove later what it was sent.

    tag = HMAC-SHA256(salt, "privity/frank/v1" ‖ log id ‖ group_id ‖ idem ‖ AppData)

each field behind its length. The sender signs the tag as MLS authenticated_data and
repeats it in the entry's header, which the relay stamps; the salt is inside the
encryption. A receiver drops what does not open, else abuse could be unreportable.
With a key of fixed length below SHA-256's block, HMAC commits to key and content.
Format: docs/spec/franking.md. Reports and stamps are built elsewhere.
"""

import hmac
from dataclasses import dataclass, field
from typing import Annotated

from privity.codec import U8, U64, Bytes, Fixed, Opaque, Struct
from privity.content import limits
from privity.content.rules import Rule
from privity.errors import DecodeError, RuleViolation, UsageError

__all__ = [
    "SALT_SIZE",
    "TAG_SIZE",
    "VERSION",
    "AppPayload",
    "FrankPlace",
    "FrankedAuthData",
    "frank",
    "open_franked",
    "seal_franked",
]

VERSION = 1
SALT_SIZE = 32
TAG_SIZE = 32
_LABEL = b"privity/frank/v1"


@dataclass(frozen=True, slots=True)
class _FrankInput(Struct):
    label: Opaque
    log_id: Opaque
    group_id: Opaque
    idem: Opaque
    app_data: Opaque


@dataclass(frozen=True, slots=True)
class FrankedAuthData(Struct):
    """The MLS authenticated_data of every application message."""

    tag: Annotated[bytes, Fixed(32)]
    log_id: Annotated[bytes, Fixed(16)]
    idem: Annotated[bytes, Fixed(16)]


@dataclass(frozen=True, slots=True)
class AppPayload(Struct):
    """The application data of every application message.

    Only `app_data` (MIMI content) is franked, and fixed when it is queued with its
    salt and its `counter` (per leaf and chat); the rest is new in every attempt.
    `seen_seq` and `seen_chain` are the newest place of the log that the sender knew;
    `gap_root` is empty or 32 bytes.
    """

    version: U8
    frank_salt: Annotated[bytes, Fixed(SALT_SIZE)] = field(repr=False)
    counter: U64
    seen_seq: U64
    seen_chain: Annotated[bytes, Fixed(32)]
    gap_root: Annotated[bytes, Bytes(32)]
    app_data: Annotated[bytes, Bytes(limits.CONTENT)] = field(repr=False)


@dataclass(frozen=True, slots=True)
class FrankPlace:
    """Where a franked message stands: its log, MLS group and entry."""

    log_id: bytes
    group_id: bytes
    idem: bytes


def frank(salt: bytes, place: FrankPlace, app_data: bytes) -> bytes:
    """Return the 32-byte tag of `app_data` under a 32-byte `salt`."""
    if len(salt) != SALT_SIZE:
        raise UsageError(f"a franking salt has {SALT_SIZE} bytes")
    franked = _FrankInput(
        label=_LABEL,
        log_id=place.log_id,
        group_id=place.group_id,
        idem=place.idem,
        app_data=app_data,
    )
    return hmac.digest(salt, franked.encode(), "sha256")


def seal_franked(payload: AppPayload, place: FrankPlace) -> FrankedAuthData:
    """Return the authenticated_data under which MLS protects `payload.encode()`."""
    try:
        _check_payload(payload)
    except DecodeError as error:
        raise UsageError(str(error)) from None
    tag = frank(payload.frank_salt, place, payload.app_data)
    return FrankedAuthData(tag=tag, log_id=place.log_id, idem=place.idem)


def open_franked(
    header_tag: bytes, place: FrankPlace, authenticated_data: bytes, payload: bytes
) -> AppPayload:
    """Return the payload of an application message whose franking holds.

    `header_tag` and `place` are the header's (the group is ours);
    `authenticated_data` and `payload` come out of MLS. Compares the header's tag,
    the signed one and the recomputed one in constant time. Raises DecodeError or
    RuleViolation (FRANK_…); a caller drops the message by that name.
    """
    signed = FrankedAuthData.decode(authenticated_data)
    opened = AppPayload.decode(payload)
    _check_payload(opened)
    if signed.log_id != place.log_id:
        raise RuleViolation(Rule.FRANK_LOG)
    if signed.idem != place.idem:
        raise RuleViolation(Rule.FRANK_IDEM)
    if not hmac.compare_digest(header_tag, signed.tag):
        raise RuleViolation(Rule.FRANK_HEADER)
    recomputed = frank(opened.frank_salt, place, opened.app_data)
    if not hmac.compare_digest(recomputed, signed.tag):
        raise RuleViolation(Rule.FRANK_TAG)
    return opened


def _check_payload(payload: AppPayload) -> None:
    if payload.version != VERSION:
        raise DecodeError("an application payload of an unknown version")
    if len(payload.gap_root) not in (0, 32):
        raise DecodeError("a gap root is empty or has 32 bytes")
