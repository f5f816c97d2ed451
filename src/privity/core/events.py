"""What a person or a program that looks on is told; `watch --jsonl` prints these."""

import msgspec

__all__ = [
    "ChatChanged",
    "ChatGone",
    "ContactChanged",
    "Event",
    "Line",
    "MessageArrived",
    "MessageDropped",
    "MessageFailed",
    "MessageSent",
    "MessagesGone",
    "Notice",
    "PleaArrived",
    "ReadmissionOffered",
    "RefoundOffered",
    "RequestArrived",
    "Typing",
]


class _Event(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="event"
):
    pass


class MessageArrived(_Event, frozen=True, tag="message"):
    """A message of somebody else (or of an own device) is stored."""

    chat_id: bytes
    idem: bytes
    seq: int


class MessageSent(_Event, frozen=True, tag="sent"):
    """An own message is durable at the relay."""

    chat_id: bytes
    idem: bytes
    seq: int


class MessageFailed(_Event, frozen=True, tag="failed"):
    """An own message did not get there, and nobody tries any more."""

    chat_id: bytes
    idem: bytes


class MessageDropped(_Event, frozen=True, tag="dropped"):
    """An entry was refused by name and not shown; `sender` is empty if unknown."""

    chat_id: bytes
    seq: int
    cause: str
    sender: bytes = b""


class Line(_Event, frozen=True, tag="line"):
    """What happened to a chat: a permanent, visible line in it.

    `what` is one of created, added, removed, left, joined, title, stuck, updated;
    rejoined (a device that could not follow came back), replaced (this device was, by
    one that shows its name), restored (its disk went back; `text`: when, in Unix
    seconds), gap (`text`: how many entries can't be read), expired (messages
    left the relay unread, the first of them in the week that began on day `text`, in
    days since 1970), missing (`text` messages of
    `who`), found (`by` handed on `text` of them), differs (`who` had read something
    else up to the seq `text`), elsewhere (and saw another log), forked (the relay
    signed two histories, which part behind entry `text` at the latest), refounded (the
    chat goes on in a new log, which `by` began), left_behind (`by` went on with it in a
    new log, without this account), timer (`by` lets new messages disappear after `text`
    seconds, 0: never), blocked and unblocked (this account did, at Unix second `text`:
    what `who` said in between is not kept).
    `by` and `who` are account ids.
    """

    chat_id: bytes
    seq: int
    what: str
    by: bytes = b""
    who: bytes = b""
    text: str = ""


class RequestArrived(_Event, frozen=True, tag="request"):
    """Somebody wants to talk, or invites into a group."""

    invite_id: bytes
    account_id: bytes
    kind: str
    name: str
    title: str = ""


class ContactChanged(_Event, frozen=True, tag="contact"):
    """A contact was accepted, got a name, was blocked."""

    account_id: bytes
    state: str
    name: str = ""


class ChatChanged(_Event, frozen=True, tag="chat"):
    """A chat began, can be used, was left, or can't go on (`cause`)."""

    chat_id: bytes
    status: str
    cause: str = ""


class PleaArrived(_Event, frozen=True, tag="plea"):
    """A device of a member can't follow, and a person has to say whether to help.

    `why`: again (it was helped within a day) or new_device (it replaces a lost one).
    """

    chat_id: bytes
    plea_id: bytes
    account_id: bytes
    cause: str
    why: str


class RefoundOffered(_Event, frozen=True, tag="refound"):
    """Somebody goes on with a chat in a new log and asks me along; I decide."""

    chat_id: bytes
    invite_id: bytes
    account_id: bytes


class ReadmissionOffered(_Event, frozen=True, tag="readmission"):
    """Somebody admits me into a chat that I am in and that is stuck; I decide.

    `unsent` messages wait there: going in, they are marked as not sent.
    """

    chat_id: bytes
    invite_id: bytes
    account_id: bytes
    unsent: int


class Typing(_Event, frozen=True, tag="typing"):
    """Somebody types in a chat, as somebody there says, or has ceased to."""

    chat_id: bytes
    account_id: bytes
    typing: bool


class MessagesGone(_Event, frozen=True, tag="gone"):
    """Messages whose time is over left this device."""

    chat_id: bytes
    idems: tuple[bytes, ...]


class ChatGone(_Event, frozen=True, tag="chat_gone"):
    """A chat was deleted from this device; the list has it no more."""

    chat_id: bytes


class Notice(_Event, frozen=True, tag="notice"):
    """Something that a person should know; `code` has its sentence in the client."""

    code: str
    detail: str = ""


Event = (
    MessageArrived
    | MessageSent
    | MessageFailed
    | MessageDropped
    | Line
    | RequestArrived
    | ContactChanged
    | ChatChanged
    | Notice
    | PleaArrived
    | RefoundOffered
    | ReadmissionOffered
    | Typing
    | MessagesGone
    | ChatGone
)
