"""What can happen to the engine: a person's commands, and what comes from outside."""

from dataclasses import dataclass, field

from privity.core.effects import MessageRow
from privity.core.requests import Answer
from privity.wire.frames import Entries, MailboxEntry, Signal

__all__ = [
    "Accept",
    "AddMembers",
    "AnswerPlea",
    "Answered",
    "AskForHelp",
    "Block",
    "CloseRequests",
    "ComeBack",
    "Connected",
    "CreateGroup",
    "Decline",
    "Disconnected",
    "DiskWentBack",
    "DropFailed",
    "EntriesArrived",
    "FetchMissing",
    "FollowRefused",
    "Following",
    "ForgetChat",
    "Input",
    "Leave",
    "MailboxArrived",
    "MailboxLost",
    "MakeLink",
    "MarkRead",
    "MarkVerified",
    "PleaRings",
    "Recalled",
    "Refound",
    "RemoveContact",
    "RemoveMember",
    "RequestByHandle",
    "RequestByLink",
    "SendContent",
    "SetNickname",
    "SetProfile",
    "SetTimer",
    "SetTitle",
    "SignalArrived",
    "Start",
    "TakeBack",
    "TellTyping",
    "Tick",
]


@dataclass(frozen=True, slots=True)
class Start:
    """The profile was opened; nothing is known of the relay yet."""


@dataclass(frozen=True, slots=True)
class Connected:
    """Logged in; `key_packages` counts the one-time packages left, by suite.

    `head_key` is what the relay says that it signs heads with.
    """

    key_packages: dict[int, int]
    head_key: bytes = b""


@dataclass(frozen=True, slots=True)
class Disconnected:
    """The connections are gone; requests without an answer will be sent again."""


@dataclass(frozen=True, slots=True)
class Tick:
    """Time passed; the context says what time it is."""


@dataclass(frozen=True, slots=True)
class Recalled:
    """What `effects.Recall` read."""

    ask_id: bytes
    rows: tuple[MessageRow, ...]


@dataclass(frozen=True, slots=True)
class Following:
    """The subscription to a log stands; `end` is its newest readable seq.

    `signed` is the relay's signed head for it.
    """

    log_id: bytes
    generation: int
    end: int
    signed: bytes = b""


@dataclass(frozen=True, slots=True)
class FollowRefused:
    """The relay won't let us read a log; `code` is a `wire.codes.Code` by value."""

    log_id: bytes
    generation: int
    code: str


@dataclass(frozen=True, slots=True)
class EntriesArrived:
    """A batch of entries of a followed log, as the relay sent it."""

    entries: Entries


@dataclass(frozen=True, slots=True)
class SignalArrived:
    """A signal of somebody who is in a chat; the result says why it was ignored."""

    signal: Signal


@dataclass(frozen=True, slots=True)
class MailboxArrived:
    """One message of the own mailbox."""

    entry: MailboxEntry


@dataclass(frozen=True, slots=True)
class MailboxLost:
    """The relay's mailbox never came to where this device has read it."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The relay's answer to the request of a job."""

    job: int
    answer: Answer


@dataclass(frozen=True, slots=True)
class PleaRings:
    """A plea waits in the lobby of a followed log."""

    log_id: bytes


@dataclass(frozen=True, slots=True)
class DiskWentBack:
    """The relay has seen a later state of this device; nothing was sent since."""


@dataclass(frozen=True, slots=True)
class ComeBack:
    """Let this device in again, though it went back within a day already."""


@dataclass(frozen=True, slots=True)
class AnswerPlea:
    """Help a device on which a person had to decide."""

    chat_id: bytes
    plea_id: bytes


@dataclass(frozen=True, slots=True)
class AskForHelp:
    """Plead for a chat that is stuck; or go where only one account says, if it did."""

    chat_id: bytes


@dataclass(frozen=True, slots=True)
class Refound:
    """Go on with a chat in a new log, without some; result: the new log's id.

    `text` says why; `suite` is of the new group, 0: the best that all have.
    """

    chat_id: bytes
    without: tuple[bytes, ...] = ()
    text: str = ""
    suite: int = 0


@dataclass(frozen=True, slots=True)
class SendContent:
    """Send MIMI content (deterministic CBOR) to a chat; result: its idem."""

    chat_id: bytes
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class TakeBack:
    """Cancel a queued message; one that may have left goes as an empty one."""

    chat_id: bytes
    idem: bytes


