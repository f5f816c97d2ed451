"""What a generation's key may read of a log: the entries that state it.

Each function is a step that reads. Commits are a tree, so entries of other branches
may stand between them: of those a reader gets the place and the two hashes that the
chain needs, and of what stands behind the generation's newest entry nothing. So a
closed generation shows that it was closed, and not how the chat goes on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from msgspec import Raw, Struct

from privity.relay.branches import heard
from privity.relay.known_links import KnownLinks
from privity.relay.storage.store import Connection, find_each
from privity.wire.codes import Code, Refusal
from privity.wire.entry import GENERATION_BYTES, NO_CHAIN, generation_of, links
from privity.wire.frames import (
    AnyEntry,
    Cursor,
    Entry,
    Expired,
    Fetch,
    Hidden,
    encode_entry,
)

__all__ = [
    "Batch",
    "Generation",
    "Placed",
    "Reach",
    "Room",
    "end_behind",
    "find_generation",
    "has_pleas",
    "part",
    "placed_at",
    "reach_of",
    "read",
]


@dataclass(frozen=True, slots=True)
class Generation:
    """A generation's public key, and the newest seq that it may know.

    `chain` is the chain value there.
    """

    access_pk: bytes
    end: int
    chain: bytes
    is_closed: bool


Place = tuple[bytes, int]
"""Log id and generation."""


@dataclass(frozen=True, slots=True)
class Reach:
    """The newest seq that a generation may know, and whether an opening closed it."""

    end: int
    is_closed: bool


class Placed(Struct, frozen=True, gc=False):
    """One entry, or what is shown of it, encoded for its readers.

    With the chain values on both sides.
    """

    seq: int
    entry: Raw
    before: bytes
    chain: bytes

    @property
    def size(self) -> int:
        """Return its bytes on the wire."""
        return len(self.entry)


@dataclass(frozen=True, slots=True)
class Room:
    """How much may be read at once, hidden or not; a first entry always fits."""

    entries: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Entries in their order, and the newest seq that the generation may know."""

    entries: tuple[Placed, ...]
    end: int


_GENERATION = (
    "SELECT access_pk, closed_by, last FROM generations"
    " WHERE log_id = ? AND generation = ?"
)
_NEWEST = (
    "SELECT seq, header, generation FROM entries WHERE log_id = ?"
    " ORDER BY seq DESC LIMIT 1"
)


def find_generation(logs: Connection, log_id: bytes, generation: int) -> Generation:
    """Return a generation; raises Refusal (NO_SUCH_LOG, WRONG_GENERATION)."""
    row = logs.execute(_GENERATION, (log_id, generation)).fetchone()
    if row is None:
        _check_log(logs, log_id)
        raise Refusal(Code.WRONG_GENERATION, "no commit opened this generation")
    access_pk, closed_by, last = row
    newest = logs.execute(_NEWEST, (log_id,)).fetchone()
    end = _end_of(generation, last, newest)
    chain = _chain_at(logs, log_id, end)
    return Generation(access_pk, end, chain, is_closed=closed_by != 0)


def reach_of(logs: Connection, places: Sequence[Place]) -> list[Reach | None]:
    """Return how far each generation may know its log, None of one that is not there.

    What many wait for is asked at once.
    """
    asked = (_GENERATION, places), (_NEWEST, [(log_id,) for log_id, _ in places])
    found = zip(places, *find_each(logs, *asked), strict=True)
    return [
        row and Reach(_end_of(generation, row[2], newest), is_closed=row[1] != 0)
        for (_, generation), row, newest in found
    ]


def _end_of(generation: int, last: int, newest: Any) -> int:  # noqa: ANN401  a row
    """Return the newest seq of a generation, by that of its log."""
    head, stated = _place_of(newest)
    return max(head if stated == generation else last, generation)


def end_behind(logs: Connection, cursor: Cursor) -> int:
    """Return the newest seq that the cursor's generation may know.

    Raises Refusal: NO_SUCH_LOG; WRONG_GENERATION for a cursor from which more is in
    front of the generation than the commit that opened it; GONE for one behind its
    end, which only a relay that was restored from an old copy can see.
    """
    end = find_generation(logs, cursor.log_id, cursor.generation).end
    if cursor.after < cursor.generation - 1:
        raise Refusal(Code.WRONG_GENERATION, "the cursor is before this generation")
    if cursor.after > end:
        raise Refusal(Code.GONE, f"this generation came to {end} only")
    return end


def read(
    logs: Connection, cursor: Cursor, room: Room, known: KnownLinks | None = None
) -> Batch:
    """Return what stands behind a cursor, as much as there is room for.

    `known` spares the hashing of what is hidden from many. Raises Refusal as
    `end_behind` does.
    """
    end = end_behind(logs, cursor)
    if cursor.after == end:
        return Batch((), end)
    before = _chain_at(logs, cursor.log_id, cursor.after)
    rows = logs.execute(
        "SELECT seq, chain, minute, stamp_key, stamp, header,"
        " CASE WHEN substr(header, ?, ?) = ? THEN envelope END, links,"
        " generation FROM entries WHERE log_id = ? AND seq > ? AND seq <= ?"
        " ORDER BY seq LIMIT ?",
        (
            *_stating(cursor.generation),
            *(cursor.log_id, cursor.after, end, max(1, room.entries)),
        ),
    )
    view = _View(logs, cursor, known or KnownLinks())
    entries: list[Placed] = []
    left = room.bytes
    for seq, chain, *row in rows:
        shown, weight = view.shown(seq, row)
        left -= weight
        if left < 0 and entries:
            break
        entries.append(Placed(seq, encode_entry(shown), before, chain))
        before = chain
    return Batch(tuple(entries), end)


