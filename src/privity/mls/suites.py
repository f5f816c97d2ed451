"""The cipher suites of MLS and the labelled functions over them (RFC 9420 §5.1).

One object per suite, from `suite(code)`. A suite is a row of `_rows`; what has no
row raises `Unsupported`. Beside those of §17.1 there are two hybrid ones: ours, and
one of ts-mls, whose number means something else to others and is for tests with it.
"""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from privity.codec import as_opaque
from privity.errors import NotAuthentic, Unsupported
from privity.mls.dhkem import (
    DHKEM_P256,
    DHKEM_P384,
    DHKEM_P521,
    DHKEM_X448,
    DHKEM_X25519,
)
from privity.mls.hpke import (
    AES_128_GCM,
    AES_256_GCM,
    CHACHA20_POLY1305,
    HKDF_SHA256,
    HKDF_SHA384,
    HKDF_SHA512,
    Aead,
    Hpke,
    HPKECiphertext,
    Kdf,
    Kem,
)
from privity.mls.signatures import (
    ECDSA_P256,
    ECDSA_P384,
    ECDSA_P521,
    Ecdsa,
    Ed448,
    Ed25519,
)
from privity.mls.x_wing import X_WING, X_WING_OF_TS_MLS

__all__ = ["CipherSuite", "Random", "suite"]

Random = Callable[[int], bytes]
"""Gives that many unpredictable bytes: `os.urandom` does (RFC 9420 §16.10)."""

Signature = Ed25519 | Ed448 | Ecdsa


@dataclass(frozen=True, slots=True)
class CipherSuite:
    """The algorithms of one suite (RFC 9420 §5.1); every key is a byte string.

    `hash_length`, `key_length` and `nonce_length` are in bytes: those of the hash and
    of the AEAD. HPKE keys have the lengths of `kem`, signature keys those of
    `signature`. `code` is the number of §17.1, `name` its registered name.
    """

    code: int
    name: str
    hash_name: str
    hash_length: int
    key_length: int
    nonce_length: int
    hpke: Hpke
    signature: Signature
    kdf_hash: hashes.HashAlgorithm
    cipher: type[AESGCM] | type[ChaCha20Poly1305]

    def __repr__(self) -> str:
        """Return the registered name."""
        return self.name

    @property
    def kem(self) -> Kem:
        """The KEM of §5.1, for the lengths of its keys."""
        return self.hpke.kem

    def hash(self, data: bytes) -> bytes:
        """Return the suite's hash of `data`, `hash_length` bytes (§5.1)."""
        return hashlib.new(self.hash_name, data).digest()

    def mac(self, key: bytes, data: bytes) -> bytes:
        """Return HMAC under the suite's hash, `hash_length` bytes (§5.1)."""
        return hmac.digest(key, data, self.hash_name)

    def verify_mac(self, key: bytes, data: bytes, tag: bytes) -> None:
        """Raise NotAuthentic unless `tag` is the MAC, whole (§6.1, §6.2)."""
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
        info = length.to_bytes(2, "big") + _label(label) + as_opaque(context)
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
        """Return the AEAD ciphertext, 16 bytes longer than `plaintext` (§5.1)."""
        return self.cipher(key).encrypt(nonce, plaintext, aad)

    def open(self, key: bytes, nonce: bytes, aad: bytes, ciphertext: bytes) -> bytes:
        """Return the AEAD plaintext; raises NotAuthentic (§5.1)."""
        try:
            return self.cipher(key).decrypt(nonce, ciphertext, aad)
        except InvalidTag:
            raise NotAuthentic("an AEAD ciphertext does not open") from None

    def generate_signature_pair(self, random: Random) -> tuple[bytes, bytes]:
        """Return a fresh private key (a seed or scalar) and its public key (§5.1.1)."""
        private = self.signature.private_of(random(self.signature.private_length))
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
        """Return the HPKE private and public key that `ikm` determines (§5.1)."""
        return self.kem.derive_key_pair(ikm)

    def check_public_key(self, public: bytes) -> None:
        """Refuse a key to which nobody could encrypt; raises RuleViolation (§5.1.1)."""
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
        """Open what `hpke_seal` made; raises NotAuthentic (RFC 9180 §6.1)."""
        return self.hpke.open(private, info, aad, sealed)

    def send_external_init(self, public: bytes) -> tuple[bytes, bytes]:
        """Return a `kem_output` for a group's `external_pub` and the init secret.

        RFC 9420 §8.3. Raises RuleViolation when the key is unusable.
        """
        return self.hpke.send_export(public, _EXTERNAL_INIT, self.hash_length)

    def receive_external_init(self, private: bytes, kem_output: bytes) -> bytes:
        """Return the init secret of an external commit; raises NotAuthentic (§8.3)."""
        return self.hpke.receive_export(
            private, kem_output, _EXTERNAL_INIT, self.hash_length
        )

    def ref_hash(self, label: str, value: bytes) -> bytes:
        """RFC 9420 §5.2, RefHash; `label` is whole, as "MLS 1.0 Proposal Reference"."""
        return self.hash(as_opaque(label.encode()) + as_opaque(value))


