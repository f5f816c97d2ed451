"""Looking around: what a lost hint would have told is found within seconds.

Goes round by round over what the connections of this process wait for: the heads of
logs, closed generations, mailboxes, and sessions that ended elsewhere. Bounded: a
process with very many logs looks more slowly, and reads no more a second for them. What
is looked at together is asked together.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import TypeVar

from privity.relay import mailboxes, reading
from privity.relay.attach import Place
from privity.relay.bus.hearing import check_session
from privity.relay.log_side import LogSide
from privity.relay.logins import standings
from privity.relay.services import Services
from privity.relay.sessions import Device

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
    for mailbox_ids in _parts(services.bells.mailboxes()):
        await _look_at_mail(services, mailbox_ids)
        await asyncio.sleep(len(mailbox_ids) / _PER_SECOND)
    for devices in _parts(services.sessions.devices()):
        await _look_at_sessions(services, devices)
        await asyncio.sleep(len(devices) / _PER_SECOND)


async def _look_at_logs(side: LogSide, places: Sequence[Place]) -> None:
    found = await side.database.read(lambda db: reading.reach_of(db, places))
    for place, reach in zip(places, found, strict=True):
        if reach is None:
            continue
        if reach.is_closed:
            side.grants.close(place)
        side.bus.reached(place, reach.end)


async def _look_at_mail(services: Services, mailbox_ids: Sequence[bytes]) -> None:
    """Ring where anything waits: nothing does in most, and each ring is a read."""
    waiting = await services.accounts.read(
        lambda db: mailboxes.with_mail(db, mailbox_ids)
    )
    for mailbox_id in waiting:
        services.bells.ring(mailbox_id)


async def _look_at_sessions(services: Services, devices: Sequence[Device]) -> None:
    """Check those again, one by one, that seem to be over: others began meanwhile."""
    found = await services.accounts.read(lambda db: standings(db, devices))
    for device, standing in zip(devices, found, strict=True):
        if not services.sessions.holds(device, standing):
            await check_session(services, device)


def _parts(things: list[T]) -> Iterator[list[T]]:
    for start in range(0, len(things), _AT_ONCE):
        yield things[start : start + _AT_ONCE]
