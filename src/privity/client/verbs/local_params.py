"""What the verbs are asked with that change or look at this device alone."""

from enum import StrEnum
from typing import Annotated

import msgspec

from privity.client.verbs.params import (
    WAIT,
    Count,
    Name,
    Params,
    Seconds,
    Short,
    Text,
)

__all__ = [
    "AccountDelete",
    "Archive",
    "ChatDelete",
    "Chats",
    "ContactRemove",
    "Draft",
    "Mute",
    "Pin",
    "Rename",
    "Search",
    "Unread",
    "Which",
]


class Which(StrEnum):
    """Which chats a list has."""

    OPEN = "open"
    ARCHIVED = "archived"
    ALL = "all"

    def takes(self, archived: bool) -> bool:  # noqa: FBT001  the one question
        """Tell whether a chat is in it."""
        return self is Which.ALL or archived == (self is Which.ARCHIVED)


class Chats(Params, frozen=True):
    """Chats; those that are archived only where asked for."""

    which: Which = Which.OPEN


class Pin(Params, frozen=True):
    """Keep a chat on top of the list, or not any longer."""

    chat: Name
    on: bool = True


class Mute(Params, frozen=True):
    """Mute a chat for `seconds` (0: until it is undone), or not any longer."""

    chat: Name
    on: bool = True
    seconds: Count = 0


class AccountDelete(Params, frozen=True):
    """Delete this account; `confirm` is its name, handle or id, typed by its owner.

    `only_here`: wipe this profile and tell nobody; the account stays at its relay.
    """

    confirm: Name
    only_here: bool = False
    wait: Seconds = WAIT


class Archive(Params, frozen=True):
    """Put a chat away until somebody writes in it, or bring it back."""

    chat: Name
    on: bool = True


class Unread(Params, frozen=True):
    """Mark a chat to be looked at again; `read` takes the mark away."""

    chat: Name


class ChatDelete(Params, frozen=True):
    """Delete a chat from this device, a group after leaving it."""

    chat: Name
    wait: Seconds = WAIT


class Draft(Params, frozen=True):
    """What was typed in a chat; null: ask only, empty: forget it."""

    chat: Name
    text: Text | None = None
    reply_to: Short = ""


class Rename(Params, frozen=True):
    """An own name for a person, on this device; empty: their own again."""

    who: Name
    name: Short = ""


class ContactRemove(Params, frozen=True):
    """Forget a contact; the chat of two stays, and may be deleted."""

    who: Name
    wait: Seconds = WAIT


class Search(Params, frozen=True):
    """Messages with all the words of a text; the last word may be begun.

    `chat` limits it to one. `before` is the `next` of the page before this one.
    """

    text: Name
    chat: Short = ""
    limit: Annotated[int, msgspec.Meta(ge=1, le=200)] = 50
    before: Annotated[str, msgspec.Meta(pattern="^[0-9]{0,18}$")] = ""
