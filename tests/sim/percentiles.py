"""How long healing took, in two figures."""

from collections.abc import Iterable

__all__ = ["percentiles"]


def percentiles(heals: dict[str, list[int]], unit: str, parts: int) -> Iterable[str]:
    """Return for each cause how long healing took: p50 and p99."""
    for cause, took in sorted(heals.items()):
        times = sorted(took)
        p50, p99 = (times[int(len(times) * p / 100)] / parts for p in (50, 99))
        yield f"  {cause}: healed {len(times)}, p50 {p50:.1f}, p99 {p99:.1f} {unit}"
