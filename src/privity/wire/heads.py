"""Signed heads: what a relay says of a log, so that it can't say something else later.

docs/spec/head.md. A head names a log by a hash, a place in it, and the chain value
behind that place. Two of one relay that disagree prove that it showed two histories.
"""

from dataclasses import dataclass
from hashlib import sha256
from struct import Struct as Layout
from typing import Annotated

from privity.codec import U8, U53, Fixed, Nested, Struct, Vector
from privity.errors import DecodeError, NotAuthentic
from privity.identity import labels
from privity.identity.signing import Signer, verify_with_label
from privity.wire.entry import chain_of_links
from privity.wire.limits import BATCH

__all__ = ["Fork", "Head", "SignedHead", "log_hash", "open_head", "sign_head"]

VERSION = 1
_HEAD = Layout(">B32sQ32sQ")
_Hash = Annotated[bytes, Fixed(32)]


@dataclass(frozen=True, slots=True)
class Head(Struct):
    """Behind the entry `seq` the chain value is `chain`; said at `minute` (Unix/60)."""

    version: U8
    log_hash: _Hash
    seq: U53
    chain: _Hash
    minute: U53


@dataclass(frozen=True, slots=True)
class SignedHead(Struct):
    """A head and the relay's signature over it ("Privity 1.0 head")."""

    head: Annotated[Head, Nested(Head)]
    signature: Annotated[bytes, Fixed(64)]


@dataclass(frozen=True, slots=True)
class _Links(Struct):
    both: Annotated[bytes, Fixed(64)]


@dataclass(frozen=True, slots=True)
class Fork(Struct):
    """The proof that a relay showed two histories of one log; anybody can check it.

    `before` is the chain value at the first head's place in the history of the second,
    and `links` are those of the entries from there on to the second head: one batch of
    them at most, with which the second head came.
    """

    version: U8
    key: _Hash
    first: Annotated[SignedHead, Nested(SignedHead)]
    second: Annotated[SignedHead, Nested(SignedHead)]
    before: _Hash
    links: Annotated[tuple[_Links, ...], Vector(Nested(_Links), BATCH)]

    @classmethod
    def of(
        cls,
        key: bytes,
        heads: tuple[SignedHead, SignedHead],
        before: bytes,
        links: list[bytes],
    ) -> "Fork":
        """Return a proof, not checked yet."""
        return cls(VERSION, key, *heads, before, tuple(_Links(one) for one in links))

    def check(self) -> None:
        """Accept what proves that `key` signed two histories.

        Raises NotAuthentic, and DecodeError for a version that is not known.
        """
        if self.version != VERSION:
            raise DecodeError("a proof of an unknown version")
        first, second = self.first.head, self.second.head
        for signed in (self.first, self.second):
            _check(self.key, signed)
        if first.log_hash != second.log_hash or self.before == first.chain:
            raise NotAuthentic
        value = self.before
        for one in self.links:
            value = chain_of_links(value, one.both)
        if (second.seq, second.chain) != (first.seq + len(self.links), value):
            raise NotAuthentic


def log_hash(log_id: bytes, host: str) -> bytes:
    """Return the name under which a log at its relay is mentioned."""
    return sha256(log_id + host.encode()).digest()


def sign_head(signer: Signer, head: Head) -> bytes:
    """Return an encoded `SignedHead`."""
    # Laid out at once: a relay signs one for each log that it sends from.
    said = _HEAD.pack(head.version, head.log_hash, head.seq, head.chain, head.minute)
    return said + signer.sign(labels.HEAD, said)


def open_head(key: bytes, data: bytes) -> SignedHead:
    """Return a head that `key` signed; raises DecodeError, NotAuthentic."""
    signed = SignedHead.decode(data)
    _check(key, signed)
    return signed


def _check(key: bytes, signed: SignedHead) -> None:
    if signed.head.version != VERSION:
        raise DecodeError("a head of an unknown version")
    verify_with_label(key, labels.HEAD, signed.head.encode(), signed.signature)
