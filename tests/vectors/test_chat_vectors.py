"""The vectors of a chat: envelopes, generations, validity, invitations."""

import hashlib
import json
import re

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from privity import mls
from privity.core.chat_rules import ChatRules
from privity.core.envelopes import CommitPayload
from privity.core.errors import Outcome, Reason
from privity.core.pleas import PleaPlace, open_answer, open_plea
from privity.core.sealed import Acceptance, Admission, Invitation, open_message
from privity.errors import DecodeError, NotAuthentic
from tools.make_spec_vectors import VECTORS

PAGES = VECTORS.parent
SUITE = 0xF5A1


def stored(name):
    return json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))["vectors"]


def octets(case, *names):
    return [bytes.fromhex(case[name]) for name in names]


def expand(secret, label):
    info = b"privity 1.0 " + label
    return HKDFExpand(algorithm=SHA256(), length=32, info=info).derive(secret)


def unseal(base, word, data, aad):
    key = expand(base, data[:32] + word)
    return AESGCM(key).decrypt(bytes(12), data[32:], aad)


def public_of(seed):
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def test_each_file_has_its_number_of_cases():
    names = ("envelope", "generation", "invitation", "validity")
    assert [len(stored(name)) for name in names] == [11, 2, 6, 7]


def test_envelopes_open_as_the_page_says():
    for case in stored("envelope"):
        if "envelope" not in case:
            continue
        secret, header, envelope = octets(case, "secret", "header", "envelope")
        if "refused" in case:
            with pytest.raises((InvalidTag, ValueError)):
                unseal(expand(secret, b"env"), b"msg", envelope, header)
            continue
        padded = unseal(expand(secret, b"env"), b"msg", envelope, header)
        assert bytes.fromhex(case["content"]) in padded


def test_parts_open_under_the_key_of_their_kind():
    for case in stored("envelope"):
        if "part" not in case:
            continue
        secret, aad, sealed = octets(case, "secret", "aad", "sealed")
        base = expand(secret, b"env" if case["part"] == "welcome" else b"ckpt")
        if "refused" in case:
            with pytest.raises(InvalidTag):
                unseal(base, case["part"].encode(), sealed, aad)
            continue
        assert bytes.fromhex(case["content"]) in unseal(
            base, case["part"].encode(), sealed, aad
        )


def test_the_stored_checkpoint_is_a_group_and_encodes_to_itself():
    case = next(c for c in stored("envelope") if "new group" in c["name"])
    data = bytes.fromhex(case["content"])
    group = mls.PublicGroup.decode(data)
    assert group.encode() == data
    assert len(group.members()) == 1


def test_the_stored_commit_payload_is_one():
    case = next(c for c in stored("envelope") if c["name"] == "a commit's envelope")
    assert CommitPayload.decode(bytes.fromhex(case["content"])).version == 1


def test_all_keys_of_a_generation_follow_from_its_secret():
    for case in stored("generation"):
        (secret,) = octets(case, "secret")
        assert expand(secret, b"env").hex() == case["env"]
        assert expand(secret, b"ckpt").hex() == case["ckpt"]
        access, lobby = expand(secret, b"access"), expand(secret, b"lobby-sign")
        assert (access.hex(), lobby.hex()) == (case["access_seed"], case["lobby_seed"])
        keys = (case["access_pk"], case["lobby_pk"])
        assert (public_of(access).hex(), public_of(lobby).hex()) == keys
        assert case["next_keys"] == "".join(keys)


def test_rules_bind_the_chat_id_without_showing_it():
    for case in stored("validity"):
        if "chat_id" in case:
            chat_id, rules = octets(case, "chat_id", "rules")
            expected = hashlib.sha256(b"privity chat id v1" + chat_id).digest()
            assert ChatRules.decode(rules).chat_hash == expected
            assert chat_id not in rules


def test_a_leave_is_signed_by_the_leaf_that_leaves():
    case = next(c for c in stored("validity") if c["name"] == "a leave")
    seed, claim, statement = octets(case, "seed", "claim", "statement")
    assert claim.endswith(public_of(seed))
    label = b"Privity 1.0 leave"
    signed = bytes([len(label)]) + label + bytes([len(claim)]) + claim
    key = Ed25519PublicKey.from_public_bytes(public_of(seed))
    key.verify(statement[1:], signed)


