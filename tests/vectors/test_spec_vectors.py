"""The vectors of docs/spec: stored once, made again, and held by other means.

The second half checks them without our own code, over hashlib, hmac, base64 and the
OpenSSL behind `cryptography`, so that the pages can be implemented from what they say.
"""

import base64
import hashlib
import hmac
import json

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tools.make_spec_vectors import VECTORS, makers, render


def stored(name):
    return json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))["vectors"]


def good(name):
    return [case for case in stored(name) if "refused" not in case]


def octets(case, *names):
    return [bytes.fromhex(case[name]) for name in names]


def prefixed(*fields):
    """Join fields, each behind its length as RFC 9420 §2.1.2 writes it."""
    out = b""
    for field in fields:
        size = len(field)
        head = bytes([size]) if size < 64 else (size | 1 << 14).to_bytes(2, "big")
        out += head + field
    return out


@pytest.mark.parametrize("name", sorted(makers()))
def test_the_code_makes_the_stored_vectors(name):
    text = (VECTORS / f"{name}.json").read_text(encoding="utf-8")
    assert render(name) == text


def test_each_file_has_its_number_of_cases():
    counts = {name: len(stored(name)) for name in sorted(makers())}
    mine = {
        "attachments": 6,
        "content": 19,
        "device-certificate": 6,
        "device-list": 10,
        "franking": 5,
        "links": 6,
        "padding": 13,
        "recovery-key": 5,
        "safety-number": 3,
        "signature-edge-cases": 16,
        "signatures": 19,
        "token": 9,
    }
    assert counts.items() >= mine.items()


def test_signatures_hold_under_another_library():
    for case in stored("signatures"):
        public, content, message, signature = octets(
            case, "public_key", "content", "signed_bytes", "signature"
        )
        assert message == prefixed(case["label"].encode(), content)
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)


def test_the_edge_cases_are_decided_as_the_page_says():
    verdicts = [case["verdict"] for case in stored("signature-edge-cases")]
    assert verdicts.count("accepted") == 2
    assert verdicts.count("refused") == 14


@pytest.mark.parametrize(
    ("name", "field", "label"),
    [
        ("device-certificate", "certificate", b"Privity 1.0 device-certificate"),
        ("device-list", "signed_device_list", b"Privity 1.0 device-list"),
    ],
)
def test_the_identity_key_signs_all_but_the_last_64_bytes(name, field, label):
    for case in good(name):
        (data,) = octets(case, field)
        identity_key = data[17:49]
        message = prefixed(label, data[:-64])
        Ed25519PublicKey.from_public_bytes(identity_key).verify(data[-64:], message)


def test_a_link_is_its_structure_in_base64url():
    for case in good("links"):
        encoded = case["text"].removeprefix("privity:1#")
        padded = encoded + "=" * (-len(encoded) % 4)
        assert base64.urlsafe_b64decode(padded).hex() == case["structure"]


def test_a_recovery_key_is_base32_of_key_and_checksum():
    for case in good("recovery-key"):
        (key,) = octets(case, "key")
        if "text" in case:
            data = base64.b32decode(case["text"].replace("-", ""))
            label = b"privity recovery-key check v1"
            assert data == key + hashlib.sha256(label + key).digest()[:3]


def test_the_self_storage_opens_with_hkdf_and_aes_gcm():
    case = next(case for case in stored("recovery-key") if "object" in case)
    key, structure, sealed = octets(case, "key", "structure", "object")
    info = b"privity 1.0 " + sealed[1:33] + b"self-storage" + b"\x01"
    sealing_key = hmac.digest(key, info, "sha256")
    padded = AESGCM(sealing_key).decrypt(bytes(12), sealed[33:], sealed[:33])
    assert padded == prefixed(structure).ljust(4096, b"\0")


def test_a_half_of_a_safety_number_is_5200_rounds_of_sha_512():
    for case in stored("safety-number"):
        groups = []
        for account in sorted(octets(case, "mine", "yours")):
            half = prefixed(b"Privity 1.0 safety-number") + account
            digest = b""
            for _ in range(5200):
                digest = hashlib.sha512(digest + half).digest()
            groups += [
                int.from_bytes(digest[i : i + 5], "big") for i in range(0, 30, 5)
            ]
        digits = " ".join(f"{group % 100_000:05d}" for group in groups)
        assert digits == case["safety_number"]


