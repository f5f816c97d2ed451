"""How well scores tell members from others: areas, and how sure they are."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from statistics import fmean

__all__ = ["Interval", "area", "interval", "pairing", "within"]

Pair = tuple[bytes, bytes]
"""Account and log."""
ROUNDS = 2_000


@dataclass(frozen=True)
class Interval:
    """A mean over towns and where 95 % of its resampled means lie."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:.3f} [{self.low:.3f}, {self.high:.3f}]"


def area(scores: Mapping[Pair, float], members: set[Pair]) -> float:
    """Return how often a member's score is above another's; ties count half."""
    others = sorted(score for pair, score in scores.items() if pair not in members)
    mine = [score for pair, score in scores.items() if pair in members]
    below = sum(bisect_left(others, s) + bisect_right(others, s) for s in mine)
    return below / (2 * len(mine) * len(others))


def within(scores: Mapping[Pair, float], members: set[Pair]) -> float:
    """Return the mean area over logs: of one log, is a member above another account?

    How large a log is, which its Welcomes tell, adds the same to all of its pairs.
    """
    found = []
    for log_id in sorted({log_id for _, log_id in members}):
        of_log = {pair: score for pair, score in scores.items() if pair[1] == log_id}
        inside = {pair for pair in members if pair in of_log}
        if 0 < len(inside) < len(of_log):
            found.append(area(of_log, inside))
    return fmean(found) if found else 0.5


def pairing(scores: Mapping[Pair, float], members: set[Pair]) -> float:
    """Return how often the right one of two pairings has the higher sum.

    Of two members of two logs, each of whom is in one of them only: who is in which?
    How busy an account or a log is adds the same to both answers.
    """
    right = total = 0.0
    pairs = sorted(members)
    for n, (one, here) in enumerate(pairs):
        for other, there in pairs[n + 1 :]:
            if (one, there) in members or (other, here) in members:
                continue
            if one == other or here == there:
                continue
            so = scores[one, here] + scores[other, there]
            else_ = scores[one, there] + scores[other, here]
            right += 1 if so > else_ + 1e-12 else 0.5 * (abs(so - else_) <= 1e-12)
            total += 1
    return right / total if total else 0.5


def interval(of_towns: list[float], seed: int = 1) -> Interval:
    """Return the mean over towns and its interval by resampling towns."""
    draw = Random(seed)
    count = len(of_towns)
    means = sorted(fmean(draw.choices(of_towns, k=count)) for _ in range(ROUNDS))
    return Interval(
        fmean(of_towns), means[ROUNDS // 40], means[ROUNDS - ROUNDS // 40 - 1]
    )
