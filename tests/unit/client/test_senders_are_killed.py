"""kill -9, again and again, in the middle of whatever the process does."""

import asyncio
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SENDER = ROOT / "tests" / "harness" / "message_sender.py"
KILLS = 12


@pytest.mark.slow
async def test_a_sender_that_is_killed_a_dozen_times_loses_and_doubles_nothing(
    pair, eventually
):
    ana, ben, chat = pair
    await ana.stop()
    command = [
        sys.executable,
        str(SENDER),
        str(ana.path),
        ana.key.reveal().hex(),
        chat.hex(),
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    dice = random.Random(7)
    told = []
    for _ in range(KILLS):
        process = await asyncio.create_subprocess_exec(
            *command, env=environment, stdout=subprocess.PIPE
        )
        first = await process.stdout.readline()
        await asyncio.sleep(dice.uniform(0.0, 0.6))
        process.kill()
        rest = await process.stdout.read()
        await process.wait()
        told += (first + rest).decode().split()
    await ana.start()
    await eventually(lambda: set(ana.states(chat)) == {"sent"}, 60)
    sent = ana.texts(chat)
    assert sent == [f"m{number}" for number in range(len(sent))]
    # What was told to be durable is there; a kill may come before the telling.
    assert set(told) <= set(sent)
    assert len(told) == len(set(told))
    await eventually(lambda: len(ben.texts(chat)) == len(sent), 60)
    assert ben.texts(chat) == sent
    assert len(sent) > KILLS


async def test_a_relay_that_restarts_again_and_again_loses_nothing(
    pair, relay, eventually
):
    ana, ben, chat = pair
    expected = []
    for turn in range(4):
        for number in range(6):
            expected.append(f"{turn}.{number}")
            await ana.send(chat, expected[-1])
        await asyncio.to_thread(relay.restart)
    await eventually(lambda: ben.texts(chat) == expected, 60)
    await eventually(lambda: set(ana.states(chat)) == {"sent"}, 60)
    assert ana.texts(chat) == expected