def test_a_message_id_follows_from_the_content_s_bytes():
    for case in good("content"):
        content, salt = octets(case, "content", "salt")
        uris = b""
        for uri in (case["sender"].encode(), case["room"].encode()):
            uris += len(uri).to_bytes(2, "big") + uri
        digest = hashlib.sha256(uris + content + salt).digest()
        assert case["message_id"] == (b"\x01" + digest[:31]).hex()
        assert cbor2.loads(content)[0] == salt
        assert cbor2.loads(content)[5][1] == case["sender"]


def test_padded_bytes_are_content_behind_its_length_and_zeros():
    for case in stored("padding"):
        if "padded" in case:
            content, padded = octets(case, "content", "padded")
            assert padded == prefixed(content).ljust(len(padded), b"\0")
        elif case["length"] > 1:
            exponent = case["length"].bit_length() - 1
            zeros = exponent - exponent.bit_length()
            assert case["padme_length"] % (1 << zeros) == 0
            assert 0 <= case["padme_length"] - case["length"] < 1 << zeros


def test_a_franking_tag_is_an_hmac_over_prefixed_fields():
    (case,) = good("franking")
    payload, log_id, group_id, idem = octets(
        case, "payload", "log_id", "group_id", "idem"
    )
    salt, rest = payload[1:33], payload[33 + 8 + 8 + 32 :]
    assert rest[0] == 0
    app_data = rest[3:]
    fields = prefixed(b"privity/frank/v1", log_id, group_id, idem, app_data)
    tag = hmac.digest(salt, fields, "sha256")
    assert case["header_tag"] == tag.hex()
    assert case["authenticated_data"] == (tag + log_id + idem).hex()


def test_attachments_are_aes_gcm_under_counter_and_flag():
    for case in stored("attachments"):
        (key,) = octets(case, "key")
        data = bytes(i % 251 for i in range(case["length"]))
        padded = data.ljust(case["padded_length"], b"\0")
        starts = range(0, max(len(padded), 1), 65536)
        sealed = b""
        for index, at in enumerate(starts):
            nonce = index.to_bytes(11, "big") + bytes([index == len(starts) - 1])
            sealed += AESGCM(key).encrypt(nonce, padded[at : at + 65536], None)
        assert len(sealed) == case["size"]
        assert hashlib.sha256(sealed).hexdigest() == case["content_hash"]
        assert hashlib.sha256(key).hexdigest() == case["key_hash"]
        assert case.get("sealed", sealed.hex()) == sealed.hex()
        assert merkle_root(data) == case["root"]


def merkle_root(data):
    nodes = [data[at : at + 65536] for at in range(0, len(data), 65536)]
    nodes = [hashlib.sha256(b"\0" + node).digest() for node in nodes]
    if not nodes:
        return hashlib.sha256().hexdigest()
    while len(nodes) > 1:
        pairs = zip(nodes[::2], nodes[1::2], strict=False)
        joined = [hashlib.sha256(b"\1" + a + b).digest() for a, b in pairs]
        nodes = joined + nodes[len(nodes) & ~1 :]
    return nodes[0].hex()


def example_of(page):
    """Return the first block of a page without its notes, which follow two spaces."""
    block = page.split("```")[1]
    lines = [line.strip().split("  ")[0] for line in block.splitlines()]
    return "".join(lines).replace(" ", "")


@pytest.mark.parametrize("name", sorted(makers()))
def test_each_page_opens_with_bytes_of_its_vectors(name):
    page = VECTORS.parent / f"{name}.md"
    if not page.exists():
        assert name == "signature-edge-cases"
        return
    vectors = (VECTORS / f"{name}.json").read_text(encoding="utf-8")
    example = example_of(page.read_text(encoding="utf-8"))
    assert example
    assert example in vectors.replace(" ", "")
