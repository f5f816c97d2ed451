"""What the relay does: messages a second, what one costs, how long one takes.

Messages of 1 KiB, counted from the sender's socket to the receiver's, each durable
before it is acknowledged; access checks, chain, stamp and digest included. The
client runs on the other core. `python bench/bench_relay.py [--quick]`.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TypeVar

import uvloop

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from bench.bare_limit import entries_per_cpu_second  # noqa: E402
from bench.relay_under_load import BenchChat, Relay, running_relay  # noqa: E402
from bench.report import Peer, measured, publish, with_peer  # noqa: E402
from bench.sockets import BenchSocket  # noqa: E402
from bench.timing import Samples  # noqa: E402
from bench.tokens import token_costs  # noqa: E402
from privity.wire import frames  # noqa: E402

PAIRS = 50
WINDOW = 32
GROUP = 100
IDLE = 10_000
LIGHT_PER_SECOND = 100
T = TypeVar("T")
BARE = "SQLite alone, 32 a transaction"


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
        self.sender = await relay.connect(self.send_another)
        await self.chat.attach(self.sender)
        for _ in range(WINDOW):
            self.sender.put(self.chat.append(0))
        self.sender.flush()

    def send_another(self, sender: BenchSocket, frame: frames.RelayFrame) -> None:
        """Answer an acknowledgement with the next message."""
        _expect(frame, frames.Appended)
        if not self.is_stopping:
            sender.put(self.chat.append(0))

    def take(self, receiver: BenchSocket, frame: frames.RelayFrame) -> None:
        """Count what was received, and open the window again."""
        frame = _expect(frame, frames.Entries)
        self.received += len(frame.entries)
        receiver.put(frames.Received(self.chat.log_id, frame.entries[-1].seq))

    def close(self) -> None:
        """Hang up both ends."""
        self.sender.close()
        self.receiver.close()


async def saturated(relay: Relay, seconds: float) -> tuple[float, float]:
    """Return messages a second, and a CPU-second of the relay."""
    pairs = [Pair(chat) for chat in relay.chats[:PAIRS]]
    for pair in pairs:
        await pair.start(relay, 0)
        pair.receiver.put(frames.Received(pair.chat.log_id, 0))
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


async def light(relay: Relay, seconds: float) -> tuple[float, float]:
    """Return p50 and p99 of a message's way, in milliseconds."""
    sent: dict[bytes, float] = {}
    took: list[float] = []

    def take(_: BenchSocket, frame: frames.RelayFrame) -> None:
        frame = _expect(frame, frames.Entries)
        now = time.perf_counter()
        took.extend(
            now - sent[entry.header]
            for entry in frame.entries
            if isinstance(entry, frames.Entry)
        )

    chat = relay.chats[PAIRS]
    receiver = await relay.connect(take)
    await chat.follow(receiver, 0)
    sender = await relay.connect(lambda _socket, _frame: None)
    await chat.attach(sender)
    for _ in range(int(seconds * LIGHT_PER_SECOND)):
        append = chat.append(0)
        sent[append.header] = time.perf_counter()
        sender.put(append)
        sender.flush()
        await asyncio.sleep(1 / LIGHT_PER_SECOND)
        receiver.put(frames.Received(chat.log_id, len(took)))
    sender.close()
    receiver.close()
    cuts = statistics.quantiles(took, n=100)
    return cuts[49] * 1_000, cuts[98] * 1_000


async def group(relay: Relay, seconds: float) -> float:
    """Return deliveries a second in one chat with `GROUP` members online."""
    pair = Pair(relay.chats[PAIRS + 1])
    members = [await relay.connect(pair.take) for _ in range(GROUP - 1)]
    for member in members:
        await pair.chat.follow(member, 0)
    await pair.start(relay, 0)
    await asyncio.sleep(seconds / 4)
    began, count = time.perf_counter(), pair.received
    await asyncio.sleep(seconds)
    rate = (pair.received - count) / (time.perf_counter() - began)
    pair.is_stopping = True
    await asyncio.sleep(0.2)
    for member in members:
        member.close()
    pair.close()
    return rate


async def idle(relay: Relay, count: int) -> float:
    """Return how many bytes each of `count` idle, following connections takes."""
    chat = relay.chats[PAIRS + 2]

    def ignore(_socket: BenchSocket, _frame: frames.RelayFrame) -> None:
        return

    sockets = []
    for _ in range(count // 10):
        sockets.append(await relay.connect(ignore))
        await chat.follow(sockets[-1], 0)
    before = relay.pss_bytes()
    for _ in range(count):
        sockets.append(await relay.connect(ignore))
        await chat.follow(sockets[-1], 0)
    after = relay.pss_bytes()
    for socket in sockets:
        socket.close()
    return (after - before) / count


def once(work: Callable[[Relay], Coroutine[None, None, T]]) -> T:
    """Run one measurement against a fresh relay."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_relay(Path(folder) / "relay", PAIRS + 3) as relay,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        return runner.run(work(relay))


def main() -> None:
    """Measure all, print the table and write build/bench/relay.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="once, and shorter")
    quick = parser.parse_args().quick
    seconds, repeats = (2.0, 1) if quick else (6.0, 3)
    rates, costs, floors, p50, p99, deliveries = [], [], [], [], [], []
    for _ in range(repeats):
        floors.append(entries_per_cpu_second(seconds / 2))
        rate, cost = once(lambda relay: saturated(relay, seconds))
        rates.append(rate)
        costs.append(cost)
        middle, late = once(lambda relay: light(relay, seconds))
        p50.append(middle)
        p99.append(late)
        deliveries.append(once(lambda relay: group(relay, seconds)))
    connections = IDLE // 20 if quick else IDLE
    memory = once(lambda relay: idle(relay, connections))
    floor = Peer(BARE, statistics.median(floors))
    rows = [
        measured("messages", 2 * PAIRS, "messages/s", "more", rates),
        with_peer(
            measured("messages by CPU", 2 * PAIRS, "messages/CPU-s", "more", costs),
            floor,
        ),
        measured("latency p50", LIGHT_PER_SECOND, "ms", "less", p50),
        measured("latency p99", LIGHT_PER_SECOND, "ms", "less", p99),
        measured("group deliveries", GROUP, "deliveries/s", "more", deliveries),
        measured("idle connection", connections, "bytes", "less", [memory]),
        *(
            measured(name, 1, "µs", "less", taken)
            for name, taken in _token_costs(1 if quick else 20).items()
        ),
    ]
    publish("relay", rows)


def _token_costs(repeats: int) -> dict[str, list[float]]:
    samples = Samples()
    for _ in range(repeats):
        samples.note(token_costs())
    return samples.by_name


def _expect(frame: frames.RelayFrame, kind: type[T]) -> T:
    if not isinstance(frame, kind):
        raise TypeError(f"not {kind.__name__}: {frame}")
    return frame


if __name__ == "__main__":
    main()
