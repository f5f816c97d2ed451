"""The tree of a log's commits: parents, their children, and what a child costs.

docs/spec/entry.md. The relay never chooses between children: members do, and a
commit that they can't follow must not end a chat. So a parent may have further
children; each of them costs a token, and for a while so do all commits of its
generation.

Each function is a step on the database.
"""

from privity.relay.branches import branch_behind
from privity.relay.storage.store import Connection
from privity.wire.codes import Code, Refusal
from privity.wire.entry import Header
from privity.wire.frames import Lease
from privity.wire.limits import (
    CHILDREN_NAMED,
    GENERATIONS_THAT_DROP,
    TOLL_MINUTES,
)

__all__ = [
    "ROOT",
    "add_commit",
    "children_of",
    "close_generation",
    "first_children",
    "has_toll",
    "inherit_drops",
    "inherit_toll",
    "newest_child",
    "note_last",
    "open_generation",
    "set_toll",
]

ROOT = -1
"""The parent of the creation."""
_LARGEST = (1 << 63) - 1


def newest_child(logs: Connection, asked: Header | Lease) -> int:
    """Return the newest child of the commit that is named as a parent, or 0.

    Raises Refusal (WRONG_GENERATION) where its epoch is not of the stated generation.
    """
    # SQLite has no larger integers, and no log so many entries.
    parent = min(asked.parent, _LARGEST)
    row = logs.execute(
        "SELECT generation FROM commits WHERE log_id = ? AND seq = ?",
        (asked.log_id, parent),
    ).fetchone()
    if row is None or row[0] != asked.generation:
        detail = "the parent is no commit of this generation"
        raise Refusal(Code.WRONG_GENERATION, detail)
    newest = logs.execute(
        "SELECT max(seq) FROM commits WHERE log_id = ? AND parent = ?",
        (asked.log_id, parent),
    ).fetchone()
    return int(newest[0] or 0)


def first_children(logs: Connection, log_id: bytes, parent: int) -> tuple[int, ...]:
    """Return the first children of a commit."""
    rows = logs.execute(
        "SELECT seq FROM commits WHERE log_id = ? AND parent = ? ORDER BY seq LIMIT ?",
        (log_id, parent, CHILDREN_NAMED),
    )
    return tuple(int(seq) for (seq,) in rows)


def children_of(logs: Connection, asked: Lease) -> tuple[int, ...]:
    """Return the first children of a commit that somebody wants a lease of.

    Raises Refusal: WRONG_GENERATION, as `newest_child` does.
    """
    if not newest_child(logs, asked):
        return ()
    return first_children(logs, asked.log_id, asked.parent)


def add_commit(
    logs: Connection,
    log_id: bytes,
    place: tuple[int, int],
    generations: tuple[int, int],
) -> None:
    """Note a commit at `place` (seq, parent).

    `generations` are the one that it states, and the one of the epoch that it begins.
    """
    branch = branch_behind(logs, log_id, *place)
    logs.execute(
        "INSERT INTO commits"
        " (log_id, seq, parent, stated, generation, branch, further)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (log_id, *place, *generations, *branch),
    )


def open_generation(
    logs: Connection, log_id: bytes, generation: int, keys: tuple[bytes, bytes]
) -> None:
    """Note the access and lobby key of what the commit `generation` opens."""
    logs.execute(
        "INSERT INTO generations"
        " (log_id, generation, access_pk, lobby_pk, closed_by, last, toll_until)"
        " VALUES (?, ?, ?, ?, 0, ?, 0)",
        (log_id, generation, *keys, generation),
    )


def inherit_drops(
    logs: Connection, log_id: bytes, before: int, generation: int
) -> None:
    """Hide from a generation the pleas that were dropped in the one before it.

    Kept are the drops of `GENERATIONS_THAT_DROP` generations: else each opening would
    leave as many rows as its lobby has pleas. Those of closed ones go first, then those
    with more further children on their road, then older ones. So a chain of dead
    openings, of which only the first costs a token, wipes its own.
    """
    logs.execute(
        "INSERT INTO dropped_pleas (log_id, generation, plea_id)"
        " SELECT log_id, ?, plea_id FROM dropped_pleas"
        " WHERE log_id = ? AND generation = ?",
        (generation, log_id, before),
    )
    rows = logs.execute(
        "SELECT generation FROM commits AS c JOIN generations AS g"
        " USING (log_id, generation) WHERE log_id = ? AND c.seq = generation"
        " AND generation IN (SELECT generation FROM dropped_pleas WHERE log_id = ?)"
        " ORDER BY CASE WHEN g.closed_by = 0 THEN 0 ELSE 1 END, c.further,"
        " generation DESC",
        (log_id, log_id),
    )
    logs.executemany(
        "DELETE FROM dropped_pleas WHERE log_id = ? AND generation = ?",
        [(log_id, row[0]) for row in rows.fetchall()[GENERATIONS_THAT_DROP:]],
    )


def close_generation(
    logs: Connection, log_id: bytes, generation: int, seq: int
) -> None:
    """Note that the commit at `seq`, of this generation, opened another."""
    logs.execute(
        "UPDATE generations SET closed_by = ?"
        " WHERE log_id = ? AND generation = ? AND closed_by = 0",
        (seq, log_id, generation),
    )


def note_last(logs: Connection, log_id: bytes, generation: int, seq: int) -> None:
    """Note the newest entry of a generation: one of another comes behind it."""
    logs.execute(
        "UPDATE generations SET last = ? WHERE log_id = ? AND generation = ?",
        (seq, log_id, generation),
    )


def has_toll(logs: Connection, log_id: bytes, generation: int, minute: int) -> bool:
    """Whether all commits under a generation that there is cost a token now."""
    row = logs.execute(
        "SELECT toll_until FROM generations WHERE log_id = ? AND generation = ?",
        (log_id, generation),
    )
    return bool(minute < row.fetchone()[0])


def set_toll(logs: Connection, log_id: bytes, generation: int, minute: int) -> None:
    """Let all commits under a generation cost a token for an hour."""
    logs.execute(
        "UPDATE generations SET toll_until = ? WHERE log_id = ? AND generation = ?",
        (minute + TOLL_MINUTES, log_id, generation),
    )


def inherit_toll(logs: Connection, log_id: bytes, before: int, generation: int) -> None:
    """Let what is opened under a toll be under it as long; nothing ever adds to that.

    So a vandal who is still a member pays on, and one who was removed can make only
    its own generation and its own branches dear.
    """
    logs.execute(
        "UPDATE generations SET toll_until = (SELECT toll_until FROM generations"
        "  WHERE log_id = ? AND generation = ?) WHERE log_id = ? AND generation = ?",
        (log_id, before, log_id, generation),
    )
