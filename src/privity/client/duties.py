"""What runs beside the driver for as long as a profile is open, and ends with it."""

import asyncio
from collections.abc import Callable, Coroutine

from privity.client.broadcast import Subscription
from privity.client.driver import Driver
from privity.core.events import Event

__all__ = ["Duty"]


class Duty:
    """A task that hears every event, and one that does what follows from some."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._tasks: list[asyncio.Task[None]] = []

    def start(
        self, hear: Callable[[Event], None], work: Coroutine[None, None, None]
    ) -> None:
        """Begin; no event from now on is missed."""
        happening = self._driver.subscribe()
        self._tasks = [
            asyncio.create_task(_listen(happening, hear)),
            asyncio.create_task(work),
        ]

    async def close(self) -> None:
        """Stop both, wherever they are."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def _listen(happening: Subscription, hear: Callable[[Event], None]) -> None:
    with happening:
        async for event in happening:
            hear(event)
