"""The ledger: one line for each thing that left this device, and why it did.

Bytes that a person can't explain are bytes that a person can't trust. Lines are
gathered in memory and written with the next transaction, at the latest after a
second and on closing: a crash loses at most that much of the ledger.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from privity.client.database import Connection, Database
from privity.core.effects import Cause

__all__ = [
    "Ledger",
    "Line",
    "Sum",
    "newest_lines",
    "read_lines",
    "sums",
    "write_lines",
]


@dataclass(frozen=True, slots=True)
class Line:
    """One frame or one HTTP body that was sent.

    `minute` is Unix time / 60; `endpoint` the plane and path, without ids; `what`
    the frame's or body's type; `size` its bytes before TLS.
    """

    minute: int
    endpoint: str
    what: str
    size: int
    cause: Cause


@dataclass(frozen=True, slots=True)
class Sum:
    """What left by one plane for one reason, and in which minute first."""

    plane: str
    reason: str
    count: int
    size: int
    first: int


class Ledger:
    """Lines that are not written yet."""

    __slots__ = ("_lines",)

    def __init__(self) -> None:
        self._lines: list[Line] = []

    def note(self, line: Line) -> None:
        """Add a line."""
        self._lines.append(line)

    def take(self) -> tuple[Line, ...]:
        """Return all lines and forget them; the caller writes them."""
        lines, self._lines = self._lines, []
        return tuple(lines)

    def give_back(self, lines: Sequence[Line]) -> None:
        """Take back lines that could not be written."""
        self._lines[:0] = lines

    def __len__(self) -> int:
        return len(self._lines)


def write_lines(db: Connection, lines: Sequence[Line]) -> None:
    """Write lines within the caller's transaction."""
    db.executemany(
        "INSERT INTO ledger (minute, endpoint, what, size, reason, cause)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        [_values(line) for line in lines],
    )


def read_lines(
    database: Database, after: int = 0, limit: int = 1000
) -> list[tuple[int, Line]]:
    """Return (number, line) in the order in which they were written."""
    rows: list[tuple[int, int, str, str, int, str, bytes]] = database.read(
        lambda db: db.execute(
            "SELECT number, minute, endpoint, what, size, reason, cause FROM ledger"
            " WHERE number > ? ORDER BY number LIMIT ?",
            (after, limit),
        ).fetchall()
    )
    return [
        (number, Line(minute, endpoint, what, size, Cause(reason, cause)))
        for number, minute, endpoint, what, size, reason, cause in rows
    ]


def newest_lines(database: Database, before: int, limit: int) -> list[tuple[int, Line]]:
    """Return the lines in front of `before` (0: the end), the newest first."""
    rows: list[tuple[int, int, str, str, int, str, bytes]] = database.read(
        lambda db: db.execute(
            "SELECT number, minute, endpoint, what, size, reason, cause FROM ledger"
            " WHERE number < ? ORDER BY number DESC LIMIT ?",
            (before or (1 << 62), limit),
        ).fetchall()
    )
    return [
        (number, Line(minute, endpoint, what, size, Cause(reason, cause)))
        for number, minute, endpoint, what, size, reason, cause in rows
    ]


def sums(database: Database) -> list[Sum]:
    """Add up the whole ledger, most bytes first."""
    rows: list[tuple[str, str, int, int, int]] = database.read(
        lambda db: db.execute(
            "SELECT substr(endpoint, 1, instr(endpoint, ' ') - 1) AS plane, reason,"
            " count(*), sum(size) AS bytes, min(minute) FROM ledger"
            " GROUP BY plane, reason ORDER BY bytes DESC"
        ).fetchall()
    )
    return [Sum(*row) for row in rows]


def _values(line: Line) -> tuple[int, str, str, int, str, bytes]:
    cause = line.cause
    return line.minute, line.endpoint, line.what, line.size, cause.reason, cause.id
