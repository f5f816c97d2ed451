import hashlib
import hmac

import pytest
from cryptography.hazmat.primitives.asymmetric.x448 import (
    X448PrivateKey,
    X448PublicKey,
)
from cryptography.hazmat.primitives.asymmetric.x25519 import (
    X25519PrivateKey,
    X25519PublicKey,
)
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from mls_groups import ALL_SUITES, DRAW
from rejecting import rejects

from privity.errors import NotAuthentic, Unsupported, UsageError
from privity.mls import (
    Capabilities,
    Credential,
    HPKECiphertext,
    LeafIdentity,
    Rule,
    suite,
)

P = 2**255 - 19
P448 = 2**448 - 2**224 - 1
LOW_ORDER = (
    0,
    1,
    P - 1,
    P,
    P + 1,
    325606250916557431795983626356110631294008115727848805560023387167927233504,
    39382357235489614581723060781553021112529911719440698176882885853963445705823,
)

every_suite = pytest.mark.parametrize("code", ALL_SUITES)


@pytest.mark.parametrize("code", [0, 8, 0x004D, 0x0052, 0x0A0A, 0xF5A2])
def test_other_suites_are_unsupported_by_name(code):
    with pytest.raises(Unsupported, match=f"{code:#06x}"):
        suite(code)


@pytest.mark.parametrize("u", LOW_ORDER)
@pytest.mark.parametrize("high_bit", [0, 1 << 255])
def test_points_of_low_order_are_refused_on_arrival(u, high_bit):
    encoded = (u | high_bit).to_bytes(32, "little")
    crypto = suite(0x0001)
    with rejects(Rule.BAD_PUBLIC_KEY):
        crypto.check_public_key(encoded)
    with rejects(Rule.BAD_PUBLIC_KEY):
        crypto.encrypt_with_label(encoded, "x", b"", b"")
    hybrid = suite(0xF5A1)
    _, public = hybrid.derive_key_pair(b"ikm")
    with rejects(Rule.BAD_PUBLIC_KEY):
        hybrid.check_public_key(public[:-32] + encoded)
    with pytest.raises(ValueError, match="shared key"):
        X25519PrivateKey.generate().exchange(X25519PublicKey.from_public_bytes(encoded))


@every_suite
def test_keys_of_the_wrong_length_are_refused(code):
    crypto = suite(code)
    _, public = crypto.derive_key_pair(b"ikm")
    crypto.check_public_key(public)
    for wrong in (b"", public[:-1], public + b"\0"):
        with rejects(Rule.BAD_PUBLIC_KEY):
            crypto.check_public_key(wrong)


def test_a_lattice_key_out_of_range_is_refused():
    crypto = suite(0xF5A1)
    _, public = crypto.derive_key_pair(b"ikm")
    with rejects(Rule.BAD_PUBLIC_KEY):
        crypto.check_public_key(b"\xff" * 1152 + public[1152:])


@every_suite
def test_key_pairs_follow_from_their_seed(code):
    crypto = suite(code)
    private, public = crypto.derive_key_pair(b"seed")
    assert (private, public) == crypto.derive_key_pair(b"seed")
    assert crypto.kem.public_of(private) == public
    assert len(private) == crypto.kem.private_length
    assert len(public) == crypto.kem.public_length
    assert crypto.derive_key_pair(b"other") != (private, public)


@every_suite
def test_what_was_sealed_opens_with_the_same_info_and_data_only(code):
    crypto = suite(code)
    private, public = crypto.derive_key_pair(b"seed")
    sealed = crypto.hpke_seal(public, b"info", b"data", b"plain")
    assert len(sealed.kem_output) == crypto.kem.enc_length
    assert crypto.hpke_open(private, b"info", b"data", sealed) == b"plain"
    other, _ = crypto.derive_key_pair(b"other")
    shorter = HPKECiphertext(sealed.kem_output[:-1], sealed.ciphertext)
    for key, info, data, message in (
        (private, b"other", b"data", sealed),
        (private, b"info", b"other", sealed),
        (other, b"info", b"data", sealed),
        (private, b"info", b"data", shorter),
        (private, b"info", b"data", HPKECiphertext(sealed.kem_output, b"")),
    ):
        with pytest.raises(NotAuthentic):
            crypto.hpke_open(key, info, data, message)


def test_an_encapsulated_point_of_low_order_does_not_open():
    crypto = suite(0x0001)
    private, public = crypto.derive_key_pair(b"seed")
    sealed = crypto.hpke_seal(public, b"", b"", b"plain")
    with pytest.raises(NotAuthentic):
        crypto.hpke_open(
            private, b"", b"", HPKECiphertext(bytes(32), sealed.ciphertext)
        )


