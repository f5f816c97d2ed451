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
    "ChatTitle",
    "ControlItem",
    "MailboxKey",
    "Nothing",
    "Profile",
    "control_from_part",
    "control_to_part",
]

CONTENT_TYPE = "application/vnd.privity.control+cbor"
_TITLE, _PROFILE, _MAILBOX_KEY, _NOTHING = 1, 2, 3, 4
_KEY_SIZE = 32


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


ControlItem: TypeAlias = ChatTitle | Profile | MailboxKey | Nothing


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
