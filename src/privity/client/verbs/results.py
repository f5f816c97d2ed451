"""What the verbs answer: the data of `--json`, of the socket and of the schemas.

Ids are text here, and times are Unix seconds; a message's time is its stamp's
minute. Every structure stands in docs/spec/cli/ as a JSON Schema.
"""

from typing import Annotated

import msgspec

__all__ = [
    "Account",
    "Asked",
    "Blocked",
    "Chat",
    "ChatCreated",
    "ChatList",
    "Check",
    "Checkup",
    "Contact",
    "ContactList",
    "Created",
    "Decided",
    "FileInfo",
    "GroupChanged",
    "History",
    "InviteLink",
    "Lane",
    "Left",
    "Locked",
    "Message",
    "Person",
    "Plea",
    "Progress",
    "Reaction",
    "ReadMark",
    "RequestInfo",
    "RequestList",
    "Result",
    "Saved",
    "Sent",
    "SentList",
    "Stuck",
    "Verification",
    "WatchChat",
    "WatchContact",
    "WatchDropped",
    "WatchItem",
    "WatchMessage",
    "WatchNotice",
    "WatchPlea",
    "WatchReady",
    "WatchRequest",
    "WatchSent",
    "WatchTyping",
]

Id = Annotated[str, msgspec.Meta(pattern="^[a-z2-7]{26}$")]
Count = Annotated[int, msgspec.Meta(ge=0)]
Time = Annotated[int, msgspec.Meta(ge=0)]


