"""What the engine asks of a relay, as values; the driver turns them into calls.

Each request that changes something at the relay is durable: it is saved as a job
before it is sent, sent again after every restart with the same bytes, and ended
by its answer. So every one of them must be harmless when repeated.
"""

import msgspec

from privity.wire.codes import UNPAID, Code
from privity.wire.entry import links

__all__ = [
    "Answer",
    "AnswersRead",
    "AppendEntry",
    "Appended",
    "ClaimPackages",
    "Claimed",
    "Commits",
    "CreateLog",
    "Done",
    "DropPlea",
    "FetchBlob",
    "Fetched",
    "FindAccount",
    "Found",
    "JoinWalk",
    "ListPleas",
    "Pleas",
    "PostAnswer",
    "PostPlea",
    "PostSealed",
    "PublishPackages",
    "ReadAnswers",
    "ReadCommits",
    "Refused",
    "RejoinWalk",
    "Request",
    "SetMailboxKey",
    "SetRequestsLane",
    "WaitingPlea",
    "Walked",
    "WalkedEntry",
    "WalkedHidden",
    "known_code",
]

UNPAID_MS = 60_000
"""Each attempt can take another token: a relay that takes none must not eat all."""


def known_code(code: str) -> Code:
    """Return a relay's code; one that is not known yet counts as INTERNAL."""
    try:
        return Code(code)
    except ValueError:
        return Code.INTERNAL


