"""X-Wing: ML-KEM-768 and X25519 together (draft-connolly-cfrg-xwing-kem).

A private key is its 32-byte seed; the public key is the ML-KEM key followed by the
X25519 key. The draft leaves DeriveKeyPair to those who use it, so there are two:
ours, and that of ts-mls, which hashes its input without a label.
"""

import hashlib

from cryptography.hazmat.primitives.asymmetric.mlkem import (
    MLKEM768PrivateKey,
    MLKEM768PublicKey,
)
from cryptography.hazmat.primitives.asymmetric.x25519 import (
    X25519PrivateKey,
    X25519PublicKey,
)
from cryptography.hazmat.primitives.hpke import (
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
)

from privity.errors import NotAuthentic, RuleViolation
from privity.mls.dhkem import check_x25519
from privity.mls.rules import Rule

__all__ = ["X_WING", "X_WING_OF_TS_MLS", "XWing"]

_LATTICE_KEY, _LATTICE_ENC = 1184, 1088
_LABEL = b"\\.//^\\"


class XWing:
    """X-Wing; DeriveKeyPair hashes its input to a seed: SHAKE256(label || ikm, 32)."""

    library = KEM.MLKEM768_X25519
    code = 0x647A
    private_length = 32
    public_length = _LATTICE_KEY + 32
    enc_length = _LATTICE_ENC + 32

    def __init__(self, label: bytes) -> None:
        self._derive_label = label

    def derive_key_pair(self, ikm: bytes) -> tuple[bytes, bytes]:
        """Return the seed that `ikm` determines, and its public key."""
        seed = hashlib.shake_256(self._derive_label + ikm).digest(32)
        return seed, self.public_of(seed)

    def encapsulate(self, public: bytes) -> tuple[bytes, bytes]:
        """Return a shared secret and its encapsulation to `public`.

        Raises RuleViolation when the key is unusable.
        """
        lattice, curve = _split(public)
        ephemeral = X25519PrivateKey.generate()
        shared, sealed = lattice.encapsulate()
        enc = ephemeral.public_key().public_bytes_raw()
        secret = _combined(shared, ephemeral.exchange(curve), enc + public[-32:])
        return secret, sealed + enc

    def decapsulate(self, private: bytes, enc: bytes) -> bytes:
        """Return the secret that `enc` encapsulates; raises NotAuthentic."""
        if len(enc) != self.enc_length:
            raise NotAuthentic("an encapsulated key of the wrong length")
        lattice, curve = _expand_seed(private)
        shared = lattice.decapsulate(enc[:_LATTICE_ENC])
        point = enc[_LATTICE_ENC:]
        try:
            exchanged = curve.exchange(X25519PublicKey.from_public_bytes(point))
        except ValueError:
            raise NotAuthentic("an encapsulated key that is none") from None
        own = curve.public_key().public_bytes_raw()
        return _combined(shared, exchanged, point + own)

    def check_public(self, public: bytes) -> None:
        """Refuse a wrong length, an ML-KEM key out of range, a point of low order."""
        _split(public)

    def load_private(self, private: bytes) -> MLKEM768X25519PrivateKey:
        """Return the library's key object for a seed."""
        return MLKEM768X25519PrivateKey(*_expand_seed(private))

    def load_public(self, public: bytes) -> MLKEM768X25519PublicKey:
        """Return the library's key object; raises RuleViolation."""
        return MLKEM768X25519PublicKey(*_split(public))

    def public_of(self, private: bytes) -> bytes:
        """Return the public key that belongs to a seed."""
        lattice, curve = _expand_seed(private)
        return (
            lattice.public_key().public_bytes_raw()
            + curve.public_key().public_bytes_raw()
        )


X_WING = XWing(b"privity x-wing v1")
X_WING_OF_TS_MLS = XWing(b"")


def _combined(lattice: bytes, curve: bytes, points: bytes) -> bytes:
    return hashlib.sha3_256(lattice + curve + points + _LABEL).digest()


def _split(public: bytes) -> tuple[MLKEM768PublicKey, X25519PublicKey]:
    if len(public) != XWing.public_length:
        raise RuleViolation(Rule.BAD_PUBLIC_KEY)
    check_x25519(public[_LATTICE_KEY:])
    try:
        lattice = MLKEM768PublicKey.from_public_bytes(public[:_LATTICE_KEY])
    except ValueError:
        raise RuleViolation(Rule.BAD_PUBLIC_KEY) from None
    return lattice, X25519PublicKey.from_public_bytes(public[_LATTICE_KEY:])


def _expand_seed(seed: bytes) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    expanded = hashlib.shake_256(seed).digest(96)
    return (
        MLKEM768PrivateKey.from_seed_bytes(expanded[:64]),
        X25519PrivateKey.from_private_bytes(expanded[64:]),
    )
