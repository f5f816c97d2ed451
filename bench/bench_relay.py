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
from collections.abc import Callable, Coroutine, Iterator
from functools import partial
from pathlib import Path
from typing import TypeVar

import uvloop

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from bench.bare_limit import commits_at, entries_per_cpu_second  # noqa: E402
from bench.growth import by_members, log_bytes  # noqa: E402
from bench.idle import device_bytes, following_bytes, idle, idle_rows  # noqa: E402
from bench.own_postgres import OwnPostgres, own_postgres  # noqa: E402
from bench.paced import LATE_MS, latency  # noqa: E402
from bench.pairs import PAIRS, Pair, saturated  # noqa: E402
from bench.relay_under_load import Relay, running_relay  # noqa: E402
from bench.report import Peer, Row, measured, publish, with_peer  # noqa: E402
from bench.timing import Samples  # noqa: E402
from bench.tokens import token_costs  # noqa: E402

GROUP = 100
IDLE = 10_000
FOLLOWED = 20
LIGHT = 100
PER_SECOND = (LIGHT, 1_000)
STORED = 1_000_000
SHARE = 0.6
"""Of what the store does alone: the goal."""
T = TypeVar("T")
BARE = "SQLite alone, 32 a transaction"
ALONE = "PostgreSQL alone, 256 a transaction"


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


def once(
    work: Callable[[Relay], Coroutine[None, None, T]],
    *,
    stored: int = 0,
    server: OwnPostgres | None = None,
) -> T:
    """Run one measurement against a fresh relay."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_relay(
            Path(folder) / "relay", PAIRS + 3, stored=stored, server=server
        ) as relay,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        return runner.run(work(relay))


def main() -> None:
    """Measure all, print the table and write build/bench/relay.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="once, and shorter")
    quick = parser.parse_args().quick
    seconds, repeats = (2.0, 1) if quick else (6.0, 3)
    with own_postgres() as server:
        rows = [
            *_speed("", seconds, repeats, None),
            *(_speed(" on PostgreSQL", seconds, repeats, server) if server else ()),
        ]
    deliveries = [once(lambda relay: group(relay, seconds)) for _ in range(repeats)]
    rows.append(measured("group deliveries", GROUP, "deliveries/s", "more", deliveries))
    connections = IDLE // 20 if quick else IDLE
    rows += idle_rows(
        connections, once(partial(idle, count=connections, seconds=seconds))
    )
    devices = connections // 5
    size = once(partial(device_bytes, count=devices))
    rows.append(measured("idle device", devices, "bytes", "less", [size]))
    for chats in (1, FOLLOWED):
        size = once(partial(following_bytes, count=devices, chats=chats))
        rows.append(measured("idle, chats followed", chats, "bytes", "less", [size]))
    rows += _growth(seconds, quick=quick)
    rows += [
        measured(name, 1, "µs", "less", taken)
        for name, taken in _token_costs(1 if quick else 20).items()
    ]
    publish("relay", rows)


def _speed(
    on: str, seconds: float, repeats: int, server: OwnPostgres | None
) -> Iterator[Row]:
    """Return what one kind of store does, beside what it does alone in the same run."""
    floors, rates, costs = [], [], []
    late: dict[int, list[tuple[float, float]]] = {rate: [] for rate in PER_SECOND}
    for _ in range(repeats):
        if server is None:
            floors.append(entries_per_cpu_second(seconds / 2))
        else:
            floors.append(server.rows(seconds / 2)[1])
        rate, cost = once(lambda relay: saturated(relay, seconds), server=server)
        rates.append(rate)
        costs.append(cost)
        for at, took in late.items():
            took.append(
                once(partial(latency, seconds=seconds, per_second=at), server=server)
            )
    floor = Peer(ALONE if server else BARE, statistics.median(floors), SHARE)
    yield measured(f"messages{on}", 2 * PAIRS, "messages/s", "more", rates)
    by_cpu = measured(
        f"messages by CPU{on}", 2 * PAIRS, "messages/CPU-s", "more", costs
    )
    yield with_peer(by_cpu, floor)
    for at, took in late.items():
        alone = (server.commits_at if server else commits_at)(at, seconds)
        cut = statistics.quantiles(alone, n=100)[98]
        yield measured(f"a commit alone, p99{on}", at, "ms", "less", [cut])
        middle, last = zip(*took, strict=True)
        yield measured(f"latency p50{on}", at, "ms", "less", middle)
        p99 = measured(f"latency p99{on}", at, "ms", "less", last)
        is_goal = at == LIGHT and server is None
        yield with_peer(p99, Peer("the goal", LATE_MS, 1.0)) if is_goal else p99


def _growth(seconds: float, *, quick: bool) -> Iterator[Row]:
    """Return what a message costs by who is online and what is stored."""
    for members in (2, 100) if quick else (2, 10, 100, 1_000):
        cost = once(partial(by_members, seconds=seconds, members=members))
        yield measured("CPU of a message, members", members, "µs", "less", [cost])
    for together in (1, 100):
        took = once(partial(log_bytes, messages=1_000, together=together))
        yield measured("write-ahead log, together", together, "bytes", "less", [took])
    if not quick:
        each = STORED // (PAIRS + 3)
        _, empty = once(lambda relay: saturated(relay, seconds))
        _, full = once(partial(saturated, seconds=seconds, after=each), stored=each)
        row = measured("messages by CPU", STORED, "messages/CPU-s", "more", [full])
        yield with_peer(row, Peer("with nothing stored", empty))


def _token_costs(repeats: int) -> dict[str, list[float]]:
    samples = Samples()
    for _ in range(repeats):
        samples.note(token_costs())
    return samples.by_name


if __name__ == "__main__":
    main()
