"""A run of real processes can fail: a client that promises too early is found out."""

import random
from contextlib import suppress

import pytest

from tests.chaos.processes import Dead
from tests.chaos.village import Village

TRIES = 6


async def die_while_speaking(village):
    """Kill Ana in front of the next effect while she speaks, and start her again."""
    ana = village.people[0]
    with suppress(Dead):
        await ana.ask("die", after=1)
        await ana.ask("say", chat=village.places[0].chat, count=3)
    await ana.kill()
    await ana.gone()
    await village.start(ana)


@pytest.mark.slow
async def test_a_client_that_acknowledges_before_it_saves_is_found(tmp_path):
    async with Village(tmp_path, random.Random(1), people=2) as village:
        await village.meet()
        for _ in range(3):
            await die_while_speaking(village)
        await village.rest()
        assert await village.judge() == []

        village.people[0].plant = "hasty"
        for _ in range(TRIES):
            await die_while_speaking(village)
        assert {promise for promise, _ in village.faults} == {"kept words are kept"}
