"""The towns on PostgreSQL: as it comes, tended, and with a relay that leaks on purpose.

Small ones: a transaction on a server costs what ten cost in a file. What is claimed of
rows holds on both; here the two attackers are judged that only a server has.
"""

import os
from collections.abc import Sequence
from concurrent.futures import Executor
from functools import partial

from postgres_cluster import bin_folder

from tests.seizure.areas import interval
from tests.seizure.attackers import KNOWN
from tests.seizure.grounds import AS_IT_COMES, TENDED, Tending
from tests.seizure.plants import UNTURNED
from tests.seizure.relay_on_disk import HONEST, Plant
from tests.seizure.scripted_town import Sizes
from tests.seizure.server_attackers import SERVER_ATTACKERS
from tests.seizure.trial import TOGETHER, Found, Trial, try_on_server

__all__ = ["SMALL", "try_servers"]

SMALL = Sizes(accounts=16, chats=12, messages=300, chats_of_the_last_day=2)
MARGIN = 0.05
SEEN = 0.6
OWN = ("transactions", "the server's own log")
"""Those that only a server has."""


def try_servers(pool: Executor, seeds: Sequence[int]) -> list[str]:
    """Run and print all; returns what is not as claimed."""
    if not seeds:
        return []
    if bin_folder() is None:
        print("no PostgreSQL here: nothing of it was measured")
        return ["PostgreSQL is missing"] if os.environ.get("CI") == "true" else []
    tended = _towns(pool, "tended", TENDED, HONEST, seeds)
    plain = _towns(pool, "as it comes", AS_IT_COMES, HONEST, seeds)
    leaking = _towns(pool, UNTURNED.name, TENDED, UNTURNED, seeds[:1])
    failures = [
        f"PostgreSQL, seed {trial.seed}: {trial.secrets} secrets on the disk"
        for trial in (*tended, *plain)
        if trial.secrets
    ]
    failures += [
        f"{name}, tended: not within 0.5 ± {MARGIN}"
        for name in OWN
        for one in (_area(tended, name), _pairing(tended, name))
        if abs(one - 0.5) > MARGIN
    ]
    for name, trials in ((OWN[1], plain), (OWN[0], leaking)):
        if _pairing(trials, name) < SEEN:
            failures.append(f"{name}: a leak went unseen")
    return failures


def _towns(
    pool: Executor, title: str, tending: Tending, plant: Plant, seeds: Sequence[int]
) -> list[Trial]:
    live = partial(try_on_server, tending, sizes=SMALL, plant=plant)
    trials = list(pool.map(live, seeds))
    print(f"PostgreSQL, {title}: {len(trials)} towns")
    heads = ("pairs", "pairings", "of the week: pairs", "pairings", "fresh: pairs")
    print(f"{'attacker':24}" + "".join(f"{head:23}" for head in heads))
    for name in (*SERVER_ATTACKERS, TOGETHER):
        columns = (
            [_of(one.rested[name], name) for one in trials],
            [one.rested[name].pairing for one in trials],
            [_of(one.of_the_week[name], name) for one in trials],
            [one.of_the_week[name].pairing for one in trials],
            [one.fresh[name].area for one in trials],
        )
        print(f"{name:24}" + "".join(f"{interval(one)!s:23}" for one in columns))
    return trials


def _of(found: Found, name: str) -> float:
    return found.within if name in KNOWN else found.area


def _area(trials: list[Trial], name: str) -> float:
    return interval([trial.rested[name].area for trial in trials]).mean


def _pairing(trials: list[Trial], name: str) -> float:
    return interval([trial.rested[name].pairing for trial in trials]).mean
