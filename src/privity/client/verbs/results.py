"""What the verbs answer: the data of `--json`, of the socket and of the schemas.

Ids are text here, and times are Unix seconds; a message's time is its stamp's
minute. Every structure stands in docs/spec/cli/ as a JSON Schema.
"""

from privity.client.verbs.marks_results import Last, Marks
from privity.client.verbs.message_results import (
    FileInfo,
    Link,
    Mention,
    Message,
    Reaction,
)
from privity.client.verbs.person_results import Person
from privity.client.verbs.result import Count, Id, Result, Time

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
    "Link",
    "Locked",
    "Mention",
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
]


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


class Contact(Result, frozen=True):
    """A person and how this account stands to them.

    `state` is known, requested, accepted or blocked, and empty where `watch` tells that
    somebody was forgotten altogether; `chat` is the direct chat's id, or empty.
    """

    person: Person
    state: str
    nickname: str
    chat: str


class ContactList(Result, frozen=True):
    """Everybody that this account knows."""

    contacts: tuple[Contact, ...]


class RequestInfo(Result, frozen=True):
    """Somebody asks for a chat, or invites into a group; `state` is pending or held.

    Accepted, it takes the place of the chat `into`, in which `unsent` messages wait.
    Held: that chat is stuck here.
    """

    request: Id
    sender: Person
    kind: str
    title: str
    text: str
    by_link: bool
    received: Time
    state: str
    into: str = ""
    unsent: Count = 0


class RequestList(Result, frozen=True):
    """Who waits for a decision, oldest first; `closed`: strangers ask by links only."""

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
    marks: Marks = Marks()
    last: Last | None = None
    timer: Count = 0
    """Seconds after which new messages disappear, from reading; 0 for never."""
    blocked: bool = False
    """Of a chat of two: its other side is blocked, and nothing passes either way."""


class ChatList(Result, frozen=True):
    """All chats, the one with the newest message first."""

    chats: tuple[Chat, ...]


class History(Result, frozen=True):
    """A part of a chat, oldest first; `more` says that there is older.

    Messages with a seq above `read_upto` were not seen before.
    """

    chat: Chat
    messages: tuple[Message, ...]
    more: bool
    read_upto: Count


class Sent(Result, frozen=True):
    """A message of this device; `state` is queued, sent, or kept where it is a note."""

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
    """A request was made; the chat begins when the other side accepts.

    `again`: nobody was asked, as there is a chat with them; `request` is its id. They
    had been removed from the contacts, and are one again.
    """

    request: Id
    account: str
    """Empty while the relay still looks the handle up."""
    name: str
    again: bool = False


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
    """A chat that is left; of a group, a member who is online completes it.

    `unsent` messages waited in it and are marked as not sent.
    """

    chat: Id
    title: str
    status: str
    unsent: Count = 0


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
