"""The live table of a storm, and its last lines."""

from demo.storm.fleet import Fleet
from demo.storm.journal import Account
from demo.storm.raging import Sight, Storm, percentile

__all__ = ["Table", "closing_lines", "faults_lines"]

_HEAD = "  time  relays  acknowledged     /s  delivered  p50 ms  p99 ms  gusts"


class Table:
    """One line for each look."""

    def __init__(self) -> None:
        self._before = (0.0, 0)
        self._lines = 0

    def show(self, sight: Sight) -> None:
        """Print a line."""
        if self._lines % 20 == 0:
            print(_HEAD, flush=True)
        self._lines += 1
        at, acknowledged = self._before
        self._before = (sight.seconds, sight.acknowledged)
        rate = (sight.acknowledged - acknowledged) / max(0.001, sight.seconds - at)
        p50, p99 = (percentile(sight.late_ms, share) for share in (0.5, 0.99))
        lights = "".join("●" if one else "○" for one in sight.up)
        print(
            f"{sight.seconds:5.0f} s  {lights:<6}  {sight.acknowledged:12,}"
            f"  {rate:5,.0f}  {sight.delivered:9,}  {p50:6.1f}  {p99:6,.0f}"
            f"  {sum(sight.gusts.values()):5}",
            flush=True,
        )


def closing_lines(storm: Storm, told: Account) -> list[str]:
    """Return what a storm came to."""
    late = storm.late_ms()
    return [
        *(f"  {count:4} × {what}" for what, count in sorted(storm.gusts.items())),
        (
            f"  {told.acknowledged:,} messages acknowledged, {len(late):,} delivered;"
            f" from sending to reading {percentile(late, 0.5):.1f} ms (median),"
            f" {percentile(late, 0.99):,.0f} ms (99 %)"
        ),
        *([f"  {storm.files} files sent, each read at each relay"] * bool(storm.files)),
        *(f"  WRONG: {one}" for one in told.wrong),
        f"  {told.lost} lost, {told.twice} twice",
    ]


def faults_lines(fleet: Fleet) -> list[str]:
    """Return what the relays logged as faults of their own; the best is one line."""
    found = [
        f"  {relay.name}: {count} × {fault}"
        for relay in fleet.relays
        for fault, count in sorted(relay.faults().items())
    ]
    return ["  faults that the relays logged:", *found] if found else ["  no faults"]
