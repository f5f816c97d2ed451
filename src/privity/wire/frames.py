"""The frames of the two WebSockets, as msgpack; each message is a container of them.

A container is an array of frames: everything that is there for one connection at
one moment travels in one WebSocket message. Frames are arrays with a tag in front;
an unknown tag, a missing or an additional field is a DecodeError. Bytes that are
signed or hashed ride inside as opaque structures. Format: docs/spec/frames.md.

The relay speaks first on both planes (`Greeting`). On the identified plane the
client answers with `Login`; on the anonymous one it attaches to logs.
"""

from collections.abc import Sequence
from typing import Annotated, TypeVar

import msgspec

from privity.errors import DecodeError
from privity.wire import limits
from privity.wire.codes import Code
from privity.wire.entry import links

__all__ = [
    "AnyEntry",
    "Append",
    "Appended",
    "Attach",
    "Attached",
    "ClientFrame",
    "Cursor",
    "Detach",
    "EncodedEntries",
    "Entries",
    "Entry",
    "Expired",
    "Fetch",
    "Greeting",
    "Hidden",
    "Lease",
    "Leased",
    "LoggedIn",
    "Login",
    "MailboxAck",
    "MailboxEntries",
    "MailboxEntry",
    "MailboxOpen",
    "Part",
    "PleaWaits",
    "Received",
    "Refused",
    "RelayFrame",
    "Renew",
    "Renewed",
    "Signal",
    "Subscribe",
    "Subscribed",
    "Sync",
    "Synced",
    "decode_client",
    "decode_relay",
    "encode",
    "encode_entry",
]

