"""Signals: what members tell each other of this moment, and nobody keeps.

docs/spec/signal.md. A signal is sealed under a key of the epoch and its sender's leaf
that every member can make, and is trusted for nothing: who opens one knows that some
member made it, and not that it was the one whose leaf it names.
"""

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum, unique
from types import MappingProxyType
from typing import Annotated

from nacl import bindings
from nacl.exceptions import CryptoError

from privity import mls
from privity.codec import U8, U64, Fixed, Reader, Struct
from privity.errors import PrivityError
from privity.wire.limits import SIGNAL

__all__ = [
    "Hearing",
    "Ignored",
    "SignalBody",
    "SignalIgnored",
    "SignalKind",
    "SignalPlace",
    "open_one",
    "open_signal",
    "seal_signal",
    "signal_key",
]

VERSION = 1
NONCE = bindings.crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
_TAG = bindings.crypto_aead_xchacha20poly1305_ietf_ABYTES
_PLAIN = SIGNAL - NONCE - _TAG
_LABEL = "privity signal v1"


class SignalKind(IntEnum):
    """What a signal tells."""

    TYPING = 1


@unique
class Ignored(StrEnum):
    """Why a signal was let be; nothing was changed by it, and nobody is told."""

    NO_CHAT = "no_chat"
    SIZE = "size"
    TOO_MANY = "too_many"
    NOT_OPENED = "not_opened"
    VERSION = "version"
    KIND = "kind"
    PADDING = "padding"
    OWN = "own"
    BLOCKED = "blocked"
    STALE = "stale"
    REPLAYED = "replayed"


class SignalIgnored(PrivityError):
    """A signal was ignored, for a reason that has a name; stays inside the core."""

    def __init__(self, why: Ignored) -> None:
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True, slots=True)
class SignalBody(Struct):
    """What is sealed; zeros fill it up. `sent` is the sender's Unix time in ms."""

    version: U8
    kind: U8
    sent: U64


@dataclass(frozen=True, slots=True)
class SignalPlace(Struct):
    """Where a signal belongs: bound to it, and in front of it on the wire."""

    log_id: Annotated[bytes, Fixed(16)]
    generation: U64


@dataclass(frozen=True, slots=True)
class Hearing:
    """What a session remembers of one chat's signals; gone with the connection.

    `newest` is the newest `sent` of each leaf in `epoch`; `tried` counts the signals
    that were looked at since `since` (Unix ms), `keys` what was tried on them.
    """

    epoch: int = 0
    newest: MappingProxyType[int, int] = field(
        default_factory=lambda: MappingProxyType({})
    )
    since: int = 0
    tried: int = 0
    keys: int = 0


def signal_key(group: mls.Group, leaf: int) -> bytes:
    """Return the key (32 bytes) under which a leaf seals signals in this epoch."""
    return group.export(_LABEL, leaf.to_bytes(4, "big"), 32)


def seal_signal(
    key: bytes, place: SignalPlace, body: SignalBody, nonce: bytes
) -> bytes:
    """Return the 128 bytes of a signal; `nonce` is 24 random bytes."""
    content = body.encode()
    sealed = bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(
        content + bytes(_PLAIN - len(content)), place.encode(), nonce, key
    )
    return nonce + sealed


def open_signal(
    group: mls.Group, place: SignalPlace, sealed: bytes
) -> tuple[int, SignalBody]:
    """Return the leaf whose key opens a signal, and what it says.

    Costs a key and an opening for each leaf, at most. Raises SignalIgnored
    (SIZE, NOT_OPENED, VERSION, KIND, PADDING).
    """
    if len(sealed) != SIGNAL:
        raise SignalIgnored(Ignored.SIZE)
    for leaf, _ in group.members():
        plain = _opened(signal_key(group, leaf), place, sealed)
        if plain is not None:
            return leaf, _body(plain)
    raise SignalIgnored(Ignored.NOT_OPENED)


def open_one(key: bytes, place: SignalPlace, sealed: bytes) -> SignalBody:
    """Return what a signal under one key says; raises SignalIgnored as above."""
    if len(sealed) != SIGNAL:
        raise SignalIgnored(Ignored.SIZE)
    plain = _opened(key, place, sealed)
    if plain is None:
        raise SignalIgnored(Ignored.NOT_OPENED)
    return _body(plain)


def _opened(key: bytes, place: SignalPlace, sealed: bytes) -> bytes | None:
    nonce, rest = sealed[:NONCE], sealed[NONCE:]
    try:
        return bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(
            rest, place.encode(), nonce, key
        )
    except CryptoError:
        return None


def _body(plain: bytes) -> SignalBody:
    reader = Reader(plain)
    body = SignalBody.read(reader)
    if body.version != VERSION:
        raise SignalIgnored(Ignored.VERSION)
    if body.kind != SignalKind.TYPING:
        raise SignalIgnored(Ignored.KIND)
    if any(reader.take(reader.remaining)):
        raise SignalIgnored(Ignored.PADDING)
    return body
