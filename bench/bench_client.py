"""What a client does: the way of a message from one to another, and what it costs.

`python -m bench.bench_client [--quick]`. Sender, receiver and relay are processes;
between them is pinned TLS; every message is durable with its sender before it leaves,
with the relay before it is acknowledged, with its receiver before it is shown.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from pathlib import Path

from bench import cold_start, sealing_files, searches
from bench.client_pair import (
    Receiver,
    Relay,
    composed,
    introduced,
    receiving,
    running_relay,
)
from bench.history import fill
from bench.report import Better, Row, measured, publish
from bench.timing import Samples
from privity.client.driver import Driver
from privity.core.events import MessageSent

WINDOW = 64
"""Messages that the sender has queued and the relay not acknowledged, at most."""
PER_SECOND = 20
LIGHT = 60
"""Messages of one repeat at light load."""
HISTORY = 10_000
FOUND_AMONG = 100_000
FILE_MB = 100
UNITS: dict[str, tuple[int, str, Better]] = {
    "messages": (WINDOW, "messages/s", "more"),
    "sender, a message": (WINDOW, "CPU-ms", "less"),
    "receiver, a message": (WINDOW, "CPU-ms", "less"),
    "relay, a message": (WINDOW, "CPU-ms", "less"),
    "latency p50": (PER_SECOND, "ms", "less"),
    "latency p99": (PER_SECOND, "ms", "less"),
    "compose, protect, save": (PER_SECOND, "ms", "less"),
    "send, a message": (PER_SECOND, "CPU-ms", "less"),
    "receive, decrypt, store": (PER_SECOND, "CPU-ms", "less"),
    "cold start": (HISTORY, "ms", "less"),
    "cold start, CPU": (HISTORY, "CPU-ms", "less"),
    "search, in all chats": (FOUND_AMONG, "ms", "less"),
    "search, in one chat": (FOUND_AMONG, "ms", "less"),
    "search, one letter": (FOUND_AMONG, "ms", "less"),
    "seal a file": (FILE_MB, "MB/CPU-s", "more"),
    "open a file": (FILE_MB, "MB/CPU-s", "more"),
    "memory to seal a file": (FILE_MB, "KiB", "less"),
}


class Talk:
    """A sender in this process, the receiver in another, the relay in a third."""

    def __init__(
        self, driver: Driver, chat_id: bytes, receiver: Receiver, relay: Relay
    ) -> None:
        self._driver = driver
        self._chat_id = chat_id
        self._receiver = receiver
        self._relay = relay

    async def saturated(self, count: int) -> list[tuple[str, float]]:
        """Send `count` messages, `WINDOW` on their way; return rate and costs."""
        relay, cpu = self._relay.cpu_seconds(), time.process_time()
        began = time.monotonic()
        await self._send_all(count)
        cost = time.process_time() - cpu
        heard = await asyncio.to_thread(self._receiver.wait, count)
        return [
            ("messages", count / (max(heard.at.values()) - began)),
            ("sender, a message", cost / count * 1e3),
            ("receiver, a message", heard.cpu / count * 1e3),
            ("relay, a message", (self._relay.cpu_seconds() - relay) / count * 1e3),
        ]

    async def light(self, count: int) -> list[tuple[str, float]]:
        """Send `PER_SECOND`; return how long messages are on their way."""
        sent: dict[bytes, float] = {}
        saving: list[float] = []
        cpu = time.process_time()
        for number in range(count):
            began = time.monotonic()
            idem = await self._send(f"light {number}")
            sent[idem] = began
            saving.append(time.monotonic() - began)
            await asyncio.sleep(1 / PER_SECOND)
        cost = time.process_time() - cpu
        heard = await asyncio.to_thread(self._receiver.wait, count)
        took = [heard.at[idem] - began for idem, began in sent.items()]
        cuts = statistics.quantiles(took, n=100)
        return [
            ("latency p50", cuts[49] * 1e3),
            ("latency p99", cuts[98] * 1e3),
            ("compose, protect, save", statistics.median(saving) * 1e3),
            ("send, a message", cost / count * 1e3),
            ("receive, decrypt, store", heard.cpu / count * 1e3),
        ]

    async def _send(self, text: str) -> bytes:
        idem = await self._driver.do(composed(self._driver, self._chat_id, text))
        if not isinstance(idem, bytes):
            raise TypeError("a message has an idem")
        return idem

    async def _send_all(self, count: int) -> None:
        room = asyncio.Semaphore(WINDOW)

        async def one(number: int) -> None:
            await room.acquire()
            await self._send(f"message {number}")

        with self._driver.subscribe() as events:
            async with asyncio.TaskGroup() as group:
                for number in range(count):
                    group.create_task(one(number))
                waiting = count
                async for event in events:
                    if isinstance(event, MessageSent):
                        room.release()
                        waiting -= 1
                        if not waiting:
                            break


def talking(folder: Path, repeats: int, count: int) -> Samples:
    """Measure the way of messages, and the start of a client that has many."""
    samples = Samples()
    with running_relay(folder / "relay") as relay:
        ana, ben, chat_id = asyncio.run(introduced(folder, relay))
        with receiving(ben) as receiver:

            async def talk() -> None:
                async with ana.running() as driver:
                    pair = Talk(driver, chat_id, receiver, relay)
                    for _ in range(repeats):
                        samples.note(await pair.saturated(count))
                        samples.note(await pair.light(LIGHT))

            asyncio.run(talk())
    fill(ana, chat_id, HISTORY)
    cold_start.start(ana.path, ana.key, chat_id)
    for _ in range(repeats):
        took, cpu = cold_start.start(ana.path, ana.key, chat_id)
        samples.note([("cold start", took * 1e3), ("cold start, CPU", cpu * 1e3)])
    return samples


def main() -> None:
    """Measure all, print the table and write build/bench/client.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer messages")
    repeats, count = (3, 100) if parser.parse_args().quick else (5, 300)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        samples = talking(folder, repeats, count)
        for _ in range(repeats):
            sealed, opened = sealing_files.rates(FILE_MB // 4)
            samples.note([("seal a file", sealed), ("open a file", opened)])
        searches.fill(folder / "searched.db", FOUND_AMONG)
        for _ in range(repeats):
            samples.note(searches.times(folder / "searched.db"))
        memory = sealing_files.memory_kib(folder, FILE_MB)
        samples.note([("memory to seal a file", memory)])
    publish("client", [_row(name, values) for name, values in samples.by_name.items()])


def _row(name: str, values: list[float]) -> Row:
    n, unit, better = UNITS[name]
    return measured(name, n, unit, better, values)


if __name__ == "__main__":
    main()
