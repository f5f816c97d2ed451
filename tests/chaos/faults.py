"""What happens to them: each fault is drawn, lasts a moment, and is over.

`strike` returns when it is over, with a killed process started again.
"""

import asyncio
import random
import signal
from collections.abc import Awaitable, Callable

from tests.chaos import clock
from tests.chaos.processes import Person, Process
from tests.chaos.village import Village

__all__ = ["KILLS", "draw", "strike"]

KILLS = ("client killed", "client killed at an effect", "relay killed")
_WEIGHTS = {
    "client killed": 25,
    "client killed at an effect": 35,
    "relay killed": 5,
    "client stopped": 5,
    "relay stopped": 3,
    "connections cut": 4,
    "connections half closed": 2,
    "connections stalled": 2,
    "client's disk full": 5,
    "relay's disk full": 3,
    "client's clock jumps": 4,
    "relay's clock jumps": 2,
}
_HOUR = 3_600
_NEAR = 20
"""How many effects ahead a client may be told to die."""
_SOON = 2.0


def draw(rng: random.Random, people: int) -> list[tuple[str, int]]:
    """Return one to four faults that come at once, each with whom it strikes.

    Nobody has two of them; the relay is struck by one at most.
    """
    struck: dict[object, tuple[str, int]] = {}
    for _ in range(rng.choice((1, 1, 2, 3, 4))):
        what = rng.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0]
        whom = rng.randrange(people)
        struck[whom if what.startswith("client") else what.split()[0]] = (what, whom)
    return list(struck.values())


async def strike(village: Village, what: str, whom: int, rng: random.Random) -> str:
    """Let a fault happen, from its beginning to its end; return what it came to be."""
    person = village.people[whom]
    lasts = rng.uniform(0.2, 3)
    village.note(fault_begins=what, whom=person.name, lasts=round(lasts, 3))
    acts: dict[str, Callable[[], Awaitable[object]]] = {
        "client killed": lambda: _kill(village, person, lasts),
        "client killed at an effect": lambda: _kill_at(village, person, rng),
        "relay killed": lambda: _kill_relay(village, lasts),
        "client stopped": lambda: _stop(person, lasts),
        "relay stopped": lambda: _stop(village.relay, lasts),
        "connections cut": lambda: _cut(village, lasts),
        "connections half closed": lambda: _half_close(village, lasts),
        "connections stalled": lambda: village.wires.stall(0.6, lasts),
        "client's disk full": lambda: _fill(person, lasts),
        "relay's disk full": lambda: _fill(village.relay, lasts),
        "client's clock jumps": lambda: _jump(person, rng, 24 * _HOUR),
        "relay's clock jumps": lambda: _jump(village.relay, rng, _HOUR),
    }
    became = await acts[what]()
    happened = became if isinstance(became, str) else what
    village.note(fault_ends=happened, whom=person.name)
    return happened


async def _kill(village: Village, person: Person, lasts: float) -> None:
    await person.kill()
    await person.gone()
    await asyncio.sleep(lasts / 3)
    await village.start(person)


async def _kill_at(village: Village, person: Person, rng: random.Random) -> str:
    """Kill in front of one of the next effects; anyhow if there are none soon."""
    asked = asyncio.create_task(person.ask("die", after=rng.randint(1, _NEAR)))
    happened = KILLS[1]
    try:
        async with asyncio.timeout(_SOON):
            await asyncio.shield(person.gone())
    except TimeoutError:
        happened = KILLS[0]
        await person.kill()
        await person.gone()
    await asyncio.gather(asked, return_exceptions=True)
    await village.start(person)
    return happened


async def _kill_relay(village: Village, lasts: float) -> None:
    await village.relay.kill()
    await asyncio.sleep(lasts / 3)
    await village.relay.start()


async def _stop(process: Process, lasts: float) -> None:
    process.signal(signal.SIGSTOP)
    await asyncio.sleep(lasts)
    process.signal(signal.SIGCONT)


async def _cut(village: Village, lasts: float) -> None:
    village.wires.cut(0.6)
    await asyncio.sleep(lasts / 3)
    village.wires.heal()


async def _half_close(village: Village, lasts: float) -> None:
    village.wires.half_close(0.6)
    await asyncio.sleep(lasts / 3)


async def _fill(process: Process, lasts: float) -> None:
    process.fill_disk(full=True)
    await asyncio.sleep(lasts)
    process.fill_disk(full=False)


async def _jump(process: Process, rng: random.Random, most: int) -> None:
    """Set a clock to another time; it stays there until the next jump."""
    clock.turn(process.clock, rng.randint(-most, most))
