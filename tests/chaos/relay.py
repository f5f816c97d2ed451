"""`make chaos-relay`: relays, PostgreSQL and NATS are killed -9 at random, under load.

Three relay processes on one PostgreSQL and one NATS where both are here, else one on
SQLite. Every acknowledged message is accounted for by a journal of its own
(`build/chaos/relay.jsonl`); `build/chaos/relay.json` has the figures.
"""

import argparse
import asyncio
import json
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from demo.storm.fleet import can_be_many, muster
from demo.storm.journal import Journal
from demo.storm.raging import Plan, Storm, percentile
from demo.storm.table import Table, closing_lines, faults_lines

BUILD = Path(__file__).resolve().parents[2] / "build" / "chaos"
CHATS = 8


def main(arguments):
    """Rage once and return the exit status; a failure keeps its directory."""
    parser = argparse.ArgumentParser(prog="chaos-relay", description=__doc__)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--relays", type=int, default=3)
    parser.add_argument("--per-second", type=float, default=40, help="of each sender")
    asked = parser.parse_args(arguments)
    missing = can_be_many() if asked.relays > 1 else "one relay was asked for"
    relays = 1 if missing else asked.relays
    print(
        f"{relays} relay processes on {'SQLite' if missing else 'PostgreSQL and NATS'}"
    )
    if missing:
        print(f"  ({missing})")
    home = Path(tempfile.mkdtemp(prefix="privity-storm-"))
    plan = Plan(asked.seconds, asked.seed, per_second=asked.per_second)
    is_well = False
    try:
        is_well = rage(home, plan, relays)
    finally:
        if is_well:
            shutil.rmtree(home)
        else:
            print(f"kept: {home} (logs of the relays), {BUILD}/relay.jsonl (journal)")
    return 0 if is_well else 1


def rage(home, plan, relays):
    """Rage by a plan; tells and writes what came of it, and whether it is well."""
    began = time.monotonic()
    journal = Journal(BUILD / "relay.jsonl")
    fleet = muster(home, relays, CHATS, files=int(plan.seconds) * 2)
    try:
        fleet.start()
        storm = Storm(fleet, plan, journal)
        told = asyncio.run(_stoppable(storm))
    finally:
        fleet.end()
        journal.close()
    print("\n".join([*closing_lines(storm, told), *faults_lines(fleet)]))
    late = storm.late_ms()
    summary = {
        "v": 1,
        "seed": plan.seed,
        "relays": relays,
        "store": "postgresql" if relays > 1 else "sqlite",
        "acknowledged": told.acknowledged,
        "delivered": len(late),
        "files": storm.files,
        "lost": told.lost,
        "twice": told.twice,
        "wrong": told.wrong,
        "gusts": dict(storm.gusts),
        "late_ms": {"p50": percentile(late, 0.5), "p99": percentile(late, 0.99)},
        "seconds": round(time.monotonic() - began, 1),
    }
    (BUILD / "relay.json").write_text(json.dumps(summary) + "\n")
    return told.ok and told.acknowledged > 0


async def _stoppable(storm):
    """SIGTERM ends the storm with all of its processes."""
    raging = asyncio.ensure_future(storm.rage(Table().show, every=5))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, raging.cancel)
    return await raging


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