KINDS = {
    "an invitation": Invitation,
    "an acceptance": Acceptance,
    "an admission": Admission,
}


@pytest.mark.parametrize("name", KINDS)
def test_a_stored_message_opens_to_what_its_case_says(name):
    case = next(c for c in stored("invitation") if c["name"] == name)
    private, message, sealed = octets(case, "private", "message", "sealed")
    suite = mls.suite(SUITE)
    assert len(sealed) == 8192
    assert open_message(suite, private, KINDS[name], sealed).encode() == message
    for other in KINDS.values():
        if other is not KINDS[name]:
            with pytest.raises(NotAuthentic):
                open_message(suite, private, other, sealed)


def test_the_page_names_every_reason_and_no_other():
    page = (PAGES / "validity.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| ([\w, ]+) \|", page, re.MULTILINE)
    assert [name for name, _ in rows] == [reason.value for reason in Reason]
    outcomes = {outcome.value for outcome in Outcome}
    for _, named in rows:
        assert {*named.split(", ")} <= outcomes


def test_pleas_open_with_the_lobby_s_key_in_their_place():
    cases = stored("plea")
    assert len(cases) == 6
    case = cases[0]
    names = ("secret", "place", "plea", "sealed")
    secret, place, plea, sealed = octets(case, *names)
    key = expand(secret, b"lobby-seal")
    assert (key.hex(), len(sealed)) == (case["lobby_seal"], 2_048)
    plaintext = unseal(key, b"plea", sealed, place)
    assert plaintext[: len(plea)] == plea
    signature = plaintext[len(plea) : len(plea) + 64]
    assert not any(plaintext[len(plea) + 64 :])
    label = b"Privity 1.0 plea"
    size = (0x4000 | len(plea)).to_bytes(2, "big")
    signed = bytes([len(label)]) + label + size + plea
    key = Ed25519PublicKey.from_public_bytes(public_of(bytes.fromhex(case["seed"])))
    key.verify(signature, signed)
    assert hashlib.sha256(sealed).hexdigest() == case["hash"]


def test_an_answer_opens_to_its_plea_s_one_time_key():
    case = stored("plea")[1]
    private, plea_id, answer, sealed = octets(
        case, "private", "plea_id", "answer", "sealed"
    )
    suite = mls.suite(SUITE)
    size = suite.kem.enc_length
    body = mls.HPKECiphertext(sealed[:size], sealed[size:])
    plaintext = suite.hpke_open(private, b"privity answer v1", plea_id, body)
    assert (len(sealed), plaintext[: len(answer)]) == (8_192, answer)
    assert open_answer(suite, private, plea_id, sealed).encode() == answer


@pytest.mark.parametrize("case", stored("plea")[2:5], ids=lambda case: case["name"])
def test_what_is_no_plea_is_refused_by_that_name(case):
    sealed, seal, place = octets(case, "sealed", "lobby_seal", "place")
    errors = {"NotAuthentic": NotAuthentic, "DecodeError": DecodeError}
    where = PleaPlace(place[:16], int.from_bytes(place[16:24], "big"), place[24:])
    with pytest.raises(errors[case["refused"]]):
        open_plea(seal, where, sealed)


def test_an_answer_to_another_plea_is_refused():
    case = stored("plea")[5]
    private, plea_id, sealed = octets(case, "private", "plea_id", "sealed")
    assert case["refused"] == "NotAuthentic"
    with pytest.raises(NotAuthentic):
        open_answer(mls.suite(SUITE), private, plea_id, sealed)


def test_a_transcript_is_a_chain_of_hashes():
    start, *said = [case for case in stored("transcript") if "value" in case]
    (log_id,) = octets(start, "log_id")
    label = b"privity/transcript/v1"
    begin = bytes([len(label)]) + label + log_id + start["first"].to_bytes(8, "big")
    value = hashlib.sha256(begin).digest()
    assert value.hex() == start["value"]
    for case in said:
        header, message_id = octets(case, "header", "message_id")
        seq = case["seq"].to_bytes(8, "big")
        value = hashlib.sha256(
            value + seq + hashlib.sha256(header).digest() + message_id
        ).digest()
        assert value.hex() == case["value"]
    assert len(said) == 3
