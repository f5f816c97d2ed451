"""DHKEM over X25519, X448 and the NIST curves (RFC 9180 §4.1, §7.1).

A private key is a byte string: the clamped scalar of X25519 and X448, the big-endian
scalar of the NIST curves. A public key that could not be encrypted to is refused when
it arrives rather than when somebody first encrypts to it. Not here: authenticated
encapsulation, which MLS does not use.
"""

import hmac
from abc import ABC, abstractmethod

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.x448 import X448PrivateKey, X448PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import (
    X25519PrivateKey,
    X25519PublicKey,
)
from cryptography.hazmat.primitives.hpke import KEM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from nacl import bindings

from privity.errors import NotAuthentic, RuleViolation, UsageError
from privity.mls.rules import Rule

__all__ = [
    "DHKEM_P256",
    "DHKEM_P384",
    "DHKEM_P521",
    "DHKEM_X448",
    "DHKEM_X25519",
    "Dhkem",
    "LabelledKdf",
    "check_x25519",
]

_P25519 = 2**255 - 19
_P448 = 2**448 - 2**224 - 1
_LOW_ORDER_25519 = frozenset(
    {
        0,
        1,
        _P25519 - 1,
        325606250916557431795983626356110631294008115727848805560023387167927233504,
        39382357235489614581723060781553021112529911719440698176882885853963445705823,
    }
)
"""The u-coordinates of all points of order 1, 2, 4, 8 on Curve25519 and its twist."""
_LOW_ORDER_448 = frozenset({0, 1, _P448 - 1})
"""The u-coordinates of all points of order 1, 2, 4 on Curve448 and its twist."""


class LabelledKdf:
    """LabeledExtract and LabeledExpand of RFC 9180 §4, for one `suite_id`."""

    __slots__ = ("_hash", "_name", "_prefix", "length")

    def __init__(self, hash_: hashes.HashAlgorithm, suite_id: bytes) -> None:
        self._hash = hash_
        self._name = hash_.name
        self._prefix = b"HPKE-v1" + suite_id
        self.length = hash_.digest_size

    def extract(self, salt: bytes, label: bytes, ikm: bytes) -> bytes:
        """Return LabeledExtract: as many bytes as the hash has."""
        return hmac.digest(salt, self._prefix + label + ikm, self._name)

    def expand(self, prk: bytes, label: bytes, info: bytes, length: int) -> bytes:
        """Return LabeledExpand: `length` bytes."""
        whole = length.to_bytes(2, "big") + self._prefix + label + info
        return HKDFExpand(self._hash, length, whole).derive(prk)


class Dhkem(ABC):
    """DHKEM(Group, HKDF), RFC 9180 §4.1; `library` is what the library calls it."""

    library: KEM | None = None

    def __init__(
        self, code: int, hash_: hashes.HashAlgorithm, sizes: tuple[int, int]
    ) -> None:
        self.code = code
        self.private_length, self.public_length = sizes
        self.enc_length = self.public_length
        self._kdf = LabelledKdf(hash_, b"KEM" + code.to_bytes(2, "big"))

    def derive_key_pair(self, ikm: bytes) -> tuple[bytes, bytes]:
        """Return the private and public key of RFC 9180 §7.1.3, DeriveKeyPair."""
        prk = self._kdf.extract(b"", b"dkp_prk", ikm)
        private = self._derive_private(prk)
        return private, self.public_of(private)

    def encapsulate(self, public: bytes) -> tuple[bytes, bytes]:
        """Return a shared secret and its encapsulation to `public` (Encap).

        Raises RuleViolation when the key is unusable.
        """
        self.check_public(public)
        ephemeral = self._generate()
        enc = self.public_of(ephemeral)
        return self._shared(self._exchange(ephemeral, public), enc + public), enc

    def decapsulate(self, private: bytes, enc: bytes) -> bytes:
        """Return the secret that `enc` encapsulates (Decap); raises NotAuthentic."""
        if len(enc) != self.enc_length:
            raise NotAuthentic("an encapsulated key of the wrong length")
        try:
            secret = self._exchange(private, enc)
        except ValueError:
            raise NotAuthentic("an encapsulated key that is none") from None
        return self._shared(secret, enc + self.public_of(private))

    @abstractmethod
    def check_public(self, public: bytes) -> None:
        """Refuse what is no public key, or of low order; raises RuleViolation."""

    @abstractmethod
    def public_of(self, private: bytes) -> bytes:
        """Return the public key that belongs to `private`."""

    @abstractmethod
    def _generate(self) -> bytes: ...

    @abstractmethod
    def _exchange(self, private: bytes, public: bytes) -> bytes: ...

    def _derive_private(self, prk: bytes) -> bytes:
        return self._kdf.expand(prk, b"sk", b"", self.private_length)

    def _shared(self, secret: bytes, context: bytes) -> bytes:
        prk = self._kdf.extract(b"", b"eae_prk", secret)
        return self._kdf.expand(prk, b"shared_secret", context, self._kdf.length)


