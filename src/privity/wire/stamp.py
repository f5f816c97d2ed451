"""The relay's stamp: a MAC over an entry's place, minute, header, envelope and tag.

Only the relay that made a stamp can check it. docs/spec/entry.md has the format.
"""

import hmac
from dataclasses import dataclass
from hashlib import sha256
from struct import Struct as Layout
from typing import Annotated

from privity.codec import U64, Fixed, Opaque, Struct
from privity.wire.entry import Header

__all__ = ["NO_STAMP", "StampedPlace", "make_stamp", "place_of", "stamp_of_links"]

NO_STAMP = bytes(32)
"""In place of the stamp of a message that is no longer stored."""
LABEL = b"privity/stamp/v1"
_PLACE = Layout(">B16s16sQQ16s64s32s")
_LABEL_LENGTH = len(LABEL)
"""Also the label's length as the codec writes it: one byte, below 64."""


@dataclass(frozen=True, slots=True)
class StampedPlace(Struct):
    """The input of the MAC: where an entry stood, when, and what it was."""

    label: Opaque
    log_id: Annotated[bytes, Fixed(16)]
    seq: U64
    minute: U64
    idem: Annotated[bytes, Fixed(16)]
    header_hash: Annotated[bytes, Fixed(32)]
    envelope_hash: Annotated[bytes, Fixed(32)]
    tag: Annotated[bytes, Fixed(32)]


def place_of(  # noqa: PLR0913  the MAC covers exactly these
    log_id: bytes,
    seq: int,
    minute: int,
    idem: bytes,
    header: bytes,
    envelope: bytes,
    tag: bytes,
) -> StampedPlace:
    """Return what a stamp covers; `minute` is Unix time / 60."""
    return StampedPlace(
        label=LABEL,
        log_id=log_id,
        seq=seq,
        minute=minute,
        idem=idem,
        header_hash=sha256(header).digest(),
        envelope_hash=sha256(envelope).digest(),
        tag=tag,
    )


def make_stamp(key: bytes, place: StampedPlace) -> bytes:
    """Return the 32-byte HMAC-SHA-256 under one of the relay's stamp keys."""
    return hmac.digest(key, place.encode(), "sha256")


def stamp_of_links(
    key: bytes, header: Header, seq: int, minute: int, links: bytes
) -> bytes:
    """Return the same stamp from a decoded header and `entry.links`.

    The relay makes one for every entry, so the place is laid out at once.
    """
    place = _PLACE.pack(
        _LABEL_LENGTH,
        LABEL,
        header.log_id,
        seq,
        minute,
        header.idem,
        links,
        header.tag,
    )
    return hmac.digest(key, place, "sha256")
