"""The signature schemes of the cipher suites (RFC 9420 §5.1.2, §17.1).

Implementations differ on crafted keys and signatures; one that some members accept
and others refuse would split a group. So each scheme has one predicate: Ed25519 is
libsodium's, the others are OpenSSL's. An ECDSA signature has a twin that verifies as
well; nothing here may take a signature for a name of what it signs.
"""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed448 import (
    Ed448PrivateKey,
    Ed448PublicKey,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from nacl import bindings
from nacl.exceptions import BadSignatureError

from privity.errors import NotAuthentic

__all__ = ["ECDSA_P256", "ECDSA_P384", "ECDSA_P521", "Ecdsa", "Ed448", "Ed25519"]


class Ed25519:
    """RFC 8032; a private key is its 32-byte seed, or what `prepared` makes of it."""

    private_length = 32
    public_length = 32
    signature_length = 64

    def private_of(self, drawn: bytes) -> bytes:
        """Return the private key of `private_length` random bytes."""
        return drawn

    def public_of(self, private: bytes) -> bytes:
        """Return the public key that belongs to a private key of either form."""
        return self._whole(private)[self.private_length :]

    def public_of_certificate(self, key: PublicKeyTypes) -> bytes | None:
        """Return a certificate's key as a leaf holds it; `None` if of another kind."""
        return key.public_bytes_raw() if isinstance(key, Ed25519PublicKey) else None

    def prepared(self, private: bytes) -> bytes:
        """Return a seed with its public key behind it: half the work of signing.

        Never put together from a seed and a key of another origin: a signature
        under the wrong public key gives the seed away.
        """
        return bindings.crypto_sign_seed_keypair(private)[1]

    def sign(self, private: bytes, message: bytes) -> bytes:
        """Return the 64-byte signature of `message`."""
        return bindings.crypto_sign(message, self._whole(private))[:64]

    def verify(self, public: bytes, message: bytes, signature: bytes) -> None:
        """Raise NotAuthentic unless `signature` is right."""
        if len(public) != self.public_length or len(signature) != 64:
            raise NotAuthentic("a key or signature of the wrong length")
        try:
            bindings.crypto_sign_open(signature + message, public)
        except BadSignatureError:
            raise NotAuthentic("a signature does not verify") from None

    def _whole(self, private: bytes) -> bytes:
        whole = self.private_length + self.public_length
        return private if len(private) == whole else self.prepared(private)


class Ed448:
    """RFC 8032; a private key is its 57-byte seed."""

    private_length = 57
    public_length = 57
    signature_length = 114

    def private_of(self, drawn: bytes) -> bytes:
        """Return the private key of `private_length` random bytes."""
        return drawn

    def public_of(self, private: bytes) -> bytes:
        """Return the public key that belongs to a seed."""
        key = Ed448PrivateKey.from_private_bytes(private)
        return key.public_key().public_bytes_raw()

    def public_of_certificate(self, key: PublicKeyTypes) -> bytes | None:
        """Return a certificate's key as a leaf holds it; `None` if of another kind."""
        return key.public_bytes_raw() if isinstance(key, Ed448PublicKey) else None

    def prepared(self, private: bytes) -> bytes:
        """Return the seed: nothing can be worked out ahead."""
        return private

    def sign(self, private: bytes, message: bytes) -> bytes:
        """Return the 114-byte signature of `message`."""
        return Ed448PrivateKey.from_private_bytes(private).sign(message)

    def verify(self, public: bytes, message: bytes, signature: bytes) -> None:
        """Raise NotAuthentic unless `signature` is right."""
        if len(public) != self.public_length:
            raise NotAuthentic("a key of the wrong length")
        try:
            Ed448PublicKey.from_public_bytes(public).verify(signature, message)
        except (InvalidSignature, ValueError):
            raise NotAuthentic("a signature does not verify") from None


class Ecdsa:
    """ECDSA on a NIST curve; signatures are DER, public keys uncompressed points.

    A private key is its big-endian scalar. Nonces are those of RFC 6979, so that
    signing needs no randomness.
    """

    def __init__(self, curve: ec.EllipticCurve, hash_: hashes.HashAlgorithm) -> None:
        self.private_length = (curve.key_size + 7) // 8
        self.public_length = 2 * self.private_length + 1
        self._curve = curve
        self._verifying = ec.ECDSA(hash_)
        self._signing = ec.ECDSA(hash_, deterministic_signing=True)

    def private_of(self, drawn: bytes) -> bytes:
        """Return the private key of `private_length` random bytes.

        Reducing them is off uniform by less than 2^-32, and gives no nonce away.
        """
        number = int.from_bytes(drawn, "big") & ((1 << self._curve.key_size) - 1)
        scalar = number % (self._curve.group_order - 1) + 1
        return scalar.to_bytes(self.private_length, "big")

    def public_of(self, private: bytes) -> bytes:
        """Return the public key that belongs to a scalar."""
        return _encoded(self._load(private).public_key())

    def public_of_certificate(self, key: PublicKeyTypes) -> bytes | None:
        """Return a certificate's key as a leaf holds it; `None` if of another kind."""
        if not isinstance(key, ec.EllipticCurvePublicKey):
            return None
        return _encoded(key) if key.curve.name == self._curve.name else None

    def prepared(self, private: bytes) -> bytes:
        """Return the scalar: nothing can be worked out ahead."""
        return private

    def sign(self, private: bytes, message: bytes) -> bytes:
        """Return the DER signature of `message`."""
        return self._load(private).sign(message, self._signing)

    def verify(self, public: bytes, message: bytes, signature: bytes) -> None:
        """Raise NotAuthentic unless `signature` is right."""
        if len(public) != self.public_length:
            raise NotAuthentic("a key of the wrong length")
        try:
            key = ec.EllipticCurvePublicKey.from_encoded_point(self._curve, public)
            key.verify(signature, message, self._verifying)
        except (InvalidSignature, ValueError):
            raise NotAuthentic("a signature does not verify") from None

    def _load(self, private: bytes) -> ec.EllipticCurvePrivateKey:
        return ec.derive_private_key(int.from_bytes(private, "big"), self._curve)


ECDSA_P256 = Ecdsa(ec.SECP256R1(), hashes.SHA256())
ECDSA_P384 = Ecdsa(ec.SECP384R1(), hashes.SHA384())
ECDSA_P521 = Ecdsa(ec.SECP521R1(), hashes.SHA512())


def _encoded(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
