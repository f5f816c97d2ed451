"""Hybrid public-key encryption, base mode (RFC 9180), for MLS.

Where the library knows the KEM, it seals and opens single messages. What it lacks is
composed here over its primitives: the key schedule for KEMs that it does not know,
and the export of secrets, which external commits need. Not here: contexts for more
than one message, and the modes with a pre-shared key or a sender's key.
"""

from dataclasses import dataclass
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.bindings._rust import openssl
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.hpke import AEAD, KDF, Suite

from privity.codec import Opaque, Struct
from privity.errors import NotAuthentic
from privity.mls.dhkem import DhkemNist, DhkemX448, DhkemX25519, LabelledKdf
from privity.mls.x_wing import XWing

__all__ = [
    "AES_128_GCM",
    "AES_256_GCM",
    "CHACHA20_POLY1305",
    "HKDF_SHA256",
    "HKDF_SHA384",
    "HKDF_SHA512",
    "Aead",
    "HPKECiphertext",
    "Hpke",
    "Kdf",
    "Kem",
]

# The public single shot lacks the `aad` of RFC 9180 §6.1; these two have it.
_seal = openssl.hpke._encrypt_with_aad  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
_open = openssl.hpke._decrypt_with_aad  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]


@dataclass(frozen=True, slots=True)
class HPKECiphertext(Struct):
    """RFC 9420 §5.1.3, `struct HPKECiphertext`."""

    kem_output: Opaque
    ciphertext: Opaque


class Kdf(NamedTuple):
    """A KDF: its code in RFC 9180 §7.2, what the library calls it, its hash."""

    code: int
    library: KDF
    hash: hashes.HashAlgorithm


class Aead(NamedTuple):
    """An AEAD: its code in RFC 9180 §7.3, what the library calls it, its key."""

    code: int
    library: AEAD
    cipher: type[AESGCM] | type[ChaCha20Poly1305]
    key_length: int
    nonce_length: int = 12


HKDF_SHA256 = Kdf(1, KDF.HKDF_SHA256, hashes.SHA256())
HKDF_SHA384 = Kdf(2, KDF.HKDF_SHA384, hashes.SHA384())
HKDF_SHA512 = Kdf(3, KDF.HKDF_SHA512, hashes.SHA512())
AES_128_GCM = Aead(1, AEAD.AES_128_GCM, AESGCM, 16)
AES_256_GCM = Aead(2, AEAD.AES_256_GCM, AESGCM, 32)
CHACHA20_POLY1305 = Aead(3, AEAD.CHACHA20_POLY1305, ChaCha20Poly1305, 32)

Kem = DhkemX25519 | DhkemX448 | DhkemNist | XWing
"""A key encapsulation mechanism whose private keys are short byte strings."""


@dataclass(frozen=True, slots=True, repr=False)
class Context:
    """What both ends of one encapsulation share (RFC 9180 §5.1)."""

    key: bytes
    base_nonce: bytes
    exporter_secret: bytes


class Hpke:
    """One HPKE suite: a KEM, a KDF and an AEAD."""

    __slots__ = ("_aead", "_kdf", "_library", "kem")

    def __init__(self, kem: Kem, kdf: Kdf, aead: Aead) -> None:
        codes = (kem.code, kdf.code, aead.code)
        suite_id = b"HPKE" + b"".join(code.to_bytes(2, "big") for code in codes)
        self.kem = kem
        self._aead = aead
        self._kdf = LabelledKdf(kdf.hash, suite_id)
        self._library = (
            Suite(kem.library, kdf.library, aead.library) if kem.library else None
        )

    def seal(
        self, public: bytes, info: bytes, aad: bytes, plaintext: bytes
    ) -> HPKECiphertext:
        """Encrypt to `public`; raises RuleViolation when the key is unusable."""
        if self._library is None or isinstance(self.kem, DhkemX448):
            return self.seal_composed(public, info, aad, plaintext)
        key = self.kem.load_public(public)
        sealed = _seal(self._library, plaintext, key, info, aad)
        size = self.kem.enc_length
        return HPKECiphertext(sealed[:size], sealed[size:])

    def open(
        self, private: bytes, info: bytes, aad: bytes, sealed: HPKECiphertext
    ) -> bytes:
        """Decrypt what was sealed to the key of `private`; raises NotAuthentic."""
        if len(sealed.kem_output) != self.kem.enc_length:
            raise NotAuthentic("an encapsulated key of the wrong length")
        if self._library is None or isinstance(self.kem, DhkemX448):
            return self.open_composed(private, info, aad, sealed)
        key = self.kem.load_private(private)
        whole = sealed.kem_output + sealed.ciphertext
        try:
            return _open(self._library, whole, key, info, aad)
        except (InvalidTag, ValueError):
            raise NotAuthentic("HPKE does not open") from None

    def seal_composed(
        self, public: bytes, info: bytes, aad: bytes, plaintext: bytes
    ) -> HPKECiphertext:
        """Encrypt as `seal` does, by the key schedule below (RFC 9180 §6.1)."""
        secret, enc = self.kem.encapsulate(public)
        context = self._context(secret, info)
        cipher = self._aead.cipher(context.key)
        return HPKECiphertext(enc, cipher.encrypt(context.base_nonce, plaintext, aad))

    def open_composed(
        self, private: bytes, info: bytes, aad: bytes, sealed: HPKECiphertext
    ) -> bytes:
        """Decrypt as `open` does, by the key schedule below; raises NotAuthentic."""
        secret = self.kem.decapsulate(private, sealed.kem_output)
        context = self._context(secret, info)
        cipher = self._aead.cipher(context.key)
        try:
            return cipher.decrypt(context.base_nonce, sealed.ciphertext, aad)
        except InvalidTag:
            raise NotAuthentic("HPKE does not open") from None

    def send_export(
        self, public: bytes, exporter_context: bytes, length: int
    ) -> tuple[bytes, bytes]:
        """Return an encapsulation to `public` and a secret exported from it.

        SendExport of RFC 9180 §6.2 with empty `info`; raises RuleViolation.
        """
        secret, enc = self.kem.encapsulate(public)
        return enc, self._export(secret, exporter_context, length)

    def receive_export(
        self, private: bytes, enc: bytes, exporter_context: bytes, length: int
    ) -> bytes:
        """Return the secret that `send_export` exported; raises NotAuthentic."""
        secret = self.kem.decapsulate(private, enc)
        return self._export(secret, exporter_context, length)

    def _export(self, secret: bytes, exporter_context: bytes, length: int) -> bytes:
        exporter = self._context(secret, b"").exporter_secret
        return self._kdf.expand(exporter, b"sec", exporter_context, length)

    def _context(self, shared_secret: bytes, info: bytes) -> Context:
        """RFC 9180 §5.1, KeySchedule in base mode."""
        kdf = self._kdf
        context = (
            b"\0"
            + kdf.extract(b"", b"psk_id_hash", b"")
            + kdf.extract(b"", b"info_hash", info)
        )
        secret = kdf.extract(shared_secret, b"secret", b"")
        return Context(
            kdf.expand(secret, b"key", context, self._aead.key_length),
            kdf.expand(secret, b"base_nonce", context, self._aead.nonce_length),
            kdf.expand(secret, b"exp", context, kdf.length),
        )
