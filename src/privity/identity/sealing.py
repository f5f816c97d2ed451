"""AES-256-GCM for what is ours, whatever the MLS suite (`docs/spec/conventions.md`).

A key that seals once takes the zero nonce; whoever seals more than once under one
key brings nonces that never repeat.
"""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from privity.errors import NotAuthentic

__all__ = ["NONCE_SIZE", "TAG_SIZE", "ZERO_NONCE", "open_sealed", "seal"]

NONCE_SIZE = 12
TAG_SIZE = 16
ZERO_NONCE = bytes(NONCE_SIZE)


def seal(
    key: bytes, plaintext: bytes, aad: bytes = b"", nonce: bytes = ZERO_NONCE
) -> bytes:
    """Return the ciphertext with its 16-byte tag behind it; `key` has 32 bytes."""
    return AESGCM(key).encrypt(nonce, plaintext, aad)


def open_sealed(
    key: bytes, sealed: bytes, aad: bytes = b"", nonce: bytes = ZERO_NONCE
) -> bytes:
    """Return the plaintext of `seal`, or raise NotAuthentic."""
    try:
        return AESGCM(key).decrypt(nonce, sealed, aad)
    except InvalidTag:
        raise NotAuthentic from None
