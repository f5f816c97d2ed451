"""Which steps are under way at once: those that have nothing to do with each other.

A track has its share of the buckets (`locks`), and one transaction at a time. So what
is queued for one key is done in the order of its calls, and while one track waits for
the server another goes on. Steps whose keys are of several tracks, and steps without
keys, begin when nothing else is under way, and who comes behind them waits.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from itertools import takewhile

from privity.relay.storage.postgres.locks import bucket_of
from privity.relay.storage.queued import Queued

__all__ = ["BATCH", "TRACKS", "Tracks"]

BATCH = 256
"""The most steps a transaction; bounds how long others wait for its locks."""
TRACKS = 2
"""Transactions of a process that may be under way at once, each on its connection."""
_ALL = -1

Perform = Callable[[list[Queued]], Awaitable[None]]
"""Performs steps and answers them; raises nothing that belongs to who asked."""


class Tracks:
    """The steps that wait, in their order as far as it matters."""

    def __init__(self, perform: Perform) -> None:
        self._perform = perform
        self._waiting: list[deque[Queued]] = [deque() for _ in range(TRACKS)]
        self._behind: deque[Queued] = deque()
        self.tasks: dict[int, asyncio.Task[None]] = {}

    def put(self, queued: Queued) -> None:
        """Queue a step; it begins when all that it has to wait for is done."""
        track = _track_of(queued.keys)
        # A running step of several tracks is in no queue any more.
        if track == _ALL or self._behind or _ALL in self.tasks:
            self._behind.append(queued)
        else:
            self._waiting[track].append(queued)
        self._start()

    async def finish(self) -> None:
        """Wait until nothing is queued any more."""
        while self.tasks:
            await asyncio.wait(self.tasks.values())

    def _start(self) -> None:
        """Begin what may begin now."""
        if _ALL in self.tasks:
            return
        loop = asyncio.get_running_loop()
        for track, waiting in enumerate(self._waiting):
            if waiting and track not in self.tasks:
                self.tasks[track] = loop.create_task(self._drain(track))
        if self._behind and not self.tasks:
            self.tasks[_ALL] = loop.create_task(self._drain_alone())

    async def _drain(self, track: int) -> None:
        waiting = self._waiting[track]
        try:
            while waiting:
                await self._perform(_taken(waiting, min(len(waiting), BATCH)))
                # Whoever waits hears of it before the steps behind are done.
                await asyncio.sleep(0)
        finally:
            del self.tasks[track]
        self._start()

    async def _drain_alone(self) -> None:
        behind = self._behind
        try:
            while behind and _track_of(behind[0].keys) == _ALL:
                await self._perform(_taken(behind, _alike(behind)))
                await asyncio.sleep(0)
        finally:
            del self.tasks[_ALL]
        while behind and (track := _track_of(behind[0].keys)) != _ALL:
            self._waiting[track].append(behind.popleft())
        self._start()


def _track_of(keys: tuple[bytes, ...]) -> int:
    tracks = {bucket_of(key) % TRACKS for key in keys}
    return tracks.pop() if len(tracks) == 1 else _ALL


def _alike(waiting: deque[Queued]) -> int:
    """Count what stands in front: steps with keys, or steps without, not both."""
    has_keys = bool(waiting[0].keys)
    alike = takewhile(lambda one: bool(one.keys) is has_keys, waiting)
    return sum(1 for _ in zip(range(BATCH), alike, strict=False))


def _taken(waiting: deque[Queued], count: int) -> list[Queued]:
    return [waiting.popleft() for _ in range(count)]
