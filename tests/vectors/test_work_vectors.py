"""Proof of work by other means: structures by hand, hashes, HMAC."""

import hmac
import json
from hashlib import sha256

from tools.make_spec_vectors import VECTORS

CASES = json.loads((VECTORS / "work.json").read_text(encoding="utf-8"))["vectors"]
ENOUGH, TOO_LITTLE, FRAME, DOOR = CASES


def octets(case, *names):
    return [bytes.fromhex(case[name]) for name in names]


def prefixed(field):
    return bytes([len(field)]) + field


def zero_bits(digest):
    return 256 - int.from_bytes(digest, "big").bit_length()


def test_the_challenge_is_what_the_page_says():
    mailbox_id, idem, seed, body_hash, challenge = octets(
        ENOUGH,
        "mailbox_id",
        "idem",
        "body_repeated_256_times",
        "body_sha256",
        "challenge",
    )
    assert sha256(seed * 256).digest() == body_hash
    day = ENOUGH["day"].to_bytes(4, "big")
    about = prefixed(b"Privity 1.0 work") + prefixed(ENOUGH["host"].encode())
    about += mailbox_id + day + idem + body_hash
    assert sha256(about).digest() == challenge


def test_one_nonce_reaches_the_bits_and_the_one_before_does_not():
    for case, is_enough in ((ENOUGH, True), (TOO_LITTLE, False)):
        challenge, work = octets(case, "challenge", "work")
        assert work[:4] == case["day"].to_bytes(4, "big")
        digest = sha256(challenge + work[4:]).digest()
        assert (zero_bits(digest) >= case["bits"]) is is_enough
    assert sha256(challenge_and_nonce(ENOUGH)).hexdigest() == ENOUGH["digest"]


def challenge_and_nonce(case):
    challenge, work = octets(case, "challenge", "work")
    return challenge + work[4:]


def test_the_call_carries_them_as_msgpack():
    idem, work, door, token, rest = (
        *octets(ENOUGH, "idem", "work"),
        *octets(DOOR, "door"),
        *octets(FRAME, "token", "rest"),
    )
    expected = (
        (b"\xa4idem\xc4\x10", idem),
        (b"\xabmailbox_key\xc4\x00", b""),
        (b"\xa5token\xc4\x54", token),
        (b"\xa4work\xc4\x0c", work),
        (b"\xa4door\xc4\x20", door),
    )
    assert rest == b"".join(name + value for name, value in expected)


def test_a_door_is_derived_from_the_key_that_the_message_is_sealed_to():
    public, door, told = octets(DOOR, "public_key", "door", "told_to_the_relay")
    info = b"privity 1.0 door\x01"
    assert hmac.digest(sha256(public).digest(), info, "sha256") == door
    assert sha256(door).digest() == told