class DhkemX25519(Dhkem):
    """DHKEM(X25519, HKDF-SHA256)."""

    library = KEM.X25519

    def check_public(self, public: bytes) -> None:
        """Refuse all but the one encoding of a usable key; raises RuleViolation."""
        check_x25519(public)

    def public_of(self, private: bytes) -> bytes:
        """Return the public key that belongs to `private`."""
        # libsodium takes less time for it, and no look at how long its input is.
        if len(private) != self.private_length:
            raise UsageError("a private key of the wrong length")
        return bindings.crypto_scalarmult_base(private)

    def load_private(self, private: bytes) -> X25519PrivateKey:
        """Return the library's key object."""
        return X25519PrivateKey.from_private_bytes(private)

    def load_public(self, public: bytes) -> X25519PublicKey:
        """Return the library's key object; raises RuleViolation."""
        check_x25519(public)
        return X25519PublicKey.from_public_bytes(public)

    def _generate(self) -> bytes:
        return X25519PrivateKey.generate().private_bytes_raw()

    def _exchange(self, private: bytes, public: bytes) -> bytes:
        other = X25519PublicKey.from_public_bytes(public)
        return self.load_private(private).exchange(other)


class DhkemX448(Dhkem):
    """DHKEM(X448, HKDF-SHA512); the library's HPKE does not have it."""

    def check_public(self, public: bytes) -> None:
        """Refuse all but the one encoding of a usable key; raises RuleViolation."""
        if len(public) != self.public_length:
            raise RuleViolation(Rule.BAD_PUBLIC_KEY)
        u = int.from_bytes(public, "little")
        if u >= _P448 or u in _LOW_ORDER_448:
            raise RuleViolation(Rule.BAD_PUBLIC_KEY)

    def public_of(self, private: bytes) -> bytes:
        """Return the public key that belongs to `private`."""
        key = X448PrivateKey.from_private_bytes(private)
        return key.public_key().public_bytes_raw()

    def _generate(self) -> bytes:
        return X448PrivateKey.generate().private_bytes_raw()

    def _exchange(self, private: bytes, public: bytes) -> bytes:
        other = X448PublicKey.from_public_bytes(public)
        return X448PrivateKey.from_private_bytes(private).exchange(other)


class DhkemNist(Dhkem):
    """DHKEM over a NIST curve; points are uncompressed (RFC 9180 §7.1.1)."""

    def __init__(
        self,
        code: int,
        hash_: hashes.HashAlgorithm,
        curve: ec.EllipticCurve,
        library: KEM,
    ) -> None:
        size = (curve.key_size + 7) // 8
        super().__init__(code, hash_, (size, 2 * size + 1))
        self.library = library
        self._curve = curve
        self._mask = (1 << curve.key_size) - 1

    def check_public(self, public: bytes) -> None:
        """Refuse what is no uncompressed point of the curve; raises RuleViolation."""
        self.load_public(public)

    def public_of(self, private: bytes) -> bytes:
        """Return the public key that belongs to `private`."""
        return _encoded(self.load_private(private).public_key())

    def load_private(self, private: bytes) -> ec.EllipticCurvePrivateKey:
        """Return the library's key object."""
        return ec.derive_private_key(int.from_bytes(private, "big"), self._curve)

    def load_public(self, public: bytes) -> ec.EllipticCurvePublicKey:
        """Return the library's key object; raises RuleViolation."""
        if len(public) != self.public_length:
            raise RuleViolation(Rule.BAD_PUBLIC_KEY)
        try:
            return ec.EllipticCurvePublicKey.from_encoded_point(self._curve, public)
        except ValueError:
            raise RuleViolation(Rule.BAD_PUBLIC_KEY) from None

    def _derive_private(self, prk: bytes) -> bytes:
        for counter in range(256):
            drawn = self._kdf.expand(
                prk, b"candidate", bytes([counter]), self.private_length
            )
            scalar = int.from_bytes(drawn, "big") & self._mask
            if 0 < scalar < self._curve.group_order:
                return scalar.to_bytes(self.private_length, "big")
        raise AssertionError("256 candidates in a row, each with odds below 2^-32")

    def _generate(self) -> bytes:
        scalar = ec.generate_private_key(self._curve).private_numbers().private_value
        return scalar.to_bytes(self.private_length, "big")

    def _exchange(self, private: bytes, public: bytes) -> bytes:
        other = ec.EllipticCurvePublicKey.from_encoded_point(self._curve, public)
        return self.load_private(private).exchange(ec.ECDH(), other)


DHKEM_P256 = DhkemNist(0x0010, hashes.SHA256(), ec.SECP256R1(), KEM.P256)
DHKEM_P384 = DhkemNist(0x0011, hashes.SHA384(), ec.SECP384R1(), KEM.P384)
DHKEM_P521 = DhkemNist(0x0012, hashes.SHA512(), ec.SECP521R1(), KEM.P521)
DHKEM_X25519 = DhkemX25519(0x0020, hashes.SHA256(), (32, 32))
DHKEM_X448 = DhkemX448(0x0021, hashes.SHA512(), (56, 56))


def check_x25519(public: bytes) -> None:
    """Refuse all but the one encoding of a usable key; raises RuleViolation."""
    if len(public) != 32:
        raise RuleViolation(Rule.BAD_PUBLIC_KEY)
    u = int.from_bytes(public, "little")
    # RFC 7748 §5 reads u, u + p and u + 2^255 as one point. What makes honest keys
    # gives u < p, and a key that must be unique must have one encoding.
    if u >= _P25519 or u in _LOW_ORDER_25519:
        raise RuleViolation(Rule.BAD_PUBLIC_KEY)


def _encoded(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
