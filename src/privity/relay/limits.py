"""Token buckets in memory: how fast somebody may ask; nothing of it is stored."""

from collections.abc import Hashable
from dataclasses import dataclass

__all__ = ["Bucket", "Buckets", "Rate"]

SWEEP = 4_096
"""How many buckets there may be before the full ones are thrown away."""


@dataclass(frozen=True, slots=True)
class Rate:
    """So many a second in the long run, and so many at once."""

    per_second: float
    burst: float

    def half(self) -> "Rate":
        """Return the rate that leaves as much to everybody else."""
        return Rate(self.per_second / 2, max(1.0, self.burst / 2))


class Bucket:
    """Fills with time up to the burst; what is taken is missing until it refills."""

    __slots__ = ("_at", "_level", "rate")

    def __init__(self, rate: Rate, now: float) -> None:
        self.rate = rate
        self._level = rate.burst
        self._at = now

    def wait_ms(self, now: float) -> int:
        """Return 0 if one can be taken now, else the milliseconds until then."""
        rate = self.rate
        level = self._level + (now - self._at) * rate.per_second
        self._level = min(level, rate.burst)
        self._at = now
        if self._level >= 1.0:
            return 0
        return int((1.0 - self._level) / rate.per_second * 1_000) + 1

    def take(self, count: float = 1) -> None:
        """Take `count`, after `wait_ms` said 0; what is missing refills first."""
        self._level -= count

    def copy(self) -> "Bucket":
        """Return a bucket that holds as much."""
        copied = Bucket(self.rate, self._at)
        copied.take(self.rate.burst - self._level)
        return copied

    def is_full(self, now: float) -> bool:
        """Whether forgetting this bucket forgets nothing."""
        self.wait_ms(now)
        return self._level >= self.rate.burst


class Buckets:
    """Buckets of one rate by whatever they are counted by, kept while they matter."""

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._buckets: dict[Hashable, Bucket] = {}
        self._sweep_at = SWEEP

    def __len__(self) -> int:
        return len(self._buckets)

    def of(self, key: Hashable, now: float) -> Bucket:
        """Return the bucket of `key`, a full one if it is new."""
        bucket = self._buckets.get(key)
        if bucket is None:
            if len(self._buckets) >= self._sweep_at:
                self._sweep(now)
            bucket = self._buckets[key] = Bucket(self._rate, now)
        return bucket

    def go_on(self, key: Hashable, before: Hashable, now: float) -> None:
        """Let `key` begin with what `before` has left; that one keeps it too."""
        other = self._buckets.get(before)
        if other is not None:
            self.of(key, now)
            self._buckets[key] = other.copy()

    def _sweep(self, now: float) -> None:
        self._buckets = {
            key: bucket
            for key, bucket in self._buckets.items()
            if not bucket.is_full(now)
        }
        self._sweep_at = max(SWEEP, 2 * len(self._buckets))
