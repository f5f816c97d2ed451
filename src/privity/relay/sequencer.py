"""The sequencer: gives an entry the next place in its log, or names why not.

The rules are those of docs/spec/entry.md. Who may append was decided before
(`attach`); what a commit costs is decided here, of what the `tree` remembers.
"""

from dataclasses import dataclass

from privity.relay import blobs, tree
from privity.relay.logs import Attempt, add_part
from privity.relay.pace import CommitPace
from privity.relay.stamps import StampKeys
from privity.relay.storage.store import Connection
from privity.relay.storage.weeks import HANDSHAKES, Weeks
from privity.relay.tips import Tip, Tips
from privity.relay.tokens import TokenKind, spend
from privity.wire.codes import Code, Refusal
from privity.wire.entry import (
    Header,
    Kind,
    chain_of_links,
    digest_of_links,
    links,
)
from privity.wire.stamp import NO_STAMP, stamp_of_links

__all__ = ["ParentTaken", "Sequencer", "Stored"]


class ParentTaken(Refusal):
    """The parent has `children` that the sender has not judged, the first of them."""

    def __init__(self, children: tuple[int, ...]) -> None:
        super().__init__(Code.STALE, "the parent has children")
        self.children = children


@dataclass(frozen=True, slots=True)
class Stored:
    """Where an entry stands, and the chain values in front of it and behind it.

    `is_repeat` when it stood there before; `before` is empty then.
    """

    seq: int
    minute: int
    stamp_key: int
    stamp: bytes
    digest: bytes
    before: bytes
    chain: bytes
    is_repeat: bool


class Sequencer:
    """Appends to logs; what it remembers between steps can be read again."""

    def __init__(self, stamp_keys: StampKeys, pace: CommitPace) -> None:
        self._stamp_keys = stamp_keys
        self._pace = pace
        self._tips = Tips()
        self._weeks = Weeks()

    def forget(self) -> None:
        """Start anew from the database: steps were undone, or tables dropped."""
        self._tips.forget()
        self._weeks.forget()
        self._stamp_keys.forget()

    def forget_tips(self) -> None:
        """Read again where logs stand: other relays may have appended to them."""
        self._tips.forget()

    def append(self, logs: Connection, attempt: Attempt, minute: int) -> Stored:
        """Give an entry the next seq, or return the place of its first time.

        A step that checks first. The log exists: somebody attached to it. Raises
        Refusal: WRONG_GENERATION, TOO_SOON, RATE_LIMITED, TOKEN_NEEDED, TOKEN_SPENT;
        for a big commit NO_SUCH_BLOB, WRONG_HASH; and ParentTaken (STALE).
        """
        header = attempt.header
        tip = self._tips.of(logs, header.log_id)
        is_free = (header.parent, header.generation) == (tip.parent, tip.generation)
        if not is_free or header.is_commit:
            repeat = _find(logs, header)
            if repeat is not None:
                return repeat
            self._admit(logs, attempt, minute)
        is_new = _claim_idem(logs, header, tip.head + 1)
        if not is_new:
            return _first_time(logs, header.log_id, header.idem)
        stored = self._store(logs, attempt, tip, minute)
        parent, generation = header.parent, header.generation
        if header.is_commit:
            parent, generation = stored.seq, _store_commit(logs, attempt, stored.seq)
            self._pace.note(header.log_id, stored.seq)
        last = header.generation
        tip = Tip(stored.seq, stored.chain, last, parent, generation)
        self._tips.set(header.log_id, tip)
        return stored

    def _admit(self, logs: Connection, attempt: Attempt, minute: int) -> None:
        """Check that the parent takes this entry, and take what it costs."""
        header, log_id = attempt.header, attempt.header.log_id
        newest = tree.newest_child(logs, header)
        if newest > attempt.frame.after:
            raise ParentTaken(tree.first_children(logs, log_id, header.parent))
        if not header.is_commit:
            return
        if attempt.blob is not None:
            blobs.check_commit(logs, attempt.blob)
        place = (log_id, header.generation)
        if newest or tree.has_toll(logs, *place, minute):
            self._pace.check_paid(place)
            spend(logs, TokenKind.CHILD, attempt.frame.token)
            self._pace.take_paid(place)
        else:
            self._pace.take(place, header.parent, attempt.by)
        if newest:
            tree.set_toll(logs, *place, minute)

    def _store(
        self, logs: Connection, attempt: Attempt, tip: Tip, minute: int
    ) -> Stored:
        header, frame = attempt.header, attempt.frame
        seq = tip.head + 1
        if tip.last != header.generation:
            tree.note_last(logs, header.log_id, tip.last, tip.head)
        key = self._stamp_keys.current(logs, minute)
        chain = chain_of_links(tip.chain, attempt.links)
        stamp = stamp_of_links(key.key, header, seq, minute, attempt.links)
        entry = (key.id, stamp, chain, frame.header, frame.envelope)
        is_app = header.kind is Kind.APP
        table = self._weeks.table(logs, minute) if is_app else HANDSHAKES
        logs.execute(
            f"INSERT INTO {table}"  # noqa: S608
            " (log_id, seq, minute, stamp_key, stamp, chain,"
            " header, envelope) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (header.log_id, seq, minute, *entry),
        )
        digest = digest_of_links(attempt.links)
        place = (seq, minute, key.id, stamp, digest)
        return Stored(*place, tip.chain, chain, is_repeat=False)


