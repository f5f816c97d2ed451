"""What all benchmarks share: rows, `build/bench/NAME.json`, and a table on the screen.

A row is one figure: its median over the repeats, the spread between them, and
where there is a peer, the peer's figure from the same run and the ratio to it.
"""

import json
import statistics
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

__all__ = ["Better", "Peer", "Row", "measured", "misses_goal", "publish", "with_peer"]

Better = Literal["less", "more"]
BUILD = Path(__file__).parents[1] / "build" / "bench"


@dataclass(frozen=True, slots=True)
class Peer:
    """Whom a figure is compared with; `goal` bounds the ratio from the better side."""

    name: str
    value: float
    goal: float | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One figure; `n` is the size it was measured at, `spread` (max − min) / median."""

    name: str
    n: int
    unit: str
    better: Better
    value: float
    peer: str | None = None
    peer_value: float | None = None
    ratio: float | None = None
    goal: float | None = None
    repeats: int = 1
    spread: float = 0.0


def measured(
    name: str, n: int, unit: str, better: Better, samples: Sequence[float]
) -> Row:
    """Return the row of a figure that was measured once or several times."""
    value = statistics.median(samples)
    spread = (max(samples) - min(samples)) / value if value else 0.0
    return Row(
        name,
        n,
        unit,
        better,
        _rounded(value),
        repeats=len(samples),
        spread=round(spread, 3),
    )


def with_peer(row: Row, peer: Peer) -> Row:
    """Return the row with a peer's figure of the same run beside it."""
    fields = asdict(row) | {
        "peer": peer.name,
        "peer_value": _rounded(peer.value),
        "ratio": round(row.value / peer.value, 3),
        "goal": peer.goal,
    }
    return Row(**fields)


def misses_goal(row: Row) -> bool:
    """Whether the ratio is on the wrong side of the goal."""
    if row.goal is None or row.ratio is None:
        return False
    return row.ratio > row.goal if row.better == "less" else row.ratio < row.goal


def publish(name: str, rows: Sequence[Row]) -> None:
    """Write `build/bench/NAME.json` and print the same as a table."""
    BUILD.mkdir(parents=True, exist_ok=True)
    text = json.dumps([asdict(row) for row in rows], indent=1)
    (BUILD / f"{name}.json").write_text(text + "\n")
    sys.stdout.write(_table(rows))


def _table(rows: Sequence[Row]) -> str:
    head = ("name", "n", "value", "unit", "better", "peer", "ratio", "goal", "spread")
    lines = [head, *(_cells(row) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "".join(
        "  ".join(
            cell.ljust(width) for cell, width in zip(line, widths, strict=True)
        ).rstrip()
        + "\n"
        for line in lines
    )


def _cells(row: Row) -> tuple[str, ...]:
    peer = f"{row.peer}: {row.peer_value:,g}" if row.peer_value is not None else "-"
    return (
        row.name,
        f"{row.n:,}",
        f"{row.value:,g}",
        row.unit,
        row.better,
        peer,
        _optional(row.ratio),
        _optional(row.goal) + (" MISSED" if misses_goal(row) else ""),
        f"{row.spread:.0%} of {row.repeats}",
    )


def _optional(value: float | None) -> str:
    return "-" if value is None else f"{value:g}"


def _rounded(value: float) -> float:
    return float(f"{value:.5g}")