Id = Annotated[bytes, msgspec.Meta(min_length=16, max_length=16)]
Hash = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
Signature = Annotated[bytes, msgspec.Meta(min_length=64, max_length=64)]
Links = Annotated[bytes, msgspec.Meta(min_length=64, max_length=64)]
Token = Annotated[bytes, msgspec.Meta(max_length=limits.TOKEN)]
Session = Annotated[bytes, msgspec.Meta(min_length=32, max_length=128)]
"""A bearer of identified HTTP calls; what it says is the relay's own affair."""
SignedHead = Annotated[bytes, msgspec.Meta(max_length=256)]
"""An encoded `heads.SignedHead`, or nothing."""
Seq = Annotated[int, msgspec.Meta(ge=0, le=(1 << 63) - 1)]
Place = Annotated[int, msgspec.Meta(ge=0, le=(1 << 53) - 1)]
"""Of an entry in its log: a device adds those of a chat's logs, and stores the sum."""
Minute = Annotated[int, msgspec.Meta(ge=0, le=253_402_300_799 // 60)]
"""Unix time / 60, up to the end of the year 9999: any calendar can show it."""
Request = Annotated[int, msgspec.Meta(ge=0, le=(1 << 32) - 1)]
"""The client's number for a request; the answer carries it back."""


class _Frame(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    pass


class Greeting(_Frame, frozen=True, tag=1):
    """First frame of every connection: who the relay is, its nonce and its clock.

    `head_key` (32 bytes) signs its heads; empty on the identified plane.
    """

    protocol: int
    host: Annotated[str, msgspec.Meta(max_length=255)]
    nonce: Hash
    minute: Minute
    head_key: Annotated[bytes, msgspec.Meta(max_length=32)] = b""


class Login(_Frame, frozen=True, tag=2):
    """A device proves its login key over `http.LoginClaim`.

    `prev` and `next` are what the device has stored (`next` empty when none is
    unacknowledged), `proposed` is its new random value. `returns`: its disk went back,
    and it has dropped every key that another copy may have used since.
    """

    id: Request
    account_id: Id
    device_id: Id
    nonce: Hash
    prev: Annotated[bytes, msgspec.Meta(max_length=32)]
    next: Annotated[bytes, msgspec.Meta(max_length=32)]
    proposed: Hash
    signature: Signature
    returns: bool = False


class LoggedIn(_Frame, frozen=True, tag=3):
    """The relay stored `proposed`; `session` is the bearer of identified HTTP calls."""

    id: Request
    session: Session
    key_packages: Annotated[dict[int, int], msgspec.Meta(max_length=16)]
    """How many one-time packages are left, by suite."""


class Renew(_Frame, frozen=True, tag=4):
    """Replace the stored login value (saved by the device first), once an hour."""

    id: Request
    proposed: Hash


class Renewed(_Frame, frozen=True, tag=5):
    """The relay stored the new login value; `session` takes the place of the last."""

    id: Request
    session: Session


class MailboxOpen(_Frame, frozen=True, tag=6):
    """Send the own mailbox's entries behind `after`, then the new ones."""

    id: Request
    after: Seq


class MailboxEntry(_Frame, frozen=True):
    """One sealed message of 8,192 bytes; `lane` is "contacts" or "requests"."""

    seq: Seq
    lane: str
    body: Annotated[
        bytes,
        msgspec.Meta(
            min_length=limits.MAILBOX_MESSAGE, max_length=limits.MAILBOX_MESSAGE
        ),
    ]


class MailboxEntries(_Frame, frozen=True, tag=7):
    """Mailbox entries in the order of their seq."""

    entries: list[MailboxEntry]


class MailboxAck(_Frame, frozen=True, tag=8):
    """Everything up to `upto` is durable here; the relay deletes it (cumulative)."""

    upto: Seq


class Attach(_Frame, frozen=True, tag=16):
    """Prove a generation's access key over `entry.AttachClaim`."""

    id: Request
    log_id: Id
    generation: Seq
    rights: Annotated[int, msgspec.Meta(ge=1, le=3)]
    nonce: Hash
    signature: Signature


class Attached(_Frame, frozen=True, tag=17):
    """Attached; `head` is the log's newest seq that this generation may know.

    `signed` is the signed head for it.
    """

    id: Request
    head: Seq
    closed: bool
    """The generation was closed by a later opening: reading up to it only."""
    signed: SignedHead = b""


class Detach(_Frame, frozen=True, tag=18):
    """Forget a log on this connection, its subscription with it."""

    log_id: Id


class Append(_Frame, frozen=True, tag=19):
    """Append one entry; requests of one log are judged in the order they arrive.

    `signature` is the new access key's over the header, of an opening commit.
    `resume` ends the refusing that follows a refusal in this log's pipeline. A
    `token` of kind "child" pays for a commit that is not free; `after` is the newest
    child of its parent that the sender has judged (0: none).
    """

    id: Request
    header: Annotated[bytes, msgspec.Meta(max_length=512)]
    envelope: Annotated[bytes, msgspec.Meta(max_length=limits.APP_ENVELOPE)]
    welcome: Annotated[bytes, msgspec.Meta(max_length=limits.WELCOME)] = b""
    checkpoint: Annotated[bytes, msgspec.Meta(max_length=limits.CHECKPOINT)] = b""
    signature: Annotated[bytes, msgspec.Meta(max_length=64)] = b""
    resume: bool = False
    token: Token = b""
    after: Seq = 0


class Appended(_Frame, frozen=True, tag=20):
    """Durable at `seq`; `digest` is that of the bytes that are stored there.

    A repeated `idem` is answered with the place and the digest of the first
    time, so a digest that is none of mine tells that my disk was rolled back.
    """

    id: Request
    seq: Place
    minute: Minute
    stamp_key: Seq
    stamp: Hash
    digest: Hash
    chain: Hash
    head: SignedHead = b""
    """Signed, behind this entry; empty where a later one in the container has one."""


class Cursor(_Frame, frozen=True):
    """A place to read on from: entries with a seq above `after`."""

    log_id: Id
    generation: Seq
    after: Seq


class Sync(_Frame, frozen=True, tag=21):
    """Read one bounded batch behind each cursor, once."""

    id: Request
    cursors: Annotated[list[Cursor], msgspec.Meta(max_length=256)]


class Synced(_Frame, frozen=True, tag=22):
    """All `Entries` of the sync with this id were sent."""

    id: Request


class Subscribe(_Frame, frozen=True, tag=23):
    """Send everything behind each cursor, then what comes (within the window)."""

    id: Request
    cursors: Annotated[list[Cursor], msgspec.Meta(max_length=256)]


class Subscribed(_Frame, frozen=True, tag=24):
    """The subscriptions stand."""

    id: Request


class Entry(_Frame, frozen=True, tag=1):
    """One entry as stored, with its place, its minute and its stamp."""

    seq: Place
    minute: Minute
    stamp_key: Seq
    stamp: Hash
    header: bytes
    envelope: bytes

    @property
    def links(self) -> bytes:
        """Return SHA-256(header) ‖ SHA-256(envelope)."""
        return links(self.header, self.envelope)


class Hidden(_Frame, frozen=True, tag=2):
    """An entry of another generation: its place, and what the chain needs of it."""

    seq: Place
    links: Links


class Expired(_Frame, frozen=True, tag=3):
    """A message whose time at the relay is over: its place, and what the chain needs.

    `minute` is the first of the week in which it came.
    """

    seq: Place
    minute: Minute
    links: Links


AnyEntry = Entry | Hidden | Expired


class Entries(_Frame, frozen=True, tag=25):
    """Entries of one log without a gap; `chain` is the value behind the last one.

    `before` is the chain value in front of the first one; `generation` is whose key
    they are read with: what states another one is `Hidden`, and what the relay keeps
    no longer `Expired`.
    """

    log_id: Id
    generation: Seq
    entries: Annotated[list[AnyEntry], msgspec.Meta(max_length=limits.BATCH)]
    before: Hash
    chain: Hash
    end: Seq
    """The newest seq that the reader's generation may know."""
    head: SignedHead = b""
    """Signed, behind the last entry."""


class EncodedEntries(_Frame, frozen=True, tag=25):
    """`Entries` as a relay sends it: each entry was encoded once for all readers."""

    log_id: Id
    generation: Seq
    entries: list[msgspec.Raw]
    before: Hash
    chain: Hash
    end: Seq
    head: bytes = b""


class Received(_Frame, frozen=True, tag=26):
    """Everything of the log up to `upto` is durable here (cumulative).

    The relay keeps no record of it: it only opens the sending window again.
    """

    log_id: Id
    upto: Seq


class Fetch(_Frame, frozen=True, tag=27):
    """Read the sealed Welcome or checkpoint that came with the commit at `seq`.

    `seq` 0 is the checkpoint of the creation.
    """

    id: Request
    log_id: Id
    generation: Seq
    seq: Seq
    part: str
    """ "welcome" or "checkpoint"."""


class Part(_Frame, frozen=True, tag=28):
    """The sealed bytes that were asked for."""

    id: Request
    data: Annotated[bytes, msgspec.Meta(max_length=limits.CHECKPOINT)]


class Lease(_Frame, frozen=True, tag=29):
    """Keep the free child of the commit `parent` for me: its upload takes a while."""

    id: Request
    log_id: Id
    generation: Seq
    parent: Seq


class Leased(_Frame, frozen=True, tag=30):
    """Others' free children of that commit are too soon for `lasts_ms` from now on."""

    id: Request
    lasts_ms: Seq


class Refused(_Frame, frozen=True, tag=31):
    """A request failed, or (`id` 0) the connection is about to be closed."""

    id: Request
    code: Code
    detail: str = ""
    wait_ms: int = 0
    children: tuple[int, ...] = ()
    """With STALE: the seqs of the parent's first children, at most 256."""


class PleaWaits(_Frame, frozen=True, tag=32):
    """A plea came into the lobby of a followed log; a notice, which may be missed."""

    log_id: Id


class Signal(_Frame, frozen=True, tag=34):
    """Something fleeting for who follows a generation now: passed on, never stored.

    The same frame in both directions. It has no answer: what can't be passed on at
    once is dropped, and so is what comes too often. docs/spec/signal.md.
    """

    log_id: Id
    generation: Seq
    body: Annotated[
        bytes, msgspec.Meta(min_length=limits.SIGNAL, max_length=limits.SIGNAL)
    ]


ClientFrame = (
    Login
    | Renew
    | MailboxOpen
    | MailboxAck
    | Attach
    | Detach
    | Append
    | Sync
    | Subscribe
    | Received
    | Fetch
    | Lease
    | Signal
)
RelayFrame = (
    Greeting
    | LoggedIn
    | Renewed
    | MailboxEntries
    | Attached
    | Appended
    | Synced
    | Subscribed
    | Entries
    | Part
    | Leased
    | Refused
    | PleaWaits
    | Signal
)

_F = TypeVar("_F")
_encoder = msgspec.msgpack.Encoder()
_container = Annotated[
    list[ClientFrame], msgspec.Meta(max_length=limits.FRAMES_IN_CONTAINER)
]
_client = msgspec.msgpack.Decoder(_container)
_relay = msgspec.msgpack.Decoder(list[RelayFrame])


def encode(
    frames: Sequence[ClientFrame] | Sequence[RelayFrame | EncodedEntries],
) -> bytes:
    """Return one container with these frames, in their order."""
    return _encoder.encode(frames)


def encode_entry(entry: AnyEntry) -> msgspec.Raw:
    """Return an entry for `EncodedEntries`."""
    return msgspec.Raw(_encoder.encode(entry))


def decode_client(data: bytes) -> list[ClientFrame]:
    """Return the frames of a container that a client sent; raises DecodeError."""
    return _decoded(_client, data)


def decode_relay(data: bytes) -> list[RelayFrame]:
    """Return the frames of a container that a relay sent; raises DecodeError."""
    return _decoded(_relay, data)


def _decoded(decoder: "msgspec.msgpack.Decoder[list[_F]]", data: bytes) -> "list[_F]":
    if len(data) > limits.FRAME:
        raise DecodeError("a container that is too large")
    try:
        return decoder.decode(data)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise DecodeError(f"not a container of frames: {error}") from None
