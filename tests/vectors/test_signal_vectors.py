"""Signals by other means: the exporter by hand, HChaCha20 and ChaCha20-Poly1305."""

import hashlib
import json
import struct

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA384
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from privity.core.signals import Ignored
from tools.make_spec_vectors import VECTORS

CASES = json.loads((VECTORS / "signal.json").read_text(encoding="utf-8"))["vectors"]
CONSTANTS = (0x61707865, 0x3320646E, 0x79622D32, 0x6B206574)


def expand_with_label(secret, label, context, size):
    name = b"MLS 1.0 " + label
    info = size.to_bytes(2, "big") + bytes([len(name)]) + name
    info += bytes([len(context)]) + context
    return HKDFExpand(algorithm=SHA384(), length=size, info=info).derive(secret)


def exported(exporter_secret, label, context):
    derived = expand_with_label(exporter_secret, label, b"", 48)
    digest = hashlib.sha384(context).digest()
    return expand_with_label(derived, b"exported", digest, 32)


def rotated(value, count):
    return (value << count | value >> (32 - count)) & 0xFFFFFFFF


def quarter(x, a, b, c, d):
    for left, right, target, count in (
        (a, b, d, 16),
        (c, d, b, 12),
        (a, b, d, 8),
        (c, d, b, 7),
    ):
        x[left] = (x[left] + x[right]) & 0xFFFFFFFF
        x[target] = rotated(x[target] ^ x[left], count)


def hchacha20(key, nonce):
    x = [*CONSTANTS, *struct.unpack("<8I", key), *struct.unpack("<4I", nonce)]
    for _ in range(10):
        for column in range(4):
            quarter(x, column, column + 4, column + 8, column + 12)
        for a, b, c, d in (
            (0, 5, 10, 15),
            (1, 6, 11, 12),
            (2, 7, 8, 13),
            (3, 4, 9, 14),
        ):
            quarter(x, a, b, c, d)
    return struct.pack("<8I", *x[:4], *x[12:])


def opened(case):
    key, signal = bytes.fromhex(case["key"]), bytes.fromhex(case["signal"])
    aad = bytes.fromhex(case["log_id"]) + case["generation"].to_bytes(8, "big")
    inner = ChaCha20Poly1305(hchacha20(key, signal[:16]))
    return inner.decrypt(bytes(4) + signal[16:24], signal[24:], aad)


def test_hchacha20_is_that_of_the_draft():
    """The test vector of draft-irtf-cfrg-xchacha, §2.2.1."""
    nonce = bytes.fromhex("000000090000004a0000000031415927")
    subkey = "82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc"
    assert hchacha20(bytes(range(32)), nonce).hex() == subkey


def test_a_signal_opens_by_the_words_of_its_page():
    case = CASES[0]
    context = case["leaf"].to_bytes(4, "big")
    secret = bytes.fromhex(case["exporter_secret"])
    assert exported(secret, b"privity signal v1", context).hex() == case["key"]
    assert opened(case) == bytes.fromhex(case["body"]) + bytes(78)
    assert len(bytes.fromhex(case["signal"])) == 128


@pytest.mark.parametrize("case", CASES[1:], ids=lambda case: case["name"])
def test_what_is_ignored_does_not_open_or_is_not_known(case):
    if case["ignored"] in (Ignored.SIZE, Ignored.NOT_OPENED):
        with pytest.raises(InvalidTag):
            opened(case)
    else:
        version, kind = opened(case)[:2]
        assert (version, kind) != (1, 1)
