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

STRAIGHT = 4
"""Places for answers of those roads that have the fewest further children."""

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


@dataclass(frozen=True, slots=True)
class _Answer:
    """An answer to a plea, and where its generation stands."""

    number: int
    generation: int
    further: int
    closed_by: int

    @property
    def is_closed(self) -> bool:
        """Whether an opening under its generation was stored since."""
        return self.closed_by != 0


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

    Where eight are there one of nine goes, mostly the newest of a generation that has
    more than others; if that is the newcomer, it has no room.
    """
    rows = logs.execute(
        "SELECT a.number, a.generation, c.further, g.closed_by FROM answers AS a"
        " JOIN commits AS c ON c.log_id = a.log_id AND c.seq = a.generation"
        " JOIN generations AS g"
        "  ON g.log_id = a.log_id AND g.generation = a.generation"
        " WHERE a.log_id = ? AND a.plea_id = ? ORDER BY a.number",
        (log_id, plea_id),
    ).fetchall()
    if len(rows) < limits.ANSWERS_PER_PLEA:
        return True
    there = [_Answer(number, *whose) for number, *whose in rows]
    further, closed_by = logs.execute(
        "SELECT c.further, g.closed_by FROM commits AS c JOIN generations AS g"
        " ON g.log_id = c.log_id AND g.generation = c.seq"
        " WHERE c.log_id = ? AND c.seq = ?",
        (log_id, generation),
    ).fetchone()
    newcomer = _Answer(there[-1].number + 1, generation, further, closed_by)
    gone = _least_wanted([*there, newcomer])
    if gone is newcomer:
        return False
    logs.execute(
        "DELETE FROM answers WHERE log_id = ? AND plea_id = ? AND number = ?",
        (log_id, plea_id, gone.number),
    )
    return True


def _least_wanted(answers: list[_Answer]) -> _Answer:
    """Return which of the answers to a plea goes first; they are in order of coming.

    Four places are for those with the fewest further children on their road: who was
    removed has paid for at least one more than the chat. But a member can make a first
    child that its chat has to go round, before it is removed; so the other places are
    shared by generations. Those of closed ones go first: a chain of openings counts
    as its last.
    """
    straight = sorted(
        _in_turn(answers), key=lambda at: (at[1].is_closed, at[1].further, at[0])
    )
    kept = {one.number for _, one in straight[:STRAIGHT]}
    rest = [one for one in answers if one.number not in kept]
    return max(_in_turn(rest), key=lambda at: (at[1].is_closed, at[0], at[1].number))[1]


def _in_turn(answers: list[_Answer]) -> list[tuple[int, _Answer]]:
    """Return answers behind how many of the same generation came before each."""
    before: Counter[int] = Counter()
    found: list[tuple[int, _Answer]] = []
    for one in answers:
        found.append((before[one.generation], one))
        before[one.generation] += 1
    return found


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