class Result(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What every answer derives from."""


class Account(Result, frozen=True):
    """This profile's own account."""

    account: Id
    device: Id
    name: str
    handle: str
    """name@host, or empty."""
    host: str
    url: str
    suite: Count
    holds_identity_key: bool
    """Whether this device can sign for the account; else only another one can."""
    recovery: str
    """What the relay gave in place of what the recovery key opens: "in_place",
    "missing", "other" (old or foreign), "none" or "unchecked"."""
    recovery_checked: int
    """When it was last asked, in Unix seconds; 0 for never."""


class Created(Result, frozen=True):
    """A new account; the recovery key was printed, or written to a file.

    `recovery` is "confirmed" (asked back), "file" or "shown".
    """

    account: Account
    recovery: str


class Person(Result, frozen=True):
    """Somebody, as this device knows them.

    `trust` is "me", "known to server" or "verified" (the safety number was compared).
    """

    account: Id
    name: str
    handle: str
    trust: str


class Contact(Result, frozen=True):
    """A person and how this account stands to them.

    `state` is known, requested, accepted or blocked; `chat` is the direct chat's
    id, or empty.
    """

    person: Person
    state: str
    nickname: str
    chat: str


class ContactList(Result, frozen=True):
    """Everybody that this account knows."""

    contacts: tuple[Contact, ...]


class RequestInfo(Result, frozen=True):
    """Somebody asks for a chat, or invites into a group; `state` is pending."""

    request: Id
    sender: Person
    kind: str
    title: str
    text: str
    by_link: bool
    received: Time
    state: str


class RequestList(Result, frozen=True):
    """The requests that wait for a decision, oldest first.

    `closed`: strangers ask by this account's links only.
    """

    requests: tuple[RequestInfo, ...]
    closed: bool = False


class Lane(Result, frozen=True):
    """Who may ask; `done` is false while the relay does not know yet."""

    closed: bool
    done: bool


class Chat(Result, frozen=True):
    """A chat: `title` is the group's, or the other person's name.

    `status` is creating, joining, active, left, removed or stuck; `cause` names why
    a stuck one can't go on. `missing` counts messages of others that are not here;
    of `devices` of others, `agreed` have shown to read the same up to `agreed_upto`.
    `members` come from the group's key tree and nowhere else. `suite` is the MLS
    cipher suite that protects it (0: none yet).
    """

    chat: Id
    kind: str
    title: str
    status: str
    cause: str
    suite: Count
    unread: Count
    queued: Count
    missing: Count
    devices: Count
    agreed: Count
    agreed_upto: Count
    members: tuple[Person, ...]


class ChatList(Result, frozen=True):
    """All chats, the one with the newest message first."""

    chats: tuple[Chat, ...]


class Reaction(Result, frozen=True):
    """One emoji and who gave it."""

    emoji: str
    people: tuple[Person, ...]


class FileInfo(Result, frozen=True):
    """An attached file; its bytes come with `save`."""

    name: str
    media_type: str
    size: Count


class Message(Result, frozen=True):
    """One visible line of a chat, after the edits and deletions of its sender.

    `kind` is text, file, line (what happened to the chat), deleted or unknown.
    `state` is queued, sent, received or failed. `seq` is 0 while queued. `reply_to`
    is a message id of this chat or empty; `quote` is the beginning of that text if it
    was loaded with this message.
    """

    message: Id
    chat: Id
    seq: Count
    time: Time
    sender: Person
    kind: str
    state: str
    text: str
    edited: bool
    reply_to: str
    quote: str
    reactions: tuple[Reaction, ...]
    file: FileInfo | None = None
    what: str = ""
    """Of a line: created, added, removed, left, joined, title, stuck or updated."""
    about: Person | None = None
    """Whom a line is about."""


class History(Result, frozen=True):
    """A part of a chat, oldest first; `more` says that there is older.

    Messages with a seq above `read_upto` were not seen before.
    """

    chat: Chat
    messages: tuple[Message, ...]
    more: bool
    read_upto: Count


class Sent(Result, frozen=True):
    """A message that is kept by this device; `state` is queued or sent."""

    message: Id
    chat: Id
    state: str
    seq: Count


class SentList(Result, frozen=True):
    """The messages that one command made, in order (one for each file)."""

    messages: tuple[Sent, ...]


class ReadMark(Result, frozen=True):
    """How far a chat is seen."""

    chat: Id
    seq: Count


class InviteLink(Result, frozen=True):
    """A link to hand to somebody; who has it can ask for a chat with it.

    `expires` and `uses` of 0 mean without end.
    """

    link: str
    expires: Time
    uses: Count


class Asked(Result, frozen=True):
    """A request was made; the chat begins when the other side accepts."""

    request: Id
    account: str
    """Empty while the relay still looks the handle up."""
    name: str


class Decided(Result, frozen=True):
    """What became of a request: accepted or declined."""

    request: Id
    sender: Person
    kind: str
    title: str
    state: str


class Blocked(Result, frozen=True):
    """A person is blocked, or is not any longer."""

    person: Person
    blocked: bool


class ChatCreated(Result, frozen=True):
    """A new group; each person is added when they accept."""

    chat: Chat
    invited: tuple[Person, ...]


class GroupChanged(Result, frozen=True):
    """A group and the people that a change is about.

    `done` is false while the change still waits (for an acceptance or the relay).
    """

    chat: Chat
    people: tuple[Person, ...]
    done: bool


class Left(Result, frozen=True):
    """A group that is left; a member who is online completes it."""

    chat: Id
    title: str
    status: str


class Saved(Result, frozen=True):
    """Where a file was written."""

    path: str
    size: Count


class Progress(Result, frozen=True):
    """How far a long transfer is, in bytes, or other long work, in steps."""

    name: str
    done: Count
    total: Count


class Verification(Result, frozen=True):
    """The safety number with a person: twelve groups of five digits.

    Both sides see the same number; equal numbers mean that nobody sits in between.
    """

    person: Person
    number: tuple[str, ...]
    qr: str
    verified: bool


class Locked(Result, frozen=True):
    """The profile's key is in no process and in no keyring."""

    stopped: bool
    """A process that held the profile was told to close it."""


class Check(Result, frozen=True):
    """One thing that was looked at; `next` says what to do where it is not well."""

    name: str
    ok: bool
    detail: str
    next: str


class Checkup(Result, frozen=True):
    """What doctor found."""

    well: bool
    checks: tuple[Check, ...]


class Stuck(Result, frozen=True):
    """A chat that can't go on here; four sentences say what, why, what to do, and now.

    `stage` is empty, pleading, answered, rejoining or hopeless; `unheard` says that
    nobody has answered for a day.
    """

    chat: Id
    title: str
    cause: str
    stage: str
    since: Time
    unheard: bool
    happened: str
    usually: str
    todo: str
    now: str


class Plea(Result, frozen=True):
    """A device of a member that can't go on, and waits for a person.

    `why`: again (it was helped within a day) or new_device (it replaces a lost one).
    """

    plea: Id
    chat: Id
    title: str
    person: Person
    cause: str
    why: str
    received: Time


class WatchReady(Result, frozen=True, tag_field="event", tag="ready"):
    """The profile is open and watched from here on."""

    account: Account


class WatchMessage(Result, frozen=True, tag_field="event", tag="message"):
    """A message or a line, as it is now.

    `change` is new, edited, deleted or reaction. `number` grows with every arrival:
    a later watch that names it goes on behind it.
    """

    change: str
    message: Message
    number: Count


class WatchSent(Result, frozen=True, tag_field="event", tag="sent"):
    """An own message is durable at the relay."""

    sent: Sent


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
    """A person was accepted, got a name or was blocked."""

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
    | WatchDropped
    | WatchRequest
    | WatchContact
    | WatchChat
    | WatchNotice
    | WatchPlea
    | WatchTyping
)
