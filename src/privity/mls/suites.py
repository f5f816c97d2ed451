"""The cipher suites of MLS and the labelled functions over them (RFC 9420 §5.1).

One object per suite, from `suite(code)`. A suite is a row of `_rows`; what has no
row raises `Unsupported`. Not here yet: suites 2 to 7 of §17.1.
"""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from privity.codec import write_opaque
from privity.errors import NotAuthentic, Unsupported
from privity.mls.hpke import DHKEM_X25519, X_WING, Hpke, HPKECiphertext, Kem
from privity.mls.signatures import Ed25519

__all__ = ["CipherSuite", "Random", "suite"]

Random = Callable[[int], bytes]
"""Gives that many unpredictable bytes."""


@dataclass(frozen=True, slots=True)
class CipherSuite:
    """The algorithms of one suite; every key is a byte string."""

    code: int
    name: str
    hash_name: str
    hash_length: int
    key_length: int
    nonce_length: int
    hpke: Hpke
    signature: Ed25519
    kdf_hash: hashes.HashAlgorithm

    def __repr__(self) -> str:
        """Return the registered name."""
        return self.name

    @property
    def kem(self) -> Kem:
        """The KEM, for the lengths of its keys."""
        return self.hpke.kem

    def hash(self, data: bytes) -> bytes:
        """Return the suite's hash of `data`."""
        return hashlib.new(self.hash_name, data).digest()

    def mac(self, key: bytes, data: bytes) -> bytes:
        """Return HMAC under the suite's hash."""
        return hmac.digest(key, data, self.hash_name)

    def verify_mac(self, key: bytes, data: bytes, tag: bytes) -> None:
        """Raise NotAuthentic unless `tag` is the MAC, whole."""
        if not hmac.compare_digest(self.mac(key, data), tag):
            raise NotAuthentic("a MAC does not verify")

    def extract(self, salt: bytes, ikm: bytes) -> bytes:
        """HKDF-Extract (RFC 5869 §2.2)."""
        return hmac.digest(salt, ikm, self.hash_name)

    def expand(self, secret: bytes, info: bytes, length: int) -> bytes:
        """HKDF-Expand (RFC 5869 §2.3)."""
        return HKDFExpand(self.kdf_hash, length, info).derive(secret)

    def expand_with_label(
        self, secret: bytes, label: str, context: bytes, length: int
    ) -> bytes:
        """RFC 9420 §8, ExpandWithLabel."""
        info = length.to_bytes(2, "big") + _labelled(label, context)
        return self.expand(secret, info, length)

    def derive_secret(self, secret: bytes, label: str) -> bytes:
        """RFC 9420 §8, DeriveSecret."""
        return self.expand_with_label(secret, label, b"", self.hash_length)

    def derive_tree_secret(
        self, secret: bytes, label: str, generation: int, length: int
    ) -> bytes:
        """RFC 9420 §9.1, DeriveTreeSecret."""
        return self.expand_with_label(
            secret, label, generation.to_bytes(4, "big"), length
        )

    def seal(self, key: bytes, nonce: bytes, aad: bytes, plaintext: bytes) -> bytes:
        """Return the AEAD ciphertext, its tag at the end."""
        return AESGCM(key).encrypt(nonce, plaintext, aad)

    def open(self, key: bytes, nonce: bytes, aad: bytes, ciphertext: bytes) -> bytes:
        """Return the AEAD plaintext; raises NotAuthentic."""
        try:
            return AESGCM(key).decrypt(nonce, ciphertext, aad)
        except InvalidTag:
            raise NotAuthentic("an AEAD ciphertext does not open") from None

    def generate_signature_pair(self, random: Random) -> tuple[bytes, bytes]:
        """Return a fresh private key (its seed) and its public key."""
        private = random(self.signature.private_length)
        return private, self.signature.public_of(private)

    def sign_with_label(self, private: bytes, label: str, content: bytes) -> bytes:
        """RFC 9420 §5.1.2, SignWithLabel."""
        return self.signature.sign(private, _labelled(label, content))

    def verify_with_label(
        self, public: bytes, label: str, content: bytes, signature: bytes
    ) -> None:
        """RFC 9420 §5.1.2, VerifyWithLabel; raises NotAuthentic."""
        self.signature.verify(public, _labelled(label, content), signature)

    def derive_key_pair(self, ikm: bytes) -> tuple[bytes, bytes]:
        """Return the HPKE private and public key that `ikm` determines."""
        return self.kem.derive_key_pair(ikm)

    def check_public_key(self, public: bytes) -> None:
        """Refuse an HPKE key to which nobody could encrypt; raises RuleViolation."""
        self.kem.check_public(public)

    def encrypt_with_label(
        self, public: bytes, label: str, context: bytes, plaintext: bytes
    ) -> HPKECiphertext:
        """RFC 9420 §5.1.3, EncryptWithLabel."""
        return self.hpke.seal(public, _labelled(label, context), b"", plaintext)

    def decrypt_with_label(
        self, private: bytes, label: str, context: bytes, sealed: HPKECiphertext
    ) -> bytes:
        """RFC 9420 §5.1.3, DecryptWithLabel; raises NotAuthentic."""
        return self.hpke.open(private, _labelled(label, context), b"", sealed)

    def hpke_seal(
        self, public: bytes, info: bytes, aad: bytes, plaintext: bytes
    ) -> HPKECiphertext:
        """Seal one message to `public` without a label of MLS (RFC 9180 §6.1)."""
        return self.hpke.seal(public, info, aad, plaintext)

    def hpke_open(
        self, private: bytes, info: bytes, aad: bytes, sealed: HPKECiphertext
    ) -> bytes:
        """Open one message that `hpke_seal` made; raises NotAuthentic."""
        return self.hpke.open(private, info, aad, sealed)

    def ref_hash(self, label: str, value: bytes) -> bytes:
        """RFC 9420 §5.2, RefHash; `label` is whole, as "MLS 1.0 Proposal Reference"."""
        data = bytearray()
        write_opaque(data, label.encode())
        write_opaque(data, value)
        return self.hash(bytes(data))


def suite(code: int) -> CipherSuite:
    """Return the suite that `code` names; raises Unsupported."""
    found = _rows.get(code)
    if found is None:
        raise Unsupported(f"cipher suite {code:#06x}")
    return found


def _labelled(label: str, content: bytes) -> bytes:
    """Encode SignContent, EncryptContext and KDFLabel behind its length: all alike."""
    data = bytearray()
    write_opaque(data, b"MLS 1.0 " + label.encode())
    write_opaque(data, content)
    return bytes(data)


_rows = {
    row.code: row
    for row in (
        CipherSuite(
            code=0x0001,
            name="MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519",
            hash_name="sha256",
            hash_length=32,
            key_length=16,
            nonce_length=12,
            hpke=Hpke(DHKEM_X25519, KDF.HKDF_SHA256, AEAD.AES_128_GCM),
            signature=Ed25519(),
            kdf_hash=hashes.SHA256(),
        ),
        CipherSuite(
            code=0xF5A1,
            name="PRIVITY_X25519MLKEM768_AES256GCM_SHA384_Ed25519",
            hash_name="sha384",
            hash_length=48,
            key_length=32,
            nonce_length=12,
            hpke=Hpke(X_WING, KDF.HKDF_SHA384, AEAD.AES_256_GCM),
            signature=Ed25519(),
            kdf_hash=hashes.SHA384(),
        ),
    )
}
