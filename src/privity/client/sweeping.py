"""Messages whose time is over leave the disk, now or when the profile opens again."""

import asyncio
import time
from contextlib import suppress

from privity.client.driver import Driver
from privity.client.duties import Duty
from privity.client.errors import Busy, StorageFull
from privity.client.timers import Gone
from privity.core.events import Event, MessageArrived, MessageSent, MessagesGone

__all__ = ["Sweeper"]

_LONGEST = 30.0
"""Seconds between two looks at the clock, which may be set at any time."""


class Sweeper:
    """Sweeps for as long as a profile is open; `soon` after something was read."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._changed = asyncio.Event()
        self._duty = Duty(driver)

    def start(self) -> None:
        """Begin with what ended while nobody looked."""
        self._duty.start(self._hear, self._run())

    async def close(self) -> None:
        """Stop; the next process goes on."""
        await self._duty.close()

    def soon(self) -> None:
        """Look again: something was read or sent."""
        self._changed.set()

    async def sweep(self) -> list[Gone]:
        """Let times count that do now, and remove what is over; returns that."""
        reads = {chat.chat_id: chat.read for chat in self._driver.state.chats.values()}
        store, disk = self._driver.store, self._driver.disk
        gone: list[Gone] = []
        while found := await disk.write(store.sweep, reads, int(time.time())):
            gone += found
        by_chat: dict[bytes, list[bytes]] = {}
        for one in gone:
            by_chat.setdefault(one.chat_id, []).append(one.idem)
        for chat_id, idems in by_chat.items():
            self._driver.show(MessagesGone(chat_id, tuple(idems)))
        return gone

    def _hear(self, event: Event) -> None:
        if isinstance(event, MessageArrived | MessageSent):
            self.soon()

    async def _run(self) -> None:
        while True:
            self._changed.clear()
            with suppress(StorageFull, Busy):
                await self.sweep()
            end = self._driver.store.next_end()
            wait = min(_LONGEST, max(end - time.time(), 0.2)) if end else _LONGEST
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._changed.wait()