def _stating(generation: int) -> tuple[int, int, bytes]:
    """Return where a header states its generation, counted from 1, and what."""
    where = GENERATION_BYTES
    return where.start + 1, where.stop - where.start, generation.to_bytes(8)


def placed_at(logs: Connection, log_id: bytes, seq: int) -> tuple[int, Placed] | None:
    """Return the entry at a place and its generation, or None if it isn't there."""
    row = logs.execute(
        "SELECT chain, minute, stamp_key, stamp, header, envelope FROM entries"
        " WHERE log_id = ? AND seq = ? AND header IS NOT NULL",
        (log_id, seq),
    ).fetchone()
    if row is None:
        return None
    chain, *shown = row
    entry = encode_entry(Entry(seq, *shown))
    before = _chain_at(logs, log_id, seq - 1)
    return generation_of(shown[3]), Placed(seq, entry, before, chain)


@dataclass(frozen=True, slots=True)
class _View:
    """A log as the key of one generation reads it."""

    logs: Connection
    cursor: Cursor
    known: KnownLinks

    def shown(self, seq: int, row: list[Any]) -> tuple[AnyEntry, int]:
        """Return what is read at a place, and how many bytes had to be for it."""
        minute, stamp_key, stamp, header, envelope, expired, stated = row
        if header is None:
            is_own = stated == self.cursor.generation
            shown = Expired(seq, minute, expired) if is_own else Hidden(seq, expired)
            return shown, len(expired)
        if envelope is not None:
            entry = Entry(seq, minute, stamp_key, stamp, header, envelope)
            return entry, len(header) + len(envelope)
        return self._hidden(seq, header)

    def _hidden(self, seq: int, header: bytes) -> tuple[Hidden, int]:
        log_id, weight = self.cursor.log_id, len(header)

        def make() -> bytes:
            nonlocal weight
            row = self.logs.execute(
                "SELECT envelope FROM entries WHERE log_id = ? AND seq = ?",
                (log_id, seq),
            ).fetchone()
            weight += len(row[0])
            return links(header, row[0])

        return Hidden(seq, self.known.of(log_id, seq, make)), weight


def has_pleas(logs: Connection, log_id: bytes, generation: int) -> bool:
    """Tell whether anything waits in a log's lobby that this generation may read."""
    rows = logs.execute(
        "SELECT DISTINCT pleas.generation FROM pleas"
        " JOIN generations AS g USING (log_id)"
        " WHERE log_id = ? AND g.generation = ? AND g.closed_by = 0"
        " AND NOT EXISTS (SELECT 1 FROM dropped_pleas AS d WHERE d.log_id = g.log_id"
        "  AND d.generation = g.generation AND d.plea_id = pleas.plea_id)",
        (log_id, generation),
    ).fetchall()
    return bool(heard(logs, log_id, generation, [int(row[0]) for row in rows]))


_PARTS = frozenset(("welcome", "checkpoint"))


def part(logs: Connection, asked: Fetch) -> bytes:
    """Return what came with a commit whose epoch is of the asker's generation.

    Raises Refusal: NOT_FOUND, also for a commit of another generation.
    """
    if asked.part not in _PARTS:
        raise Refusal(Code.NOT_FOUND, "nothing of this kind comes with a commit")
    row = logs.execute(
        "SELECT body FROM parts JOIN commits USING (log_id, seq)"
        " WHERE log_id = ? AND seq = ? AND part = ? AND generation = ?",
        (asked.log_id, asked.seq, asked.part, asked.generation),
    ).fetchone()
    if row is None:
        raise Refusal(Code.NOT_FOUND, "nothing of this kind came with this commit")
    return bytes(row[0])


def _chain_at(logs: Connection, log_id: bytes, seq: int) -> bytes:
    if seq == 0:
        return NO_CHAIN
    row = logs.execute(
        "SELECT chain FROM entries WHERE log_id = ? AND seq = ?", (log_id, seq)
    ).fetchone()
    return bytes(row[0])


def _check_log(logs: Connection, log_id: bytes) -> None:
    row = logs.execute("SELECT 1 FROM logs WHERE log_id = ?", (log_id,)).fetchone()
    if row is None:
        raise Refusal(Code.NO_SUCH_LOG, "no log has this id")


def _place_of(newest: Any) -> tuple[int, int]:  # noqa: ANN401  a row, or None
    """Return seq and stated generation of the newest entry, zeros if there is none."""
    if newest is None:
        return (0, 0)
    seq, header, expired = newest
    return int(seq), generation_of(header) if expired is None else int(expired)
