"""Proof of work, which a stranger adds to a mailbox message: docs/spec/work.md.

A nonce under which one SHA-256 begins with some zero bits. It is good for one message
of one mailbox of one relay, on one day, so nobody has to remember which were shown.
Looking for it takes 2^bits hashes, checking it three.
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Final

from privity.codec import U32, Fixed, Opaque, Struct
from privity.errors import NotAuthentic

__all__ = ["MOST_BITS", "NONCE_SIZE", "Work", "challenge", "check", "highest"]

NONCE_SIZE = 8
MOST_BITS = 26
"""What no relay may ask more than: a minute or two on a phone."""
_LABEL: Final = b"Privity 1.0 work"


@dataclass(frozen=True, slots=True)
class Work(Struct):
    """What is shown; 12 bytes. `day` is Unix time / 86,400."""

    day: U32
    nonce: Annotated[bytes, Fixed(NONCE_SIZE)]


@dataclass(frozen=True, slots=True)
class _Input(Struct):
    label: Opaque
    host: Opaque
    mailbox_id: Annotated[bytes, Fixed(16)]
    day: U32
    idem: Annotated[bytes, Fixed(16)]
    body_hash: Annotated[bytes, Fixed(32)]


def challenge(
    host: str, mailbox_id: bytes, day: int, message: tuple[bytes, bytes]
) -> bytes:
    """Return the 32 bytes to work on; `message` is (idem, sealed body)."""
    idem, body = message
    about = _Input(_LABEL, host.encode(), mailbox_id, day, idem, sha256(body).digest())
    return sha256(about.encode()).digest()


def highest(bits: int) -> bytes:
    """Return the highest digest that begins with so many zero bits."""
    return ((1 << (256 - bits)) - 1).to_bytes(32, "big")


def check(target: bytes, work: Work, bits: int) -> None:
    """Refuse (NotAuthentic) a nonce under which a challenge has too few zero bits."""
    if sha256(target + work.nonce).digest() > highest(bits):
        raise NotAuthentic
