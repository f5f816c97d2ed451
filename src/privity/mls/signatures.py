"""Ed25519 as libsodium does it: the one predicate that all of Privity uses.

Implementations differ on crafted keys and signatures; one that some members
accept and others refuse would split a group, so nobody else verifies here.
"""

from nacl import bindings
from nacl.exceptions import BadSignatureError

from privity.errors import NotAuthentic

__all__ = ["Ed25519"]


class Ed25519:
    """RFC 8032; a private key is its 32-byte seed, or what `prepared` makes of it."""

    private_length = 32
    public_length = 32
    signature_length = 64

    def public_of(self, private: bytes) -> bytes:
        """Return the public key that belongs to a seed."""
        return bindings.crypto_sign_seed_keypair(private)[0]

    def prepared(self, private: bytes) -> bytes:
        """Return a seed with its public key behind it: half the work of signing.

        Never put together from a seed and a key of another origin: a signature
        under the wrong public key gives the seed away.
        """
        return bindings.crypto_sign_seed_keypair(private)[1]

    def sign(self, private: bytes, message: bytes) -> bytes:
        """Return the 64-byte signature of `message`."""
        if len(private) == self.private_length:
            private = self.prepared(private)
        return bindings.crypto_sign(message, private)[:64]

    def verify(self, public: bytes, message: bytes, signature: bytes) -> None:
        """Raise NotAuthentic unless `signature` is right."""
        if len(public) != self.public_length or len(signature) != 64:
            raise NotAuthentic("a key or signature of the wrong length")
        try:
            bindings.crypto_sign_open(signature + message, public)
        except BadSignatureError:
            raise NotAuthentic("a signature does not verify") from None
