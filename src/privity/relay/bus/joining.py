"""Joining: a process of a relay that has others hears them and looks around."""

import asyncio
from collections.abc import Callable

from privity.relay.bus.crossing import Crossing
from privity.relay.bus.hearing import Hearer
from privity.relay.bus.looking import keep_looking
from privity.relay.log_side import LogSide
from privity.relay.services import Services

__all__ = ["cross"]


async def cross(
    crossing: Crossing,
    services: Services,
    side: LogSide,
    failed: Callable[[BaseException], None],
) -> None:
    """Carry hints both ways until cancelled; `failed` hears what should not happen."""
    hearer = Hearer(services, side, failed)
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(crossing.run(hearer.hear))
            tasks.create_task(keep_looking(services, side, crossing.back, failed))
    finally:
        hearer.close()
