"""A file that proves, by itself, that a relay showed two histories of one log.

docs/spec/evidence.md. Who has it needs nothing else to check what it says. Only whose
the key is it can't prove.
"""

from dataclasses import dataclass, replace
from enum import StrEnum, unique
from hashlib import sha256
from typing import Annotated

from privity.codec import U8, U53, Bytes, Fixed, Nested, Struct
from privity.errors import DecodeError, NotAuthentic, PrivityError
from privity.wire.heads import Fork

__all__ = ["MOST", "Evidence", "EvidenceRefused", "Flaw", "open_evidence", "pack"]

MAGIC = b"privfork"
VERSION = 1
MOST = 1024 * 1024
"""No evidence is larger, in bytes."""
_DIGEST = 32


@unique
class Flaw(StrEnum):
    """Why a file proves nothing."""

    FOREIGN = "evidence_foreign"
    DAMAGED = "evidence_damaged"
    LATER = "evidence_later"
    FALSE = "evidence_false"


class EvidenceRefused(PrivityError):
    """A file proves nothing; `reason` says why."""

    def __init__(self, reason: Flaw) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Evidence(Struct):
    """The proof, and what its finder says beside it.

    `host` and `found` (Unix seconds) are the finder's word.
    """

    magic: Annotated[bytes, Fixed(len(MAGIC))]
    version: U8
    host: Annotated[bytes, Bytes(255)]
    found: U53
    fork: Annotated[Fork, Nested(Fork)]
    digest: Annotated[bytes, Fixed(_DIGEST)]
    """SHA-256 of all in front of it."""


def pack(fork: Fork, host: str, found: int) -> bytes:
    """Return the file of a proof."""
    unsealed = Evidence(MAGIC, VERSION, host.encode(), found, fork, bytes(_DIGEST))
    whole = unsealed.encode()
    return replace(unsealed, digest=_digest_of(whole)).encode()


def open_evidence(data: bytes) -> Evidence:
    """Return what a file proves; raises EvidenceRefused."""
    if not data.startswith(MAGIC) or len(data) > MOST:
        raise EvidenceRefused(Flaw.FOREIGN)
    if _digest_of(data) != data[-_DIGEST:]:
        raise EvidenceRefused(Flaw.DAMAGED)
    if data[len(MAGIC)] != VERSION:
        raise EvidenceRefused(Flaw.LATER)
    try:
        evidence = Evidence.decode(data)
        evidence.host.decode("ascii")
        evidence.fork.check()
    except (DecodeError, NotAuthentic, UnicodeDecodeError):
        raise EvidenceRefused(Flaw.FALSE) from None
    return evidence


def _digest_of(data: bytes) -> bytes:
    return sha256(data[:-_DIGEST]).digest()
