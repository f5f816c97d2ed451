"""How long a message is under way while so many a second are sent in one chat."""

import asyncio
import statistics
import time

from bench.pairs import expect
from bench.relay_under_load import Relay
from bench.sockets import BenchSocket
from privity.wire import frames

__all__ = ["LATE_MS", "latency"]

LATE_MS = 8.0
"""The goal for the 99th percentile at 100 a second."""


class _Trip:
    """Notes when each message left, and how long it took."""

    def __init__(self) -> None:
        self.left: dict[bytes, float] = {}
        self.took: list[float] = []

    def take(self, receiver: BenchSocket, frame: frames.RelayFrame) -> None:
        """Note what has come, and open the window again."""
        frame = expect(frame, frames.Entries)
        now = time.perf_counter()
        self.took.extend(
            now - self.left.pop(entry.header)
            for entry in frame.entries
            if isinstance(entry, frames.Entry)
        )
        receiver.put(frames.Received(frame.log_id, frame.entries[-1].seq))


async def latency(
    relay: Relay, seconds: float, per_second: int, chat: int = 0
) -> tuple[float, float]:
    """Return p50 and p99 of a message's way, in milliseconds, at a steady rate.

    A message that left late counts from when it should have left.
    """
    trip, own = _Trip(), relay.chats[chat]
    receiver = await relay.connect(trip.take)
    await own.follow(receiver, 0)
    sender = await relay.connect(lambda _socket, _frame: None)
    await own.attach(sender)
    began = time.perf_counter()
    for number in range(int(seconds * per_second)):
        due = began + number / per_second
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        append = own.append(0)
        trip.left[append.header] = due
        sender.put(append)
        sender.flush()
    await asyncio.sleep(0.3)
    sender.close()
    receiver.close()
    cuts = statistics.quantiles(trip.took, n=100)
    return cuts[49] * 1_000, cuts[98] * 1_000
