"""What MLS costs: messages, commits, joins and state at several sizes, both suites.

`python -m bench.bench_mls [--quick] [--thousand] [--peers]`. Each repeat measures
everything once, so that all figures see the same weather; with `--peers`, mls-rs in
the same repeats, if its wheel is installed. Below all stand the primitives alone.
"""

import argparse
import statistics
from collections.abc import Iterator
from dataclasses import dataclass, field

from bench import crowds
from bench.crowds import Crowd, OurCrowd
from bench.primitives import floors
from bench.report import Peer, Row, measured, publish, with_peer
from bench.timing import Samples

SUITES = {0x0001: "suite 1", 0xF5A1: "hybrid"}
CLASSIC = 0x0001
REPEATS = 5
STATE = "state by member"
GOALS = {
    crowds.PROTECT: 0.5,
    crowds.UNPROTECT: 0.5,
    crowds.PROCESS: 1.0,
    crowds.ADD: 1.0,
    crowds.JOIN: 1.5,
    STATE: 1.0,
}
"""Bounds of our figure over that of mls-rs."""
GOAL_OF_CREATE = 0.5
SIZE_OF_CREATE = 1000


@dataclass(slots=True)
class Case:
    """One suite and size: our group, the peer's if there is one, and both figures."""

    code: int
    size: int
    ours: Crowd
    peer: Crowd | None
    samples: Samples = field(default_factory=Samples)
    peer_samples: Samples = field(default_factory=Samples)

    def repeat(self) -> None:
        """Measure everything once."""
        self.samples.note(self.ours.measure())
        if self.peer is not None:
            self.peer_samples.note(self.peer.measure())

    def rows(self) -> Iterator[Row]:
        """Yield the figures."""
        title = SUITES[self.code]
        for name, values in self.samples.by_name.items():
            row = measured(f"{name}, {title}", self.size, "ms", "less", values)
            yield self._beside(row, name, self.peer_samples.by_name.get(name))
        figure = self.ours.bytes_per_member()
        row = measured(f"{STATE}, {title}", self.size, "bytes", "less", [figure])
        peer = [self.peer.bytes_per_member()] if self.peer is not None else None
        yield self._beside(row, STATE, peer)

    def _beside(self, row: Row, name: str, peer: list[float] | None) -> Row:
        if peer is None:
            return row
        goal = GOALS.get(name)
        if name == crowds.CREATE and self.size == SIZE_OF_CREATE:
            goal = GOAL_OF_CREATE
        return with_peer(row, Peer("mls-rs", statistics.median(peer), goal))


def main() -> None:
    """Measure all, print the table and write build/bench/mls.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="without N = 128")
    parser.add_argument("--thousand", action="store_true", help="N = 1000 too, suite 1")
    parser.add_argument("--peers", action="store_true", help="mls-rs, where installed")
    chosen = parser.parse_args()
    sizes = (2, 16) if chosen.quick else (2, 16, 128)
    places = [(code, size) for size in sizes for code in SUITES]
    if chosen.thousand:
        places.append((CLASSIC, SIZE_OF_CREATE))
    cases = [
        Case(code, size, OurCrowd(code, size), _peer(code, size, wanted=chosen.peers))
        for code, size in places
    ]
    alone = Samples()
    for _ in range(REPEATS):
        alone.note(floors())
        for case in cases:
            case.repeat()
    rows = [row for case in cases for row in case.rows()]
    rows += [
        measured(f"floor: {name}", 1, "us", "less", values)
        for name, values in alone.by_name.items()
    ]
    publish("mls", rows)


def _peer(code: int, size: int, *, wanted: bool) -> Crowd | None:
    if not wanted or code != CLASSIC:
        return None
    try:
        from bench.crowds_mls_rs import MlsRsCrowd  # noqa: PLC0415  optional
    except ImportError:
        return None
    return MlsRsCrowd(size)


if __name__ == "__main__":
    main()
