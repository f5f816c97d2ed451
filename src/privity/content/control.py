"""Control parts: what apps tell each other and people see as a fact, not as text.

`application/vnd.privity.control+cbor`: an array of a kind and its value, in
deterministic CBOR. Titles, names and keys travel inside the encryption like
everything else. Format: docs/spec/content.md.
"""

from dataclasses import dataclass, field
from typing import TypeAlias

from privity.content import cbor, limits
from privity.content.cbor import Value
from privity.content.parts import Disposition, SinglePart
from privity.content.shapes import U8, array, sized, text, uint
from privity.errors import DecodeError, UsageError

__all__ = [
    "CONTENT_TYPE",
    "PIECE",
    "ChatTitle",
    "ControlItem",
    "HandedOn",
    "MailboxKey",
    "MissingAsked",
    "Nothing",
    "Profile",
    "control_from_part",
    "control_to_part",
]

CONTENT_TYPE = "application/vnd.privity.control+cbor"
_TITLE, _PROFILE, _MAILBOX_KEY, _NOTHING, _ASK, _HANDED = 1, 2, 3, 4, 5, 6
_KEY_SIZE = 32
PIECE = 20 * 1024
"""Bytes that one part carries; a part has a limit of its own."""


@dataclass(frozen=True, slots=True)
class ChatTitle:
    """The chat's title from now on; empty takes it away."""

    title: str


@dataclass(frozen=True, slots=True)
class Profile:
    """How the sending account wants to be called."""

    display_name: str


@dataclass(frozen=True, slots=True)
class MailboxKey:
    """The 32-byte access key of the sender's mailboxes, for the reader to keep."""

    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Nothing:
    """In place of a message that was taken back before it left: its number is used."""


@dataclass(frozen=True, slots=True)
class MissingAsked:
    """The sending device misses messages; docs/spec/transcript.md has the format."""

    body: bytes


@dataclass(frozen=True, slots=True)
class HandedOn:
    """Missing messages, sealed to who asked; further parts of the message go on."""

    ask_id: bytes
    is_all: bool
    sealed: bytes = field(repr=False)


ControlItem: TypeAlias = (
    ChatTitle | Profile | MailboxKey | Nothing | MissingAsked | HandedOn
)


def control_to_part(item: ControlItem) -> SinglePart:
    """Return the part that carries `item`; raises UsageError beyond a limit."""
    content = cbor.encode(_to_value(item))
    part = SinglePart(Disposition.PROFILE, "", CONTENT_TYPE, content)
    try:
        control_from_part(part)
    except DecodeError as error:
        raise UsageError(f"a control part that a reader refuses: {error}") from None
    return part


def control_from_part(part: SinglePart) -> ControlItem:
    """Return what a control part says, or raise DecodeError (unknown kind too)."""
    kind, value = array(cbor.decode(part.content), 2)
    number = uint(kind, U8)
    if number == _TITLE:
        return ChatTitle(text(value, limits.TITLE))
    if number == _PROFILE:
        return Profile(text(value, limits.TITLE, least=1))
    if number == _MAILBOX_KEY:
        return MailboxKey(sized(value, _KEY_SIZE))
    if number == _NOTHING and value is None:
        return Nothing()
    if number == _ASK:
        return MissingAsked(_piece(value))
    if number == _HANDED:
        ask_id, is_all, sealed = array(value, 3)
        if isinstance(is_all, bool):
            return HandedOn(sized(ask_id, 16), is_all, _piece(sealed))
    raise DecodeError("a control part of an unknown kind")


def _to_value(item: ControlItem) -> list[Value]:
    match item:
        case ChatTitle():
            return [_TITLE, item.title]
        case Profile():
            return [_PROFILE, item.display_name]
        case MailboxKey():
            return [_MAILBOX_KEY, item.key]
        case Nothing():
            return [_NOTHING, None]
        case MissingAsked():
            return [_ASK, item.body]
        case HandedOn():
            return [_HANDED, [item.ask_id, item.is_all, item.sealed]]


def _piece(value: Value) -> bytes:
    if not isinstance(value, bytes) or len(value) > PIECE:
        raise DecodeError("a piece of another type or size")
    return value
