"""The vault: the database's random key, wrapped for whoever may open it.

A vault has slots, each of which holds the same 32-byte key, sealed with AES-256-GCM
under another wrapping key: Argon2id of a passphrase (RFC 9106), or a random key in
the keyring of the operating system. The passphrase slot always exists, as rescue.
Format: docs/security/local-store.md. What the key opens is not known here.
"""

import os
import unicodedata
from dataclasses import dataclass, replace
from enum import IntEnum
from pathlib import Path
from typing import Annotated

from nacl.exceptions import CryptoError
from nacl.pwhash import argon2id

from privity.client import keyrings
from privity.client.errors import (
    ClientError,
    Damaged,
    Locked,
    NewerProfile,
    NoProfile,
    StorageFull,
)
from privity.client.files import write_whole
from privity.codec import U8, U32, Bytes, Enumerated, Fixed, Struct, Vector
from privity.errors import DecodeError, NotAuthentic, UsageError
from privity.identity.sealing import open_sealed, seal
from privity.identity.secret import Secret

__all__ = [
    "KEY_SIZE",
    "add_keyring",
    "change_passphrase",
    "create_vault",
    "has_keyring",
    "open_vault",
    "open_with_keyring",
    "remove_keyring",
]

VERSION = 1
KEY_SIZE = 32
MEMORY = 64 * 1024
"""KiB of Argon2id; a vault is read with what its slot says, up to `_MOST_MEMORY`."""
PASSES = 3
_MOST_MEMORY = 1024 * 1024
_MOST_PASSES = 64
_MOST_BYTES = 4096
_MAGIC = b"privity vault\n"


class SlotKind(IntEnum):
    """Where a slot's wrapping key comes from."""

    PASSPHRASE = 1
    KEYRING = 2


@dataclass(frozen=True, slots=True)
class Slot(Struct):
    """The key for one way of opening; memory and passes are 0 for a keyring."""

    kind: Annotated[SlotKind, Enumerated(SlotKind, 1)]
    salt: Annotated[bytes, Fixed(16)]
    memory: U32
    passes: U32
    sealed: Annotated[bytes, Bytes(KEY_SIZE + 16)]

    @property
    def aad(self) -> bytes:
        """What is authenticated beside the key: all of the slot that is readable."""
        return _MAGIC + replace(self, sealed=b"").encode()


@dataclass(frozen=True, slots=True)
class Vault(Struct):
    """All slots; exactly one of them is a passphrase's."""

    magic: Annotated[bytes, Fixed(len(_MAGIC))]
    version: U8
    slots: Annotated[tuple[Slot, ...], Vector(Slot, 2)]

    def slot(self, kind: SlotKind) -> Slot | None:
        """Return the slot of a kind, or None."""
        return next((slot for slot in self.slots if slot.kind is kind), None)


def create_vault(path: Path, passphrase: str) -> Secret:
    """Make a vault with a fresh key and return the key; refuses to replace one."""
    if path.exists():
        raise NoProfile(f"there is an account already in {path.parent}")
    key = Secret(os.urandom(KEY_SIZE))
    _write(path, (_passphrase_slot(key, passphrase),))
    return key


def open_vault(path: Path, passphrase: str) -> Secret:
    """Return the key; costs Argon2id once.

    Raises Locked (wrong passphrase), NoProfile, Damaged, NewerProfile.
    """
    slot = _read(path).slot(SlotKind.PASSPHRASE)
    if slot is None:
        raise Damaged("the vault has no passphrase slot")
    return _unwrap(slot, _stretch(passphrase, slot), "wrong passphrase")


def change_passphrase(path: Path, old: str, new: str) -> None:
    """Wrap the same key under another passphrase; the old one opens nothing more.

    A copy of the old file still opens with the old passphrase: whoever fears that
    the passphrase *and* the files were copied needs a new profile.
    """
    key = open_vault(path, old)
    others = [s for s in _read(path).slots if s.kind is not SlotKind.PASSPHRASE]
    _write(path, (_passphrase_slot(key, new), *others))


