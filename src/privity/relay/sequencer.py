"""The sequencer: gives an entry the next place in its log, or names why not.

The rules are those of docs/spec/entry.md. Who may append was decided before
(`attach`); what a commit costs is decided here, of what the `tree` remembers.
"""

from collections.abc import Callable
from typing import cast
from weakref import WeakKeyDictionary

import msgspec

from privity.relay import blobs, tree
from privity.relay.idems import Idems
from privity.relay.logs import Attempt, add_part
from privity.relay.pace import CommitPace
from privity.relay.stamps import StampKeys
from privity.relay.storage.store import Batched, Connection
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


class Stored(msgspec.Struct, frozen=True, gc=False):
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


class _Memory:
    """What one connection to a store knows of logs; it can be read again."""

    def __init__(self, random: Callable[[int], bytes]) -> None:
        self.stamp_keys = StampKeys(random)
        self.tips = Tips()
        self.idems = Idems()
        self.weeks = Weeks()

    def forget(self) -> None:
        self.tips.forget()
        self.idems.forget()
        self.weeks.forget()
        self.stamp_keys.forget()

    def look_ahead(self, logs: Batched, headers: list[Header]) -> None:
        log_ids = list({header.log_id: None for header in headers})
        names = list({(header.log_id, header.idem): None for header in headers})
        asked = (*self.tips.questions(log_ids), self.idems.question(names))
        newest, commits, places = logs.find_each(*asked)
        self.tips.know(log_ids, newest, commits)
        self.idems.know(logs, names, places)


class Sequencer:
    """Appends to logs; what it remembers between steps can be read again.

    Transactions that are under way at once do not see what the other does, so each
    connection has a memory of its own, unless nobody looks ahead: then there is one
    transaction at a time.
    """

    def __init__(self, random: Callable[[int], bytes], pace: CommitPace) -> None:
        self._random = random
        self._pace = pace
        self._only = _Memory(random)
        self._beside: WeakKeyDictionary[Batched, _Memory] = WeakKeyDictionary()

    def forget(self) -> None:
        """Start anew from the database: steps were undone, or tables dropped."""
        for memory in (self._only, *self._beside.values()):
            memory.forget()

    def look_ahead(self, logs: Batched, headers: list[Header]) -> None:
        """Read at once where the logs of these appends stand, and which came before.

        What was remembered is forgotten: other relays may have appended since.
        """
        memory = self._beside.get(logs)
        if memory is None:
            memory = self._beside[logs] = _Memory(self._random)
        memory.look_ahead(logs, headers)

    def _memory(self, logs: Connection) -> _Memory:
        if not self._beside:
            return self._only
        return self._beside.get(cast("Batched", logs), self._only)

    def append(self, logs: Connection, attempt: Attempt, minute: int) -> Stored:
        """Give an entry the next seq, or return the place of its first time.

        A step that checks first. The log exists: somebody attached to it. Raises
        Refusal: WRONG_GENERATION, TOO_SOON, RATE_LIMITED, TOKEN_NEEDED, TOKEN_SPENT;
        for a big commit NO_SUCH_BLOB, WRONG_HASH; and ParentTaken (STALE).
        """
        header, memory = attempt.header, self._memory(logs)
        tip = memory.tips.of(logs, header.log_id)
        is_free = (header.parent, header.generation) == (tip.parent, tip.generation)
        if not is_free or header.is_commit:
            repeat = memory.idems.find(logs, header)
            if repeat is not None:
                return _first_time(logs, header.log_id, repeat)
            self._admit(logs, attempt, minute)
        repeat = memory.idems.claim(logs, header, tip.head + 1)
        if repeat is not None:
            return _first_time(logs, header.log_id, repeat)
        stored = _store(logs, attempt, memory, minute)
        parent, generation = header.parent, header.generation
        if header.is_commit:
            parent, generation = stored.seq, _store_commit(logs, attempt, stored.seq)
            self._pace.note(header.log_id, stored.seq)
        last = header.generation
        tip = Tip(stored.seq, stored.chain, last, parent, generation)
        memory.tips.set(header.log_id, tip)
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


def _store(logs: Connection, attempt: Attempt, memory: _Memory, minute: int) -> Stored:
    header, frame = attempt.header, attempt.frame
    tip = memory.tips.of(logs, header.log_id)
    seq = tip.head + 1
    if tip.last != header.generation:
        tree.note_last(logs, header.log_id, tip.last, tip.head)
    key = memory.stamp_keys.current(logs, minute)
    chain = chain_of_links(tip.chain, attempt.links)
    stamp = stamp_of_links(key.key, header, seq, minute, attempt.links)
    entry = (key.id, stamp, chain, frame.header, frame.envelope)
    is_app = header.kind is Kind.APP
    table = memory.weeks.table(logs, minute) if is_app else HANDSHAKES
    batch = memory.idems.batch(logs)
    insert = logs.execute if batch is None else batch.later
    insert(
        f"INSERT INTO {table}"  # noqa: S608
        " (log_id, seq, minute, stamp_key, stamp, chain,"
        " header, envelope) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (header.log_id, seq, minute, *entry),
    )
    digest = digest_of_links(attempt.links)
    place = (seq, minute, key.id, stamp, digest)
    return Stored(*place, tip.chain, chain, is_repeat=False)


def _first_time(logs: Connection, log_id: bytes, seq: int) -> Stored:
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
