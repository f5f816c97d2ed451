"""The tree of a log's commits: parents, their children, and what a child costs.

docs/spec/entry.md. The relay never chooses between children: members do, and a
commit that they can't follow must not end a chat. So a parent may have further
children; each of them costs a token, and for a while so do all commits of its log.

Each function is a step on the database.
"""

import sqlite3

from privity.wire.codes import Code, Refusal
from privity.wire.entry import Header
from privity.wire.limits import CHILDREN_NAMED, TOLL_MINUTES

__all__ = [
    "ROOT",
    "add_commit",
    "close_generation",
    "first_children",
    "has_toll",
    "inherit_drops",
    "newest_child",
    "note_last",
    "open_generation",
    "set_toll",
]

ROOT = -1
"""The parent of the creation."""
_LARGEST = (1 << 63) - 1


def newest_child(logs: sqlite3.Connection, header: Header) -> int:
    """Return the newest child of the commit that an append names as its parent, or 0.

    Raises Refusal (WRONG_GENERATION) where its epoch is not of the stated generation.
    """
    # SQLite has no larger integers, and no log so many entries.
    parent = min(header.parent, _LARGEST)
    row = logs.execute(
        "SELECT generation FROM commits WHERE log_id = ? AND seq = ?",
        (header.log_id, parent),
    ).fetchone()
    if row is None or row[0] != header.generation:
        detail = "the parent is no commit of this generation"
        raise Refusal(Code.WRONG_GENERATION, detail)
    newest = logs.execute(
        "SELECT max(seq) FROM commits WHERE log_id = ? AND parent = ?",
        (header.log_id, parent),
    ).fetchone()
    return int(newest[0] or 0)


def first_children(
    logs: sqlite3.Connection, log_id: bytes, parent: int
) -> tuple[int, ...]:
    """Return the first children of a commit."""
    rows = logs.execute(
        "SELECT seq FROM commits WHERE log_id = ? AND parent = ? ORDER BY seq LIMIT ?",
        (log_id, parent, CHILDREN_NAMED),
    )
    return tuple(int(seq) for (seq,) in rows)


def add_commit(
    logs: sqlite3.Connection, log_id: bytes, place: tuple[int, int], generation: int
) -> None:
    """Note a commit at `place` (seq, parent) whose epoch is of `generation`."""
    logs.execute(
        "INSERT INTO commits (log_id, seq, parent, generation) VALUES (?, ?, ?, ?)",
        (log_id, *place, generation),
    )


def open_generation(
    logs: sqlite3.Connection, log_id: bytes, generation: int, keys: tuple[bytes, bytes]
) -> None:
    """Note the access and lobby key of what the commit `generation` opens."""
    logs.execute(
        "INSERT INTO generations"
        " (log_id, generation, access_pk, lobby_pk, closed_by, last)"
        " VALUES (?, ?, ?, ?, 0, ?)",
        (log_id, generation, *keys, generation),
    )


def inherit_drops(
    logs: sqlite3.Connection, log_id: bytes, before: int, generation: int
) -> None:
    """Hide from a generation the pleas that were dropped in the one before it."""
    logs.execute(
        "INSERT INTO dropped_pleas (log_id, plea_id, generation)"
        " SELECT log_id, plea_id, ? FROM dropped_pleas"
        " WHERE log_id = ? AND generation = ?",
        (generation, log_id, before),
    )


def close_generation(
    logs: sqlite3.Connection, log_id: bytes, generation: int, seq: int
) -> None:
    """Note that the commit at `seq`, of this generation, opened another."""
    logs.execute(
        "UPDATE generations SET closed_by = ?"
        " WHERE log_id = ? AND generation = ? AND closed_by = 0",
        (seq, log_id, generation),
    )


def note_last(
    logs: sqlite3.Connection, log_id: bytes, generation: int, seq: int
) -> None:
    """Note the newest entry of a generation: one of another comes behind it."""
    logs.execute(
        "UPDATE generations SET last = ? WHERE log_id = ? AND generation = ?",
        (seq, log_id, generation),
    )


def has_toll(logs: sqlite3.Connection, log_id: bytes, minute: int) -> bool:
    """Whether all commits of a log cost a token now."""
    row = logs.execute("SELECT toll_until FROM logs WHERE log_id = ?", (log_id,))
    return bool(minute < row.fetchone()[0])


def set_toll(logs: sqlite3.Connection, log_id: bytes, minute: int) -> None:
    """Let all commits of a log cost a token for an hour."""
    logs.execute(
        "UPDATE logs SET toll_until = ? WHERE log_id = ?",
        (minute + TOLL_MINUTES, log_id),
    )
