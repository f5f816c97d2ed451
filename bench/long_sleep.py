"""A device that slept while its group went on, for `bench_protocol`.

While it is away the log fills with messages and commits, every fourth of which opens
a generation. It comes back twice: from where it stood, by reading all of that; and with
an older disk, so that it drops its keys, pleads, and rejoins by a commit of its own.
Everybody is the real client, on the real store, at the real relay.
"""

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from bench.client_pair import (
    Client,
    Relay,
    befriended,
    composed,
    receiving,
    registered,
    until,
)
from bench.counting_wire import Wire
from bench.full_group import change, common_group, leavers, nobodies, state_of
from privity.client.driver import Driver
from privity.client.ledger import read_lines
from privity.core.state import State, Status

__all__ = [
    "Cost",
    "Night",
    "Sleepers",
    "both_online",
    "comes_back",
    "meet",
    "pass_night",
    "reads_up",
]

OPENS_EVERY = 4
WINDOW = 32


@dataclass(frozen=True, slots=True)
class Sleepers:
    """Who stays awake and who sleeps, the wire of the latter, and their group."""

    awake: Client
    asleep: Client
    wire: Wire
    chat_id: bytes


@dataclass(frozen=True, slots=True)
class Night:
    """What happens while the other one sleeps."""

    messages: int
    commits: int


@dataclass(frozen=True, slots=True)
class Cost:
    """What coming back cost; `requests` are frames and calls that left the device."""

    down: int
    up: int
    requests: int
    seconds: float
    cpu_seconds: float


async def meet(folder: Path, relay: Relay, wire: Wire, size: int) -> Sleepers:
    """Return two people in a group of `size` leaves; both rest."""
    through = replace(relay, url=_with_port(relay.url, wire.port))
    awake = await registered(folder / "awake", relay)
    asleep = await registered(folder / "asleep", through)
    async with awake.running() as a, asleep.running() as b:
        await befriended(a, b)
        chat_id = await common_group(a, b)
    sleepers = Sleepers(awake, asleep, wire, chat_id)
    if size > 2:
        await change(awake, chat_id, nobodies(size - 2))
        await reads_up(sleepers)
    return sleepers


async def pass_night(sleepers: Sleepers, night: Night) -> None:
    """Let the one who is awake commit and speak."""
    awake, chat_id = sleepers.awake, sleepers.chat_id
    for number in range(night.commits):
        if number % OPENS_EVERY:
            await change(awake, chat_id, nobodies(1))
        else:
            # As many as come in until the next time, so that there is room for them.
            await change(awake, chat_id, leavers(awake, chat_id, OPENS_EVERY - 1))
        await _speak(awake, chat_id, night.messages // night.commits)
    said = night.commits * (night.messages // max(night.commits, 1))
    await _speak(awake, chat_id, night.messages - said)


async def both_online(sleepers: Sleepers) -> tuple[State, State]:
    """Return the states of the two when all is read; both rest again."""
    chat_id = sleepers.chat_id
    async with sleepers.awake.running() as a, sleepers.asleep.running() as b:

        def at_one() -> bool:
            chats = [driver.state.chats[chat_id] for driver in (a, b)]
            quiet = not (a.state.outgoing.get(chat_id) or b.state.outgoing.get(chat_id))
            synced = all(chat_id in d.state.session.synced for d in (a, b))
            return quiet and synced and chats[0].chain == chats[1].chain

        await until(at_one)
        return a.state, b.state


async def reads_up(sleepers: Sleepers) -> Cost:
    """Wake the sleeper, let it read to the end of the log, and let it rest."""
    chat_id = sleepers.chat_id
    end = _cursor(sleepers.awake, chat_id)

    def is_back(driver: Driver) -> bool:
        return driver.state.chats[chat_id].cursor >= end

    return await _coming_back(sleepers, is_back)


async def comes_back(sleepers: Sleepers, old_disk: Path) -> Cost:
    """Give the sleeper an older disk; let it plead, and come back by a commit."""
    disk, chat_id = sleepers.asleep.path, sleepers.chat_id
    shutil.copyfile(old_disk, disk)
    end = _cursor(sleepers.awake, chat_id)

    def is_back(driver: Driver) -> bool:
        chat = driver.state.chats[chat_id]
        is_synced = chat_id in driver.state.session.synced
        return chat.status is Status.ACTIVE and chat.cursor > end and is_synced

    with receiving(sleepers.awake):
        return await _coming_back(sleepers, is_back)


async def _coming_back(sleepers: Sleepers, is_back: Callable[[Driver], bool]) -> Cost:
    wire, lines = sleepers.wire, _lines(sleepers.asleep)
    up, down = wire.bytes_up(), wire.bytes_down()
    cpu, began = time.process_time(), time.monotonic()
    async with sleepers.asleep.running() as driver:
        await until(lambda: is_back(driver))
        took, cost = time.monotonic() - began, time.process_time() - cpu
    return Cost(
        down=wire.bytes_down() - down,
        up=wire.bytes_up() - up,
        requests=_lines(sleepers.asleep) - lines,
        seconds=took,
        cpu_seconds=cost,
    )


async def _speak(client: Client, chat_id: bytes, count: int) -> None:
    async with client.running() as driver:
        await until(lambda: chat_id in driver.state.session.synced)
        for first in range(0, count, WINDOW):
            for number in range(first, min(first + WINDOW, count)):
                await driver.do(composed(driver, chat_id, f"message {number}"))
            await until(lambda: not driver.state.outgoing.get(chat_id))


def _cursor(client: Client, chat_id: bytes) -> int:
    return state_of(client).chats[chat_id].cursor


def _lines(client: Client) -> int:
    store = client.store()
    try:
        return len(read_lines(store.database, limit=1_000_000))
    finally:
        store.close()


def _with_port(url: str, port: int) -> str:
    return urlsplit(url)._replace(netloc=f"localhost:{port}").geturl()
