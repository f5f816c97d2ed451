"""What a step wants done, in the order in which the driver has to do it.

A step has at most one `Save`, and it stands first: what it holds is durable in one
transaction before anything else happens. Every effect that makes bytes leave the
device names its cause, so that each of them can be explained later.
"""

from dataclasses import dataclass, field
from enum import StrEnum, unique
from typing import NamedTuple

from privity.core.events import Event
from privity.core.requests import Request
from privity.wire.frames import Signal

__all__ = [
    "AckMailbox",
    "Cause",
    "Delete",
    "Effect",
    "Follow",
    "Forget",
    "ForgetMessages",
    "Kind",
    "MessageRow",
    "MessageState",
    "Put",
    "PutMessage",
    "Recall",
    "Save",
    "Send",
    "SendSignal",
    "Show",
    "Unfollow",
    "Wake",
    "Wanted",
    "Write",
]


@unique
class Kind(StrEnum):
    """The kinds of values that a profile keeps, beside its messages.

    `TREE` (changes with each epoch) and `RATCHET` (with each message) are the two
    halves of a chat's MLS state; `JOB` is a request that waits for its answer.
    """

    ACCOUNT = "account"
    CHAT = "chat"
    TREE = "tree"
    RATCHET = "ratchet"
    PENDING = "pending"
    OUTGOING = "outgoing"
    CONTACT = "contact"
    INVITE = "invite"
    REQUEST = "request"
    LINK = "link"
    PACKAGE = "package"
    JOB = "job"
    PAST = "past"
    REPAIR = "repair"
    PLIGHT = "plight"
    HEAD = "head"
    FORK = "fork"
    TALLY = "tally"
    EPOCH = "epoch"
    FETCH = "fetch"
    TRANSCRIPT = "transcript"
    ROLLBACK = "rollback"
    MOVED = "moved"
    CURSOR = "cursor"


@dataclass(frozen=True, slots=True)
class Put:
    """Store `body` under (kind, id), in place of what is there."""

    kind: Kind
    id: bytes
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Delete:
    """Remove (kind, id); secure_delete overwrites it."""

    kind: Kind
    id: bytes


@unique
class MessageState(StrEnum):
    """How far a message has come, in the words that a person sees."""

    QUEUED = "queued"
    SENT = "sent"
    RECEIVED = "received"
    FAILED = "failed"
    LINE = "line"
    KEPT = "kept"
    """Of a note to oneself: it never leaves this device."""


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One line of a chat: a message, or what happened to its members.

    `seq` is 0 while queued. `content` is MIMI CBOR, or for a `LINE` the JSON of an
    `events.Line`. `frame` (AuthenticatedContent), `header` and `stamp` are kept so
    that its receiver can report it later. `message_id` is MIMI's. `order` is the
    number that its sender gave it (0: none), by which queued messages stand.
    """

    chat_id: bytes
    idem: bytes
    sender: bytes
    message_id: bytes
    seq: int
    minute: int
    state: MessageState
    content: bytes = field(repr=False)
    order: int = 0
    frame: bytes = field(default=b"", repr=False)
    header: bytes = field(default=b"", repr=False)
    stamp_key: int = 0
    stamp: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class PutMessage:
    """Insert a message, or replace its sender's one with the same (chat_id, idem).

    Somebody else's stays as it is. A `quiet` one brings no chat back into sight.
    """

    row: MessageRow
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Forget:
    """Remove an own message that did not leave: one taken back, or given up."""

    chat_id: bytes
    idem: bytes


@dataclass(frozen=True, slots=True)
class ForgetMessages:
    """Remove all messages of a chat, and what follows from them.

    `stays`: the chat itself goes on, out of sight until somebody writes in it.
    """

    chat_id: bytes
    stays: bool


Write = Put | Delete | PutMessage | Forget | ForgetMessages


@dataclass(frozen=True, slots=True)
class Cause:
    """Why bytes leave: an outbox id ("message"), or a named reason and its id."""

    reason: str
    id: bytes = b""


@dataclass(frozen=True, slots=True)
class Save:
    """Write all of it in one transaction, durably, before the next effect."""

    writes: tuple[Write, ...]


@dataclass(frozen=True, slots=True)
class Send:
    """Send a request to the relay; its answer comes back as `inputs.Answered`."""

    job: int
    request: Request
    cause: Cause


@dataclass(frozen=True, slots=True)
class SendSignal:
    """Tell who follows a log something fleeting; where that fails, nothing is lost."""

    signal: Signal
    cause: Cause


@dataclass(frozen=True, slots=True)
class Follow:
    """Subscribe to a log behind `after` (or go on with another generation)."""

    log_id: bytes
    generation: int
    access_seed: bytes = field(repr=False)
    after: int
    cause: Cause


@dataclass(frozen=True, slots=True)
class Unfollow:
    """Detach from a log."""

    log_id: bytes


@dataclass(frozen=True, slots=True)
class AckMailbox:
    """Tell the relay that the mailbox is durable here up to `upto`."""

    upto: int
    cause: Cause


class Wanted(NamedTuple):
    """Messages that an account numbered `first` to `last`, between two stored seqs."""

    sender: bytes
    first: int
    last: int
    above: int
    below: int


@dataclass(frozen=True, slots=True)
class Recall:
    """Read stored messages for `inputs.Recalled`: at most `limit`, span by span."""

    chat_id: bytes
    ask_id: bytes
    spans: tuple[Wanted, ...]
    limit: int


@dataclass(frozen=True, slots=True)
class Wake:
    """Give `inputs.Tick` at this Unix time in milliseconds, or soon after."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class Show:
    """Tell whoever looks."""

    event: Event


Effect = (
    Save | Send | SendSignal | Follow | Unfollow | AckMailbox | Recall | Wake | Show
)
