"""Envelopes: the sealed bodies of entries, Welcomes and checkpoints.

docs/spec/envelope.md. `salt(32) ‖ AES-256-GCM(key, nonce 0, padded plaintext)`: the
salt makes the key serve once. The relay, which has no key, sees a padded size.
"""

from dataclasses import dataclass
from enum import StrEnum, unique
from hashlib import sha256

from privity.codec import U8, Opaque, Struct, write_uint
from privity.content.padding import pad, unpad
from privity.core.generations import Generation
from privity.errors import DecodeError
from privity.identity.kdf import expand
from privity.identity.sealing import TAG_SIZE, open_sealed, seal
from privity.wire.entry import Kind

__all__ = [
    "CREATION",
    "CommitPayload",
    "Part",
    "envelope_size",
    "open_envelope",
    "open_part",
    "part_place",
    "seal_checkpoint",
    "seal_envelope",
    "seal_part",
]

SALT = 32
VERSION = 1
CREATION = 0
"""Stands for the kind in the AAD of the checkpoint that creates a log."""


@unique
class Part(StrEnum):
    """What may come with a commit, sealed by itself."""

    WELCOME = "welcome"
    CHECKPOINT = "ckpt"


@dataclass(frozen=True, slots=True)
class CommitPayload(Struct):
    """The plaintext of a commit: an MLSMessage (PublicMessage), and a GroupInfo.

    `group_info` is of the new epoch, without the tree, signed by the committer.
    """

    version: U8
    message: Opaque
    group_info: Opaque


def envelope_size(content: bytes) -> int:
    """Return how many bytes the envelope of `content` has."""
    return SALT + len(pad(content)) + TAG_SIZE


def seal_envelope(
    generation: Generation, header: bytes, content: bytes, salt: bytes
) -> bytes:
    """Return the envelope of an entry; `salt` is 32 fresh random bytes."""
    key = expand(generation.env, salt + b"msg")
    return salt + seal(key, pad(content), header)


def open_envelope(generation: Generation, header: bytes, envelope: bytes) -> bytes:
    """Return the content of an entry; raises NotAuthentic, DecodeError."""
    salt, sealed = _split(envelope)
    key = expand(generation.env, salt + b"msg")
    return unpad(open_sealed(key, sealed, header))


def seal_part(
    generation: Generation, part: Part, place: bytes, content: bytes, salt: bytes
) -> bytes:
    """Return a sealed Welcome or checkpoint; `place` comes from `part_place`."""
    return salt + seal(_part_key(generation, part, salt), pad(content), place)


def seal_checkpoint(generation: Generation, place: bytes, content: bytes) -> bytes:
    """Return the one sealed checkpoint that this state has here, as all can compute it.

    Its salt follows from key and content, so that members can tell a false one. A key
    seals one plaintext all the same.
    """
    salt = expand(generation.ckpt, b"ckpt-salt" + sha256(place + content).digest())
    return seal_part(generation, Part.CHECKPOINT, place, content, salt)


def open_part(generation: Generation, part: Part, place: bytes, sealed: bytes) -> bytes:
    """Return what `seal_part` sealed; raises NotAuthentic, DecodeError."""
    salt, body = _split(sealed)
    return unpad(open_sealed(_part_key(generation, part, salt), body, place))


def part_place(log_id: bytes, parent: int, kind: int = Kind.COMMIT) -> bytes:
    """Return the AAD that binds a part to its commit: log id ‖ parent ‖ kind."""
    out = bytearray(log_id)
    write_uint(out, parent, 8)
    write_uint(out, kind, 1)
    return bytes(out)


def _part_key(generation: Generation, part: Part, salt: bytes) -> bytes:
    base = generation.env if part is Part.WELCOME else generation.ckpt
    return expand(base, salt + part.value.encode())


def _split(sealed: bytes) -> tuple[bytes, bytes]:
    if len(sealed) < SALT:
        raise DecodeError("shorter than its salt")
    return sealed[:SALT], sealed[SALT:]
