"""When the next connection is tried, as the last ones ended and as somebody waits.

The spread is what keeps a relay alive to which all come back: nothing here takes it
away. Who asks for a try gets one, but never two within `APART`, nor one in front of the
moment that a stopping relay gave this device.
"""

import asyncio
import random
import time
from collections.abc import Callable
from contextlib import suppress

__all__ = [
    "APART",
    "ATTENDED",
    "FIRST_DELAY",
    "LONGEST_ATTENDED",
    "LONGEST_DELAY",
    "LONGEST_WITHIN_REACH",
    "Reconnecting",
]

FIRST_DELAY = 0.2
LONGEST_DELAY = 30.0
LONGEST_ATTENDED = 6.0
"""While somebody is there: few are at any moment, so a relay bears that they hurry."""
LONGEST_WITHIN_REACH = 4.0
"""Of who could log in just now: the line drops often, but the relay is there."""
ATTENDED = 300.0
"""Seconds for which somebody who asked for something is taken to be there."""
APART = 2.0
"""Seconds between one try and the next that was asked for."""
_STEADY_SECONDS = 10


class Reconnecting:
    """Waits twice as long after each failure; spread, lest all come back at once."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._delay = FIRST_DELAY
        self._within = 0.0
        self._began = self._attended = -ATTENDED
        self._at: float | None = None
        self._earliest = 0.0
        self._changed = asyncio.Event()

    @property
    def left(self) -> float | None:
        """Seconds until the next try; None while one is made, or none will be."""
        return None if self._at is None else max(0.0, self._at - self._clock())

    def asked(self, seconds: float) -> None:
        """Note that the relay wants everybody back within that time, not at once."""
        self._within = seconds

    def attend(self) -> None:
        """Note that somebody is there and uses this client."""
        self._attended = self._clock()

    def hurry(self) -> None:
        """Try as soon as may be: somebody waits."""
        self.attend()
        # What follows is `APART` again, also where it is spread to the half.
        self._delay = min(self._delay, 2 * APART)
        if self._at is not None:
            self._at = min(self._at, max(self._earliest, self._began + APART))
            self._changed.set()

    def begins(self) -> None:
        """Note that a try begins now."""
        self._began = self._clock()

    def ended(self, seconds: float, *, logged_in: bool) -> float:
        """Return how many seconds to wait, when a connection has ended.

        `seconds` is how long the attempt and what came of it lasted.
        """
        if logged_in and seconds > _STEADY_SECONDS:
            self._delay = FIRST_DELAY
        longest = LONGEST_WITHIN_REACH if logged_in else self._longest
        wait = min(self._delay, longest)
        self._delay = min(2 * wait, longest)
        moment, self._within = self._within * random.random(), 0.0  # noqa: S311
        self._earliest = self._clock() + moment
        return moment + wait * random.uniform(0.5, 1.5)  # noqa: S311  not a secret

    async def rest(self, seconds: float) -> None:
        """Wait so long, or less where somebody hurries."""
        self._at = self._clock() + seconds
        while left := self.left:
            self._changed.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._changed.wait()
        self._at = None

    @property
    def _longest(self) -> float:
        attended = self._clock() - self._attended < ATTENDED
        return LONGEST_ATTENDED if attended else LONGEST_DELAY
