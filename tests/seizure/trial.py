"""One town, its disk seized twice, and what each attacker made of it."""

import asyncio
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from unittest import mock

from tests.seizure.areas import Pair, area, pairing, within
from tests.seizure.attackers import ATTACKERS, Attacker, all_together
from tests.seizure.grounds import Ground, OnFiles, OnServer, Tending
from tests.seizure.plants import PLANTS
from tests.seizure.relay_on_disk import DAY, HONEST, Plant, RelayOnDisk
from tests.seizure.scripted_town import ScriptedTown, Sizes
from tests.seizure.seized import Seized
from tests.seizure.server_attackers import SERVER_ATTACKERS

__all__ = [
    "TOGETHER",
    "Found",
    "Trial",
    "try_on_server",
    "try_planted",
    "try_town",
]

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
    of_the_week: dict[str, Found]
    """Of the rested disk, asked for those alone who joined within the last week."""
    secrets: int
    """How many times a secret was found on either disk."""


def try_town(seed: int, plant: Plant = HONEST, sizes: Sizes | None = None) -> Trial:
    """Live, seize and attack; needs some 30 MB where temporary files are."""
    return _on_ground(OnFiles(), ATTACKERS, seed, plant, sizes)


def try_on_server(
    tending: Tending, seed: int, sizes: Sizes, plant: Plant = HONEST
) -> Trial:
    """Do the same with a PostgreSQL server; needs some 500 MB."""
    return _on_ground(OnServer(tending), SERVER_ATTACKERS, seed, plant, sizes)


def try_planted(
    name: str, seed: int, sizes: Sizes | None = None, *, spill: bool = False
) -> Trial:
    """Do the same with a relay that leaks what the attacker `name` looks for.

    One that `spill`s writes what people say into its log of events as well.
    """
    plant = replace(PLANTS[name], spills=spill)
    return try_town(seed, plant, sizes)


def _on_ground(
    ground: Ground,
    attackers: Mapping[str, Attacker],
    seed: int,
    plant: Plant,
    sizes: Sizes | None,
) -> Trial:
    try:
        with tempfile.TemporaryDirectory(prefix="seizure-", dir=_MEMORY) as folder:
            running = Path(folder) / "run"
            running.mkdir()
            draws = Random(seed)
            relay = RelayOnDisk(running, draws, plant, ground)
            town = ScriptedTown(relay, seed + 1_000_000, sizes or Sizes())
            since, copies = asyncio.run(_live(town, draws, Path(folder)))
            return _attack(town, seed, since, copies, attackers)
    finally:
        ground.close()


async def _live(
    town: ScriptedTown, draws: Random, folder: Path
) -> tuple[float, tuple[Seized, Seized]]:
    """Return when the last day began, and the disk of then and of two days later."""
    relay = town.relay
    try:
        with mock.patch.object(secrets, "randbelow", draws.randrange):
            await town.live()
        fresh = relay.ground.seize(relay.data, folder / "fresh")
        since = relay.now - DAY
        await town.rest()
        return since, (fresh, relay.ground.seize(relay.data, folder / "rested"))
    finally:
        await relay.close()


def _attack(
    town: ScriptedTown,
    seed: int,
    since: float,
    copies: tuple[Seized, Seized],
    attackers: Mapping[str, Attacker],
) -> Trial:
    fresh, rested = copies
    ever, lately = town.members(), town.members(since)
    of_the_week = town.members(since - 6 * DAY)
    held = [*fresh.files.values(), *rested.files.values()]
    secrets = sum(data.count(one) for one in town.secrets() for data in held)
    trial = Trial(
        seed=seed,
        entries=sum(len(log.minutes) for log in rested.logs.values()),
        memberships=len(ever),
        rested=_outcome(attackers, rested, ever, set()),
        fresh=_outcome(attackers, fresh, lately, ever - lately),
        of_the_week=_outcome(attackers, rested, of_the_week, ever - of_the_week),
        secrets=secrets,
    )
    fresh.close()
    rested.close()
    return trial


def _outcome(
    attackers: Mapping[str, Attacker],
    disk: Seized,
    members: set[Pair],
    left_out: set[Pair],
) -> dict[str, Found]:
    scores = {name: attack(disk) for name, attack in attackers.items()}
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
