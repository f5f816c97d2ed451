"""RFC 9180 once more, from its formulas, to compare `privity.mls.hpke` with.

It shares with it the curves of the library and HMAC, and no line of code.
"""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x448 import X448PrivateKey, X448PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import (
    X25519PrivateKey,
    X25519PublicKey,
)
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305

HASHES = {1: "sha256", 2: "sha384", 3: "sha512"}
CIPHERS = {1: (AESGCM, 16), 2: (AESGCM, 32), 3: (ChaCha20Poly1305, 32)}
Exchange = Callable[[bytes, bytes], bytes]


def extract(name: str, suite_id: bytes, salt: bytes, label: bytes, ikm: bytes) -> bytes:
    """LabeledExtract of §4."""
    return hmac.digest(salt, b"HPKE-v1" + suite_id + label + ikm, name)


def expand(
    name: str, suite_id: bytes, prk: bytes, label: bytes, info: bytes, length: int
) -> bytes:
    """LabeledExpand of §4, with HKDF-Expand of RFC 5869 §2.3 block by block."""
    labelled = length.to_bytes(2, "big") + b"HPKE-v1" + suite_id + label + info
    out, block, count = b"", b"", 1
    while len(out) < length:
        block = hmac.digest(prk, block + labelled + bytes([count]), name)
        out, count = out + block, count + 1
    return out[:length]


def _x25519(private: bytes, public: bytes) -> bytes:
    key = X25519PrivateKey.from_private_bytes(private)
    return key.exchange(X25519PublicKey.from_public_bytes(public))


def _x448(private: bytes, public: bytes) -> bytes:
    key = X448PrivateKey.from_private_bytes(private)
    return key.exchange(X448PublicKey.from_public_bytes(public))


def _on(curve: ec.EllipticCurve) -> Exchange:
    def exchange(private: bytes, public: bytes) -> bytes:
        key = ec.derive_private_key(int.from_bytes(private, "big"), curve)
        point = ec.EllipticCurvePublicKey.from_encoded_point(curve, public)
        return key.exchange(ec.ECDH(), point)

    return exchange


@dataclass(frozen=True)
class Group:
    """A row of §7.1: the KEM's code, its hash, its group, how long a scalar is."""

    code: int
    name: str
    exchange: Exchange
    private_length: int
    order: int | None = None
    mask: int = 0xFF

    @property
    def suite_id(self) -> bytes:
        """§4.1: what labels of the KEM begin with."""
        return b"KEM" + self.code.to_bytes(2, "big")

    def shared_secret(self, private: bytes, public: bytes, enc: bytes) -> bytes:
        """Decap of §4.1."""
        dh = self.exchange(private, enc)
        prk = extract(self.name, self.suite_id, b"", b"eae_prk", dh)
        size = hashlib.new(self.name).digest_size
        return expand(
            self.name, self.suite_id, prk, b"shared_secret", enc + public, size
        )

    def derive_private(self, ikm: bytes) -> bytes:
        """DeriveKeyPair of §7.1.3, its private half."""
        prk = extract(self.name, self.suite_id, b"", b"dkp_prk", ikm)
        size = self.private_length
        if self.order is None:
            return expand(self.name, self.suite_id, prk, b"sk", b"", size)
        for counter in range(256):
            tried = expand(
                self.name, self.suite_id, prk, b"candidate", bytes([counter]), size
            )
            tried = bytes([tried[0] & self.mask]) + tried[1:]
            if 0 < int.from_bytes(tried, "big") < self.order:
                return tried
        raise AssertionError("no candidate")


_P256 = ec.SECP256R1()
_P384 = ec.SECP384R1()
_P521 = ec.SECP521R1()
GROUPS = {
    0x10: Group(0x10, "sha256", _on(_P256), 32, _P256.group_order),
    0x11: Group(0x11, "sha384", _on(_P384), 48, _P384.group_order),
    0x12: Group(0x12, "sha512", _on(_P521), 66, _P521.group_order, mask=0x01),
    0x20: Group(0x20, "sha256", _x25519, 32),
    0x21: Group(0x21, "sha512", _x448, 56),
}


def x_wing_secret(seed: bytes, enc: bytes) -> bytes:
    """Decapsulate of draft-connolly-cfrg-xwing-kem."""
    expanded = hashlib.shake_256(seed).digest(96)
    curve = X25519PrivateKey.from_private_bytes(expanded[64:])
    lattice = MLKEM768PrivateKey.from_seed_bytes(expanded[:64])
    parts = (
        lattice.decapsulate(enc[:1088]),
        curve.exchange(X25519PublicKey.from_public_bytes(enc[1088:])),
        enc[1088:],
        curve.public_key().public_bytes_raw(),
        bytes.fromhex("5c2e2f2f5e5c"),
    )
    return hashlib.sha3_256(b"".join(parts)).digest()


@dataclass(frozen=True)
class Schedule:
    """KeySchedule of §5.1 in base mode."""

    codes: tuple[int, int, int]
    shared_secret: bytes
    info: bytes = b""

    def export(self, exporter_context: bytes, length: int) -> bytes:
        """Export of §5.3."""
        size = hashlib.new(self._name).digest_size
        exporter = self._expanded(b"exp", size)
        return expand(
            self._name, self._suite_id, exporter, b"sec", exporter_context, length
        )

    def open(self, aad: bytes, ciphertext: bytes) -> bytes:
        """Open of §6.1: the first message of a context."""
        cipher, size = CIPHERS[self.codes[2]]
        key, nonce = self._expanded(b"key", size), self._expanded(b"base_nonce", 12)
        return cipher(key).decrypt(nonce, ciphertext, aad)

    @property
    def _name(self) -> str:
        return HASHES[self.codes[1]]

    @property
    def _suite_id(self) -> bytes:
        return b"HPKE" + b"".join(code.to_bytes(2, "big") for code in self.codes)

    def _expanded(self, label: bytes, length: int) -> bytes:
        name, suite_id = self._name, self._suite_id
        context = (
            b"\0"
            + extract(name, suite_id, b"", b"psk_id_hash", b"")
            + extract(name, suite_id, b"", b"info_hash", self.info)
        )
        secret = extract(name, suite_id, self.shared_secret, b"secret", b"")
        return expand(name, suite_id, secret, label, context, length)
