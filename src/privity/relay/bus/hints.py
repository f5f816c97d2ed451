"""Hints: what one process of a relay tells the others, and the bytes that carry it.

A hint says that something came, and never what: who hears it reads the database. Only
a signal carries what it tells, since nothing of it is stored. A hint that is lost costs
time until the next look around (`looking`), one that lies costs a read.
"""

from typing import Annotated, Protocol

import msgspec

from privity.errors import DecodeError
from privity.wire.frames import Signal

__all__ = [
    "Alone",
    "Hint",
    "LoggedIn",
    "Mail",
    "Pleaded",
    "Stored",
    "Teller",
    "decode_hints",
    "encode_hints",
]

Id = Annotated[bytes, msgspec.Meta(min_length=16, max_length=16)]
Seq = Annotated[int, msgspec.Meta(ge=0, le=(1 << 53) - 1)]
_MOST = 1_024


class _Hint(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    pass


class Stored(_Hint, frozen=True, tag=1):
    """An entry of a log is durable; one that `opens` closed its generation."""

    log_id: Id
    seq: Seq
    generation: Seq
    opens: bool


class Pleaded(_Hint, frozen=True, tag=2):
    """A plea waits beside a log, for who follows one of these generations."""

    log_id: Id
    generations: Annotated[list[Seq], msgspec.Meta(max_length=_MOST)]


class Mail(_Hint, frozen=True, tag=3):
    """Something came into a mailbox."""

    mailbox_id: Id


class LoggedIn(_Hint, frozen=True, tag=4):
    """A device logged in, or left its account."""

    account_id: Id
    device_id: Id


Hint = Stored | Pleaded | Mail | LoggedIn | Signal

_Batch = Annotated[list[Hint], msgspec.Meta(max_length=_MOST)]
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Batch)


class Teller(Protocol):
    """Whoever tells the other processes."""

    def tell(self, hint: Hint) -> None:
        """Tell all others soon, or not at all; never waits and never fails."""
        ...


class Alone:
    """The only process of its relay: there is nobody to tell."""

    def tell(self, hint: Hint) -> None:
        """Do nothing."""


def encode_hints(hints: list[Hint]) -> bytes:
    """Return the bytes of at most 1,024 hints."""
    return _encoder.encode(hints)


def decode_hints(data: bytes) -> list[Hint]:
    """Return the hints in `data`; raises DecodeError."""
    try:
        return _decoder.decode(data)
    except msgspec.DecodeError:
        raise DecodeError("these are no hints") from None