def has_keyring(path: Path) -> bool:
    """Whether the vault can be opened by the keyring of the operating system."""
    return _read(path).slot(SlotKind.KEYRING) is not None


def open_with_keyring(path: Path) -> Secret:
    """Return the key with the help of the operating system's keyring.

    Raises Locked where there is no such slot, no keyring, or it doesn't hold it.
    """
    slot = _read(path).slot(SlotKind.KEYRING)
    if slot is None:
        raise Locked("the keyring holds no key of this profile")
    return _unwrap(slot, keyrings.load(slot.salt), "the keyring holds another key")


def add_keyring(path: Path, passphrase: str) -> None:
    """Let the operating system's keyring open the vault, beside the passphrase."""
    key = open_vault(path, passphrase)
    wrapping = os.urandom(KEY_SIZE)
    slot = _sealed_slot(
        Slot(SlotKind.KEYRING, os.urandom(16), 0, 0, b""), wrapping, key
    )
    keyrings.save(slot.salt, wrapping)
    vault = _read(path)
    kept = [one for one in vault.slots if one.kind is SlotKind.PASSPHRASE]
    _write(path, (*kept, slot))


def remove_keyring(path: Path) -> None:
    """Take the keyring's way to the key away; harmless when there is none."""
    vault = _read(path)
    slot = vault.slot(SlotKind.KEYRING)
    if slot is None:
        return
    _write(path, tuple(one for one in vault.slots if one is not slot))
    keyrings.forget(slot.salt)


def _passphrase_slot(key: Secret, passphrase: str) -> Slot:
    slot = Slot(SlotKind.PASSPHRASE, os.urandom(16), MEMORY, PASSES, b"")
    return _sealed_slot(slot, _stretch(passphrase, slot), key)


def _sealed_slot(slot: Slot, wrapping: bytes, key: Secret) -> Slot:
    return replace(slot, sealed=seal(wrapping, key.reveal(), slot.aad))


def _unwrap(slot: Slot, wrapping: bytes, refusal: str) -> Secret:
    try:
        return Secret(open_sealed(wrapping, slot.sealed, slot.aad))
    except NotAuthentic:
        raise Locked(refusal) from None


def _stretch(passphrase: str, slot: Slot) -> bytes:
    if not passphrase:
        raise UsageError("an empty passphrase protects nothing")
    # One passphrase is typed as different code points on different keyboards.
    text = unicodedata.normalize("NFC", passphrase).encode()
    try:
        return argon2id.kdf(
            KEY_SIZE, text, slot.salt, opslimit=slot.passes, memlimit=slot.memory << 10
        )
    except (CryptoError, MemoryError) as error:
        raise Damaged(f"Argon2id can't be computed: {error}") from None


def _read(path: Path) -> Vault:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise NoProfile(f"there is no account in {path.parent}") from None
    if len(data) > _MOST_BYTES or not data.startswith(_MAGIC):
        raise Damaged("the vault is not one")
    if data[len(_MAGIC) : len(_MAGIC) + 1] != bytes([VERSION]):
        raise _version_failure(data[len(_MAGIC) :])
    try:
        vault = Vault.decode(data)
    except DecodeError as error:
        raise Damaged(f"the vault can't be read: {error}") from None
    if any(not _is_bounded(slot) for slot in vault.slots):
        raise Damaged("the vault asks for an impossible amount of work")
    return vault


def _version_failure(rest: bytes) -> ClientError:
    if rest[:1] > bytes([VERSION]):
        return NewerProfile("a later version of Privity wrote the vault")
    return Damaged("the vault has no version")


def _is_bounded(slot: Slot) -> bool:
    if slot.kind is SlotKind.KEYRING:
        return slot.memory == slot.passes == 0
    return 8 <= slot.memory <= _MOST_MEMORY and 1 <= slot.passes <= _MOST_PASSES


def _write(path: Path, slots: tuple[Slot, ...]) -> None:
    vault = Vault(magic=_MAGIC, version=VERSION, slots=slots)
    try:
        write_whole(path, vault.encode())
    except OSError as error:
        raise StorageFull(f"the vault can't be written: {error.strerror}") from None
