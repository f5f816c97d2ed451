"""Any bytes as what members and finders tell: signals, evidence of two histories."""

from hashlib import sha256

from nacl import bindings

from privity.core.signals import (
    NONCE,
    SignalBody,
    SignalIgnored,
    SignalPlace,
    open_one,
    seal_signal,
)
from privity.identity.signing import Signer
from privity.wire.entry import chain_of_links
from privity.wire.evidence import EvidenceRefused, open_evidence, pack
from privity.wire.heads import Fork, Head, SignedHead, sign_head
from privity.wire.limits import SIGNAL
from tests.fuzz.target import Fault, Target

__all__ = ["TARGET"]

KEY, PLACE = bytes(range(32)), SignalPlace(bytes(16), 3)
PLAIN = SIGNAL - NONCE - 16
SEALED, FROM_A_MEMBER, FILE, WHOLE_FILE = range(4)


def run(data: bytes) -> None:
    """Open what the first byte names; what opens is the same when it is made again."""
    if not data:
        return
    kind, rest = data[0] % 4, data[1:]
    try:
        if kind == SEALED:
            open_one(KEY, PLACE, rest)
        elif kind == FROM_A_MEMBER:
            _from_a_member(rest)
        elif kind == FILE:
            open_evidence(rest)
        else:
            _same(rest + sha256(rest).digest())
    except (SignalIgnored, EvidenceRefused):
        return


def _from_a_member(content: bytes) -> None:
    """Open what somebody sealed who has the key, and holds to nothing else."""
    plain = content[:PLAIN].ljust(PLAIN, b"\0")
    nonce = bytes(NONCE)
    sealed = bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(
        plain, PLACE.encode(), nonce, KEY
    )
    body = open_one(KEY, PLACE, nonce + sealed)
    if seal_signal(KEY, PLACE, body, nonce) != nonce + sealed:
        raise Fault("a signal that can be written in two ways")


def _same(data: bytes) -> None:
    found = open_evidence(data)
    again = pack(found.fork, found.host.decode("ascii"), found.found)
    if again != data:
        raise Fault("evidence that can be written in two ways")


def seeds() -> list[bytes]:
    """Return a signal sealed and in clear, and evidence with and without its digest."""
    body = SignalBody(1, 1, 1 << 40)
    signer, link = Signer(bytes(32)), bytes(64)
    heads = tuple(
        SignedHead.decode(sign_head(signer, Head(1, bytes(32), seq, chain, 9)))
        for seq, chain in ((1, bytes(32)), (2, chain_of_links(KEY, link)))
    )
    fork = Fork.of(signer.public, (heads[0], heads[1]), KEY, [link])
    data = pack(fork, "chat.example", 1 << 30)
    return [
        bytes([SEALED]) + seal_signal(KEY, PLACE, body, bytes(NONCE)),
        bytes([FROM_A_MEMBER]) + body.encode(),
        bytes([FILE]) + data,
        bytes([WHOLE_FILE]) + data[:-32],
    ]


TARGET = Target("told", run, seeds)
