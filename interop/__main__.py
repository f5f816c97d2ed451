"""`make interop`: walks of mixed groups, tampered messages, sequels; with a table each.

WALK=name takes one walk only, SEED=number another script, STEPS=number another length.
"""

import os
import sys
import time
from collections import Counter
from dataclasses import dataclass

from interop.company import Company, Disagreement
from interop.lines import PeerProcess
from interop.peer import Hello, Refused
from interop.roster import NAMES, OURS, TS_MLS, processes
from interop.sequels import Sequels
from interop.tampering import Tampering
from interop.walk import Walk, WalkFailed

__all__ = ["main"]

SEED = 1
BITS = 48
"""So many bits of each message are changed, one at a time."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A walk: which suite, who takes part, how many clients of each, how far."""

    suite: int
    names: tuple[str, ...]
    each: int
    steps: int


SETTINGS = {
    "suite-1": Setting(1, NAMES, 4, 600),
    "suite-83": Setting(83, (OURS, TS_MLS), 6, 300),
}
WIDTH = 54


def main() -> int:
    """Walk, tamper, and print what happened; returns the exit code."""
    seed = int(os.environ.get("SEED") or SEED)
    wanted = os.environ.get("WALK")
    if wanted and wanted not in SETTINGS:
        print(f"there is no walk {wanted!r}; there are: {', '.join(SETTINGS)}")
        return 2
    try:
        for name in [wanted] if wanted else SETTINGS:
            _walk(name, seed)
            if not wanted:
                _tamper(name, seed)
                _go_on(name)
    except WalkFailed as error:
        print(error, file=sys.stderr)
        return 1
    except (Disagreement, Refused) as error:
        print(f"after the walk, seed {seed}: {error}", file=sys.stderr)
        print(f"again: make interop SEED={seed}", file=sys.stderr)
        return 1
    return 0


def _walk(name: str, seed: int) -> None:
    setting = SETTINGS[name]
    steps = int(os.environ.get("STEPS") or setting.steps)
    began = time.monotonic()
    with processes(*setting.names) as peers:
        who = ", ".join(f"{one.name} {one.version}" for one in _hellos(peers))
        print(f"\nwalk {name}, seed {seed}: {who}", flush=True)
        walk = Walk(name, Company.of(setting.suite, peers, setting.each), seed)
        walk.run(steps)
        company = walk.company
        epoch = company.agree().epoch
    _row("steps", walk.steps.total(), walk.steps)
    _row("commits", company.commits.total(), company.commits)
    _row("joins", company.joins.total(), company.joins)
    _row("application messages", company.messages.total(), company.messages)
    _row("epochs, agreed on by all after each step", epoch or 0)
    for what, times in company.known.items():
        _row(f"known: {what}", times)
    _row("seconds", round(time.monotonic() - began))


def _tamper(name: str, seed: int) -> None:
    setting = SETTINGS[name]
    with processes(*setting.names) as peers:
        company = Company.of(setting.suite, peers, 2)
        tampering = Tampering(company, seed, BITS)
        tampering.run()
    print(f"\ntampered messages, {name}, seed {seed}: one bit changed in each")
    _row("refused, states unmoved", tampering.refusals.total(), tampering.refusals)
    for what, times in company.known.items():
        _row(f"known: {what}", times)


def _go_on(name: str) -> None:
    with processes(OURS, TS_MLS) as peers:
        company = Company.of(SETTINGS[name].suite, peers, 3)
        sequels = Sequels(company)
        sequels.run()
    print(f"\nextensions, own adds, branches and ReInits, {name}")
    _row("done, all agreeing", sequels.done.total(), sequels.done)
    for what, times in company.known.items():
        _row(f"known: {what}", times)


def _hellos(peers: dict[str, PeerProcess]) -> list[Hello]:
    return [peer.hello() for peer in peers.values()]


def _row(what: str, total: int, parts: Counter[str] | None = None) -> None:
    listed = ", ".join(f"{key} {value}" for key, value in (parts or {}).items())
    print(f"  {what:<{WIDTH}} {total:>6}  {listed}".rstrip(), flush=True)


if __name__ == "__main__":
    sys.exit(main())
