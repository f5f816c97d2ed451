"""The log side's way from old tables to those of today; a step never changes.

A step says its statements itself: what `log_tables` says is of today. From the first
tables that a server had, a step is one for SQLite and for PostgreSQL.
"""

from privity.relay.storage.database import TableStep
from privity.relay.storage.store import Connection

__all__ = ["LOG_STEPS"]

# The 18th byte of a header says what the entry is, and 1 stands for a message.


def _split_into_weeks(logs: Connection) -> None:
    """7 → 8: a table for the messages of each week, one for all that is none."""
    logs.execute("ALTER TABLE entries RENAME TO old_entries")
    logs.execute(_entry_table("handshakes"))
    logs.execute("CREATE TABLE weeks (week INTEGER PRIMARY KEY) STRICT")
    logs.execute(
        """
        CREATE TABLE expired (
            log_id BLOB NOT NULL,
            seq INTEGER NOT NULL,
            generation INTEGER NOT NULL,
            week INTEGER NOT NULL,
            chain BLOB NOT NULL,
            links BLOB NOT NULL,
            PRIMARY KEY (log_id, seq)
        ) STRICT, WITHOUT ROWID
        """
    )
    logs.execute(
        "INSERT INTO weeks SELECT DISTINCT minute / 10080 FROM old_entries"
        " WHERE substr(header, 18, 1) = x'01'"
    )
    logs.execute(
        "INSERT INTO handshakes SELECT * FROM old_entries"
        " WHERE substr(header, 18, 1) <> x'01'"
    )
    weeks = [week for (week,) in logs.execute("SELECT week FROM weeks ORDER BY week")]
    for week in weeks:
        table = f"messages_{week}"
        logs.execute(_entry_table(table))
        logs.execute(
            f"INSERT INTO {table} SELECT * FROM old_entries"  # noqa: S608
            " WHERE substr(header, 18, 1) = x'01' AND minute / 10080 = ?",
            (week,),
        )
    logs.execute("DROP TABLE old_entries")
    logs.execute(_view_of(weeks))


def _entry_table(name: str) -> str:
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


def _view_of(weeks: list[int]) -> str:
    whole = " UNION ALL ".join(
        "SELECT log_id, seq, minute, stamp_key, stamp, chain, header, envelope,"  # noqa: S608
        " CAST(NULL AS BLOB) AS links,"
        f" CAST(NULL AS INTEGER) AS generation FROM {table}"
        for table in ("handshakes", *(f"messages_{week}" for week in weeks))
    )
    return f"""
        CREATE VIEW entries AS {whole} UNION ALL
        SELECT log_id, seq, CAST(week * 10080 AS INTEGER), CAST(0 AS INTEGER),
            CAST(NULL AS BLOB), chain, CAST(NULL AS BLOB), CAST(NULL AS BLOB),
            links, generation
        FROM expired
        """  # noqa: S608


def _count_on(logs: Connection) -> None:
    """8 → 9: how far the database has come."""
    logs.execute(
        """
        CREATE TABLE mark (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            run BLOB NOT NULL,
            count INTEGER NOT NULL,
            is_copy INTEGER NOT NULL
        ) STRICT
        """
    )


def _cut_into_branches(logs: Connection) -> None:
    """9 → 10: the branch of each commit, and the further children on its road."""
    for column in ("branch", "further"):
        logs.execute(
            f"ALTER TABLE commits ADD COLUMN {column} INTEGER NOT NULL DEFAULT 0"
        )
    logs.execute(
        """
        WITH RECURSIVE placed (log_id, seq, branch, further) AS (
            SELECT log_id, seq, seq, 0 FROM commits WHERE parent = -1
            UNION ALL
            SELECT child.log_id, child.seq,
                CASE WHEN child.seq = first.seq THEN placed.branch ELSE child.seq END,
                CASE WHEN child.seq = first.seq THEN 0 ELSE 1 END + placed.further
            FROM placed
            JOIN commits AS child
                ON child.log_id = placed.log_id AND child.parent = placed.seq
            JOIN commits AS first
                ON first.log_id = child.log_id AND first.seq = (
                    SELECT min(seq) FROM commits AS sibling
                    WHERE sibling.log_id = child.log_id
                    AND sibling.parent = child.parent
                )
        )
        UPDATE commits SET branch = placed.branch, further = placed.further
        FROM placed
        WHERE commits.log_id = placed.log_id AND commits.seq = placed.seq
        """
    )


LOG_STEPS: tuple[TableStep, ...] = (
    _split_into_weeks,
    _count_on,
    _cut_into_branches,
)
