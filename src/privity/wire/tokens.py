"""Single-use tokens, and the keys under which a relay makes them: docs/spec/token.md.

A token is a nonce that nobody but its owner chose, and the relay's pseudorandom
function of it under the key of one kind and one week. The relay states its keys to
everybody alike, signed, a week ahead.
"""

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Annotated, Final

from privity.codec import U8, U32, Enumerated, Fixed, Nested, Opaque, Struct, Vector
from privity.errors import DecodeError
from privity.identity import labels
from privity.identity.signing import Signer, verify_with_label

__all__ = [
    "NONCE_SIZE",
    "OUTPUT_SIZE",
    "WEEKS_STATED",
    "Scheme",
    "SignedTokenKeys",
    "Token",
    "TokenKeys",
    "TokenKind",
    "TokenWeek",
    "function_input",
    "key_info",
    "open_token_keys",
    "sign_token_keys",
    "week_of",
]

VERSION = 1
NONCE_SIZE = 16
OUTPUT_SIZE = 64
WEEKS_STATED = 2
"""The running week, whose keys are in use, and the next one."""
_WEEK_SECONDS = 7 * 86_400
_LABEL: Final = b"Privity 1.0 token"
_KEY_LABEL: Final = b"Privity 1.0 token-key"


class TokenKind(StrEnum):
    """What a token pays for; the order is that of the keys of a week."""

    LOG = "log"
    BLOB = "blob"
    REQUEST = "request"
    CLAIM = "claim"
    CHILD = "child"
    PLEA = "plea"


class Scheme(IntEnum):
    """How a week's tokens are made: `IDENTIFIED` lets a live operator link them."""

    BLIND = 1
    IDENTIFIED = 2


@dataclass(frozen=True, slots=True)
class Token(Struct):
    """What is spent; 84 bytes."""

    week: U32
    nonce: Annotated[bytes, Fixed(NONCE_SIZE)]
    output: Annotated[bytes, Fixed(OUTPUT_SIZE)]

    def __repr__(self) -> str:
        return "<token>"


@dataclass(frozen=True, slots=True)
class _Input(Struct):
    label: Opaque
    kind: Opaque
    week: U32
    nonce: Annotated[bytes, Fixed(NONCE_SIZE)]


@dataclass(frozen=True, slots=True)
class _KeyInfo(Struct):
    label: Opaque
    kind: Opaque
    week: U32


@dataclass(frozen=True, slots=True)
class TokenWeek(Struct):
    """The public keys of a week, one for each kind in order; none if not blind."""

    week: U32
    scheme: Annotated[Scheme, Enumerated(Scheme, 1)]
    keys: Annotated[tuple[bytes, ...], Vector(Fixed(32), len(TokenKind))]

    def key(self, kind: TokenKind) -> bytes:
        """Return the public key of a kind, or b"" where the week is not blind."""
        return self.keys[list(TokenKind).index(kind)] if self.keys else b""


@dataclass(frozen=True, slots=True)
class TokenKeys(Struct):
    """What a relay says to everybody: the keys of the running week and the next."""

    version: U8
    host: Opaque
    weeks: Annotated[tuple[TokenWeek, ...], Vector(Nested(TokenWeek), WEEKS_STATED)]


@dataclass(frozen=True, slots=True)
class SignedTokenKeys(Struct):
    """The statement and the head key's signature ("Privity 1.0 token-keys")."""

    keys: Annotated[TokenKeys, Nested(TokenKeys)]
    signature: Annotated[bytes, Fixed(64)]


def week_of(seconds: int) -> int:
    """Return the week of a Unix time, counted from 1970; it begins on a Thursday."""
    return seconds // _WEEK_SECONDS


def function_input(kind: TokenKind, week: int, nonce: bytes) -> bytes:
    """Return what the relay's function is computed of."""
    return _Input(_LABEL, kind.value.encode(), week, nonce).encode()


def key_info(kind: TokenKind, week: int) -> bytes:
    """Return what a relay derives the key of a kind and week from, beside its seed."""
    return _KeyInfo(_KEY_LABEL, kind.value.encode(), week).encode()


def sign_token_keys(signer: Signer, host: str, weeks: tuple[TokenWeek, ...]) -> bytes:
    """Return an encoded `SignedTokenKeys`."""
    keys = TokenKeys(VERSION, host.encode(), weeks)
    signature = signer.sign(labels.TOKEN_KEYS, keys.encode())
    return SignedTokenKeys(keys, signature).encode()


def open_token_keys(key: bytes, host: str, data: bytes) -> tuple[TokenWeek, ...]:
    """Return the weeks that the relay `host` states under its head key.

    The running week comes first. Raises NotAuthentic, and DecodeError for what is
    not a statement of this relay about two weeks in a row.
    """
    signed = SignedTokenKeys.decode(data)
    stated = signed.keys
    verify_with_label(key, labels.TOKEN_KEYS, stated.encode(), signed.signature)
    if stated.version != VERSION or stated.host != host.encode():
        raise DecodeError("token keys of another relay or version")
    first = stated.weeks[0].week if stated.weeks else 0
    if [one.week for one in stated.weeks] != [first, first + 1]:
        raise DecodeError("token keys of other weeks than two in a row")
    for one in stated.weeks:
        if len(one.keys) != (len(TokenKind) if one.scheme is Scheme.BLIND else 0):
            raise DecodeError("another number of token keys than kinds")
    return stated.weeks
