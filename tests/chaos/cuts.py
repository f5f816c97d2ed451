"""`make chaos-relay`, its second part: machines are cut off, and killed, under load.

Three relays, PostgreSQL and NATS, each in a network namespace of its own, so that what
is between them can fail: a cable is pulled or loses single packets, a switch forgets
one, two machines don't reach each other while everybody else does. Each in turn, and
every acknowledged message is accounted for. `build/chaos/cuts.json` has the figures.
"""

import argparse
import asyncio
import json
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from demo.storm.fleet import can_be_many, muster
from demo.storm.journal import Journal
from demo.storm.raging import Plan, Storm, percentile
from demo.storm.table import Table, closing_lines, faults_lines
from privity.relay.tls import make_certificate
from tests.chaos.network import Network, cannot_lose, inside, missing

BUILD = Path(__file__).resolve().parents[2] / "build" / "chaos"
CHATS = 6
LOST = 0.05
"""Of the packets of a machine that loses some: each way, so nearly a tenth of what
wants an answer."""
AWAY = (0.8, 2.8)
"""Seconds for which something is cut off."""
CALM = 0.5
"""Seconds between one being back and the next."""


@dataclass(frozen=True)
class Cut:
    """Something that is done to the network, and undone."""

    what: str
    do: Callable[[], None]
    undo: Callable[[], None]


class CutStorm(Storm):
    """A storm whose gusts are cuts and kills of each machine in turn."""

    def prepare(self, machines):
        """Learn of the machines, by name."""
        self._machines = machines
        lack = cannot_lose()
        self._can_lose = not lack
        if lack:
            print(f"no single packets are lost: {lack}")

    async def _blow(self):
        dice = random.Random(self.plan.seed)
        turns = 0
        while True:
            turn = [*self._cuts(), *self.fleet.relays, *self.fleet.services]
            dice.shuffle(turn)
            for one in turn:
                # The first turn is whole, however busy the machine.
                if turns and time.monotonic() - self.began > self.plan.seconds:
                    return
                away = dice.uniform(*AWAY)
                if isinstance(one, Cut):
                    await self._cut(one, away)
                else:
                    await self._kill(one, away)
                await asyncio.sleep(CALM)
            turns += 1

    def _cuts(self):
        machines = self._machines
        for name, one in machines.items():
            yield Cut(f"pull {name}", one.link_down, one.link_up)
            yield Cut(f"drop {name}", one.drop, one.join)
            if self._can_lose:
                yield Cut(f"lose {name}", partial(one.lose, LOST), one.lose_none)
        for name in ("postgres", "nats"):
            yield _between(machines["relay-2"], machines[name])

    async def _cut(self, cut, away):
        self._note(cut.what)
        await asyncio.to_thread(cut.do)
        try:
            await asyncio.sleep(away)
        finally:
            await asyncio.to_thread(cut.undo)


def _between(one, other):
    what = f"part {one.name} and {other.name}"
    return Cut(what, lambda: one.part_from(other), lambda: one.meet(other))


def rage(home, plan):
    """Rage by a plan; tells and writes what came of it, and whether it is well."""
    began = time.monotonic()
    network = Network()
    names = ("relay-1", "relay-2", "relay-3", "postgres", "nats")
    machines = {name: network.add(name) for name in names}
    journal = Journal(BUILD / "cuts.jsonl")
    fleet = muster(
        home,
        3,
        CHATS,
        _certified(home, machines),
        where=lambda name: machines[name].where,
        files=int(plan.seconds) * 2,
    )
    try:
        fleet.start()
        storm = CutStorm(fleet, plan, journal)
        storm.prepare(machines)
        told = asyncio.run(storm.rage(Table().show, every=5))
    finally:
        fleet.end()
        journal.close()
    print("\n".join([*closing_lines(storm, told), *faults_lines(fleet)]))
    _write(storm, told, plan.seed, time.monotonic() - began)
    return told.ok and told.acknowledged > 0


def _certified(home, machines):
    """Return the settings of a certificate for all relays, which the people believe."""
    cert, key = home / "cert.pem", home / "key.pem"
    addresses = [machines[name].address for name in machines if "relay" in name]
    make_certificate(cert, key, ["localhost", *addresses])
    os.environ["SSL_CERT_FILE"] = str(cert)
    return {"TLS__MODE": "files", "TLS__CERT": str(cert), "TLS__KEY": str(key)}


def _write(storm, told, seed, seconds):
    late = storm.late_ms()
    summary = {
        "v": 1,
        "seed": seed,
        "acknowledged": told.acknowledged,
        "delivered": len(late),
        "files": storm.files,
        "lost": told.lost,
        "twice": told.twice,
        "wrong": told.wrong,
        "gusts": dict(storm.gusts),
        "late_ms": {"p50": percentile(late, 0.5), "p99": percentile(late, 0.99)},
        "seconds": round(seconds, 1),
    }
    (BUILD / "cuts.json").write_text(json.dumps(summary) + "\n")


def main(arguments):
    """Rage once, in a network of its own; return the exit status."""
    parser = argparse.ArgumentParser(prog="chaos-relay", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--per-second", type=float, default=20, help="of each sender")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    lack = can_be_many() or missing()
    if lack:
        print(f"networks are not cut: {lack}")
        return 1 if os.environ.get("CI") == "true" else 0
    if not asked.inside:
        itself = [sys.executable, "-m", "tests.chaos.cuts", *arguments, "--inside"]
        command = inside(itself)
        os.execvp(command[0], command)
    print("three relays, PostgreSQL and NATS, each in a network namespace of its own")
    home = Path(tempfile.mkdtemp(prefix="privity-cuts-"))
    plan = Plan(asked.seconds, asked.seed, per_second=asked.per_second)
    is_well = rage(home, plan)
    if is_well:
        shutil.rmtree(home)
    else:
        print(f"kept: {home} (logs of the relays), {BUILD}/cuts.jsonl (journal)")
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
