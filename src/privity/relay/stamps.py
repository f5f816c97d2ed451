"""The relay's stamp keys: one a month, in the log side's database.

A key's id is its month, counted from the year 0, and tells no more than the minute
that stands beside each stamp. docs/spec/entry.md says what a stamp covers.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from privity.relay.storage.store import Connection

__all__ = ["StampKey", "StampKeys", "month_of"]

KEY_SIZE = 32


@dataclass(frozen=True, slots=True)
class StampKey:
    """A key and its id."""

    id: int
    key: bytes = field(repr=False)


class StampKeys:
    """Gives the month's key, and makes it when the month begins."""

    def __init__(self, random: Callable[[int], bytes]) -> None:
        self._random = random
        self._minute = -1
        self._current = StampKey(-1, b"")

    def current(self, logs: Connection, minute: int) -> StampKey:
        """Return the key for this minute; part of the step that stamps with it."""
        if minute == self._minute:
            return self._current
        month = month_of(minute)
        logs.execute(
            "INSERT INTO stamp_keys (id, key) VALUES (?, ?) ON CONFLICT DO NOTHING",
            (month, self._random(KEY_SIZE)),
        )
        row = logs.execute("SELECT key FROM stamp_keys WHERE id = ?", (month,))
        self._current = StampKey(month, row.fetchone()[0])
        self._minute = minute
        return self._current

    def forget(self) -> None:
        """Read the key again: the step that made it may have been undone."""
        self._minute = -1


def month_of(minute: int) -> int:
    """Return the id of the key for a minute (Unix time / 60)."""
    date = datetime.fromtimestamp(minute * 60, UTC)
    return date.year * 12 + date.month - 1