def _claim_idem(logs: Connection, header: Header, seq: int) -> bool:
    claimed = logs.execute(
        "INSERT INTO idems (log_id, idem, seq) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        (header.log_id, header.idem, seq),
    )
    return claimed.rowcount == 1


def _find(logs: Connection, header: Header) -> Stored | None:
    row = logs.execute(
        "SELECT 1 FROM idems WHERE log_id = ? AND idem = ?",
        (header.log_id, header.idem),
    ).fetchone()
    return None if row is None else _first_time(logs, header.log_id, header.idem)


def _first_time(logs: Connection, log_id: bytes, idem: bytes) -> Stored:
    (seq,) = logs.execute(
        "SELECT seq FROM idems WHERE log_id = ? AND idem = ?", (log_id, idem)
    ).fetchone()
    row = logs.execute(
        "SELECT minute, stamp_key, stamp, chain, header, envelope, links FROM entries"
        " WHERE log_id = ? AND seq = ?",
        (log_id, seq),
    ).fetchone()
    minute, stamp_key, stamp, chain, header, envelope, expired = row
    digest = digest_of_links(expired or links(header, envelope))
    place = (seq, minute, stamp_key, stamp or NO_STAMP, digest)
    return Stored(*place, b"", chain, is_repeat=True)


def _store_commit(logs: Connection, attempt: Attempt, seq: int) -> int:
    """Store what a commit changes; returns the generation of its epoch."""
    header, frame = attempt.header, attempt.frame
    stated = generation = header.generation
    if header.opens:
        generation = seq
    tree.add_commit(logs, header.log_id, (seq, header.parent), (stated, generation))
    if header.next_access_pk is not None and header.next_lobby_pk is not None:
        tree.close_generation(logs, header.log_id, stated, seq)
        keys = (header.next_access_pk, header.next_lobby_pk)
        tree.open_generation(logs, header.log_id, seq, keys)
        tree.inherit_drops(logs, header.log_id, stated, seq)
        tree.inherit_toll(logs, header.log_id, stated, seq)
    if attempt.blob is not None:
        blobs.hold(logs, header.log_id, seq, attempt.blob)
    if frame.welcome:
        add_part(logs, header.log_id, seq, "welcome", frame.welcome)
    if frame.checkpoint:
        add_part(logs, header.log_id, seq, "checkpoint", frame.checkpoint)
    return generation
