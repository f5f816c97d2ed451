"""The account's identity, sealed under the recovery key and kept by the relay.

Format: docs/spec/recovery-key.md. The object has one size for everybody and a fresh
salt each time, so that it shows neither what an account is called nor whether
anything changed. Its SHA-256 stands in the signed device list.
"""

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Annotated

from privity.codec import U8, U64, Bytes, Fixed, Reader, Struct, write_varint
from privity.errors import DecodeError, NotAuthentic, UsageError
from privity.identity.ids import Random
from privity.identity.kdf import expand
from privity.identity.links import RelayAddress
from privity.identity.sealing import TAG_SIZE, open_sealed, seal
from privity.identity.secret import Secret

__all__ = [
    "OBJECT_SIZE",
    "VERSION",
    "SelfStorage",
    "open_self_storage",
    "seal_self_storage",
    "self_storage_hash",
]

VERSION = 1
_SALT_SIZE = 32
_PADDED_SIZE = 4096
_LABEL = b"self-storage"
OBJECT_SIZE = 1 + _SALT_SIZE + _PADDED_SIZE + TAG_SIZE
"""4,145 bytes, always."""


@dataclass(frozen=True, slots=True)
class SelfStorage(Struct):
    """What brings an account back: its identity seed and where its relay is.

    `list_version` is that of the newest device list when this was sealed: a relay
    that offers an older one is caught.
    """

    version: U8
    account_id: Annotated[bytes, Fixed(16)]
    identity_seed: Annotated[bytes, Fixed(32)] = field(repr=False)
    relay: RelayAddress
    name: Annotated[bytes, Bytes(32)]
    list_version: U64


def seal_self_storage(
    recovery_key: Secret, storage: SelfStorage, random: Random
) -> bytes:
    """Return the object to upload: version ‖ salt ‖ AES-256-GCM of a fixed size."""
    plaintext = bytearray()
    encoded = storage.encode()
    write_varint(plaintext, len(encoded))
    plaintext += encoded
    if storage.version != VERSION or len(plaintext) > _PADDED_SIZE:
        raise UsageError("a self-storage of version 1 and at most 4,094 bytes")
    plaintext += bytes(_PADDED_SIZE - len(plaintext))
    salt = random(_SALT_SIZE)
    front = bytes([VERSION]) + salt
    return front + seal(_key(recovery_key, salt), bytes(plaintext), front)


def open_self_storage(recovery_key: Secret, sealed: bytes) -> SelfStorage:
    """Return what `sealed` holds.

    Raises DecodeError (wrong size or version) and NotAuthentic: another recovery
    key, or an object that was changed.
    """
    if not sealed or sealed[0] != VERSION:
        raise DecodeError("a self-storage of an unknown version")
    if len(sealed) != OBJECT_SIZE:
        raise NotAuthentic
    front, body = sealed[: 1 + _SALT_SIZE], sealed[1 + _SALT_SIZE :]
    reader = Reader(open_sealed(_key(recovery_key, front[1:]), body, front))
    encoded = reader.opaque()
    if any(reader.take(reader.remaining)):
        raise DecodeError("padding that is not zero")
    storage = SelfStorage.decode(encoded)
    if storage.version != VERSION:
        raise DecodeError("a self-storage of an unknown version")
    return storage


def self_storage_hash(sealed: bytes) -> bytes:
    """Return what the device list states of a sealed object."""
    return sha256(sealed).digest()


def _key(recovery_key: Secret, salt: bytes) -> bytes:
    return expand(recovery_key.reveal(), salt + _LABEL)
