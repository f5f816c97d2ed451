"""The vectors of a log's formats, held by hashlib, hmac, struct and OpenSSL alone."""

import hashlib
import hmac
import json
import struct

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from privity.errors import DecodeError, NotAuthentic
from privity.wire.entry import BlobRef, Header
from privity.wire.frames import decode_client, decode_relay, encode
from privity.wire.heads import Fork
from privity.wire.lobby import LobbyClaim
from tools.make_spec_vectors import VECTORS


def stored(name):
    return json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))["vectors"]


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


ENTRIES = [case for case in stored("entry") if "seq" in case]
SIGNED = [case for case in stored("entry") if "signature" in case]
NO_HEADERS = [
    case for case in stored("entry") if "refused" in case and "header" in case
]
CONTAINERS = [case for case in stored("frames") if "refused" not in case]
NO_CONTAINERS = [case for case in stored("frames") if "refused" in case]


def test_the_files_have_their_number_of_cases():
    assert (len(ENTRIES), len(SIGNED), len(NO_HEADERS)) == (5, 2, 11)
    assert (len(CONTAINERS), len(NO_CONTAINERS)) == (27, 10)


LOBBY = [case for case in stored("lobby") if "refused" not in case]
NO_CLAIMS = [case for case in stored("lobby") if "refused" in case]


@pytest.mark.parametrize("case", LOBBY, ids=lambda case: case["name"])
def test_a_call_to_a_lobby_is_signed_with_its_act_and_the_hash_of_its_body(case):
    claim, body = bytes.fromhex(case["claim"]), bytes.fromhex(case["body"])
    assert claim[:14] == b"\x01\x0cchat.example"
    assert claim[62:71] == struct.pack(">QB", 4, LOBBY.index(case) + 1)
    assert claim[-32:] == sha256(body)
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(case["public_key"]))
    label = case["label"].encode()
    signed = bytes([len(label)]) + label + b"\x40" + bytes([len(claim)]) + claim
    key.verify(bytes.fromhex(case["signature"]), signed)


@pytest.mark.parametrize("case", NO_CLAIMS, ids=lambda case: case["name"])
def test_what_is_no_claim_to_a_lobby_is_refused_by_that_name(case):
    with pytest.raises(DecodeError):
        LobbyClaim.decode(bytes.fromhex(case["claim"]))
    assert (len(LOBBY), len(NO_CLAIMS)) == (6, 2)


@pytest.mark.parametrize("case", ENTRIES, ids=lambda case: case["name"])
def test_digest_chain_and_stamp_are_what_the_page_says(case):
    header, envelope = bytes.fromhex(case["header"]), bytes.fromhex(case["envelope"])
    links = sha256(header) + sha256(envelope)
    assert sha256(links).hex() == case["digest"]
    before = bytes.fromhex(case["chain_before"])
    assert sha256(before, links).hex() == case["chain"]
    log_id, idem, tag = header[1:17], header[34:50], header[50:82]
    place = struct.pack(">QQ", case["seq"], case["minute"]) + idem + links + tag
    stamped = b"\x10privity/stamp/v1" + log_id + place
    assert stamped.hex() == case["stamped_place"]
    key = bytes.fromhex(case["stamp_key"])
    assert hmac.digest(key, stamped, "sha256").hex() == case["stamp"]


def test_each_entry_continues_the_chain_of_the_one_before():
    befores = [case["chain_before"] for case in ENTRIES]
    assert befores == ["00" * 32, *[case["chain"] for case in ENTRIES[:-1]]]


@pytest.mark.parametrize("case", SIGNED, ids=lambda case: case["name"])
def test_the_access_key_signs_the_label_and_the_bytes(case):
    label = case["label"].encode()
    content = bytes.fromhex(case.get("claim") or case["header"])
    size = len(content)
    length = bytes([size]) if size < 64 else struct.pack(">H", size | 1 << 14)
    message = bytes([len(label)]) + label + length + content
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(case["public_key"]))
    key.verify(bytes.fromhex(case["signature"]), message)


@pytest.mark.parametrize("case", NO_HEADERS, ids=lambda case: case["name"])
def test_what_is_no_header_is_refused(case):
    with pytest.raises(DecodeError):
        Header.parse(bytes.fromhex(case["header"]))


def test_a_signed_head_is_laid_out_and_signed_as_the_page_says():
    case, *forks = stored("head")
    data = bytes.fromhex(case["signed_head"])
    name = sha256(bytes.fromhex(case["log_id"]), case["host"].encode())
    place = struct.pack(">Q", case["seq"]) + bytes.fromhex(case["chain"])
    head = b"\1" + name + place + struct.pack(">Q", case["minute"])
    assert data[:81] == head
    label = b"Privity 1.0 head"
    message = bytes([len(label)]) + label + struct.pack(">H", 81 | 1 << 14) + head
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(case["public_key"]))
    key.verify(data[81:], message)
    assert len(forks) == 6


@pytest.mark.parametrize("case", stored("head")[1:], ids=lambda case: case["name"])
def test_only_two_histories_under_one_key_are_a_fork(case):
    proof = Fork.decode(bytes.fromhex(case["fork"]))
    if "refused" not in case:
        proof.check()
        return
    with pytest.raises((NotAuthentic, DecodeError)) as found:
        proof.check()
    assert found.type.__name__ == case["refused"]


def test_a_reference_is_a_version_an_id_a_size_and_a_hash():
    good, *bad = [case for case in stored("entry") if "reference" in case]
    data = bytes.fromhex(good["reference"])
    ref = BlobRef.parse(data)
    assert data == b"\1" + ref.blob_id + struct.pack(">Q", 4 << 20) + ref.sha256
    assert len(bad) == 4
    for case in bad:
        with pytest.raises(DecodeError):
            BlobRef.parse(bytes.fromhex(case["reference"]))


@pytest.mark.parametrize(
    "case", CONTAINERS, ids=lambda case: f"{case['sender']}: {case['name']}"
)
def test_a_container_is_read_and_written_the_same(case):
    data = bytes.fromhex(case["container"])
    decode = decode_client if case["sender"] == "client" else decode_relay
    assert encode(decode(data)) == data


@pytest.mark.parametrize("case", NO_CONTAINERS, ids=lambda case: case["name"])
def test_what_is_no_container_is_refused(case):
    with pytest.raises(DecodeError):
        decode_client(bytes.fromhex(case["container"]))
