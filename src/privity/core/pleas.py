"""Pleas and answers: the two sealed messages of a log's lobby.

docs/spec/plea.md. A plea is sealed under a generation's lobby key and signed by the
device that can't follow. Its answer is sealed to the one-time key in the plea and
signed by a leaf of the newest epoch; it has what a commit from outside needs.
"""

from dataclasses import dataclass, field
from enum import IntEnum
from hashlib import sha256
from typing import Annotated, TypeVar

from privity import mls
from privity.codec import (
    U8,
    U32,
    U53,
    Bytes,
    Enumerated,
    Fixed,
    Nested,
    Reader,
    Struct,
    Vector,
    write_uint,
)
from privity.core.sealed import Locator
from privity.errors import DecodeError, NotAuthentic, UsageError
from privity.identity import labels
from privity.identity.certificates import DeviceCertificate, verify_certificate
from privity.identity.kdf import expand
from privity.identity.sealing import TAG_SIZE, open_sealed, seal
from privity.identity.signing import (
    SIGNATURE_SIZE,
    sign_with_label,
    verify_with_label,
)
from privity.wire.heads import log_hash
from privity.wire.limits import ANSWER

__all__ = [
    "GROUP_INFO",
    "MAX_ROAD_KEYS",
    "Answer",
    "Plea",
    "PleaCause",
    "PleaPlace",
    "RoadKey",
    "log_hash",
    "open_answer",
    "open_plea",
    "plea_hash",
    "seal_answer",
    "seal_plea",
]

VERSION = 1
PLEA_SIZE = 2_048
"""Every plea has this size; what is inside leaves room for a larger KEM."""
SALT = 32
MAX_ROAD_KEYS = 32
GROUP_INFO = 6_144
"""Bytes for a GroupInfo and the keys of a road together."""
_ANSWER_INFO = b"privity answer v1"
_Id = Annotated[bytes, Fixed(16)]
_Hash = Annotated[bytes, Fixed(32)]


class PleaCause(IntEnum):
    """Why a device can't follow, as it says itself."""

    PATH = 1
    ROLLED_BACK = 2
    GONE = 3
    ACCESS_REFUSED = 4
    CHAIN = 5
    RESTORED = 6
    BLOB = 7


@dataclass(frozen=True, slots=True)
class PleaPlace:
    """Where a plea lies: in which lobby, of which generation, under which id."""

    log_id: bytes
    generation: int
    plea_id: bytes

    def encode(self) -> bytes:
        """Return the AAD of the sealed plea: log id ‖ generation ‖ plea id."""
        out = bytearray(self.log_id)
        write_uint(out, self.generation, 8)
        return bytes(out) + self.plea_id


@dataclass(frozen=True, slots=True)
class Plea(Struct):
    """What a device says that can't follow, signed by it ("Privity 1.0 plea").

    `seq`, `chain` and `parent` are where it stands: what it read last, the chain value
    behind it, the commit that began its epoch. `key` is a one-time key of the suite's
    KEM, to which the answer is sealed.
    """

    version: U8
    plea_id: _Id
    log_hash: _Hash
    certificate: Annotated[DeviceCertificate, Nested(DeviceCertificate)]
    cause: Annotated[PleaCause, Enumerated(PleaCause, 1)]
    seq: U53
    parent: U53
    chain: _Hash
    key: Annotated[bytes, Bytes(1536)]


@dataclass(frozen=True, slots=True)
class RoadKey(Struct):
    """The lobby key (Ed25519 seed) of a generation on the answerer's road.

    It reads which commits stand under which; it opens nothing.
    """

    generation: U53
    lobby_seed: _Hash = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer(Struct):
    """What lets a device come back, signed by a leaf ("Privity 1.0 answer").

    `seq` is the commit that began the answerer's epoch, `group_info` is of that epoch
    and `leaf` the answerer's place in it; `head` and `chain` are what it read last.
    `via` is the commit of its road that came behind the plea's `parent`: that `parent`
    itself where none came, 0 where it does not remember. `secret` is S_g of
    `generation`; `checkpoint` is the newest on the road to `seq`.
    `road` are keys of the generations opened behind the plea's `parent`, all or none.
    """

    version: U8
    plea: _Hash
    log_hash: _Hash
    certificate: Annotated[DeviceCertificate, Nested(DeviceCertificate)]
    leaf: U32
    via: U53
    seq: U53
    head: U53
    chain: _Hash
    generation: U53
    secret: _Hash = field(repr=False)
    group_info: Annotated[bytes, Bytes(GROUP_INFO)]
    checkpoint: Annotated[Locator, Nested(Locator)]
    road: Annotated[tuple[RoadKey, ...], Vector(RoadKey, MAX_ROAD_KEYS)]