class _Value(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    def __repr__(self) -> str:
        """Hide seeds, access keys and sealed bytes from logs."""
        return f"<{type(self).__name__}>"


class CreateLog(_Value, frozen=True, tag="create_log"):
    """Create a log; answered by `Done`. The driver adds a token of kind "log"."""

    log_id: bytes
    access_pk: bytes
    lobby_pk: bytes
    checkpoint: bytes


class AppendEntry(_Value, frozen=True, tag="append"):
    """Append these exact bytes to a log; answered by `Appended` or `Refused`.

    `access_seed` attaches the connection to `generation` first, where it isn't.
    The driver keeps the order of the appends of one log, and adds a token of kind
    "child" to one that is `paid`; `after` is the newest child of its parent that was
    judged. The `blob` of a big commit, named in `envelope`, is uploaded first, if it
    is not `paid` under a lease; with `blob_key` that goes on where it was broken off.
    """

    log_id: bytes
    generation: int
    access_seed: bytes
    header: bytes
    envelope: bytes
    welcome: bytes = b""
    checkpoint: bytes = b""
    signature: bytes = b""
    resume: bool = False
    paid: bool = False
    after: int = 0
    blob: bytes = b""
    blob_key: bytes = b""


class PostSealed(_Value, frozen=True, tag="post"):
    """Put one sealed message of 8,192 bytes into a mailbox; answered by `Done`.

    Without a `mailbox_key` it goes to the lane "requests" and costs a token and work;
    `door` lets it in where that lane is closed.
    """

    mailbox_id: bytes
    body: bytes
    idem: bytes
    mailbox_key: bytes = b""
    door: bytes = b""


class ClaimPackages(_Value, frozen=True, tag="claim"):
    """Claim a key package of each device of an account; answered by `Claimed`.

    Without a `mailbox_key` it costs a token of kind "claim".
    """

    account_id: bytes
    suite: int
    mailbox_key: bytes = b""


class FindAccount(_Value, frozen=True, tag="find"):
    """Look a handle up in the relay's directory; answered by `Found`."""

    handle: str


class JoinWalk(_Value, frozen=True, tag="walk"):
    """Read what a joiner needs; answered by `Walked`.

    The sealed checkpoint of the commit at `checkpoint_seq` (0: the creation), all
    entries behind it up to `commit_seq`, that one in any case, and its sealed Welcome.
    """

    log_id: bytes
    generation: int
    access_seed: bytes
    checkpoint_seq: int
    commit_seq: int

    @property
    def after(self) -> int:
        """Return behind which seq the entries begin."""
        return min(self.checkpoint_seq, self.commit_seq - 1)


class FetchBlob(_Value, frozen=True, tag="fetch_blob"):
    """Read the blob of a big commit; answered by `Fetched`."""

    blob_id: bytes
    size: int
    sha256: bytes


class PublishPackages(_Value, frozen=True, tag="packages"):
    """Publish key packages of this device (identified); answered by `Done`."""

    suite: int
    packages: tuple[bytes, ...]
    not_after: int
    last_resort: bytes = b""


class SetMailboxKey(_Value, frozen=True, tag="mailbox_key"):
    """Replace the mailbox access key (identified); answered by `Done`."""

    key_hash: bytes


class SetRequestsLane(_Value, frozen=True, tag="requests_lane"):
    """Close the lane of strangers but for doors, or open it; answered by `Done`.

    `doors` are the SHA-256 of what lets in.
    """

    closed: bool
    doors: tuple[bytes, ...] = ()


class PostPlea(_Value, frozen=True, tag="plea"):
    """Post a plea to the lobby of a log; answered by `Done`.

    `lobby_seed` signs for `generation`. The driver adds a token of kind "plea".
    """

    log_id: bytes
    generation: int
    lobby_seed: bytes
    plea_id: bytes
    body: bytes


class ReadAnswers(_Value, frozen=True, tag="read_answers"):
    """Read what was answered to a plea of mine; answered by `AnswersRead`."""

    log_id: bytes
    generation: int
    lobby_seed: bytes
    plea_id: bytes


class ListPleas(_Value, frozen=True, tag="list_pleas"):
    """Read what waits in a log's lobby; answered by `Pleas`."""

    log_id: bytes
    generation: int
    access_seed: bytes


class PostAnswer(_Value, frozen=True, tag="answer"):
    """Post an answer to a plea; answered by `Done`."""

    log_id: bytes
    generation: int
    access_seed: bytes
    plea_id: bytes
    body: bytes


class DropPlea(_Value, frozen=True, tag="drop_plea"):
    """Take a plea and its answers out of the lobby; answered by `Done`."""

    log_id: bytes
    generation: int
    access_seed: bytes
    plea_id: bytes


class ReadCommits(_Value, frozen=True, tag="read_commits"):
    """Read which commit of a generation stands under which; answered by `Commits`.

    A part of a `RejoinWalk`.
    """

    log_id: bytes
    generation: int
    lobby_seed: bytes


class RejoinWalk(_Value, frozen=True, tag="rejoin_walk"):
    """Read what coming back needs; answered by `Walked`, without a Welcome.

    The sealed checkpoint of the commit at `checkpoint_seq`, the commits that lead from
    there to `commit_seq`, with their blobs, the entry at `head`, and the first child
    of `commit_seq` behind it. What lies in between is not read: else whoever appends
    enough keeps a device out. `lobbies` are (generation, seed), with which the commits
    of generations are read; `lobby_seed` is of this one, for the children.
    """

    log_id: bytes
    generation: int
    access_seed: bytes
    checkpoint_seq: int
    commit_seq: int = 0
    lobbies: tuple[tuple[int, bytes], ...] = ()
    head: int = 0
    lobby_seed: bytes = b""

    def behind(self, children: tuple[int, ...] | None) -> int:
        """Return the first child that the giver of an answer had not read; 0: none."""
        return min((seq for seq in children or () if seq > self.head), default=0)


Request = (
    CreateLog
    | FetchBlob
    | AppendEntry
    | PostSealed
    | ClaimPackages
    | FindAccount
    | JoinWalk
    | PublishPackages
    | SetMailboxKey
    | SetRequestsLane
    | PostPlea
    | ReadAnswers
    | ListPleas
    | PostAnswer
    | DropPlea
    | RejoinWalk
    | ReadCommits
)


class Done(_Value, frozen=True, tag="done"):
    """The relay did it (or had done it before)."""


class Appended(_Value, frozen=True, tag="appended"):
    """The entry is durable at `seq`; `digest` is of the bytes that are stored there."""

    seq: int
    minute: int
    stamp_key: int
    stamp: bytes
    digest: bytes
    chain: bytes
    head: bytes = b""


class Claimed(_Value, frozen=True, tag="claimed"):
    """A signed device list and (device id, key package) of each device."""

    device_list: bytes
    packages: tuple[tuple[bytes, bytes], ...]


class Found(_Value, frozen=True, tag="found"):
    """The account behind a handle and its signed device list."""

    account_id: bytes
    device_list: bytes


class WalkedEntry(_Value, frozen=True, tag="entry"):
    """One entry of a walk; `blob` is the envelope of a big commit that is needed."""

    seq: int
    header: bytes
    envelope: bytes
    blob: bytes = b""

    @property
    def links(self) -> bytes:
        """Return SHA-256(header) ‖ SHA-256(envelope)."""
        return links(self.header, self.envelope)


class WalkedHidden(_Value, frozen=True, tag="hidden"):
    """An entry of another generation on the way: what the chain needs of it."""

    seq: int
    links: bytes


class Walked(_Value, frozen=True, tag="walked"):
    """What a joiner asked for; `before` is the chain value in front of `entries`.

    `commits` are (seq, parent), only where `lobbies` asked for them. Of a `RejoinWalk`,
    `entries` is the one at `head`, `road` are the commits to the named one, the last
    first, and `children` the seqs of those under it, None where the relay does not tell
    all of them; `child` is the first behind `head`, `in_front` the chain value before.
    """

    checkpoint: bytes
    entries: tuple[WalkedEntry | WalkedHidden, ...]
    before: bytes
    welcome: bytes
    commits: tuple[tuple[int, int], ...] = ()
    road: tuple[WalkedEntry, ...] = ()
    children: tuple[int, ...] | None = None
    child: WalkedEntry | None = None
    in_front: bytes = b""


class Fetched(_Value, frozen=True, tag="fetched"):
    """The bytes of a blob, as the relay gave them."""

    body: bytes


class WaitingPlea(_Value, frozen=True):
    """One plea of a lobby, still sealed."""

    plea_id: bytes
    generation: int
    body: bytes


class Pleas(_Value, frozen=True, tag="pleas"):
    """What waits in a lobby."""

    pleas: tuple[WaitingPlea, ...]


class AnswersRead(_Value, frozen=True, tag="answers"):
    """The sealed answers to a plea, in the order of their coming."""

    answers: tuple[bytes, ...]


class Commits(_Value, frozen=True, tag="commits"):
    """(seq, parent) of the commits of a generation, by seq."""

    commits: tuple[tuple[int, int], ...]


class Refused(_Value, frozen=True, tag="refused"):
    """The relay refused; `code` is a `wire.codes.Code` by value."""

    code: str
    detail: str = ""
    wait_ms: int = 0

    @property
    def named(self) -> Code:
        """The code; one that this version does not know counts as INTERNAL."""
        return known_code(self.code)

    def pause_ms(self, least_ms: int) -> int:
        """Return how long to wait before the same request goes again."""
        if self.named in UNPAID:
            least_ms = max(least_ms, UNPAID_MS)
        return max(self.wait_ms, least_ms)


Answer = (
    Done
    | Appended
    | Claimed
    | Found
    | Walked
    | Fetched
    | Pleas
    | AnswersRead
    | Commits
    | Refused
)
