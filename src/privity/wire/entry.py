"""The header of a log entry, and the hashes that name and chain entries.

The header is what `append` carries beside the sealed envelope, in its canonical
encoding; the relay serves it byte for byte. Format: docs/spec/entry.md.
"""

from dataclasses import dataclass, fields
from enum import IntEnum
from hashlib import sha256
from struct import Struct as Layout
from typing import Annotated

from privity.codec import U8, U64, Enumerated, Fixed, Flag, Opaque, Optional, Struct
from privity.errors import DecodeError
from privity.wire.limits import BIG_COMMIT, COMMIT_ENVELOPE

__all__ = [
    "GENERATION_BYTES",
    "NO_CHAIN",
    "NO_TAG",
    "VERSION",
    "AttachClaim",
    "BlobRef",
    "Header",
    "Kind",
    "Rights",
    "chain",
    "chain_of_links",
    "digest",
    "digest_of_links",
    "generation_of",
    "links",
]

VERSION = 1
NO_TAG = bytes(32)
"""Handshakes are not franked."""
NO_CHAIN = bytes(32)
"""The chain value of a log without entries."""

_PLAIN = Layout(">B16sBQQ16s32s5s")
"""A header that opens nothing and brings nothing, as almost all are."""
_NOTHING = bytes(5)
GENERATION_BYTES = slice(26, 34)
"""Where a header states its generation."""


class Kind(IntEnum):
    """What an entry is; the relay treats a commit differently from the rest.

    A big commit is a commit whose envelope is a blob: in its place stands a `BlobRef`.
    """

    APP = 1
    COMMIT = 2
    PROPOSAL = 3
    BIG_COMMIT = 4


_KINDS = {int(kind): kind for kind in Kind}
_MESSAGE = (VERSION, Kind.APP)
"""A plain header with these has nothing in it that could contradict something."""
_COMMITS = frozenset({Kind.COMMIT, Kind.BIG_COMMIT})


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

    @property
    def is_commit(self) -> bool:
        """Whether the entry is a commit, of either size."""
        return self.kind in _COMMITS

    @classmethod
    def parse(cls, data: bytes) -> "Header":
        """Decode a header and refuse one whose fields contradict each other.

        Raises DecodeError. What only the log's state can tell is not judged here.
        """
        plain = _plain(data)
        if plain is not None and (plain.version, plain.kind) == _MESSAGE:
            return plain
        header = plain or cls.decode(data)
        if header.version != VERSION:
            raise DecodeError("a header of an unknown version")
        handshake = header.kind is not Kind.APP
        if handshake and header.tag != NO_TAG:
            raise DecodeError("a handshake with a franking tag")
        keys = (header.next_access_pk, header.next_lobby_pk)
        if header.opens != all(keys) or any(keys) != all(keys):
            raise DecodeError("next keys belong to an opening commit, both of them")
        extras = (header.opens, header.welcome_hash, header.checkpoint_hash)
        if any(extras) and not header.is_commit:
            raise DecodeError("only a commit opens, welcomes or checkpoints")
        if header.opens and header.checkpoint_hash is None:
            raise DecodeError("an opening commit without a checkpoint")
        return header


@dataclass(frozen=True, slots=True)
class BlobRef(Struct):
    """What stands in the place of a big commit's envelope: which blob that is.

    `size` is in bytes and `sha256` of the whole blob, so the entry's digest and the
    chain hold for the envelope too.
    """

    version: U8
    blob_id: Annotated[bytes, Fixed(16)]
    size: U64
    sha256: Annotated[bytes, Fixed(32)]

    @classmethod
    def parse(cls, data: bytes) -> "BlobRef":
        """Decode a reference; raises DecodeError, also for a size that none has."""
        found = cls.decode(data)
        if found.version != VERSION:
            raise DecodeError("a reference of an unknown version")
        if not COMMIT_ENVELOPE < found.size <= BIG_COMMIT:
            raise DecodeError("a big commit of a size that none has")
        return found


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


def _plain(data: bytes) -> Header | None:
    """Decode the common form at once; the relay does it for every message."""
    if len(data) != _PLAIN.size or not data.endswith(_NOTHING):
        return None
    version, log_id, kind, parent, generation, idem, tag, _ = _PLAIN.unpack(data)
    if kind not in _KINDS:
        return None
    stated = (version, log_id, _KINDS[kind], parent, generation, idem, tag)
    # As `Struct.read` does: the constructor takes three times as long.
    header = Header.__new__(Header)
    for put, value in zip(_PUTS, stated + _NO_EXTRAS, strict=True):
        put(header, value)
    return header


_NO_EXTRAS = (False, None, None, None, None)
_PUTS = tuple(getattr(Header, field.name).__set__ for field in fields(Header))
"""They fill the slots of a header that nobody has seen yet."""


def generation_of(header: bytes) -> int:
    """Return the generation that a stored header states; the rest is not looked at."""
    return int.from_bytes(header[GENERATION_BYTES], "big")


def links(header: bytes, envelope: bytes) -> bytes:
    """Return SHA-256(header) ‖ SHA-256(envelope), 64 bytes."""
    return sha256(header).digest() + sha256(envelope).digest()


def digest_of_links(both: bytes) -> bytes:
    """Return the digest of an attempt of which only `links` are known."""
    return sha256(both).digest()


def chain_of_links(previous: bytes, both: bytes) -> bytes:
    """Return the chain value behind an entry of which only `links` are known."""
    return sha256(previous + both).digest()


def digest(header: bytes, envelope: bytes) -> bytes:
    """Return the 32 bytes that name the exact bytes of one attempt."""
    return digest_of_links(links(header, envelope))


def chain(previous: bytes, header: bytes, envelope: bytes) -> bytes:
    """Return the chain value behind an entry; `previous` is the one before it."""
    return chain_of_links(previous, links(header, envelope))
