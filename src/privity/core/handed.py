"""Asking for missing messages and handing them on: the formats.

docs/spec/transcript.md. Both travel as control parts of ordinary messages. What is
handed on is sealed to the one who asked: other members need not have been there when it
was said.
"""

from dataclasses import dataclass, field
from itertools import pairwise
from operator import attrgetter
from typing import Annotated

from privity import mls
from privity.codec import U8, U53, Bytes, Fixed, Opaque, Struct, Vector
from privity.errors import DecodeError

__all__ = [
    "MAX_SPANS",
    "SPARE_MS",
    "Ask",
    "Frame",
    "Given",
    "OwnWords",
    "Plan",
    "Span",
    "decode_ask",
    "open_given",
    "seal_given",
]

VERSION = 1
MAX_SPANS = 16
SPARE_MS = 600_000
"""The same device is not helped twice within this time."""
_MAX_BYTES = 48 * 1024
_INFO = b"privity handed v1"
_Id = Annotated[bytes, Fixed(16)]


@dataclass(frozen=True, slots=True)
class Span(Struct):
    """Messages of a device, `first` to `last`, that stand between two seqs."""

    credential: Annotated[bytes, Fixed(32)]
    first: U53
    last: U53
    above: U53
    below: U53

    def has(self, counter: int, seq: int) -> bool:
        """Tell whether a message is one of these."""
        return self.first <= counter <= self.last and self.above < seq < self.below


@dataclass(frozen=True, slots=True)
class Ask(Struct):
    """Who misses something asks for it; `key` is a one-time HPKE public key."""

    version: U8
    ask_id: _Id
    key: Annotated[bytes, Bytes(2048)]
    spans: Annotated[tuple[Span, ...], Vector(Span, MAX_SPANS)]


@dataclass(frozen=True, slots=True)
class Frame(Struct):
    """A message of somebody else: `frame` with its signature, and what it is under.

    `context` is the GroupContext of its epoch, `header` that of its entry.
    """

    credential: Annotated[bytes, Fixed(32)]
    seq: U53
    minute: U53
    header: Opaque
    context: Annotated[bytes, Bytes(16 * 1024)]
    frame: Annotated[bytes, Bytes(_MAX_BYTES)] = field(repr=False)


@dataclass(frozen=True, slots=True)
class OwnWords(Struct):
    """A message of the one who hands it on: its leaf signs it anew by sending it."""

    counter: U53
    seq: U53
    minute: U53
    content: Annotated[bytes, Bytes(_MAX_BYTES)] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Given(Struct):
    """What is handed on in one message."""

    version: U8
    frames: Annotated[tuple[Frame, ...], Vector(Frame, 256)]
    own: Annotated[tuple[OwnWords, ...], Vector(OwnWords, 256)]


@dataclass(frozen=True, slots=True)
class Plan:
    """A request that I will answer at `at` (Unix milliseconds), unless others do."""

    chat_id: bytes
    credential: bytes
    ask: Ask = field(repr=False)
    at: int


def decode_ask(body: bytes) -> Ask:
    """Return what somebody asks for; raises DecodeError."""
    ask = Ask.decode(body)
    if ask.version != VERSION:
        raise DecodeError("a request of an unknown version")
    if any(s.first > s.last or s.above >= s.below for s in ask.spans):
        raise DecodeError("a span that ends before it begins")
    in_order = sorted(ask.spans, key=attrgetter("credential", "first"))
    for one, other in pairwise(in_order):
        if one.credential == other.credential and other.first <= one.last:
            raise DecodeError("spans that overlap")
    return ask


def seal_given(suite: mls.CipherSuite, ask: Ask, given: Given) -> bytes:
    """Return what is handed on, for the asker alone; raises DecodeError for its key."""
    suite.kem.check_public(ask.key)
    sealed = suite.hpke_seal(ask.key, _INFO, ask.ask_id, given.encode())
    return sealed.kem_output + sealed.ciphertext


def open_given(
    suite: mls.CipherSuite, private: bytes, ask_id: bytes, sealed: bytes
) -> Given:
    """Return what was handed on to me; raises NotAuthentic, DecodeError."""
    size = suite.kem.enc_length
    body = mls.HPKECiphertext(sealed[:size], sealed[size:])
    given = Given.decode(suite.hpke_open(private, _INFO, ask_id, body))
    if given.version != VERSION:
        raise DecodeError("an answer of an unknown version")
    return given
