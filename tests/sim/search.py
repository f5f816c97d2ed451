"""Many seeds in a bounded time, on several processes; or one, told whole."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from tests.sim.percentiles import percentiles
from tests.sim.promised import AGREE, LAST, LOST, ORDER, OWN, TWICE
from tests.sim.run import Result, run
from tests.sim.schedule import FIRST_AMONG_VANDALS, FIRST_REFOUND
from tests.sim.shrink import shrink
from tests.sim.story import story

__all__ = ["Tally", "many", "once", "write_summary"]

SUMMARY = Path("build/chaos/summary.json")
AT_ONCE = 20
"""Seeds that a process takes at a time."""
STORIES = 3
"""How many failures are shrunk and told; the rest are named by their seed."""


@dataclass
class Tally:
    """What many runs came to."""

    runs: int = 0
    messages: int = 0
    kills: int = 0
    broken: Counter[str] = field(default_factory=Counter)
    failed: list[Result] = field(default_factory=list)
    heals: dict[str, list[int]] = field(default_factory=dict)
    """Milliseconds of virtual time, by what disturbed somebody."""

    def add(self, result: Result) -> None:
        """Count one run."""
        self.runs += 1
        self.messages += result.messages
        self.kills += result.kills
        self.broken.update(promise for promise, _ in result.faults)
        if result.faults:
            self.failed.append(result)
        for cause, took_ms in result.heals:
            self.heals.setdefault(cause, []).append(took_ms)


def once(seed: int) -> int:
    """Run one seed, tell what happened, and shrink it if it fails."""
    result = run(seed)
    print("\n".join(result.lines))
    if not result.faults:
        print(f"seed {seed} breaks nothing")
        return 0
    print(story(result, shrink(result)))
    return 1


def many(seeds: range, seconds: float, processes: int) -> int:
    """Run seeds for a time at most; write the summary, tell the failures."""
    started = time.monotonic()
    tally = search(seeds, started + seconds, processes)
    took = time.monotonic() - started
    print(f"{tally.runs} runs, {tally.messages} messages, {tally.kills} kills")
    for line in percentiles(tally.heals, "virtual s", 1_000):
        print(line)
    write_summary(tally, took)
    for failed in tally.failed[:STORIES]:
        print(story(failed, shrink(failed)))
    for failed in tally.failed[STORIES:]:
        print(f"seed {failed.seed} breaks {', '.join(sorted(failed.promises))}")
    return 1 if tally.failed else 0


def search(seeds: range, until: float, processes: int) -> Tally:
    """Return what these seeds come to, until a monotonic time."""
    tally = Tally()
    shares = _shares(seeds)
    with ProcessPoolExecutor(processes) as pool:
        some = islice(shares, processes)
        waiting = [pool.submit(_some, share, until) for share in some]
        while waiting:
            for result in waiting.pop(0).result():
                tally.add(result)
            share = next(shares, None)
            if share is not None and time.monotonic() < until:
                waiting.append(pool.submit(_some, share, until))
    return tally


def _shares(seeds: range) -> Iterator[range]:
    """Give seeds as processes take them; behind every fifth share some of refounds.

    And behind every tenth some of refounds among vandals.
    """
    for number, at in enumerate(range(0, len(seeds), AT_ONCE)):
        yield seeds[at : at + AT_ONCE]
        if number % 5 == 4 and seeds.start < FIRST_REFOUND:
            first = FIRST_REFOUND + (seeds.start + at) // 5
            yield range(first, first + AT_ONCE)
        if number % 10 == 9 and seeds.start < FIRST_REFOUND:
            first = FIRST_AMONG_VANDALS + (seeds.start + at) // 10
            yield range(first, first + AT_ONCE)


def _some(seeds: range, until: float) -> list[Result]:
    found = []
    for seed in seeds:
        if time.monotonic() > until:
            break
        found.append(run(seed))
    return found


def write_summary(tally: Tally, seconds: float) -> None:
    """Write build/chaos/summary.json."""
    summary = {
        "v": 1,
        "messages": tally.messages,
        "lost": sum(tally.broken[one] for one in (LAST, LOST, OWN)),
        "twice": tally.broken[TWICE],
        "out_of_order": tally.broken[ORDER],
        "disagreements": tally.broken[AGREE],
        "kills": tally.kills,
        "heals": {cause: len(took) for cause, took in sorted(tally.heals.items())},
        "seconds": round(seconds, 1),
    }
    SUMMARY.parent.mkdir(parents=True, exist_ok=True)
    SUMMARY.write_text(json.dumps(summary) + "\n")
