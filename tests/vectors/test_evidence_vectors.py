"""The file of evidence read by hand: its parts, digest, signatures, and a chain."""

import hashlib
import json
import struct

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tools.make_spec_vectors import VECTORS

CASES = json.loads((VECTORS / "evidence.json").read_text(encoding="utf-8"))["vectors"]
PAGES = VECTORS.parent
HEAD = 1 + 32 + 8 + 32 + 8


def parts(data):
    """Return (key, heads, signatures, before, links) of a file, without any check."""
    assert data[:8] == b"privfork"
    assert data[8] == 1
    at = 10 + data[9] + 8
    assert data[at] == 1
    key, at = data[at + 1 : at + 33], at + 33
    heads, signatures = [], []
    for _ in range(2):
        heads.append(data[at : at + HEAD])
        signatures.append(data[at + HEAD : at + HEAD + 64])
        at += HEAD + 64
    before, at = data[at : at + 32], at + 32
    assert data[at : at + 2] == bytes([0x40, 64])
    return key, heads, signatures, before, data[at + 2 : -32]


def verify(key, head, signature):
    label = b"Privity 1.0 head"
    signed = bytes([len(label)]) + label + b"\x40\x51" + head
    Ed25519PublicKey.from_public_bytes(key).verify(signature, signed)


def test_a_file_of_evidence_is_read_by_the_words_of_its_page():
    case = CASES[0]
    data = bytes.fromhex(case["evidence"])
    assert hashlib.sha256(data[:-32]).digest() == data[-32:]
    key, heads, signatures, before, links = parts(data)
    assert key.hex() == case["public_key"]
    for head, signature, said in zip(
        heads, signatures, (case["first"], case["second"]), strict=True
    ):
        verify(key, head, signature)
        version, _, seq, chain, minute = struct.unpack(">B32sQ32sQ", head)
        assert (version, seq, minute) == (1, said["seq"], said["minute"])
        assert chain.hex() == said["chain"]
    assert heads[0][1:33] == heads[1][1:33]
    assert before.hex() == case["before"] != case["first"]["chain"]
    behind = hashlib.sha256(before + links).digest()
    assert behind.hex() == case["second"]["chain"]
    host = data[10 : 10 + data[9]].decode()
    found = int.from_bytes(data[10 + data[9] : 18 + data[9]], "big")
    assert (host, found) == (case["host"], case["found"])


def test_a_signature_under_another_value_does_not_hold():
    key, heads, signatures, _, _ = parts(bytes.fromhex(CASES[0]["evidence"]))
    with pytest.raises(InvalidSignature):
        verify(key, heads[0], signatures[1])


def test_each_name_of_a_refusal_has_a_case_and_stands_on_the_page():
    names = {case["refused"] for case in CASES[1:]}
    page = (PAGES / "evidence.md").read_text(encoding="utf-8")
    rows = {line.split("`")[1] for line in page.splitlines() if line.startswith("| `")}
    assert names == rows
