"""Hybrid public-key encryption, base mode, single shot (RFC 9180) for MLS.

The library seals and opens. What it lacks is composed here over its primitives:
`DeriveKeyPair` of DHKEM(X25519) (RFC 9180 §7.1.3), keys of X-Wing from a 32-byte
seed, and the refusal of keys of low order when they arrive rather than when
somebody first encrypts to them. Not here: contexts for more than one message and
secret export, which only external commits need.
"""

import hashlib
import hmac
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.bindings._rust import openssl
from cryptography.hazmat.primitives.asymmetric.mlkem import (
    MLKEM768PrivateKey,
    MLKEM768PublicKey,
)
from cryptography.hazmat.primitives.asymmetric.x25519 import (
    X25519PrivateKey,
    X25519PublicKey,
)
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from privity.codec import Opaque, Struct
from privity.errors import NotAuthentic, RuleViolation
from privity.mls.rules import Rule

__all__ = ["DHKEM_X25519", "X_WING", "HPKECiphertext", "Hpke", "Kem"]

# The public single shot lacks the `aad` of RFC 9180 §6.1; these two have it.
_seal = openssl.hpke._encrypt_with_aad  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
_open = openssl.hpke._decrypt_with_aad  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]

_P = 2**255 - 19
_LOW_ORDER = frozenset(
    {
        0,
        1,
        _P - 1,
        325606250916557431795983626356110631294008115727848805560023387167927233504,
        39382357235489614581723060781553021112529911719440698176882885853963445705823,
    }
)
"""The u-coordinates of all points of order 1, 2, 4, 8 on Curve25519 and its twist."""


@dataclass(frozen=True, slots=True)
class HPKECiphertext(Struct):
    """RFC 9420 §5.1.3, `struct HPKECiphertext`."""

    kem_output: Opaque
    ciphertext: Opaque


class DhkemX25519:
    """DHKEM(X25519, HKDF-SHA256), RFC 9180 §4.1 and §7.1.3."""

    kem = KEM.X25519
    private_length = 32
    public_length = 32
    enc_length = 32

    def derive_key_pair(self, ikm: bytes) -> tuple[bytes, bytes]:
        """Return the key pair of RFC 9180 §7.1.3, DeriveKeyPair."""
        suite_id = b"HPKE-v1KEM\x00\x20"
        prk = hmac.digest(b"", suite_id + b"dkp_prk" + ikm, "sha256")
        private = hmac.digest(prk, b"\x00\x20" + suite_id + b"sk\x01", "sha256")
        return private, self.public_of(private)

    def check_public(self, public: bytes) -> None:
        """Refuse all but the one encoding of a usable key; raises RuleViolation."""
        _check_x25519(public)

    def load_private(self, private: bytes) -> X25519PrivateKey:
        """Return the library's key object."""
        return X25519PrivateKey.from_private_bytes(private)

    def load_public(self, public: bytes) -> X25519PublicKey:
        """Return the library's key object."""
        _check_x25519(public)
        return X25519PublicKey.from_public_bytes(public)

    def public_of(self, private: bytes) -> bytes:
        """Return the public key that belongs to `private`."""
        return self.load_private(private).public_key().public_bytes_raw()


class XWing:
    """X-Wing (ML-KEM-768 and X25519); a private key is its 32-byte seed.

    The public key is the ML-KEM key followed by the X25519 key. `DeriveKeyPair`
    hashes its input to a seed: SHAKE256("privity x-wing v1" || ikm, 32).
    """

    kem = KEM.MLKEM768_X25519
    private_length = 32
    public_length = 1184 + 32
    enc_length = 1088 + 32

    def derive_key_pair(self, ikm: bytes) -> tuple[bytes, bytes]:
        """Return the seed that `ikm` determines, and its public key."""
        seed = hashlib.shake_256(b"privity x-wing v1" + ikm).digest(32)
        return seed, self.public_of(seed)

    def check_public(self, public: bytes) -> None:
        """Refuse a wrong length, an ML-KEM key out of range, a point of low order."""
        self.load_public(public)

    def load_private(self, private: bytes) -> MLKEM768X25519PrivateKey:
        """Return the library's key object for a seed."""
        return MLKEM768X25519PrivateKey(*_expand_seed(private))

    def load_public(self, public: bytes) -> MLKEM768X25519PublicKey:
        """Return the library's key object."""
        if len(public) != self.public_length:
            raise RuleViolation(Rule.BAD_PUBLIC_KEY)
        _check_x25519(public[1184:])
        try:
            lattice = MLKEM768PublicKey.from_public_bytes(public[:1184])
        except ValueError:
            raise RuleViolation(Rule.BAD_PUBLIC_KEY) from None
        return MLKEM768X25519PublicKey(
            lattice, X25519PublicKey.from_public_bytes(public[1184:])
        )

    def public_of(self, private: bytes) -> bytes:
        """Return the public key that belongs to a seed."""
        lattice, curve = _expand_seed(private)
        return (
            lattice.public_key().public_bytes_raw()
            + curve.public_key().public_bytes_raw()
        )


Kem = DhkemX25519 | XWing
"""A key encapsulation mechanism whose private keys are short byte strings."""

DHKEM_X25519 = DhkemX25519()
X_WING = XWing()


class Hpke:
    """One HPKE suite: a KEM, a KDF and an AEAD."""

    __slots__ = ("_suite", "kem")

    def __init__(self, kem: Kem, kdf: KDF, aead: AEAD) -> None:
        self.kem = kem
        self._suite = Suite(kem.kem, kdf, aead)

    def seal(
        self, public: bytes, info: bytes, aad: bytes, plaintext: bytes
    ) -> HPKECiphertext:
        """Encrypt to `public`; raises RuleViolation when the key is unusable."""
        key = self.kem.load_public(public)
        sealed = _seal(self._suite, plaintext, key, info, aad)
        size = self.kem.enc_length
        return HPKECiphertext(sealed[:size], sealed[size:])

    def open(
        self, private: bytes, info: bytes, aad: bytes, sealed: HPKECiphertext
    ) -> bytes:
        """Decrypt what was sealed to the key of `private`; raises NotAuthentic."""
        if len(sealed.kem_output) != self.kem.enc_length:
            raise NotAuthentic("an encapsulated key of the wrong length")
        key = self.kem.load_private(private)
        whole = sealed.kem_output + sealed.ciphertext
        try:
            return _open(self._suite, whole, key, info, aad)
        except (InvalidTag, ValueError):
            raise NotAuthentic("HPKE does not open") from None


def _check_x25519(public: bytes) -> None:
    if len(public) != 32:
        raise RuleViolation(Rule.BAD_PUBLIC_KEY)
    u = int.from_bytes(public, "little")
    # RFC 7748 §5 reads u, u + p and u + 2^255 as one point. What makes honest keys
    # gives u < p, and a key that must be unique must have one encoding.
    if u >= _P or u in _LOW_ORDER:
        raise RuleViolation(Rule.BAD_PUBLIC_KEY)


def _expand_seed(seed: bytes) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    expanded = hashlib.shake_256(seed).digest(96)
    return (
        MLKEM768PrivateKey.from_seed_bytes(expanded[:64]),
        X25519PrivateKey.from_private_bytes(expanded[64:]),
    )
