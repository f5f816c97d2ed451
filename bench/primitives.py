"""The floor under `bench_mls`: what the primitives alone take, bare."""

import os
from collections.abc import Callable, Iterator

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from nacl import bindings

from bench.timing import per_call
from privity.mls import suite
from privity.mls.dhkem import DhkemX448

__all__ = ["floors"]

MESSAGE = os.urandom(300)
TIMES = 50


def floors() -> Iterator[tuple[str, float]]:
    """Yield (primitive, microseconds) of all primitives, once each."""
    for name, work in _primitives():
        work()
        yield name, per_call(work, TIMES) * 1e6


def _primitives() -> Iterator[tuple[str, Callable[[], object]]]:
    public, private = bindings.crypto_sign_keypair()
    signed = bindings.crypto_sign(MESSAGE, private)
    yield "Ed25519 sign", lambda: bindings.crypto_sign(MESSAGE, private)
    yield "Ed25519 verify", lambda: bindings.crypto_sign_open(signed, public)
    yield from _hpke("X25519", 0x0001, Suite(*_CLASSIC))
    yield from _hpke("X-Wing", 0xF5A1, Suite(*_HYBRID))
    key, nonce, secret = os.urandom(16), os.urandom(12), os.urandom(32)
    sealed = AESGCM(key).encrypt(nonce, MESSAGE, b"aad")
    yield "AES-GCM seal", lambda: AESGCM(key).encrypt(nonce, MESSAGE, b"aad")
    yield "AES-GCM open", lambda: AESGCM(key).decrypt(nonce, sealed, b"aad")
    digest = hashes.SHA256()
    yield "HKDF-Expand", lambda: HKDFExpand(digest, 32, b"info").derive(secret)


_CLASSIC = (KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_128_GCM)
_HYBRID = (KEM.MLKEM768_X25519, KDF.HKDF_SHA384, AEAD.AES_256_GCM)


def _hpke(
    name: str, code: int, library: Suite
) -> Iterator[tuple[str, Callable[[], object]]]:
    kem = suite(code).kem
    if isinstance(kem, DhkemX448):
        raise TypeError("the library's HPKE has no X448")
    private, public = kem.derive_key_pair(os.urandom(48))
    opener, sealer = kem.load_private(private), kem.load_public(public)
    sealed = library.encrypt(MESSAGE[:32], sealer, b"info")
    yield f"HPKE seal {name}", lambda: library.encrypt(MESSAGE[:32], sealer, b"info")
    yield f"HPKE open {name}", lambda: library.decrypt(sealed, opener, b"info")
