"""Looking around: what a lost hint would have told is found within seconds.

Goes round by round over what the connections of this process wait for: the heads of
logs, closed generations, mailboxes, and sessions that ended elsewhere. Bounded: a
process with very many logs looks more slowly, and reads no more a second for them.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import TypeVar

from privity.relay import reading
from privity.relay.attach import Place
from privity.relay.bus.hearing import check_session
from privity.relay.log_side import LogSide
from privity.relay.services import Services
from privity.relay.storage.store import Connection
from privity.wire.codes import Refusal

__all__ = ["EVERY_SECONDS", "keep_looking", "look_around"]

EVERY_SECONDS = 3.0
_AT_ONCE = 64
_PER_SECOND = 2_000
"""How many places, mailboxes and sessions are looked at, at most."""

T = TypeVar("T")


async def keep_looking(
    services: Services,
    side: LogSide,
    back: asyncio.Event,
    failed: Callable[[BaseException], None],
) -> None:
    """Look around every few seconds, and at once when the bus comes back."""
    while True:
        with suppress(TimeoutError):
            async with asyncio.timeout(EVERY_SECONDS):
                await back.wait()
        back.clear()
        try:
            await look_around(services, side)
        except Exception as error:  # noqa: BLE001  the next round looks again
            failed(error)


async def look_around(services: Services, side: LogSide) -> None:
    """Look at everything once."""
    for places in _parts(side.grants.places()):
        await _look_at_logs(side, places)
        await asyncio.sleep(len(places) / _PER_SECOND)
    for mailboxes in _parts(services.bells.mailboxes()):
        for mailbox_id in mailboxes:
            services.bells.ring(mailbox_id)
        await asyncio.sleep(len(mailboxes) / _PER_SECOND)
    for devices in _parts(services.sessions.devices()):
        for device in devices:
            await check_session(services, device)
        await asyncio.sleep(len(devices) / _PER_SECOND)


async def _look_at_logs(side: LogSide, places: Sequence[Place]) -> None:
    found = await side.database.read(lambda db: [_look(db, one) for one in places])
    for place, generation in zip(places, found, strict=True):
        if generation is None:
            continue
        if generation.is_closed:
            side.grants.close(place)
        side.bus.reached(place, generation.end)


def _look(logs: Connection, place: Place) -> reading.Generation | None:
    try:
        return reading.find_generation(logs, *place)
    except Refusal:
        return None


def _parts(things: list[T]) -> Iterator[list[T]]:
    for start in range(0, len(things), _AT_ONCE):
        yield things[start : start + _AT_ONCE]
