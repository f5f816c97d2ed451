"""The header of a log entry, and the hashes that name and chain entries.

The header is what `append` carries beside the sealed envelope, in its canonical
encoding; the relay serves it byte for byte. Format: docs/spec/entry.md.
"""

from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256
from typing import Annotated

from privity.codec import U8, U64, Enumerated, Fixed, Flag, Opaque, Optional, Struct
from privity.errors import DecodeError

__all__ = [
    "NO_CHAIN",
    "NO_TAG",
    "VERSION",
    "AttachClaim",
    "Header",
    "Kind",
    "Rights",
    "chain",
    "digest",
]

VERSION = 1
NO_TAG = bytes(32)
"""Handshakes are not franked."""
NO_CHAIN = bytes(32)
"""The chain value of a log without entries."""


class Kind(IntEnum):
    """What an entry is; the relay treats a commit differently from the rest."""

    APP = 1
    COMMIT = 2
    PROPOSAL = 3


class Rights(IntEnum):
    """What an attached connection may do in one generation of a log."""

    READ = 1
    APPEND = 2
    BOTH = 3


@dataclass(frozen=True, slots=True)
class Header(Struct):
    """All that the relay learns of an entry, beside its size and its time.

    `parent` is the seq of the commit that began the entry's epoch and
    `generation` the seq of the commit that opened the parent's generation (both
    0 at creation). `idem` names the entry for repeats. `next_access_pk` and
    `next_lobby_pk` stand exactly where `opens` is set. The two hashes are
    SHA-256 of the sealed bytes that came with the entry.
    """

    version: U8
    log_id: Annotated[bytes, Fixed(16)]
    kind: Annotated[Kind, Enumerated(Kind, 1)]
    parent: U64
    generation: U64
    idem: Annotated[bytes, Fixed(16)]
    tag: Annotated[bytes, Fixed(32)]
    opens: Flag
    next_access_pk: Annotated[bytes | None, Optional(Fixed(32))]
    next_lobby_pk: Annotated[bytes | None, Optional(Fixed(32))]
    welcome_hash: Annotated[bytes | None, Optional(Fixed(32))]
    checkpoint_hash: Annotated[bytes | None, Optional(Fixed(32))]

    @classmethod
    def parse(cls, data: bytes) -> "Header":
        """Decode a header and refuse one whose fields contradict each other.

        Raises DecodeError. What only the log's state can tell is not judged here.
        """
        header = cls.decode(data)
        if header.version != VERSION:
            raise DecodeError("a header of an unknown version")
        handshake = header.kind is not Kind.APP
        if handshake and header.tag != NO_TAG:
            raise DecodeError("a handshake with a franking tag")
        keys = (header.next_access_pk, header.next_lobby_pk)
        if header.opens != all(keys) or any(keys) != all(keys):
            raise DecodeError("next keys belong to an opening commit, both of them")
        extras = (header.opens, header.welcome_hash, header.checkpoint_hash)
        if header.kind is not Kind.COMMIT and any(extras):
            raise DecodeError("only a commit opens, welcomes or checkpoints")
        if header.opens and header.checkpoint_hash is None:
            raise DecodeError("an opening commit without a checkpoint")
        return header


@dataclass(frozen=True, slots=True)
class AttachClaim(Struct):
    """What the access key of a generation signs to attach ("Privity 1.0 attach")."""

    version: U8
    host: Opaque
    relay_nonce: Annotated[bytes, Fixed(32)]
    client_nonce: Annotated[bytes, Fixed(32)]
    log_id: Annotated[bytes, Fixed(16)]
    generation: U64
    rights: Annotated[Rights, Enumerated(Rights, 1)]


def digest(header: bytes, envelope: bytes) -> bytes:
    """Return the 32 bytes that name the exact bytes of one attempt."""
    return sha256(sha256(header).digest() + sha256(envelope).digest()).digest()


def chain(previous: bytes, header: bytes, envelope: bytes) -> bytes:
    """Return the chain value behind an entry; `previous` is the one before it."""
    links = sha256(header).digest() + sha256(envelope).digest()
    return sha256(previous + links).digest()
