"""The road from where a device stood: whether it forks before an answer's commit.

docs/spec/plea.md. Which of two children is the valid one only members can tell, and
who was removed can lie about it. Where no parent on the way has a second child, there
is nothing to lie about; and where the last has no child, no newer epoch is kept back.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from privity.wire.limits import ROAD_COMMITS

__all__ = ["Way", "is_straight", "is_whole"]


@dataclass(frozen=True, slots=True)
class Way:
    """From the commit `start` to `goal`.

    Children of `start` up to `judged` this device has found invalid itself.
    """

    start: int
    judged: int
    goal: int


def is_straight(way: Way, commits: Iterable[tuple[int, int]]) -> bool:
    """Tell whether each commit on a way is an only child, and the last has none.

    `commits` are (seq, parent) as the relay tells them; what it leaves out is no road.
    """
    children: dict[int, set[int]] = {}
    for seq, parent in commits:
        if seq > parent and (parent != way.start or seq > way.judged):
            children.setdefault(parent, set()).add(seq)
    at = way.start
    while at != way.goal:
        behind = children.get(at, set())
        if len(behind) != 1:
            return False
        (at,) = behind
    return not children.get(at)


def is_whole(commits: tuple[tuple[int, int], ...]) -> bool:
    """Tell whether these are all commits of a generation, and not the first ones."""
    return len(commits) < ROAD_COMMITS
