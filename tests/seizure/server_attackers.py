"""Those who have a PostgreSQL server's disk: what the others do, and two of their own.

One count of transactions and one log run over all databases of a server. Whatever names
an account shortly before or behind what names a log was likely done by the same person.
"""

from collections import Counter
from math import sqrt

from tests.seizure.areas import Pair
from tests.seizure.attackers import ATTACKERS, Attacker
from tests.seizure.seized_server import Happened, SeizedServer

__all__ = ["SERVER_ATTACKERS"]

REACH = 6
"""How many transactions lie between two acts of one person, at most."""


def transactions(disk: SeizedServer) -> dict[Pair, float]:
    """Which transactions wrote the rows of accounts, beside those of logs."""
    return _beside(disk, disk.written())


def own_log(disk: SeizedServer) -> dict[Pair, float]:
    """What the server's own log says of accounts, beside what it says of logs."""
    return _beside(disk, disk.remembered())


def _beside(disk: SeizedServer, happened: list[Happened]) -> dict[Pair, float]:
    """Score by how often the two stand together, for how often each stands anywhere."""
    scores = {(a, log): 0.0 for a in disk.accounts for log in disk.logs}
    times = Counter(one.name for one in happened)
    logs, begin = set(disk.logs), 0
    for one in (one for one in happened if one.name in logs):
        while happened[begin].place < one.place - REACH:
            begin += 1
        for other in happened[begin:]:
            if other.place > one.place + REACH:
                break
            if other.name not in logs:
                gap = abs(other.place - one.place)
                scores[other.name, one.name] += 1 / (1 + gap)
    return {
        (account, log): score / sqrt(1 + times[account] * times[log])
        for (account, log), score in scores.items()
    }


SERVER_ATTACKERS: dict[str, Attacker] = {
    **{name: one for name, one in ATTACKERS.items() if name != "write-ahead logs"},
    "transactions": transactions,
    "the server's own log": own_log,
}