@every_suite
def test_the_library_and_the_composed_key_schedule_open_each_other(code):
    hpke = suite(code).hpke
    private, public = suite(code).derive_key_pair(b"seed")
    one = hpke.seal(public, b"info", b"data", b"plain")
    assert hpke.open_composed(private, b"info", b"data", one) == b"plain"
    other = hpke.seal_composed(public, b"info", b"data", b"plain")
    assert hpke.open(private, b"info", b"data", other) == b"plain"
    with pytest.raises(NotAuthentic):
        hpke.open_composed(private, b"info", b"", other)


@every_suite
def test_both_ends_of_an_external_init_export_one_secret(code):
    crypto = suite(code)
    private, public = crypto.derive_key_pair(b"external secret")
    enc, secret = crypto.send_external_init(public)
    assert len(enc) == crypto.kem.enc_length
    assert len(secret) == crypto.hash_length
    assert crypto.receive_external_init(private, enc) == secret
    assert crypto.send_external_init(public)[1] != secret
    for wrong in (b"", enc[:-1], enc + b"\0"):
        with pytest.raises(NotAuthentic):
            crypto.receive_external_init(private, wrong)


def test_an_export_is_what_rfc_9180_says():
    """SendExport by the formulas of RFC 9180 §4.1, §5.1 and §5.3 for suite 1."""
    crypto = suite(0x0001)
    private, public = crypto.derive_key_pair(b"seed")
    enc, exported = crypto.send_external_init(public)

    def extract(suite_id, salt, label, ikm):
        return hmac.digest(salt, b"HPKE-v1" + suite_id + label + ikm, "sha256")

    def expand(suite_id, prk, label, info):
        head = b"\0\x20HPKE-v1" + suite_id + label + info
        return hmac.digest(prk, head + b"\1", "sha256")

    kem, hpke = b"KEM\x00\x20", b"HPKE\x00\x20\x00\x01\x00\x01"
    dh = X25519PrivateKey.from_private_bytes(private).exchange(
        X25519PublicKey.from_public_bytes(enc)
    )
    prk = extract(kem, b"", b"eae_prk", dh)
    shared = expand(kem, prk, b"shared_secret", enc + public)
    hashes = (
        extract(hpke, b"", b"psk_id_hash", b""),
        extract(hpke, b"", b"info_hash", b""),
    )
    secret = extract(hpke, shared, b"secret", b"")
    exporter = expand(hpke, secret, b"exp", b"\0" + hashes[0] + hashes[1])
    assert exported == expand(hpke, exporter, b"sec", b"MLS 1.0 external init secret")


@pytest.mark.parametrize("u", [0, 1, P448 - 1, P448, P448 + 1])
def test_points_of_low_order_on_curve448_are_refused(u):
    encoded = u.to_bytes(56, "little")
    crypto = suite(0x0004)
    with rejects(Rule.BAD_PUBLIC_KEY):
        crypto.check_public_key(encoded)
    with pytest.raises(ValueError, match="shared key"):
        X448PrivateKey.generate().exchange(X448PublicKey.from_public_bytes(encoded))
    private, _ = crypto.derive_key_pair(b"seed")
    with pytest.raises(NotAuthentic):
        crypto.receive_external_init(private, encoded)


@pytest.mark.parametrize("code", [2, 5, 7])
def test_points_off_a_nist_curve_and_compressed_ones_are_refused(code):
    crypto = suite(code)
    _, public = crypto.derive_key_pair(b"seed")
    half = len(public) // 2
    for wrong in (
        public[:-1] + bytes([public[-1] ^ 1]),
        bytes(len(public)),
        b"\2" + public[1 : half + 1],
        b"\4" + b"\xff" * (2 * half),
    ):
        with rejects(Rule.BAD_PUBLIC_KEY):
            crypto.check_public_key(wrong)


@pytest.mark.parametrize("code", [2, 5, 7])
def test_a_nist_private_key_is_never_zero_and_below_the_order(code):
    signature = suite(code).signature
    for drawn in (bytes(signature.private_length), b"\xff" * signature.private_length):
        private = signature.private_of(drawn)
        signature.verify(
            signature.public_of(private), b"said", signature.sign(private, b"said")
        )


def test_an_encapsulated_point_of_low_order_does_not_open_in_the_hybrid():
    crypto = suite(0xF5A1)
    private, public = crypto.derive_key_pair(b"seed")
    enc, _ = crypto.send_external_init(public)
    with pytest.raises(NotAuthentic):
        crypto.receive_external_init(private, enc[:-32] + bytes(32))


def test_two_hybrid_suites_derive_different_keys():
    ours, theirs = suite(0xF5A1), suite(0x0053)
    assert theirs.derive_key_pair(b"ikm")[0] == hashlib.shake_256(b"ikm").digest(32)
    assert ours.derive_key_pair(b"ikm") != theirs.derive_key_pair(b"ikm")


