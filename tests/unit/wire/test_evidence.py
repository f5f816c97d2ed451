"""Evidence of two histories holds by itself; what does not is refused by name."""

import hashlib
import secrets
from dataclasses import replace

import pytest

from privity.identity.signing import Signer
from privity.wire.entry import chain_of_links
from privity.wire.evidence import (
    MOST,
    Evidence,
    EvidenceRefused,
    Flaw,
    open_evidence,
    pack,
)
from privity.wire.heads import Fork, Head, SignedHead, log_hash, sign_head
from privity.wire.limits import BATCH

HOST, FOUND = "chat.example", 1_800_000_000
SIGNER = Signer(bytes(range(32)))


def proof(count=2, signer=SIGNER):
    """Return a fork whose second head stands `count` entries behind the first."""
    name, links = log_hash(bytes(16), HOST), [secrets.token_bytes(64)] * count
    before = value = secrets.token_bytes(32)
    for one in links:
        value = chain_of_links(value, one)
    places = ((7, secrets.token_bytes(32)), (7 + count, value))
    heads = tuple(
        SignedHead.decode(sign_head(signer, Head(1, name, seq, chain, 30_000_000)))
        for seq, chain in places
    )
    return Fork.of(signer.public, heads, before, links)


def sealed(evidence: Evidence) -> bytes:
    """Return an evidence with the digest that belongs to it."""
    body = evidence.encode()[:-32]
    return body + hashlib.sha256(body).digest()


def refused(data):
    with pytest.raises(EvidenceRefused) as found:
        open_evidence(data)
    return found.value.reason


@pytest.mark.parametrize("count", [0, 1, 40, BATCH])
def test_what_was_packed_holds_and_says_who_and_when(count):
    fork = proof(count)
    data = pack(fork, HOST, FOUND)
    evidence = open_evidence(data)
    assert evidence.fork == fork
    assert (evidence.host, evidence.found) == (HOST.encode(), FOUND)
    assert len(data) <= MOST


def test_every_cut_and_every_touched_byte_is_refused_by_name():
    data = pack(proof(), HOST, FOUND)
    for end in range(len(data)):
        flaw = Flaw.FOREIGN if end < 8 else Flaw.DAMAGED
        assert refused(data[:end]) is flaw
    for at in range(len(data)):
        touched = data[:at] + bytes([data[at] ^ 0x40]) + data[at + 1 :]
        assert refused(touched) is (Flaw.FOREIGN if at < 8 else Flaw.DAMAGED)


@pytest.mark.parametrize("data", [b"", b"hello", b"%PDF-1.7", b"privfork" * MOST])
def test_another_file_is_no_evidence(data):
    assert refused(data) is Flaw.FOREIGN


def test_a_later_version_is_named_as_such():
    evidence = open_evidence(pack(proof(), HOST, FOUND))
    assert refused(sealed(replace(evidence, version=2))) is Flaw.LATER


FALSEHOODS = {
    "another key": lambda fork: replace(fork, key=Signer(bytes(32)).public),
    "the same value": lambda fork: replace(fork, before=fork.first.head.chain),
    "a link too few": lambda fork: replace(fork, links=fork.links[:-1]),
    "one head twice": lambda fork: replace(fork, second=fork.first),
    "the other head twice": lambda fork: replace(fork, first=fork.second),
    "no signature": lambda fork: replace(
        fork, second=replace(fork.second, signature=bytes(64))
    ),
    "a later proof": lambda fork: replace(fork, version=2),
    "another place": lambda fork: replace(
        fork, first=replace(fork.first, head=replace(fork.first.head, seq=6))
    ),
}


@pytest.mark.parametrize("name", FALSEHOODS)
def test_a_whole_file_that_proves_nothing_is_false(name):
    evidence = open_evidence(pack(proof(), HOST, FOUND))
    false = replace(evidence, fork=FALSEHOODS[name](evidence.fork))
    assert refused(sealed(false)) is Flaw.FALSE


def test_a_time_that_no_clock_shows_is_false():
    late = replace(proof().first.head, minute=(1 << 53) - 1)
    signed = sign_head(SIGNER, late)
    touched = signed[:73] + (1 << 53).to_bytes(8, "big") + signed[81:]
    data = pack(replace(proof(), first=SignedHead.decode(signed)), HOST, FOUND)
    body = data.replace(signed, touched)[:-32]
    assert refused(body + hashlib.sha256(body).digest()) is Flaw.FALSE
    found = data.replace(FOUND.to_bytes(8, "big"), (1 << 53).to_bytes(8, "big"))
    assert refused(found[:-32] + hashlib.sha256(found[:-32]).digest()) is Flaw.FALSE


@pytest.mark.parametrize("cut", [1, 64])
def test_a_whole_file_with_something_else_in_it_is_false(cut):
    data = pack(proof(), HOST, FOUND)
    body = data[: -32 - cut]
    assert refused(body + hashlib.sha256(body).digest()) is Flaw.FALSE
    body = data[:-32] + bytes(cut)
    assert refused(body + hashlib.sha256(body).digest()) is Flaw.FALSE