@dataclass(frozen=True, slots=True)
class DropFailed:
    """Forget a message that was not sent; one that waits is not one of these."""

    chat_id: bytes
    idem: bytes


@dataclass(frozen=True, slots=True)
class MakeLink:
    """Make a contact link; result: its text. `expiry` in Unix seconds, 0: never."""

    expiry: int = 0
    uses: int = 1


@dataclass(frozen=True, slots=True)
class RequestByLink:
    """Ask the account of a contact link for a chat; result: the invite id."""

    link: str = field(repr=False)
    text: str = ""


@dataclass(frozen=True, slots=True)
class RequestByHandle:
    """Ask the account behind a handle for a chat; result: the invite id."""

    handle: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Accept:
    """Accept a contact request or an invitation into a group."""

    invite_id: bytes


@dataclass(frozen=True, slots=True)
class Decline:
    """Decline it; the other side learns nothing."""

    invite_id: bytes


@dataclass(frozen=True, slots=True)
class Block:
    """Block an account: its requests are dropped, the mailbox access key changes."""

    account_id: bytes
    blocked: bool = True


@dataclass(frozen=True, slots=True)
class RemoveContact:
    """Forget a contact: names, check and key; the chat of two stays."""

    account_id: bytes


@dataclass(frozen=True, slots=True)
class CloseRequests:
    """Let strangers ask by my links only, or let all ask."""

    closed: bool


@dataclass(frozen=True, slots=True)
class CreateGroup:
    """Create a group and invite these accounts (contacts); result: the chat id."""

    title: str
    members: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class AddMembers:
    """Invite contacts into a group; each is added when it accepts."""

    chat_id: bytes
    members: tuple[bytes, ...]
    text: str = ""


@dataclass(frozen=True, slots=True)
class RemoveMember:
    """Remove all devices of an account from a group."""

    chat_id: bytes
    account_id: bytes


@dataclass(frozen=True, slots=True)
class Leave:
    """Leave a group: a self-Remove that the next committer includes."""

    chat_id: bytes


@dataclass(frozen=True, slots=True)
class ForgetChat:
    """Delete a chat from this device, a group after leaving it.

    A chat of two can't be left: its messages go, and it stays to be written in.
    """

    chat_id: bytes


@dataclass(frozen=True, slots=True)
class SetTitle:
    """Give a group another title (a control message in the chat)."""

    chat_id: bytes
    title: str


@dataclass(frozen=True, slots=True)
class SetProfile:
    """Be called and look otherwise; each chat is told with the next own message."""

    name: str
    picture: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class SetTimer:
    """Let new messages of a chat disappear after a time; result: the message's idem.

    It holds, here too, from its place in the log on.
    """

    chat_id: bytes
    seconds: int


@dataclass(frozen=True, slots=True)
class MarkRead:
    """Everything of a chat up to `seq` was seen by its owner."""

    chat_id: bytes
    seq: int


@dataclass(frozen=True, slots=True)
class MarkVerified:
    """The safety number with this account was compared and is equal."""

    account_id: bytes
    verified: bool = True


@dataclass(frozen=True, slots=True)
class SetNickname:
    """Call an account by a name that only this device knows; empty: by its own."""

    account_id: bytes
    nickname: str


@dataclass(frozen=True, slots=True)
class FetchMissing:
    """Ask a chat's members now for what is missing here; returns of how many."""

    chat_id: bytes


@dataclass(frozen=True, slots=True)
class TellTyping:
    """Tell who is in a chat now that I type; returns whether it was told.

    It is not, and nothing is wrong, while the chat can't be written in or was told
    of three seconds ago.
    """

    chat_id: bytes


Command = (
    SendContent
    | TakeBack
    | DropFailed
    | MakeLink
    | RequestByLink
    | RequestByHandle
    | Accept
    | Decline
    | Block
    | RemoveContact
    | CloseRequests
    | CreateGroup
    | AddMembers
    | RemoveMember
    | Leave
    | ForgetChat
    | SetTimer
    | SetProfile
    | SetTitle
    | MarkRead
    | MarkVerified
    | SetNickname
    | AnswerPlea
    | AskForHelp
    | FetchMissing
    | ComeBack
    | Refound
    | TellTyping
)
Input = (
    Start
    | Connected
    | Disconnected
    | Tick
    | Following
    | FollowRefused
    | EntriesArrived
    | MailboxArrived
    | MailboxLost
    | Answered
    | PleaRings
    | Recalled
    | DiskWentBack
    | SignalArrived
    | Command
)
