"""The vectors of refounds: what a call opens to, and how a statement is judged."""

import json
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from privity import mls
from privity.core.errors import RefoundDoubted
from privity.core.refounds import Ground, Refounding, Signer, check_statement, rank
from privity.core.sealed import Invitation, RefoundCall, open_message
from privity.errors import NotAuthentic
from tools.make_spec_vectors import VECTORS

SUITE = 0xF5A1
CASES = json.loads((VECTORS / "refound.json").read_text(encoding="utf-8"))["vectors"]
CALL = CASES[0]
JUDGED = [case for case in CASES if "doubt" in case]


def octets(case, *names):
    return [bytes.fromhex(case[name]) for name in names]


def ground_of(case):
    return Ground(
        log_hash=bytes.fromhex(case["log_hash"]),
        road=tuple(case["road"]),
        authenticator=bytes.fromhex(case["authenticator"]),
        suite=case["suite"],
        rules=bytes.fromhex(case["rules"]),
        people=tuple(tuple(map(bytes.fromhex, pair)) for pair in case["people"]),
        leaves=tuple(map(bytes.fromhex, case["leaves"])),
        since=case["since"],
    )


def test_there_is_each_kind_of_case():
    assert len(CASES) == 16
    assert {case["doubt"] for case in JUDGED} == {
        *("", "too_soon", "role", "version", "signer", "weaker_suite", "epoch")
    }


def test_a_call_is_laid_out_sealed_and_signed_as_the_page_says():
    names = ("private", "signature_key", "invitation", "statement", "sealed")
    private, key, invitation, statement, sealed = octets(CALL, *names)
    suite = mls.suite(SUITE)
    assert len(sealed) == 8192
    body = mls.HPKECiphertext(sealed[:1120], sealed[1120:])
    plain = suite.hpke_open(private, b"privity refound v1", b"", body)
    message = invitation + statement
    assert plain[: len(message)] == message
    signature, padding = plain[len(message) :][:64], plain[len(message) + 64 :]
    assert not any(padding)
    label, size = b"Privity 1.0 refound", (0x4000 | len(message)).to_bytes(2, "big")
    signed = bytes([len(label)]) + label + size + message
    Ed25519PublicKey.from_public_bytes(key).verify(signature, signed)
    assert open_message(suite, private, RefoundCall, sealed).encode() == message
    with pytest.raises(NotAuthentic):
        open_message(suite, private, Invitation, sealed)


def test_a_statement_is_laid_out_as_the_page_says():
    (statement,) = octets(CALL, "statement")
    stated = Refounding.decode(statement)
    host, authenticator = b"chat.example", stated.authenticator
    assert statement == b"".join(
        (
            *(b"\1", stated.log_hash, (41).to_bytes(8, "big")),
            *(bytes([len(authenticator)]), authenticator),
            *(bytes([len(host)]), host, stated.log_id, b"\xf5\xa1", b"\0"),
        )
    )
    assert sha256(statement).hexdigest() == CALL["hash"]
    page = (VECTORS.parent / "refound.md").read_text(encoding="utf-8")
    assert f"{statement.hex()[:64]}\n{statement.hex()[64:128]}" in page


@pytest.mark.parametrize("case", JUDGED, ids=lambda case: case["name"])
def test_a_statement_is_judged_as_its_case_says(case):
    ground = ground_of(case["ground"])
    signer = Signer(*map(bytes.fromhex, case["signer"]))
    statement = Refounding.decode(bytes.fromhex(case["statement"]))
    standing, value = rank(ground, signer.account_id, statement)
    assert [standing, value.hex()] == case["rank"]
    assert value == sha256(statement.encode()).digest()
    if not case["doubt"]:
        check_statement(ground, signer, statement, case["now"])
        return
    with pytest.raises(RefoundDoubted) as doubted:
        check_statement(ground, signer, statement, case["now"])
    assert doubted.value.doubt.value == case["doubt"]
