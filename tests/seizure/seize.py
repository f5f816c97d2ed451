"""The whole trial: `make seizure`. Twenty towns, then relays that leak on purpose.

Then small towns on PostgreSQL, where that is installed.

python -m tests.seizure.seize [--towns 20] [--server-towns 2]
"""

import argparse
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "harness"))

from tests.seizure.areas import interval
from tests.seizure.attackers import ATTACKERS, KNOWN
from tests.seizure.plants import PLANTS
from tests.seizure.seize_server import try_servers
from tests.seizure.trial import TOGETHER, Trial, try_planted, try_town

MARGIN = 0.05
PLANTED_TOWNS = 4
PLANTED_LEAST = 0.9


def main(arguments: list[str]) -> int:
    """Run all of it and print the table; returns 1 if anything is not as claimed."""
    parser = argparse.ArgumentParser(prog="seize", description=__doc__)
    parser.add_argument("--towns", type=int, default=20)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--server-towns", type=int, default=2)
    options = parser.parse_args(arguments)
    seeds = range(options.first, options.first + options.towns)
    began = time.monotonic()
    failures: list[str] = []
    with ProcessPoolExecutor(options.processes) as pool:
        if seeds:
            failures += _judge(list(pool.map(try_town, seeds)))
        for name in PLANTS if seeds else ():
            trials = pool.map(partial(try_planted, name), seeds[:PLANTED_TOWNS])
            failures += _judge_plant(name, list(trials))
        first = options.first
        failures += try_servers(pool, range(first, first + options.server_towns))
    print(f"{time.monotonic() - began:.0f} seconds")
    for failure in failures:
        print(failure)
    return int(bool(failures))


def _judge(trials: list[Trial]) -> list[str]:
    entries = sum(trial.entries for trial in trials)
    members = sum(trial.memberships for trial in trials)
    print(f"{len(trials)} towns, {entries} entries, {members} memberships")
    titles = ("pairs", "of one log", "pairings", "fresh: pairs", "pairings")
    print(f"{'attacker':24}" + "".join(f"{title:23}" for title in titles))
    failures = [
        f"seed {trial.seed}: {trial.secrets} secrets on the disk"
        for trial in trials
        if trial.secrets
    ]
    for name in (*ATTACKERS, TOGETHER):
        rested = [trial.rested[name] for trial in trials]
        fresh = [trial.fresh[name] for trial in trials]
        areas = interval([found.area for found in rested])
        of_one_log = interval([found.within for found in rested])
        pairings = interval([found.pairing for found in rested])
        columns = (
            areas,
            of_one_log,
            pairings,
            interval([found.area for found in fresh]),
            interval([found.pairing for found in fresh]),
        )
        print(f"{name:24}" + "".join(f"{column!s:23}" for column in columns))
        judged = [of_one_log if name in KNOWN else areas, pairings]
        if any(max(0.5 - one.low, one.high - 0.5) > MARGIN for one in judged):
            failures.append(f"{name}: not within 0.5 ± {MARGIN}")
    return failures


def _judge_plant(name: str, trials: list[Trial]) -> list[str]:
    areas = interval([trial.rested[name].area for trial in trials])
    pairings = interval([trial.rested[name].pairing for trial in trials])
    print(f"planted, {PLANTS[name].name}: {areas} {pairings}")
    if pairings.mean >= PLANTED_LEAST:
        return []
    return [f"{name}: a planted leak went unseen"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
