"""Events to whoever looks on; a slow one is cut off and slows nobody down."""

import asyncio
from collections.abc import AsyncIterator
from typing import Self

from privity.core.events import Event

__all__ = ["Broadcast", "Subscription", "TooSlow"]

_WAITING = 10_000


class TooSlow(Exception):
    """A subscription was ended because its reader left too many events waiting."""


class Subscription:
    """The events from now on; iterate over it, and close it (or use `with`)."""

    def __init__(self, broadcast: "Broadcast") -> None:
        self._broadcast = broadcast
        self._waiting: asyncio.Queue[Event | None] = asyncio.Queue()
        self._overran = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __aiter__(self) -> AsyncIterator[Event]:
        return self._events()

    def taken(self) -> list[Event]:
        """Take what has come so far, without waiting."""
        found: list[Event] = []
        while not self._waiting.empty():
            event = self._waiting.get_nowait()
            if event is None:
                # Whoever waits next is to see that it ended.
                self._waiting.put_nowait(None)
                break
            found.append(event)
        return found

    def close(self) -> None:
        """End it; a reader that waits is let go."""
        self._broadcast.drop(self)
        self._waiting.put_nowait(None)

    def give(self, event: Event) -> None:
        """Add an event, or end the subscription when too many wait."""
        if self._waiting.qsize() >= _WAITING:
            self._overran = True
            self.close()
            return
        self._waiting.put_nowait(event)

    async def _events(self) -> AsyncIterator[Event]:
        while (event := await self._waiting.get()) is not None:
            yield event
        if self._overran:
            raise TooSlow


class Broadcast:
    """All subscriptions of one driver."""

    def __init__(self) -> None:
        self._all: list[Subscription] = []

    def subscribe(self) -> Subscription:
        """Return a subscription to everything from now on."""
        made = Subscription(self)
        self._all.append(made)
        return made

    def show(self, event: Event) -> None:
        """Give an event to all."""
        for one in tuple(self._all):
            one.give(event)

    def drop(self, subscription: Subscription) -> None:
        """Forget one; harmless when it is gone."""
        if subscription in self._all:
            self._all.remove(subscription)

    def close(self) -> None:
        """End all of them."""
        for one in tuple(self._all):
            one.close()
