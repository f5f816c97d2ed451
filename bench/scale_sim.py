"""Simulates a relay for millions: what breaks first, what it costs (docs/scaling.md).

    python -m bench.scale_sim [--seed N] [--relays N] [--shards N] [--set COST=VALUE]

Nothing is sent anywhere and nothing is measured: the figures follow from the costs of
single operations (`bench.scale.costs`), so a plan can be checked before it is bought.
The same seed prints the same table.
"""

import argparse
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.scale.costs import Costs, with_changes
from bench.scale.run import Cluster, Event, Outcome, Plan, run, scaled
from privity.errors import UsageError

EVENING = (19.75 * 3_600, 20.25 * 3_600)
BUSIEST = (19.95 * 3_600, 20.05 * 3_600)
OUT = Path(__file__).parents[1] / "build" / "bench" / "scale.json"
LIMITS = {
    "relay, core": 1.0,
    "shard, cores": 1.0,
    "shard, disk": 1.0,
    "bus, cores": 1.0,
    "relay, GB of connections": 4.0,
    "relay, Mbit/s out": 1_000.0,
}
"""What a machine has of it."""

STORIES = {
    "an evening": Event(),
    "one relay is lost": Event(share=0.025, jitter=30, away=30),
    "a shard is lost for a minute": Event(shard=0, outage=60),
    "all come back within 10 s": Event(share=1.0, jitter=10, away=60),
    "all come back within 2 min": Event(share=1.0, jitter=120, away=60),
    "all come back within 10 min": Event(share=1.0, jitter=600, away=600),
}


@dataclass(frozen=True, slots=True)
class Line:
    """What one story came to; `use` by name, in the unit of its limit."""

    story: str
    p50_ms: float
    p99_ms: float
    worst_s: float
    calm_after_s: float
    use: dict[str, float]

    @property
    def busiest(self) -> str:
        """Return the name of what has least room left."""
        return max(self.use, key=lambda name: self.use[name] / LIMITS[name])


def _line(name: str, outcome: Outcome) -> Line:
    return Line(
        name,
        round(outcome.quantile(0.5) * 1_000, 1),
        round(outcome.quantile(0.99) * 1_000, 1),
        round(max(outcome.delays), 1),
        outcome.calm_after,
        {name: round(value, 3) for name, value in outcome.use.items()},
    )


def _first_to_break(plan: Plan) -> tuple[float, list[str]]:
    """Grow the number of people by tenths until something has no room left."""
    factor = 1.0
    while True:
        outcome = run(scaled(plan, factor), Event(), span=BUSIEST)
        over = [name for name, most in LIMITS.items() if outcome.use[name] > most]
        if over:
            return round(factor, 2), over
        factor *= 1.1


def _needed(plan: Plan) -> dict[str, float]:
    people, cluster, costs = plan.people, plan.cluster, plan.costs
    a_day = people.messages_a_day
    return {
        "relay processes": cluster.relays,
        "shards": cluster.shards,
        "TB of entries in 30 days": round(a_day * 30 * costs.stored_bytes / 1e12, 2),
        "GB of write-ahead log a day": round(a_day * costs.wal_bytes / 1e9, 1),
        "TB sent a day": round(a_day * people.members * costs.frame_bytes / 1e12, 2),
    }


def _print(lines: list[Line], needed: dict[str, float]) -> None:
    heads = ("p50 ms", "p99 ms", "worst s", "calm after s")
    print(f"{'':30}" + "".join(f"{head:>14}" for head in heads) + "  least room")
    for it in lines:
        figures = (it.p50_ms, it.p99_ms, it.worst_s, it.calm_after_s)
        row = "".join(f"{figure:>14,}" for figure in figures)
        used = it.use[it.busiest] / LIMITS[it.busiest]
        print(f"{it.story:<30}{row}  {it.busiest}: {used:.0%}")
    for name, value in needed.items():
        print(f"{name:<30}{value:>14,}")


def main() -> None:
    """Simulate what the arguments say; print it, write `build/bench/scale.json`."""
    parser = argparse.ArgumentParser(description="Simulates a relay for millions.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--relays", type=int, default=Cluster().relays)
    parser.add_argument("--shards", type=int, default=Cluster().shards)
    parser.add_argument("--set", action="append", default=[], metavar="COST=VALUE")
    asked = parser.parse_args()
    try:
        costs = with_changes(Costs(), asked.set)
    except UsageError as error:
        parser.error(str(error))
    cluster = Cluster(asked.relays, asked.shards)
    _simulate(Plan(cluster=cluster, costs=costs, seed=asked.seed))


def _simulate(plan: Plan) -> None:
    stories = STORIES.items()
    lines = [_line(name, run(plan, event, span=EVENING)) for name, event in stories]
    needed = _needed(plan)
    _print(lines, needed)
    factor, broken = _first_to_break(plan)
    print(f"with {factor} times as many people: no room for {', '.join(broken)}")
    found = {
        "v": 1,
        "seed": plan.seed,
        "costs": asdict(plan.costs),
        "stories": [asdict(line) for line in lines],
        "needed": needed,
        "breaks": {"factor": factor, "names": broken},
    }
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
