"""What connections cost that say nothing: memory, and what others feel of them.

Of one process: bytes of each, how fast they come in, a message's way beside them and
without them in the same run, and what they leave when all are gone.
"""

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from bench.crowd import Member, crowd
from bench.device import BenchDevice
from bench.paced import latency
from bench.relay_under_load import Relay
from bench.report import Peer, Row, measured, with_peer
from privity.relay.paths import ACCOUNTS_NAME

__all__ = ["Idle", "device_bytes", "following_bytes", "idle", "idle_rows"]

GOAL = 15_000
"""Bytes of an idle connection."""
_LIGHT = 100
_WARM, _CROWDED, _ALONE, _BESIDE = 0, 1, 2, 3


@dataclass(frozen=True, slots=True)
class Idle:
    """What was measured of a crowd; latencies are p50 and p99 in milliseconds."""

    each: float
    seconds: float
    alone: tuple[float, float]
    beside: tuple[float, float]
    left: float
    again: float


async def idle(relay: Relay, count: int, seconds: float) -> Idle:
    """Measure `count` connections, each of which follows a chat."""
    one = [relay.chats[_CROWDED]]
    async with crowd(relay, [[relay.chats[_WARM]]] * max(50, count // 100)):
        alone = await latency(relay, seconds, _LIGHT, _ALONE)
        before = relay.pss_bytes()
        async with crowd(relay, [one] * count) as took:
            each = relay.pss_bytes() - before
            beside = await latency(relay, seconds, _LIGHT, _BESIDE)
        left = relay.pss_bytes()
        async with crowd(relay, [one] * count):
            again = relay.pss_bytes() - left
    return Idle(
        each / count, took, alone, beside, (left - before) / count, again / count
    )


async def device_bytes(relay: Relay, count: int) -> float:
    """Return the bytes of a device's own connection: logged in, its mailbox open."""
    devices = [BenchDevice() for _ in range(count + 50)]
    accounts = Path(relay.uds).parent / ACCOUNTS_NAME
    with closing(sqlite3.connect(accounts, timeout=60)) as database, database:
        for device in devices:
            device.register(database, int(time.time()))
    return await _bytes(relay, devices[:50], devices[50:])


async def following_bytes(relay: Relay, count: int, chats: int) -> float:
    """Return the bytes of a connection that follows so many chats."""
    own = relay.chats[:chats]
    return await _bytes(relay, [own] * 50, [own] * count)


async def _bytes(
    relay: Relay, warm: Sequence[Member], members: Sequence[Member]
) -> float:
    async with crowd(relay, warm):
        before = relay.pss_bytes()
        async with crowd(relay, members):
            return (relay.pss_bytes() - before) / len(members)


def idle_rows(count: int, found: Idle) -> Iterator[Row]:
    """Return what is told of a crowd."""
    each = measured("idle connection", count, "bytes", "less", [found.each])
    yield with_peer(each, Peer("the goal", GOAL, 1.0))
    rate = count / found.seconds
    yield measured("connections come in", count, "connections/s", "more", [rate])
    for name, alone, beside in zip(
        ("p50", "p99"), found.alone, found.beside, strict=True
    ):
        row = measured(f"latency {name} beside them", count, "ms", "less", [beside])
        yield with_peer(row, Peer("without them", alone))
    yield measured("kept when they are gone", count, "bytes", "less", [found.left])
    yield measured("when they come again", count, "bytes", "less", [found.again])
