"""The tables of messages, one for each week, and the view that reads all as one.

A message's week is that of its minute. So what is old stands in tables of its own: no
index tells which messages those are, and they are emptied and dropped whole. A view,
`entries`, has the rows of all weeks, of the handshakes, and of what `expired`.
"""

from privity.relay.storage.store import Connection

__all__ = [
    "HANDSHAKES",
    "WEEK_MINUTES",
    "Weeks",
    "all_weeks",
    "drop_week",
    "entry_table",
    "open_ahead",
    "table_of",
    "view_of",
]

HANDSHAKES = "handshakes"
WEEK_MINUTES = 7 * 24 * 60

_COLUMNS = "log_id, seq, minute, stamp_key, stamp, chain, header, envelope"

# Where the types of a column differ, SQLite gathers and sorts all rows of a log for
# each read; where they agree, it merges the tables by their keys.
_EXPIRED = f"""
    SELECT log_id, seq, CAST(week * {WEEK_MINUTES} AS INTEGER), CAST(0 AS INTEGER),
        CAST(NULL AS BLOB), chain, CAST(NULL AS BLOB), CAST(NULL AS BLOB),
        links, generation
    FROM expired
"""  # noqa: S608


def table_of(week: int) -> str:
    """Return the name of a week's table; weeks are Unix time / 604,800."""
    return f"messages_{int(week)}"


def entry_table(name: str) -> str:
    """Return the statement that makes a table of entries.

    `chain` is the value behind the entry.
    """
    return f"""
        CREATE TABLE {name} (
            log_id BLOB NOT NULL,
            seq INTEGER NOT NULL,
            minute INTEGER NOT NULL,
            stamp_key INTEGER NOT NULL,
            stamp BLOB NOT NULL,
            chain BLOB NOT NULL,
            header BLOB NOT NULL,
            envelope BLOB NOT NULL,
            PRIMARY KEY (log_id, seq)
        ) STRICT, WITHOUT ROWID
        """


def view_of(weeks: list[int]) -> str:
    """Return the statement that makes the view of all entries of these weeks.

    `links` and `generation` are those of an expired entry, NULL in front of a header.
    """
    whole = [
        f"SELECT {_COLUMNS}, CAST(NULL AS BLOB) AS links,"  # noqa: S608
        f" CAST(NULL AS INTEGER) AS generation FROM {table}"
        for table in (HANDSHAKES, *map(table_of, weeks))
    ]
    return f"CREATE VIEW entries AS {' UNION ALL '.join((*whole, _EXPIRED))}"


def all_weeks(logs: Connection) -> list[int]:
    """Return the weeks that have a table, the oldest first."""
    rows = logs.execute("SELECT week FROM weeks ORDER BY week")
    return [int(week) for (week,) in rows]


def drop_week(logs: Connection, week: int) -> None:
    """Drop a week's table; a step, and a quick one where the table is empty."""
    logs.execute("DROP VIEW entries")
    logs.execute(f"DROP TABLE {table_of(week)}")
    logs.execute("DELETE FROM weeks WHERE week = ?", (week,))
    logs.execute(view_of(all_weeks(logs)))


def open_ahead(logs: Connection, minute: int) -> None:
    """Have the tables of this week and the next; a step without keys.

    An append that makes a table may stand in the way of another relay's.
    """
    week = minute // WEEK_MINUTES
    for one in (week, week + 1):
        _open_week(logs, one)


class Weeks:
    """Finds the table of now, and makes it when a week begins.

    `open_ahead` has made it before, where the relay is served.
    """

    def __init__(self) -> None:
        self._newest = -1

    def table(self, logs: Connection, minute: int) -> str:
        """Return the table that takes the messages of a minute; part of a step."""
        week = minute // WEEK_MINUTES
        if week != self._newest:
            _open_week(logs, week)
            self._newest = week
        return table_of(week)

    def forget(self) -> None:
        """Look anew which tables there are: one was dropped, or steps were undone."""
        self._newest = -1


def _open_week(logs: Connection, week: int) -> None:
    found = logs.execute("SELECT 1 FROM weeks WHERE week = ?", (week,)).fetchone()
    if found is not None:
        return
    made = logs.execute(
        "INSERT INTO weeks (week) VALUES (?) ON CONFLICT DO NOTHING", (week,)
    )
    if made.rowcount != 1:
        return
    logs.execute(entry_table(table_of(week)))
    logs.execute("DROP VIEW entries")
    logs.execute(view_of(all_weeks(logs)))