def test_the_library_seals_as_rfc_9180_says():
    """HPKE with associated data, opened by the formulas of RFC 9180 §4.1 and §5.1."""
    crypto = suite(0x0001)
    private, public = crypto.derive_key_pair(b"seed")
    sealed = crypto.hpke_seal(public, b"info", b"data", b"plain")

    def extract(suite_id, salt, label, ikm):
        return hmac.digest(salt, b"HPKE-v1" + suite_id + label + ikm, "sha256")

    def expand(suite_id, prk, label, info, length):
        head = length.to_bytes(2, "big") + b"HPKE-v1" + suite_id + label + info
        return hmac.digest(prk, head + b"\1", "sha256")[:length]

    kem = b"KEM\x00\x20"
    dh = X25519PrivateKey.from_private_bytes(private).exchange(
        X25519PublicKey.from_public_bytes(sealed.kem_output)
    )
    secret = expand(
        kem,
        extract(kem, b"", b"eae_prk", dh),
        b"shared_secret",
        sealed.kem_output + public,
        32,
    )
    hpke = b"HPKE\x00\x20\x00\x01\x00\x01"
    context = (
        b"\0"
        + extract(hpke, b"", b"psk_id_hash", b"")
        + extract(hpke, b"", b"info_hash", b"info")
    )
    root = extract(hpke, secret, b"secret", b"")
    key = expand(hpke, root, b"key", context, 16)
    nonce = expand(hpke, root, b"base_nonce", context, 12)
    assert AESGCM(key).decrypt(nonce, sealed.ciphertext, b"data") == b"plain"


def test_the_hybrid_key_is_made_of_both_parts_of_its_seed():
    crypto = suite(0xF5A1)
    seed, public = crypto.derive_key_pair(b"ikm")
    assert seed == hashlib.shake_256(b"privity x-wing v1" + b"ikm").digest(32)
    curve = hashlib.shake_256(seed).digest(96)[64:]
    expected = X25519PrivateKey.from_private_bytes(curve).public_key()
    assert public[1184:] == expected.public_bytes_raw()


def test_x_wing_keys_match_the_draft():
    """The first vector of draft-connolly-cfrg-xwing-kem: the key's first bytes."""
    crypto = suite(0xF5A1)
    seed = bytes.fromhex(
        "7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26"
    )
    public = crypto.kem.public_of(seed)
    assert public[:8].hex() == "e2236b35a8c24b39"


@every_suite
def test_signatures_are_bound_to_their_label(code):
    crypto = suite(code)
    private, public = crypto.generate_signature_pair(DRAW)
    signature = crypto.sign_with_label(private, "One", b"content")
    crypto.verify_with_label(public, "One", b"content", signature)
    for key, label, content, tried in (
        (public, "Two", b"content", signature),
        (public, "One", b"other", signature),
        (public, "One", b"content", signature[:-1]),
        (public[:-1], "One", b"content", signature),
        (bytes(len(public)), "One", b"content", signature),
        (public, "One", b"content", bytes(64)),
    ):
        with pytest.raises(NotAuthentic):
            crypto.verify_with_label(key, label, content, tried)


@every_suite
def test_sealed_bytes_and_macs_are_checked_whole(code):
    crypto = suite(code)
    key, nonce = bytes(crypto.key_length), bytes(crypto.nonce_length)
    sealed = crypto.seal(key, nonce, b"aad", b"plain")
    assert crypto.open(key, nonce, b"aad", sealed) == b"plain"
    for aad, ciphertext in ((b"", sealed), (b"aad", sealed[:-1]), (b"aad", b"")):
        with pytest.raises(NotAuthentic):
            crypto.open(key, nonce, aad, ciphertext)
    tag = crypto.mac(b"key", b"data")
    crypto.verify_mac(b"key", b"data", tag)
    for wrong in (b"", tag[:-1], tag + b"\0", bytes(len(tag))):
        with pytest.raises(NotAuthentic):
            crypto.verify_mac(b"key", b"data", wrong)


@every_suite
def test_a_suite_says_its_name(code):
    crypto = suite(code)
    assert repr(crypto) == crypto.name
    assert suite(code) is crypto
    assert len(crypto.hash(b"")) == crypto.hash_length


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_private_key_of_another_length_has_no_public_key(length):
    with pytest.raises(UsageError, match="length"):
        suite(0x0001).kem.public_of(bytes(length))


def test_one_identity_signs_in_suites_of_different_schemes():
    me = LeafIdentity(Credential.basic(b"ada"), DRAW(32), Capabilities())
    for code in (0x0001, 0x0002, 0x0001):
        crypto = suite(code)
        signature = crypto.sign_with_label(me.signing_key(crypto), "x", b"content")
        public = me.signature_public(crypto)
        crypto.verify_with_label(public, "x", b"content", signature)
