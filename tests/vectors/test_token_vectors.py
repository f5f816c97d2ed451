"""Tokens by other means: structures by hand, hmac, OpenSSL's Ed25519, and a client."""

import hmac
import json

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from privity.client.blinding import Blinding
from privity.relay.oprf import Function, blinded
from tools.make_spec_vectors import VECTORS

CASES = json.loads((VECTORS / "token.json").read_text(encoding="utf-8"))["vectors"]
BLIND, IDENTIFIED, EVALUATION, STATEMENT = CASES[:4]


def octets(case, *names):
    return [bytes.fromhex(case[name]) for name in names]


def prefixed(*fields):
    return b"".join(bytes([len(field)]) + field for field in fields)


def test_a_token_and_its_input_are_what_the_page_says():
    for case in (BLIND, IDENTIFIED):
        nonce, data, output, token = octets(case, "nonce", "input", "output", "token")
        week = case["week"].to_bytes(4, "big")
        assert data == prefixed(b"Privity 1.0 token", b"log") + week + nonce
        assert token == week + nonce + output
        assert len(token) == 84


def test_an_identified_output_is_two_macs():
    seed, data, output = octets(IDENTIFIED, "seed", "input", "output")
    key = hmac.digest(seed, b"Privity 1.0 token-mac", "sha512")
    assert hmac.digest(key, data, "sha512") == output


def test_a_client_comes_to_the_blind_output_without_the_seed():
    seed, data, info, public, output = octets(
        BLIND, "seed", "input", "key_info", "public_key", "output"
    )
    week = BLIND["week"].to_bytes(4, "big")
    assert info == prefixed(b"Privity 1.0 token-key", b"log") + week
    blinding = Blinding(data)
    answer = Function(seed, info).evaluate(blinded(blinding.element))
    assert blinding.output(public, answer) == output


def test_an_element_has_one_evaluation():
    seed, element, evaluated = octets(EVALUATION, "seed", "element", "evaluated")
    (info,) = octets(BLIND, "key_info")
    assert Function(seed, info).evaluate(blinded(element))[64:] == evaluated


def test_the_statement_is_signed_as_the_page_says():
    head_key, statement = octets(STATEMENT, "head_key", "statement")
    (public,) = octets(BLIND, "public_key")
    content, signature = statement[:-64], statement[-64:]
    label = b"Privity 1.0 token-keys"
    size = (len(content) | 1 << 14).to_bytes(2, "big")
    signed = prefixed(label) + size + content
    Ed25519PublicKey.from_public_bytes(head_key).verify(signature, signed)
    week = STATEMENT_WEEK.to_bytes(4, "big")
    assert content.startswith(b"\x01" + prefixed(b"chat.example"))
    assert week + b"\x01" in content
    assert content.index(public) == content.index(week + b"\x01") + 7
    assert content.endswith((STATEMENT_WEEK + 1).to_bytes(4, "big") + b"\x02\x00")


STATEMENT_WEEK = BLIND["week"]
