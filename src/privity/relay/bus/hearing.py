"""Hearing hints: whatever they say, what follows from it is read from the database.

So a hint that was made up makes a relay hand out nothing that it wouldn't have. What
waits to be read is one place of each log that somebody here is attached to, however
many hints come of it.
"""

import asyncio
from collections.abc import Callable
from typing import assert_never

from privity.relay import reading
from privity.relay.attach import Place
from privity.relay.bus.hints import Hint, LoggedIn, Mail, Pleaded, Stored
from privity.relay.log_side import LogSide
from privity.relay.logins import standing
from privity.relay.reading import Placed
from privity.relay.services import Services
from privity.relay.sessions import Device
from privity.relay.storage.store import Connection
from privity.wire.codes import Refusal
from privity.wire.frames import Signal

__all__ = ["Hearer", "check_session"]

_AT_ONCE = 128
_MOST = 8_192
"""Places that wait to be read; what is more is found by looking around."""


class Hearer:
    """Brings hints to the connections of this process; `failed` hears of failures."""

    def __init__(
        self,
        services: Services,
        side: LogSide,
        failed: Callable[[BaseException], None],
    ) -> None:
        self._services = services
        self._side = side
        self._failed = failed
        self._entries: dict[Place, None] = {}
        self._opened: dict[Place, None] = {}
        self._reading: asyncio.Task[None] | None = None
        self._checking: set[asyncio.Task[None]] = set()

    def hear(self, hint: Hint) -> None:
        """Do what a hint asks for; returns at once."""
        match hint:
            case Stored():
                self._stored(hint)
            case Pleaded():
                self._side.bus.ring(hint.log_id, hint.generations)
            case Signal():
                self._side.bus.signal(hint, None)
            case Mail():
                self._services.bells.ring(hint.mailbox_id)
            case LoggedIn():
                self._logged_in((hint.account_id, hint.device_id))
            case _:
                assert_never(hint)

    def close(self) -> None:
        """Read nothing any more."""
        for task in (*self._checking, *filter(None, [self._reading])):
            task.cancel()

    def _stored(self, hint: Stored) -> None:
        if len(self._entries) + len(self._opened) >= _MOST:
            return
        if self._side.bus.has_listeners(hint.log_id):
            self._entries[hint.log_id, hint.seq] = None
        place = (hint.log_id, hint.generation)
        if hint.opens and self._side.grants.has(place):
            self._opened[place] = None
        if (self._entries or self._opened) and self._reading is None:
            self._reading = asyncio.get_running_loop().create_task(self._read_all())

    async def _read_all(self) -> None:
        try:
            while self._entries or self._opened:
                entries = [_taken(self._entries) for _ in _first(self._entries)]
                opened = [_taken(self._opened) for _ in _first(self._opened)]
                await self._read(entries, opened)
        except Exception as error:  # noqa: BLE001  the look around finds what it left
            self._failed(error)
        finally:
            self._reading = None

    async def _read(self, entries: list[Place], opened: list[Place]) -> None:
        def both(
            db: Connection,
        ) -> tuple[list[tuple[int, Placed] | None], list[bool]]:
            found = [reading.placed_at(db, *place) for place in entries]
            return found, [_is_closed(db, place) for place in opened]

        found, closed = await self._side.database.read(both)
        for (log_id, _), one in zip(entries, found, strict=True):
            if one is not None:
                self._side.bus.publish(log_id, *one)
        for place, is_closed in zip(opened, closed, strict=True):
            if is_closed:
                self._side.grants.close(place)

    def _logged_in(self, device: Device) -> None:
        if self._services.sessions.has(device):
            check = self._check(device)
            task = asyncio.get_running_loop().create_task(check)
            self._checking.add(task)
            task.add_done_callback(self._checking.discard)

    async def _check(self, device: Device) -> None:
        try:
            await check_session(self._services, device)
        except Exception as error:  # noqa: BLE001  the look around comes again
            self._failed(error)


async def check_session(services: Services, device: Device) -> None:
    """End a session here whose device has logged in elsewhere, or left its account."""
    stands = await services.accounts.read(lambda db: standing(db, device))
    services.sessions.compare(device, stands)


def _is_closed(logs: Connection, place: Place) -> bool:
    try:
        return reading.find_generation(logs, *place).is_closed
    except Refusal:
        return False


def _first(waiting: dict[Place, None]) -> range:
    return range(min(len(waiting), _AT_ONCE))


def _taken(waiting: dict[Place, None]) -> Place:
    place = next(iter(waiting))
    del waiting[place]
    return place
