"""One town, its disk seized twice, and what each attacker made of it."""

import asyncio
import secrets
import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from unittest import mock

from tests.seizure.areas import Pair, area, pairing, within
from tests.seizure.attackers import ATTACKERS, all_together
from tests.seizure.plants import PLANTS
from tests.seizure.relay_on_disk import DAY, HONEST, Plant, RelayOnDisk
from tests.seizure.scripted_town import ScriptedTown, Sizes
from tests.seizure.seized import Seized

__all__ = ["TOGETHER", "Found", "Trial", "try_planted", "try_town"]

TOGETHER = "all together"
_MEMORY = next((room for room in (Path("/dev/shm"),) if room.is_dir()), None)
"""On a real disk a town waits half a minute for its fsyncs."""


@dataclass(frozen=True)
class Found:
    """What one attacker reached on one disk."""

    area: float
    within: float
    pairing: float


@dataclass(frozen=True)
class Trial:
    """One town: `rested` is a day old and more, `fresh` was seized in the midst."""

    seed: int
    entries: int
    memberships: int
    rested: dict[str, Found]
    fresh: dict[str, Found]
    secrets: int
    """How many times a secret was found on either disk."""


def try_town(seed: int, plant: Plant = HONEST, sizes: Sizes | None = None) -> Trial:
    """Live, seize and attack; needs some 30 MB where temporary files are."""
    return asyncio.run(_try(seed, plant, sizes or Sizes()))


def try_planted(
    name: str, seed: int, sizes: Sizes | None = None, *, spill: bool = False
) -> Trial:
    """Do the same with a relay that leaks what the attacker `name` looks for.

    One that `spill`s writes what people say into its log of events as well.
    """
    plant = replace(PLANTS[name], spills=spill)
    return try_town(seed, plant, sizes)


async def _try(seed: int, plant: Plant, sizes: Sizes) -> Trial:
    with tempfile.TemporaryDirectory(prefix="seizure-", dir=_MEMORY) as folder:
        running, fresh, rested = (Path(folder) / n for n in ("run", "fresh", "rested"))
        running.mkdir()
        draws = Random(seed)
        relay = RelayOnDisk(running, draws, plant)
        town = ScriptedTown(relay, seed + 1_000_000, sizes)
        try:
            with mock.patch.object(secrets, "randbelow", draws.randrange):
                await town.live()
            shutil.copytree(running, fresh)
            since = relay.now - DAY
            await town.rest()
            shutil.copytree(running, rested)
        finally:
            await relay.close()
        return _attack(town, seed, since, (fresh, rested))


def _attack(
    town: ScriptedTown, seed: int, since: float, copies: tuple[Path, Path]
) -> Trial:
    fresh, rested = (Seized(copy) for copy in copies)
    ever, lately = town.members(), town.members(since)
    held = [*fresh.files.values(), *rested.files.values()]
    secrets = sum(data.count(one) for one in town.secrets() for data in held)
    trial = Trial(
        seed=seed,
        entries=sum(len(log.minutes) for log in rested.logs.values()),
        memberships=len(ever),
        rested=_outcome(rested, ever, set()),
        fresh=_outcome(fresh, lately, ever - lately),
        secrets=secrets,
    )
    fresh.close()
    rested.close()
    return trial


def _outcome(disk: Seized, members: set[Pair], left_out: set[Pair]) -> dict[str, Found]:
    scores = {name: attack(disk) for name, attack in ATTACKERS.items()}
    scores[TOGETHER] = all_together(scores)
    logs = {log_id for _, log_id in members}
    outcome = {}
    for name, of_pairs in scores.items():
        judged = {
            pair: score
            for pair, score in of_pairs.items()
            if pair not in left_out and pair[1] in logs
        }
        outcome[name] = Found(
            area(judged, members), within(judged, members), pairing(of_pairs, members)
        )
    return outcome
