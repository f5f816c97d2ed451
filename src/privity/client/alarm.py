"""One alarm for many times: it rings when the earliest of them has come.

Times are wall-clock, sleep is not: after a suspend or a changed clock the alarm looks
again at the latest after half a minute.
"""

import asyncio
import heapq
from collections.abc import Callable

__all__ = ["Alarm"]

_LONGEST = 30.0


class Alarm:
    """Calls `ring` once for each time (Unix ms) that was set, when it has come."""

    def __init__(self, now_ms: Callable[[], int], ring: Callable[[], None]) -> None:
        self._now_ms = now_ms
        self._ring = ring
        self._times: list[int] = []
        self._changed = asyncio.Event()

    def set(self, at_ms: int) -> None:
        """Ring at a time; the same time twice rings once."""
        if at_ms not in self._times:
            heapq.heappush(self._times, at_ms)
            self._changed.set()

    async def run(self) -> None:
        """Ring until cancelled."""
        while True:
            self._changed.clear()
            wait = self._seconds()
            if wait <= 0:
                while self._times and self._times[0] <= self._now_ms():
                    heapq.heappop(self._times)
                self._ring()
                continue
            try:
                async with asyncio.timeout(wait):
                    await self._changed.wait()
            except TimeoutError:
                continue

    def _seconds(self) -> float:
        if not self._times:
            return _LONGEST
        return min(_LONGEST, (self._times[0] - self._now_ms()) / 1000)
