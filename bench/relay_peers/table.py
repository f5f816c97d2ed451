"""A run as a line, and all runs as ratios of ours to each of the others'."""

from collections.abc import Mapping, Sequence
from typing import Any

from bench.relay_peers.runs import Run
from bench.report import Better, Peer, Row, measured, with_peer

__all__ = ["rows_of", "told"]

_GOALS = {
    ("sat", "bare"): 0.6,
    ("sat", "ejabberd, RAM"): 1.0,
    ("sat", "ejabberd, archive"): 15.0,
    ("sat", "Synapse, room"): 500.0,
    ("pg", "bare, PostgreSQL"): 0.6,
}
"""What relay.md asks of a CPU-second of ours beside one of theirs."""
_OURS, _OURS_PG = "Privity", "Privity, PostgreSQL"
Figures = Mapping[tuple[str, str], Mapping[str, Any]]


def told(run: Run) -> str:
    """Return one line."""
    cells = [
        _cell(run.told.get("msg_s"), 10, 0),
        _cell(run.told.get("msg_per_srv_cpu_s"), 11, 0),
        _cell(run.told.get("p50_ms"), 9, 2),
        _cell(run.told.get("p99_ms"), 9, 2),
        _cell(run.told.get("kb_per_conn"), 8, 1),
    ]
    return f"{run.server:<20}  {run.mode:<5} " + " ".join(cells).rstrip()


def rows_of(runs: Sequence[Run]) -> list[Row]:
    """Return ours beside each other server that did the same."""
    by = {(run.server, run.mode): run.told for run in runs}
    others = list(dict.fromkeys(run.server for run in runs))
    others = [name for name in others if name not in {_OURS, _OURS_PG}]
    rows = [row for name in others for row in _beside(by, name)]
    theirs = by.get(("bare, PostgreSQL", "sat"))
    if theirs is not None:
        rows.append(_on_postgres(by, theirs))
    return rows


def _beside(by: Figures, name: str) -> list[Row]:
    rows: list[Row] = []
    for mode, what, unit, better, field in _FIGURES:
        theirs = by.get((name, mode), {}).get(field)
        if theirs is None or (name.endswith("PostgreSQL") and mode == "sat"):
            continue
        goal = _GOALS.get((mode, name)) if "CPU" in unit else None
        mine = measured(what, _N[mode], unit, better, [by[_OURS, mode][field]])
        rows.append(with_peer(mine, Peer(name, theirs, goal)))
    return rows


def _on_postgres(by: Figures, theirs: Mapping[str, Any]) -> Row:
    field, goal = "msg_per_srv_cpu_s", _GOALS["pg", "bare, PostgreSQL"]
    mine = [by[_OURS_PG, "sat"][field]]
    row = measured("by CPU, PostgreSQL", 100, "messages/CPU-s", "more", mine)
    return with_peer(row, Peer("bare, PostgreSQL", theirs[field], goal))


_N = {"sat": 100, "light": 100, "group": 100, "idle": 2_000}
"""Connections; of a light load messages a second, of a group its members."""
_FIGURES: tuple[tuple[str, str, str, Better, str], ...] = (
    ("sat", "messages", "messages/s", "more", "msg_s"),
    ("sat", "messages by CPU", "messages/CPU-s", "more", "msg_per_srv_cpu_s"),
    ("light", "latency p50", "ms", "less", "p50_ms"),
    ("light", "latency p99", "ms", "less", "p99_ms"),
    ("group", "deliveries", "deliveries/s", "more", "msg_s"),
    ("idle", "idle connection", "KB", "less", "kb_per_conn"),
)


def _cell(value: float | None, width: int, places: int) -> str:
    return f"{'' if value is None else f'{value:,.{places}f}':>{width}}"
