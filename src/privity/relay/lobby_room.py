"""Who makes room in a lobby that is full: whoever has taken most of it.

A relay can't tell a plea from junk, nor a live branch from a dead one; it sees which
generation's key signed. So no generation keeps the others out: docs/adr/0011.

Each function is a step on the database, and costs what one lobby holds.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from privity.relay.storage.store import Connection
from privity.wire import limits

__all__ = ["forget_pleas", "make_room_for_answer", "make_room_for_plea"]

_WAITING = (
    "SELECT plea_id, generation,"
    " EXISTS (SELECT 1 FROM answers AS a"
    "  WHERE a.log_id = p.log_id AND a.plea_id = p.plea_id),"
    " EXISTS (SELECT 1 FROM dropped_pleas AS d"
    "  WHERE d.log_id = p.log_id AND d.plea_id = p.plea_id)"
    " FROM pleas AS p WHERE log_id = ? ORDER BY number"
)


@dataclass(frozen=True, slots=True)
class _Plea:
    """A plea of a lobby, whoever answered or dropped it."""

    plea_id: bytes
    generation: int
    is_answered: bool
    is_dropped: bool

    def waits(self, generation: int) -> bool:
        """Whether it is of this generation, and nobody has done anything with it."""
        is_open = not self.is_answered and not self.is_dropped
        return is_open and self.generation == generation


def make_room_for_plea(logs: Connection, log_id: bytes, generation: int) -> None:
    """Delete what is too much once a plea of `generation` comes.

    Of four that wait the oldest; in a full lobby the oldest that somebody dropped, and
    if nobody did, the oldest of the generation that has the most.
    """
    pleas = [_Plea(*row) for row in logs.execute(_WAITING, (log_id,))]
    waiting = [plea for plea in pleas if plea.waits(generation)]
    if len(waiting) >= limits.PLEAS_PER_GENERATION:
        forget_pleas(logs, [(log_id, waiting[0].plea_id)])
    elif len(pleas) >= limits.PLEAS_PER_LOG:
        forget_pleas(logs, [(log_id, _least_missed(pleas).plea_id)])


def _least_missed(pleas: list[_Plea]) -> _Plea:
    dropped = [plea for plea in pleas if plea.is_dropped]
    fullest = _fullest(plea.generation for plea in pleas)[0]
    own = [plea for plea in pleas if plea.generation == fullest]
    return (dropped or own)[0]


def make_room_for_answer(
    logs: Connection, log_id: bytes, plea_id: bytes, generation: int
) -> bool:
    """Tell whether a plea takes an answer of `generation`; delete what that needs.

    Where eight are there, the newest of the generation that has the most goes, if it
    would still have as many as this one then.
    """
    there = logs.execute(
        "SELECT number, generation FROM answers WHERE log_id = ? AND plea_id = ?"
        " ORDER BY number",
        (log_id, plea_id),
    ).fetchall()
    if len(there) < limits.ANSWERS_PER_PLEA:
        return True
    fullest, most = _fullest(whose for _, whose in there)
    if most <= sum(whose == generation for _, whose in there) + 1:
        return False
    newest = [number for number, whose in there if whose == fullest][-1]
    logs.execute(
        "DELETE FROM answers WHERE log_id = ? AND plea_id = ? AND number = ?",
        (log_id, plea_id, newest),
    )
    return True


def _fullest(generations: Iterable[int]) -> tuple[int, int]:
    """Return which generation is there most often (the oldest such), and how often."""
    counts = Counter(generations)
    most = max(counts.values())
    return min(one for one, count in counts.items() if count == most), most


def forget_pleas(logs: Connection, places: list[tuple[bytes, bytes]]) -> None:
    """Delete pleas, by log id and own id, with all that belongs to them."""
    for table in ("answers", "dropped_pleas", "pleas"):
        logs.executemany(
            f"DELETE FROM {table} WHERE log_id = ? AND plea_id = ?",  # noqa: S608
            places,
        )
