"""Chats whose senders always have messages under way: what a relay can do at most."""

import asyncio
import time
from typing import TypeVar

from bench.relay_under_load import BenchChat, Relay
from bench.sockets import BenchSocket
from privity.wire import frames

__all__ = ["PAIRS", "WINDOW", "Pair", "expect", "saturated"]

T = TypeVar("T")
PAIRS = 50
WINDOW = 32


class Pair:
    """A chat whose sender keeps `WINDOW` messages in flight to one receiver."""

    def __init__(self, chat: BenchChat) -> None:
        self.chat = chat
        self.received = 0
        self.is_stopping = False

    async def start(self, relay: Relay, after: int) -> None:
        """Connect both ends and fill the window."""
        self.receiver = await relay.connect(self.take)
        await self.chat.follow(self.receiver, after)
        self.receiver.put(frames.Received(self.chat.log_id, after))
        self.sender = await relay.connect(self.send_another)
        await self.chat.attach(self.sender)
        for _ in range(WINDOW):
            self.sender.put(self.chat.append(0))
        self.sender.flush()

    def send_another(self, sender: BenchSocket, frame: frames.RelayFrame) -> None:
        """Answer an acknowledgement with the next message."""
        expect(frame, frames.Appended)
        if not self.is_stopping:
            sender.put(self.chat.append(0))

    def take(self, receiver: BenchSocket, frame: frames.RelayFrame) -> None:
        """Count what was received, and open the window again."""
        frame = expect(frame, frames.Entries)
        self.received += len(frame.entries)
        receiver.put(frames.Received(self.chat.log_id, frame.entries[-1].seq))

    def close(self) -> None:
        """Hang up both ends."""
        self.sender.close()
        self.receiver.close()


async def saturated(
    relay: Relay, seconds: float, after: int = 0
) -> tuple[float, float]:
    """Return messages a second, and a CPU-second of the relay and its server.

    `after` is how many entries each chat has already.
    """
    pairs = [Pair(chat) for chat in relay.chats[:PAIRS]]
    for pair in pairs:
        await pair.start(relay, after)
    await asyncio.sleep(seconds / 4)
    counts = [pair.received for pair in pairs]
    cpu, began = relay.cpu_seconds(), time.perf_counter()
    await asyncio.sleep(seconds)
    took, cost = time.perf_counter() - began, relay.cpu_seconds() - cpu
    done = sum(pair.received for pair in pairs) - sum(counts)
    for pair in pairs:
        pair.is_stopping = True
    await asyncio.sleep(0.2)
    for pair in pairs:
        pair.close()
    return done / took, done / cost


def expect(frame: frames.RelayFrame, kind: type[T]) -> T:
    """Return a frame that is of this kind; raises TypeError for another."""
    if not isinstance(frame, kind):
        raise TypeError(f"not {kind.__name__}: {frame}")
    return frame