def suite(code: int) -> CipherSuite:
    """Return the suite that `code` names (RFC 9420 §17.1); raises Unsupported."""
    found = _rows.get(code)
    if found is None:
        raise Unsupported(f"cipher suite {code:#06x}")
    return found


def _labelled(label: str, content: bytes) -> bytes:
    """Encode SignContent or EncryptContext, which are alike."""
    return _label(label) + as_opaque(content)


@lru_cache
def _label(label: str) -> bytes:
    """Encode a label, which is nobody's secret, with what MLS puts before it."""
    return as_opaque(b"MLS 1.0 " + label.encode())


_EXTERNAL_INIT = b"MLS 1.0 external init secret"


def _row(
    code: int, name: str, kem: Kem, algorithms: tuple[Kdf, Aead], signature: Signature
) -> CipherSuite:
    kdf, aead = algorithms
    return CipherSuite(
        code=code,
        name=name,
        hash_name=kdf.hash.name,
        hash_length=kdf.hash.digest_size,
        key_length=aead.key_length,
        nonce_length=aead.nonce_length,
        hpke=Hpke(kem, kdf, aead),
        signature=signature,
        kdf_hash=kdf.hash,
        cipher=aead.cipher,
    )


_rows = {
    row.code: row
    for row in (
        _row(
            0x0001,
            "MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519",
            DHKEM_X25519,
            (HKDF_SHA256, AES_128_GCM),
            Ed25519(),
        ),
        _row(
            0x0002,
            "MLS_128_DHKEMP256_AES128GCM_SHA256_P256",
            DHKEM_P256,
            (HKDF_SHA256, AES_128_GCM),
            ECDSA_P256,
        ),
        _row(
            0x0003,
            "MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519",
            DHKEM_X25519,
            (HKDF_SHA256, CHACHA20_POLY1305),
            Ed25519(),
        ),
        _row(
            0x0004,
            "MLS_256_DHKEMX448_AES256GCM_SHA512_Ed448",
            DHKEM_X448,
            (HKDF_SHA512, AES_256_GCM),
            Ed448(),
        ),
        _row(
            0x0005,
            "MLS_256_DHKEMP521_AES256GCM_SHA512_P521",
            DHKEM_P521,
            (HKDF_SHA512, AES_256_GCM),
            ECDSA_P521,
        ),
        _row(
            0x0006,
            "MLS_256_DHKEMX448_CHACHA20POLY1305_SHA512_Ed448",
            DHKEM_X448,
            (HKDF_SHA512, CHACHA20_POLY1305),
            Ed448(),
        ),
        _row(
            0x0007,
            "MLS_256_DHKEMP384_AES256GCM_SHA384_P384",
            DHKEM_P384,
            (HKDF_SHA384, AES_256_GCM),
            ECDSA_P384,
        ),
        _row(
            0x0053,
            "MLS_256_XWING_AES256GCM_SHA512_Ed25519",
            X_WING_OF_TS_MLS,
            (HKDF_SHA512, AES_256_GCM),
            Ed25519(),
        ),
        _row(
            0xF5A1,
            "PRIVITY_X25519MLKEM768_AES256GCM_SHA384_Ed25519",
            X_WING,
            (HKDF_SHA384, AES_256_GCM),
            Ed25519(),
        ),
    )
}
