"""Control parts: what apps tell each other and people see as a fact, not as text.

`application/vnd.privity.control+cbor`: an array of a kind and its value, in
deterministic CBOR. Titles, names and keys travel inside the encryption like
everything else. Format: docs/spec/content.md.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias

from privity.content import cbor, limits
from privity.content.cbor import Value
from privity.content.parts import Disposition, SinglePart
from privity.content.shapes import U8, array, sized, text, uint
from privity.errors import DecodeError, UsageError

__all__ = [
    "CONTENT_TYPE",
    "PIECE",
    "ChatTimer",
    "ChatTitle",
    "ControlItem",
    "HandedOn",
    "MailboxKey",
    "MissingAsked",
    "Nothing",
    "Profile",
    "ProfilePicture",
    "control_from_part",
    "control_to_part",
]

CONTENT_TYPE = "application/vnd.privity.control+cbor"
_TITLE, _PROFILE, _MAILBOX_KEY, _NOTHING, _ASK, _HANDED = range(1, 7)
_TIMER, _PICTURE = 7, 8
_KEY_SIZE = 32
_JPEG = b"\xff\xd8\xff"
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
class ProfilePicture:
    """The picture of the sending account: a JPEG of up to 20 KiB; empty: none."""

    data: bytes = field(repr=False)


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


@dataclass(frozen=True, slots=True)
class ChatTimer:
    """After how many seconds new messages of the chat shall disappear; 0: never."""

    seconds: int


ControlItem: TypeAlias = (
    ChatTitle
    | Profile
    | ProfilePicture
    | MailboxKey
    | Nothing
    | MissingAsked
    | HandedOn
    | ChatTimer
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
    reader = _READERS.get(uint(kind, U8))
    if reader is None:
        raise DecodeError("a control part of an unknown kind")
    return reader(value)


def _to_value(item: ControlItem) -> list[Value]:
    match item:
        case ChatTitle(value) | Profile(value) | MailboxKey(value):
            return [_KINDS[type(item)], value]
        case MissingAsked(value) | ChatTimer(value) | ProfilePicture(value):
            return [_KINDS[type(item)], value]
        case Nothing():
            return [_NOTHING, None]
        case HandedOn():
            return [_HANDED, [item.ask_id, item.is_all, item.sealed]]


def _nothing(value: Value) -> Nothing:
    if value is not None:
        raise DecodeError("something where nothing belongs")
    return Nothing()


def _handed_on(value: Value) -> HandedOn:
    ask_id, is_all, sealed = array(value, 3)
    if not isinstance(is_all, bool):
        raise DecodeError("all of it, or not all of it")
    return HandedOn(sized(ask_id, 16), is_all, _piece(sealed))


def _picture(value: Value) -> bytes:
    """Return a JPEG, by its first bytes, or nothing: what it shows is its reader's."""
    data = _piece(value)
    if data and not data.startswith(_JPEG):
        raise DecodeError("a picture that is no JPEG")
    return data


def _piece(value: Value) -> bytes:
    if not isinstance(value, bytes) or len(value) > PIECE:
        raise DecodeError("a piece of another type or size")
    return value


_KINDS: Mapping[type[ControlItem], int] = MappingProxyType(
    {
        ChatTitle: _TITLE,
        Profile: _PROFILE,
        ProfilePicture: _PICTURE,
        MailboxKey: _MAILBOX_KEY,
        MissingAsked: _ASK,
        ChatTimer: _TIMER,
    }
)
_READERS: Mapping[int, Callable[[Value], ControlItem]] = MappingProxyType(
    {
        _TITLE: lambda value: ChatTitle(text(value, limits.TITLE)),
        _PROFILE: lambda value: Profile(text(value, limits.TITLE, least=1)),
        _MAILBOX_KEY: lambda value: MailboxKey(sized(value, _KEY_SIZE)),
        _PICTURE: lambda value: ProfilePicture(_picture(value)),
        _NOTHING: _nothing,
        _ASK: lambda value: MissingAsked(_piece(value)),
        _HANDED: _handed_on,
        _TIMER: lambda value: ChatTimer(uint(value, limits.EXPIRY)),
    }
)
