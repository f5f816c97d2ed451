"""HPKE compared with two others: the library's single shot, and RFC 9180's formulas.

For all KEMs, KDFs and AEADs that either has, not only those that suites combine.
"""

import pytest
import rfc9180
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.hpke import Suite

from privity.errors import NotAuthentic
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
    Hpke,
    HPKECiphertext,
)
from privity.mls.x_wing import X_WING

DHKEMS = (DHKEM_P256, DHKEM_P384, DHKEM_P521, DHKEM_X25519, DHKEM_X448)
IN_LIBRARY = (DHKEM_P256, DHKEM_P384, DHKEM_P521, DHKEM_X25519, X_WING)
KDFS = (HKDF_SHA256, HKDF_SHA384, HKDF_SHA512)
AEADS = (AES_128_GCM, AES_256_GCM, CHACHA20_POLY1305)
INFOS = (b"", b"info", bytes(300))
TEXTS = (b"", b"plain", bytes(range(256)) * 9)

each_kdf = pytest.mark.parametrize("kdf", KDFS, ids=lambda kdf: f"kdf{kdf.code}")
each_aead = pytest.mark.parametrize("aead", AEADS, ids=lambda aead: f"aead{aead.code}")


def named(kem):
    return f"{kem.code:#06x}"


def shared_secret(kem, private, public, enc):
    if kem is X_WING:
        return rfc9180.x_wing_secret(private, enc)
    return rfc9180.GROUPS[kem.code].shared_secret(private, public, enc)


@each_kdf
@each_aead
@pytest.mark.parametrize("kem", IN_LIBRARY, ids=named)
def test_our_key_schedule_and_the_librarys_single_shot_open_each_other(kem, kdf, aead):
    ours, theirs = (
        Hpke(kem, kdf, aead),
        Suite(kem.library, kdf.library, aead.library),
    )
    private, public = kem.derive_key_pair(b"seed")
    loaded, known = kem.load_private(private), kem.load_public(public)
    for info in INFOS:
        for text in TEXTS:
            whole = theirs.encrypt(text, known, info)
            sealed = HPKECiphertext(whole[: kem.enc_length], whole[kem.enc_length :])
            assert ours.open_composed(private, info, b"", sealed) == text
            sealed = ours.seal_composed(public, info, b"", text)
            whole = sealed.kem_output + sealed.ciphertext
            assert theirs.decrypt(whole, loaded, info) == text
            with pytest.raises(InvalidTag):
                theirs.decrypt(whole, loaded, info + b"!")
            with pytest.raises(NotAuthentic):
                ours.open_composed(private, info + b"!", b"", sealed)


@each_kdf
@each_aead
@pytest.mark.parametrize("kem", [*DHKEMS, X_WING], ids=named)
def test_what_is_sealed_opens_by_the_formulas_of_the_rfc(kem, kdf, aead):
    """With associated data, which the library's public single shot has not."""
    hpke, codes = Hpke(kem, kdf, aead), (kem.code, kdf.code, aead.code)
    private, public = kem.derive_key_pair(b"seed")
    for seal in (hpke.seal, hpke.seal_composed):
        sealed = seal(public, b"info", b"data", b"plain")
        secret = shared_secret(kem, private, public, sealed.kem_output)
        schedule = rfc9180.Schedule(codes, secret, b"info")
        assert schedule.open(b"data", sealed.ciphertext) == b"plain"


@each_kdf
@each_aead
@pytest.mark.parametrize("kem", [*DHKEMS, X_WING], ids=named)
def test_what_is_exported_is_what_the_formulas_of_the_rfc_say(kem, kdf, aead):
    hpke, codes = Hpke(kem, kdf, aead), (kem.code, kdf.code, aead.code)
    private, public = kem.derive_key_pair(b"seed")
    for length in (1, 32, 64, 200):
        enc, exported = hpke.send_export(public, b"context", length)
        secret = shared_secret(kem, private, public, enc)
        expected = rfc9180.Schedule(codes, secret).export(b"context", length)
        assert exported == expected
        assert hpke.receive_export(private, enc, b"context", length) == expected
        assert len(expected) == length


@pytest.mark.parametrize("kem", DHKEMS, ids=named)
def test_key_pairs_are_derived_by_the_formulas_of_the_rfc(kem):
    group = rfc9180.GROUPS[kem.code]
    for number in range(50):
        ikm = bytes([number]) * (1 + number)
        private, _ = kem.derive_key_pair(ikm)
        assert private == group.derive_private(ikm)
