"""The engine's state as values, and their stored form.

Everything but `Session` is stored. The MLS groups are live objects here and two byte
strings each in the store (the tree apart from the ratchets, since only those change
with every message).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum, unique

from privity import mls
from privity.core.effects import Cause, Kind
from privity.core.moved import Moved
from privity.core.repairs import Past, Plight, Repair
from privity.core.requests import Request, SetRequestsLane
from privity.core.rollbacks import Rollback
from privity.core.seen import KnownFork, SeenHead
from privity.core.session import NEVER, STALE_MS, Session
from privity.core.tallies import Epoch, Fetch, Tally, Transcript
from privity.core.values import Value

__all__ = [
    "NEVER",
    "STALE_MS",
    "STORED",
    "Account",
    "Chat",
    "ChatKind",
    "Contact",
    "ContactState",
    "Intent",
    "Invite",
    "Job",
    "Link",
    "Outgoing",
    "Package",
    "Pending",
    "Request_",
    "Session",
    "State",
    "Status",
    "outgoing_id",
]


class Account(Value, frozen=True):
    """Me: one account on one relay, on this device. Holds every long-term secret.

    Seeds are Ed25519 seeds of 32 bytes. `identity_seed` is empty on a device that
    does not hold the identity key. `fingerprint` is the SHA-256 of the relay's
    pinned certificate, empty where none is pinned. `device_list` is the encoded
    `identity.SignedDeviceList`, `certificate` the encoded `DeviceCertificate`.
    `head_key` signs the relay's heads; empty until the first login. `requests_closed`:
    strangers ask by my links only; `lane_told` is what the relay was last told of that.
    """

    account_id: bytes
    device_id: bytes
    identity_seed: bytes
    identity_key: bytes
    signature_seed: bytes
    login_seed: bytes
    mailbox_id: bytes
    mailbox_key: bytes
    host: str
    url: str
    fingerprint: bytes
    handle: str
    name: str
    certificate: bytes
    device_list: bytes
    suite: int
    created: int
    head_key: bytes = b""
    requests_closed: bool = False
    lane_told: SetRequestsLane | None = SetRequestsLane(closed=False)
    picture: bytes = b""
    """A small JPEG, or empty."""
    profile: int = 0
    """Which change of name and picture this is."""


@unique
class ChatKind(StrEnum):
    """Two accounts, or a group that can change; a note has no group and no log."""

    DIRECT = "direct"
    GROUP = "group"
    NOTE = "note"


@unique
class Status(StrEnum):
    """Whether a chat can be used.

    `CREATING`: its log is not confirmed yet. `JOINING`: admitted, being read up.
    `STUCK`: this device can't follow; `Chat.cause` says why, by name.
    """

    CREATING = "creating"
    JOINING = "joining"
    ACTIVE = "active"
    LEFT = "left"
    REMOVED = "removed"
    STUCK = "stuck"


class Intent(Value, frozen=True):
    """A change of the members that waits for its commit; `what` is add or remove.

    `add`: `invite_id` and the accepted key `package`. `remove`: all leaves of
    `account_id`. Saved first, so that a lost race commits the same package again.
    """

    what: str
    account_id: bytes
    invite_id: bytes = b""
    package: bytes = b""


class Chat(Value, frozen=True):
    """One chat and where this device stands in its log.

    `cursor` is the last seq that is durably processed and `chain` the chain value
    behind it; `parent` began my epoch, `generation` opened my generation, whose
    secret is `secret` (S_g). `counter` numbers my messages. `read` is how far
    the owner has seen. `commits` counts those since the newest checkpoint on my
    road, which came with the commit at `checkpoint_seq`. `failed` is the newest child
    of my parent, if there are any and all are invalid, else 0. `opened` is the minute
    from which my generation's age counts. `base` is added to the seqs of what is stored
    and shown, behind those of a log that this one took the place of; `stopped` is when
    this device could follow no longer (Unix seconds), `leaving_since` when its owner
    left.
    """

    chat_id: bytes
    log_id: bytes
    kind: ChatKind
    title: str
    status: Status
    peer: bytes = b""
    group_id: bytes = b""
    cursor: int = 0
    chain: bytes = bytes(32)
    parent: int = 0
    generation: int = 0
    secret: bytes = b""
    counter: int = 0
    read: int = 0
    commits: int = 0
    checkpoint_seq: int = 0
    checkpoint_parent: int = 0
    checkpoint_hash: bytes = b""
    cause: str = ""
    leaving: bool = False
    invite_id: bytes = b""
    minute: int = 0
    failed: int = 0
    opened: int = 0
    intents: tuple[Intent, ...] = ()
    base: int = 0
    stopped: int = 0
    leaving_since: int = 0
    forgotten: bool = False
    """Its owner deleted it: nothing of it is kept once it is left."""
    profile: int = 0
    """Which of my own name and picture was told here."""
    timer: int = 0
    """Seconds after which new messages disappear; 0: never."""


class Pending(Value, frozen=True):
    """My own commit, made and saved but not yet seen in the log.

    `tree` and `ratchet` are the group behind it; `secret` is the S_g that it opens
    (empty if it opens nothing). `admits` lists the invites that it serves, `removes`
    the accounts. `seq` is set once the relay has answered.
    """

    idem: bytes
    digest: bytes
    parent: int
    job: int
    tree: bytes
    ratchet: bytes
    secret: bytes
    welcome_hash: bytes
    admits: tuple[bytes, ...]
    removes: tuple[bytes, ...]
    seq: int = 0


class Outgoing(Value, frozen=True):
    """One message in a chat's outbox, in the order of `counter`.

    `content`, `idem` and `frank_salt` are fixed when queued. `job` is the request
    with the exact bytes of the attempt in my epoch (0: none yet), `digest` theirs.
    `seq` is the relay's answer, a `proposal` my leave, a `forgotten` one leaves no row.
    """

    chat_id: bytes
    idem: bytes
    counter: int
    content: bytes
    frank_salt: bytes
    message_id: bytes
    proposal: bool = False
    digest: bytes = b""
    job: int = 0
    seq: int = 0
    old: bool = False
    """Attempted before this device came back; what became of it is being asked."""
    again: bool = False
    """Queued before this disk went back: what the log has under its idem is sent."""
    anew: bytes = b""
    """Its idem in the log after a move; who read the old log knows the first one."""
    forgotten: bool = False

    @property
    def entry_idem(self) -> bytes:
        """The idem under which it stands in the log."""
        return self.anew or self.idem


@unique
class ContactState(StrEnum):
    """What somebody is to this account.

    `KNOWN`: seen in a group. `REQUESTED`: I asked. `ACCEPTED`: we talk.
    """

    KNOWN = "known"
    REQUESTED = "requested"
    ACCEPTED = "accepted"
    BLOCKED = "blocked"


class Contact(Value, frozen=True):
    """Another account, its keys as this device knows them, and its own names.

    `mailboxes` are (device id, mailbox id); `mailbox_key` is empty until they gave it,
    `picture` a JPEG. `verified`: numbers were compared; `parted`: removed as a contact.
    """

    account_id: bytes
    identity_key: bytes
    state: ContactState
    name: str = ""
    handle: str = ""
    nickname: str = ""
    mailboxes: tuple[tuple[bytes, bytes], ...] = ()
    mailbox_key: bytes = b""
    chat_id: bytes = b""
    device_list: bytes = b""
    verified: bool = False
    picture: bytes = b""
    parted: bool = False


class Invite(Value, frozen=True):
    """An invitation that I sent; the reply key's private half lives 30 days.

    `chat_id` is empty for a contact request (the chat begins with its acceptance).
    `mailbox_id` is where the admission goes, learned from the acceptance.
    """

    invite_id: bytes
    account_id: bytes
    kind: ChatKind
    chat_id: bytes
    reply_private: bytes
    created: int
    state: str
    """One of: claiming, telling, finding, sent, accepted, admitted, refused."""
    text: str = ""
    device_id: bytes = b""
    package: bytes = b""
    mailbox_key: bytes = b""
    refound: bytes = b""
    """The encoded statement if it asks to come along into another log."""


class Request_(Value, frozen=True):  # noqa: N801  `Request` is the relay's
    """An invitation that I received and have to decide on, or did.

    `mailboxes` are the inviter's; the acceptance goes to all of them, sealed to
    `reply_key`. `package` is the id of the fresh key package of my acceptance.
    """

    invite_id: bytes
    account_id: bytes
    identity_key: bytes
    signature_key: bytes
    kind: ChatKind
    name: str
    handle: str
    title: str
    text: str
    mailboxes: tuple[bytes, ...]
    reply_key: bytes
    received: int
    state: str
    """One of: pending, accepted, held, joined, declined."""
    by_link: bool = False
    package: bytes = b""
    refound: bytes = b""
    """The encoded statement of a refound that holds for a chat of mine."""
    admission: bytes = b""
    """The encoded admission into a chat that is stuck here, until it is joined."""


class Link(Value, frozen=True):
    """A contact link that I made; `reply_private` opens what is sent through it."""

    secret: bytes
    reply_private: bytes
    created: int
    expiry: int
    uses: int
    used: int = 0


class Package(Value, frozen=True):
    """A key package of mine with its private keys (an encoded KeyPackageBundle).

    `invite_id` is set on a fresh package that belongs to an acceptance.
    """

    ref: bytes
    bundle: bytes
    created: int
    last_resort: bool = False
    invite_id: bytes = b""


class Job(Value, frozen=True):
    """A request that waits for its answer; `context` is for the code that sent it."""

    number: int
    request: Request
    reason: str
    reason_id: bytes = b""
    context: bytes = b""

    @property
    def cause(self) -> Cause:
        """Why this request leaves the device."""
        return Cause(self.reason, self.reason_id)


@dataclass(frozen=True, slots=True)
class State:
    """Everything the engine knows; a step returns another one."""

    account: Account
    chats: Mapping[bytes, Chat] = field(default_factory=dict[bytes, Chat])
    groups: Mapping[bytes, mls.Group] = field(default_factory=dict[bytes, mls.Group])
    pending: Mapping[bytes, Pending] = field(default_factory=dict[bytes, Pending])
    outgoing: Mapping[bytes, tuple[Outgoing, ...]] = field(
        default_factory=dict[bytes, tuple[Outgoing, ...]]
    )
    contacts: Mapping[bytes, Contact] = field(default_factory=dict[bytes, Contact])
    invites: Mapping[bytes, Invite] = field(default_factory=dict[bytes, Invite])
    requests: Mapping[bytes, Request_] = field(default_factory=dict[bytes, Request_])
    links: Mapping[bytes, Link] = field(default_factory=dict[bytes, Link], repr=False)
    packages: Mapping[bytes, Package] = field(default_factory=dict[bytes, Package])
    jobs: Mapping[int, Job] = field(default_factory=dict[int, Job])
    pasts: Mapping[bytes, Past] = field(default_factory=dict[bytes, Past], repr=False)
    repairs: Mapping[bytes, Repair] = field(default_factory=dict[bytes, Repair])
    plights: Mapping[bytes, Plight] = field(default_factory=dict[bytes, Plight])
    heads: Mapping[bytes, SeenHead] = field(default_factory=dict[bytes, SeenHead])
    forks: Mapping[bytes, KnownFork] = field(default_factory=dict[bytes, KnownFork])
    tallies: Mapping[bytes, Tally] = field(default_factory=dict[bytes, Tally])
    """By chat id and the 32 bytes of a device's credential."""
    epochs: Mapping[bytes, Epoch] = field(default_factory=dict[bytes, Epoch])
    """By chat id and the epoch's number, as a u64."""
    fetches: Mapping[bytes, Fetch] = field(default_factory=dict[bytes, Fetch])
    transcripts: Mapping[bytes, Transcript] = field(
        default_factory=dict[bytes, Transcript]
    )
    rollbacks: Mapping[bytes, Rollback] = field(default_factory=dict[bytes, Rollback])
    """One at most, under the empty id."""
    moved: Mapping[bytes, Moved] = field(default_factory=dict[bytes, Moved])
    mailbox_cursor: int = 0
    next_job: int = 1
    session: Session = field(default_factory=Session)

    def chat_of_log(self, log_id: bytes) -> Chat | None:
        """Return the chat that a log carries."""
        return next((c for c in self.chats.values() if c.log_id == log_id), None)

    @property
    def rollback(self) -> Rollback:
        """What this device knows of its disk having gone back."""
        return self.rollbacks.get(b"") or Rollback()

    def without_session(self) -> "State":
        """Return the state as it would be loaded after a crash."""
        return replace(self, session=Session())


def outgoing_id(item: Outgoing) -> bytes:
    """Return the key under which an outgoing message is stored."""
    return item.chat_id + item.counter.to_bytes(8, "big")


STORED: Mapping[Kind, type[Value]] = {
    Kind.ACCOUNT: Account,
    Kind.CHAT: Chat,
    Kind.PENDING: Pending,
    Kind.OUTGOING: Outgoing,
    Kind.CONTACT: Contact,
    Kind.INVITE: Invite,
    Kind.REQUEST: Request_,
    Kind.LINK: Link,
    Kind.PACKAGE: Package,
    Kind.JOB: Job,
    Kind.PAST: Past,
    Kind.REPAIR: Repair,
    Kind.PLIGHT: Plight,
    Kind.HEAD: SeenHead,
    Kind.FORK: KnownFork,
    Kind.TALLY: Tally,
    Kind.EPOCH: Epoch,
    Kind.FETCH: Fetch,
    Kind.TRANSCRIPT: Transcript,
    Kind.ROLLBACK: Rollback,
    Kind.MOVED: Moved,
}
"""Which value each kind stores; TREE, RATCHET and CURSOR hold plain bytes."""
