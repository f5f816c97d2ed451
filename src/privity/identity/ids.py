"""Ids: 16 random bytes; as text, 26 letters of lowercase base32.

Account, device, mailbox, chat, log, group, blob and invite ids and `idem` all look
like this. They are random, never derived, so an id tells nothing of what it names.
"""

from collections.abc import Callable

from privity.errors import DecodeError, UsageError
from privity.identity.text import from_base32, to_base32

__all__ = ["ID_SIZE", "ID_TEXT_SIZE", "Random", "id_from_text", "id_to_text", "new_id"]

Random = Callable[[int], bytes]
"""The one source of randomness that a caller hands in: n → n uniform bytes."""

ID_SIZE = 16
ID_TEXT_SIZE = 26


def new_id(random: Random) -> bytes:
    """Return a fresh id."""
    return random(ID_SIZE)


def id_to_text(value: bytes) -> str:
    """Return an id as people, files and URLs carry it."""
    if len(value) != ID_SIZE:
        raise UsageError(f"an id has {ID_SIZE} bytes, not {len(value)}")
    return to_base32(value)


def id_from_text(text: str) -> bytes:
    """Return the id that `text` is, or raise DecodeError; there is one text per id."""
    if len(text) != ID_TEXT_SIZE:
        raise DecodeError(f"an id has {ID_TEXT_SIZE} letters")
    return from_base32(text)
