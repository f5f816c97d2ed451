"""Real relays and clients under faults: ``python -m tests.chaos.live``.

A seed draws the faults and who says what; when exactly something happens is up to the
machine, so a seed that failed is likely to fail again, and no more.
"""

import argparse
import asyncio
import json
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.chaos.faults import KILLS, draw, strike
from tests.chaos.healing import Healing
from tests.chaos.verdict import Fault
from tests.chaos.village import Village
from tests.sim.percentiles import percentiles

__all__ = ["Outcome", "Plan", "live", "main"]

HEALED = 120.0
SUMMARY = Path("build/chaos/lives.json")


@dataclass(frozen=True)
class Plan:
    """How much of everything."""

    seed: int
    messages: int
    kills: int
    seconds: float = 36_000.0
    """After how long it ends, with whatever there was by then."""


@dataclass
class Outcome:
    """What came of a run."""

    messages: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    broken: list[Fault] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    heals: dict[str, list[int]] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def kills(self) -> int:
        """How many processes were killed."""
        return sum(self.faults[what] for what in KILLS)


async def live(plan: Plan, home: Path) -> Outcome:
    """Live through a plan in `home`; the outcome says what broke."""
    rng = random.Random(plan.seed)
    outcome = Outcome()
    began = time.monotonic()
    async with Village(home, rng) as village:
        await village.meet()
        print(f"they met after {time.monotonic() - began:.0f} s", flush=True)
        await _endure(plan, village, outcome)
        await village.rest()
        outcome.broken = await village.judge()
        outcome.messages = village.said
        for person in village.people:
            outcome.counts.update(person.counts)
    outcome.seconds = time.monotonic() - began
    return outcome


async def _endure(plan: Plan, village: Village, outcome: Outcome) -> None:
    """Let them talk and strike them, in step, until there was enough of both."""
    rng = random.Random(f"faults {plan.seed}")

    def due() -> float:
        return plan.messages * outcome.kills / max(plan.kills, 1)

    def may_speak() -> bool:
        return village.said < min(
            due() + plan.messages * 6 / max(plan.kills, 6), plan.messages
        )

    def over() -> bool:
        return bool(village.faults) or time.monotonic() - village.began > plan.seconds

    work = [asyncio.create_task(village.talk(p, may_speak)) for p in village.people]
    work.append(asyncio.create_task(village.change()))
    while outcome.kills < plan.kills and not over():
        await village.until(lambda: village.said >= due() or over(), plan.seconds)
        await _wave(village, rng, outcome)
        tell(village, outcome)
    await village.until(lambda: village.said >= plan.messages or over(), plan.seconds)
    village.quiet = True
    await asyncio.gather(*work)


async def _wave(village: Village, rng: random.Random, outcome: Outcome) -> None:
    """Strike, and see it healed."""
    struck = draw(rng, len(village.people))
    rngs = [random.Random(rng.random()) for _ in struck]
    strikes = (strike(village, *one, r) for one, r in zip(struck, rngs, strict=True))
    happened = await asyncio.gather(*strikes)
    healing = Healing(village)
    outcome.faults.update(happened)
    if not await village.until(healing.look, HEALED):
        village.faults.append(("all is healed", f"{happened}: {healing.waits_for()}"))
    took = round((time.monotonic() - healing.began) * 1000)
    cause = happened[0] if len(happened) == 1 else "several at once"
    outcome.heals.setdefault(cause, []).append(took)
    village.note(healed=happened, ms=took)


def tell(village: Village, outcome: Outcome) -> None:
    """Say now and then how far it is."""
    if sum(outcome.faults.values()) % 10 == 0:
        at = time.monotonic() - village.began
        print(f"{at:.0f} s: {village.said} said, {outcome.kills} kills", flush=True)


def summary(plan: Plan, outcome: Outcome) -> str:
    """Return what a run came to, for people."""
    faults = sum(outcome.faults.values())
    first = (
        f"{outcome.messages} messages, {faults} faults, {outcome.kills} of them kills"
        f" of real processes, in {outcome.seconds:.0f} s (seed {plan.seed})"
    )
    lines = [first]
    lines += percentiles(outcome.heals, "real s", 1_000)
    lines += [f"  {what}: {count}" for what, count in sorted(outcome.counts.items())]
    lines += [f"  BROKEN {promise}: {how}" for promise, how in outcome.broken]
    return "\n".join(lines)


def write_summary(plan: Plan, outcome: Outcome) -> None:
    """Write build/chaos/lives.json."""
    told = {
        "v": 1,
        "seed": plan.seed,
        "messages": outcome.messages,
        "kills": outcome.kills,
        "faults": outcome.faults,
        "heals": outcome.heals,
        "counts": outcome.counts,
        "broken": outcome.broken,
        "seconds": round(outcome.seconds, 1),
    }
    SUMMARY.parent.mkdir(parents=True, exist_ok=True)
    SUMMARY.write_text(json.dumps(told) + "\n")


async def _stoppable(plan: Plan, home: Path) -> Outcome:
    """Live through a plan; SIGTERM ends it with all of its processes."""
    running = asyncio.ensure_future(live(plan, home))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
    return await running


def main(arguments: list[str]) -> int:
    """Run one plan and return the exit status; a failure keeps its directory."""
    parser = argparse.ArgumentParser(prog="live", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--messages", type=int, default=5_000)
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--seconds", type=float, default=36_000, help="at most")
    asked = parser.parse_args(arguments)
    home = Path(tempfile.mkdtemp(prefix="privity-chaos-"))
    plan = Plan(asked.seed, asked.messages, asked.kills, asked.seconds)
    outcome = asyncio.run(_stoppable(plan, home))
    write_summary(plan, outcome)
    print(summary(plan, outcome))
    if outcome.broken:
        print(f"kept: {home} (journal.jsonl is the story)")
        return 1
    shutil.rmtree(home)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
