"""Messages whose time is over: of each stay its place and what the chain needs of it.

Commits and proposals stay as long as their log. A week's messages go together, when
the youngest of them may; some hundreds in a step, so that no append waits for long.
In one step a message is forgotten and its links are kept: whoever reads finds the one
or the other, wherever the relay was killed.
"""

from collections.abc import Callable

from privity.relay.storage.store import Connection
from privity.relay.storage.weeks import (
    WEEK_MINUTES,
    all_weeks,
    drop_week,
    table_of,
)
from privity.wire.entry import generation_of, links

__all__ = ["due_weeks", "expire_some"]

ROWS = 256
_BYTES = 512 * 1024
"""The most of a week that one step forgets, in rows and, but for the first, bytes."""
_DAY_MINUTES = 24 * 60

Expired = tuple[bytes, int, int, int, bytes, bytes]


def due_weeks(logs: Connection, minute: int, days: int) -> list[int]:
    """Return the weeks that ended `days` days ago or earlier, the oldest first."""
    ended = (minute - days * _DAY_MINUTES) // WEEK_MINUTES
    return [week for week in all_weeks(logs) if week < ended]


def expire_some(logs: Connection, week: int, when_dropped: Callable[[], None]) -> int:
    """Forget some messages of a week, or its empty table; returns how many.

    A step; 0 once the table is gone. Then `when_dropped` is called, for whoever
    remembers which tables there are.
    """
    rows = _first(logs, week)
    if not rows:
        drop_week(logs, week)
        when_dropped()
        return 0
    logs.executemany(
        "INSERT INTO expired (log_id, seq, generation, week, chain, links)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        rows,
    )
    # In the order of the key the pages empty one after another.
    log_id, seq = rows[-1][:2]
    logs.execute(
        f"DELETE FROM {table_of(week)} WHERE (log_id, seq) <= (?, ?)",  # noqa: S608
        (log_id, seq),
    )
    return len(rows)


def _first(logs: Connection, week: int) -> list[Expired]:
    found = logs.execute(
        f"SELECT log_id, seq, chain, header, envelope FROM {table_of(week)}"  # noqa: S608
        " ORDER BY log_id, seq LIMIT ?",
        (ROWS,),
    )
    rows: list[Expired] = []
    room = _BYTES
    for log_id, seq, chain, header, envelope in found:
        room -= len(envelope)
        if room < 0 and rows:
            break
        both = links(header, envelope)
        rows.append((log_id, seq, generation_of(header), week, chain, both))
    return rows
