"""The items of `watch`, told apart by `event`. Light, as `results` is."""

from privity.client.verbs.result import Count, Id, Result
from privity.client.verbs.results import (
    Account,
    Chat,
    Contact,
    Message,
    Person,
    Plea,
    RequestInfo,
    Sent,
)

__all__ = [
    "WatchChat",
    "WatchChatGone",
    "WatchContact",
    "WatchDropped",
    "WatchFailed",
    "WatchGone",
    "WatchItem",
    "WatchMessage",
    "WatchNotice",
    "WatchPlea",
    "WatchReady",
    "WatchRequest",
    "WatchSent",
    "WatchTyping",
]


class WatchReady(Result, frozen=True, tag_field="event", tag="ready"):
    """The profile is open and watched from here on."""

    account: Account


class WatchMessage(Result, frozen=True, tag_field="event", tag="message"):
    """A message or a line, as it is now.

    `change` is new, edited, deleted, reaction, receipt or folded: of somebody blocked
    in a group, to be announced to nobody. `number` grows with every arrival: a later
    watch that names it goes on behind it.
    """

    change: str
    message: Message
    number: Count


class WatchSent(Result, frozen=True, tag_field="event", tag="sent"):
    """An own message is durable at the relay."""

    sent: Sent


class WatchFailed(Result, frozen=True, tag_field="event", tag="failed"):
    """An own message was not sent, and waits no more: it can be sent again.

    Of a change that was not sent, the message as it stands without it.
    """

    message: Message


class WatchDropped(Result, frozen=True, tag_field="event", tag="dropped"):
    """An entry was refused and not shown; `cause` is its name."""

    chat: Id
    seq: Count
    cause: str
    sender: str


class WatchRequest(Result, frozen=True, tag_field="event", tag="request"):
    """Somebody wants to talk, or invites into a group."""

    request: RequestInfo


class WatchContact(Result, frozen=True, tag_field="event", tag="contact"):
    """A person was accepted, got a name, was blocked or was removed."""

    contact: Contact


class WatchChat(Result, frozen=True, tag_field="event", tag="chat"):
    """A chat began, can be used, was left, or can't go on."""

    chat: Chat


class WatchNotice(Result, frozen=True, tag_field="event", tag="notice"):
    """Something that a person should know."""

    code: str
    message: str
    next: str


class WatchPlea(Result, frozen=True, tag_field="event", tag="plea"):
    """A device of a member waits for a person."""

    plea: Plea


class WatchGone(Result, frozen=True, tag_field="event", tag="gone"):
    """Messages whose time is over left this device."""

    chat: Id
    messages: tuple[Id, ...]


class WatchChatGone(Result, frozen=True, tag_field="event", tag="chat_gone"):
    """A chat was deleted from this device: `chats` has it no more.

    One of two people is told as a chat again once somebody writes in it.
    """

    chat: Id


class WatchTyping(Result, frozen=True, tag_field="event", tag="typing"):
    """Somebody types in a chat, as a member of it says, or has ceased to."""

    chat: Id
    title: str
    person: Person
    typing: bool


WatchItem = (
    WatchReady
    | WatchMessage
    | WatchSent
    | WatchFailed
    | WatchDropped
    | WatchRequest
    | WatchContact
    | WatchChat
    | WatchNotice
    | WatchPlea
    | WatchTyping
    | WatchGone
    | WatchChatGone
)