_S = TypeVar("_S", Plea, Answer)


def plea_hash(sealed: bytes) -> bytes:
    """Return the name under which an answer mentions its plea."""
    return sha256(sealed).digest()


def seal_plea(
    lobby_seal: bytes, place: PleaPlace, plea: Plea, signature_seed: bytes, salt: bytes
) -> bytes:
    """Return the 2,048 bytes of a plea; `salt` is 32 fresh random bytes."""
    plaintext = _signed(plea, labels.PLEA, signature_seed, PLEA_SIZE - SALT - TAG_SIZE)
    key = expand(lobby_seal, salt + b"plea")
    return salt + seal(key, plaintext, place.encode())


def open_plea(lobby_seal: bytes, place: PleaPlace, sealed: bytes) -> Plea:
    """Return a plea, its signatures verified; raises NotAuthentic, DecodeError."""
    if len(sealed) != PLEA_SIZE:
        raise DecodeError("a plea of another size")
    key = expand(lobby_seal, sealed[:SALT] + b"plea")
    plaintext = open_sealed(key, sealed[SALT:], place.encode())
    plea = _verified(Plea, plaintext, labels.PLEA)
    if plea.plea_id != place.plea_id:
        raise NotAuthentic
    return plea


def seal_answer(
    suite: mls.CipherSuite, plea: Plea, answer: Answer, signature_seed: bytes
) -> bytes:
    """Return the 8,192 bytes of an answer, sealed to the key in `plea`.

    Raises UsageError for one that does not fit, DecodeError for a key that is none.
    """
    suite.kem.check_public(plea.key)
    room = ANSWER - suite.kem.enc_length - TAG_SIZE
    plaintext = _signed(answer, labels.ANSWER, signature_seed, room)
    sealed = suite.hpke_seal(plea.key, _ANSWER_INFO, plea.plea_id, plaintext)
    return sealed.kem_output + sealed.ciphertext


def open_answer(
    suite: mls.CipherSuite, private: bytes, plea_id: bytes, sealed: bytes
) -> Answer:
    """Return an answer that its certificate's key signed.

    Whether that key is a leaf's is for the caller. Raises NotAuthentic, DecodeError.
    """
    size = suite.kem.enc_length
    if len(sealed) != ANSWER:
        raise DecodeError("an answer of another size")
    body = mls.HPKECiphertext(sealed[:size], sealed[size:])
    plaintext = suite.hpke_open(private, _ANSWER_INFO, plea_id, body)
    return _verified(Answer, plaintext, labels.ANSWER)


def _signed(message: Plea | Answer, label: str, seed: bytes, room: int) -> bytes:
    """Return message ‖ signature ‖ zeros, `room` bytes in all."""
    content = message.encode()
    plaintext = content + sign_with_label(seed, label, content)
    if len(plaintext) > room:
        raise UsageError(f"{len(plaintext)} bytes do not fit")
    return plaintext + bytes(room - len(plaintext))


def _verified(kind: type[_S], plaintext: bytes, label: str) -> _S:
    reader = Reader(plaintext)
    message = kind.read(reader)
    content = reader.since(0)
    signature = reader.take(SIGNATURE_SIZE)
    if any(reader.take(reader.remaining)):
        raise DecodeError("padding that is not zero")
    if message.version != VERSION:
        raise DecodeError("a message of an unknown version")
    verify_certificate(message.certificate)
    key = message.certificate.claim.signature_key
    verify_with_label(key, label, content, signature)
    return message
