"""What MLS costs: messages, commits, joins and state, beside mls-rs and ts-mls.

`python -m bench.bench_mls [--quick | --alone]`. Each repeat measures every group of
every implementation in turn, so that all figures see the same weather. Below all stand
the primitives alone. Peers must be in build/peers (`tools/peers.sh`).
"""

import argparse
import statistics
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from bench import crowds
from bench.crowds import Crowd
from bench.crowds_of_peers import PeerCrowd
from bench.crowds_ours import OurCrowd
from bench.filled_trees import joins_of_filled_trees
from bench.primitives import floors
from bench.report import Peer, Row, measured, publish, with_peer
from bench.timing import CLOCK, Samples

SUITES = {0x0001: "suite 1", 0xF5A1: "hybrid"}
CLASSIC = 0x0001
REPEATS = 5
SIZES = (2, 16, 128, 1000)
LARGEST = {"mls-rs": 1000, "ts-mls": 128}
"""The largest group that a peer is asked for; ts-mls takes minutes to warm more."""
GOALS = {
    crowds.PROTECT: 0.5,
    crowds.UNPROTECT: 0.5,
    crowds.PROCESS: 1.0,
    crowds.ADD: 1.0,
    crowds.REMOVE: 1.0,
    crowds.JOIN: 1.5,
    crowds.STATE_BYTES: 1.0,
}
"""Bounds of our figure over that of mls-rs; over that of ts-mls it is 1."""
GOAL_OF_CREATE = 0.5
SIZE_OF_CREATE = 1000
ONCE = {crowds.STATE_BYTES, crowds.WELCOME_BYTES}
ONCE |= {crowds.COMMIT_BYTES, crowds.MESSAGE_BYTES}


@dataclass(slots=True)
class Case:
    """One suite and size: the crowd of each implementation, and its figures."""

    code: int
    size: int
    crowds: dict[str, Crowd]
    samples: dict[str, Samples] = field(default_factory=dict)

    def repeat(self) -> None:
        """Measure everything once."""
        for name, crowd in self.crowds.items():
            self.samples.setdefault(name, Samples()).note(crowd.measure())

    def note_sizes(self) -> None:
        """Measure what does not vary."""
        for name, crowd in self.crowds.items():
            self.samples[name].note(crowd.sizes())

    def rows(self) -> Iterator[Row]:
        """Yield the figures, one row for each peer that has it too."""
        ours, *others = self.samples.items()
        for what, values in ours[1].by_name.items():
            unit = "bytes" if what in ONCE else "ms"
            name = f"{what}, {SUITES[self.code]}"
            row = measured(name, self.size, unit, "less", values)
            peers = [
                Peer(peer, statistics.median(theirs), self._goal(peer, what))
                for peer, samples in others
                if (theirs := samples.by_name.get(what))
            ]
            yield from ([with_peer(row, peer) for peer in peers] or [row])

    def _goal(self, peer: str, what: str) -> float | None:
        if peer == "ts-mls":
            return None if what in ONCE else 1.0
        if what == crowds.CREATE:
            return GOAL_OF_CREATE if self.size == SIZE_OF_CREATE else None
        return GOALS.get(what)


def main() -> None:
    """Measure all, print the table and write build/bench/mls.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small groups of ours")
    parser.add_argument("--alone", action="store_true", help="without the peers")
    chosen = parser.parse_args()
    peers = () if chosen.quick or chosen.alone else tuple(LARGEST)
    with ExitStack() as running:
        cases = _cases(SIZES[:2] if chosen.quick else SIZES, peers, running)
        alone = Samples()
        for _ in range(REPEATS):
            alone.note(floors())
            for case in cases:
                case.repeat()
        for case in cases:
            case.note_sizes()
    rows = [row for case in cases for row in case.rows()]
    if not chosen.quick:
        rows += joins_of_filled_trees(REPEATS)
    rows += [
        measured(f"floor: {name}", 1, "us", "less", values)
        for name, values in alone.by_name.items()
    ]
    publish("mls", rows)
    sys.stdout.write(f"Times are of the {CLOCK}'s clock.\n")
    if peers:
        sys.stdout.write(
            "ts-mls is measured up to N = 128: it takes minutes to warm more.\n"
        )


def _cases(
    sizes: Sequence[int], peers: Sequence[str], running: ExitStack
) -> list[Case]:
    cases: list[Case] = []
    for size in sizes:
        cases.append(Case(CLASSIC, size, {"ours": OurCrowd(CLASSIC, size)}))
        for peer in peers:
            if size <= LARGEST[peer]:
                crowd = PeerCrowd(peer, size)
                running.callback(crowd.close)
                cases[-1].crowds[peer] = crowd
    hybrid = [code for code in SUITES if code != CLASSIC]
    cases += [
        Case(code, size, {"ours": OurCrowd(code, size)})
        for code in hybrid
        for size in sizes
        if size < SIZE_OF_CREATE
    ]
    return cases


if __name__ == "__main__":
    main()
