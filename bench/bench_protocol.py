"""What the protocol costs beside MLS: a message's parts, coming back, room on disks.

`python -m bench.bench_protocol [--quick]`. Clients, stores and the relay are the real
ones; docs/architecture/costs.md says how to read the table. Times are of the processor
where nothing else is said, and each part stands beside the MLS operation, or the disk's
page, of the same run.
"""

import argparse
import asyncio
import shutil
import statistics
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from bench import long_sleep, message_parts
from bench.client_pair import Relay, running_relay
from bench.counting_wire import Wire, counted_wire
from bench.long_sleep import Cost, Night, Sleepers
from bench.message_parts import Passage
from bench.report import Peer, Row, measured, publish, with_peer
from bench.sizes_on_disk import History, of_a_chat, of_the_relay
from bench.timing import Samples

REPEATS = 5
PROTECT, UNPROTECT = "send: MLS protect", "receive: MLS unprotect"
PAGE = "floor: 4 KiB and fdatasync"


@dataclass(frozen=True, slots=True)
class Plan:
    """How large what is measured is."""

    sizes: tuple[int, ...]
    night: Night
    lengths: tuple[int, ...]


FULL = Plan((2, 16, 250), Night(2_000, 64), (1, 1_000, 10_000, 100_000))
QUICK = Plan((2, 16), Night(100, 8), (1, 1_000))
NAP = Night(0, 4)
TALK = Night(100, 0)


@dataclass(frozen=True, slots=True)
class Place:
    """Where everything lies and runs."""

    folder: Path
    relay: Relay
    wire: Wire

    def relay_bytes(self) -> int:
        """Return what the relay keeps."""
        return of_the_relay(self.folder / "relay")


def message_rows(place: Place, sleepers: Sleepers, size: int) -> Iterator[Row]:
    """Yield what one message costs in a group of a size."""
    ends = asyncio.run(long_sleep.both_online(sleepers))
    passage = Passage.of(*ends, sleepers.chat_id)
    times, waits = Samples(), Samples()
    for number in range(REPEATS):
        times.note(message_parts.parts(passage))
        path = place.folder / f"saves-{size}-{number}"
        waits.note(message_parts.saves(passage, path))
        waits.note(message_parts.floors(place.folder))
    for name, values in times.by_name.items():
        end = UNPROTECT if name.startswith("receive") else PROTECT
        peer = Peer(end, statistics.median(times.by_name[end]))
        yield with_peer(measured(name, size, "us", "less", values), peer)
    page = Peer(PAGE, statistics.median(waits.by_name[PAGE]))
    for name, values in waits.by_name.items():
        if name.startswith("floor: Ed"):
            yield measured(name, size, "us", "less", values)
        else:
            yield with_peer(measured(name, size, "wall ms", "less", values), page)
    text = Peer("text", len(message_parts.TEXT))
    for name, value in message_parts.sizes(passage):
        yield with_peer(measured(name, size, "bytes", "less", [value]), text)


def chat_rows(place: Place, plan: Plan, size: int) -> Iterator[Row]:
    """Yield what a group of a size takes at client and relay; the last one, all."""
    empty = place.relay_bytes()
    folder = place.folder / f"people-{size}"
    folder.mkdir()
    meeting = long_sleep.meet(folder, place.relay, place.wire, size)
    sleepers = asyncio.run(meeting)
    for name, value in of_a_chat(sleepers.asleep, sleepers.chat_id):
        yield measured(f"client, {name}", size, "bytes", "less", [value])
    made = place.relay_bytes() - empty
    yield measured("relay, two accounts, chat", size, "bytes", "less", [made])
    before = place.relay_bytes()
    asyncio.run(long_sleep.pass_night(sleepers, TALK))
    entry = (place.relay_bytes() - before) / TALK.messages
    yield measured("relay, an entry", size, "bytes", "less", [entry])
    asyncio.run(long_sleep.reads_up(sleepers))
    yield from message_rows(place, sleepers, size)
    if size == plan.sizes[-1]:
        yield from _sleep_rows(place, sleepers, plan, size)
        yield from _history_rows(place, sleepers, plan)


def _sleep_rows(
    place: Place, sleepers: Sleepers, plan: Plan, size: int
) -> Iterator[Row]:
    before = place.relay_bytes()
    asyncio.run(long_sleep.pass_night(sleepers, NAP))
    grown = (place.relay_bytes() - before) / NAP.commits
    yield measured("relay, a commit", size, "bytes", "less", [grown])
    nap = asyncio.run(long_sleep.reads_up(sleepers))
    yield from _cost_rows(f"wake, {NAP.commits} commits", size, nap)
    disk = place.folder / "old-disk"
    shutil.copyfile(sleepers.asleep.path, disk)
    asyncio.run(long_sleep.pass_night(sleepers, plan.night))
    night = f"{plan.night.messages} messages, {plan.night.commits} commits"
    woken = asyncio.run(long_sleep.reads_up(sleepers))
    yield from _cost_rows(f"wake, {night}", size, woken)
    back = asyncio.run(long_sleep.comes_back(sleepers, disk))
    yield from _cost_rows("old disk, come back", size, back)


def _cost_rows(name: str, size: int, cost: Cost) -> Iterator[Row]:
    yield measured(f"{name}: down", size, "bytes", "less", [cost.down])
    yield measured(f"{name}: up", size, "bytes", "less", [cost.up])
    yield measured(f"{name}: sent", size, "requests", "less", [cost.requests])
    yield measured(f"{name}: time", size, "wall s", "less", [cost.seconds])
    yield measured(f"{name}: client", size, "CPU-s", "less", [cost.cpu_seconds])


def _history_rows(place: Place, sleepers: Sleepers, plan: Plan) -> Iterator[Row]:
    history = History(sleepers.asleep, place.folder / "history", sleepers.chat_id)
    for length in plan.lengths:
        history.grow(length)
        each = history.bytes_each()
        yield measured("client, a message", length, "bytes", "less", [each])
        samples = Samples()
        for _ in range(REPEATS):
            samples.note(history.times())
        for name, values in samples.by_name.items():
            yield measured(name, length, "ms", "less", values)


def main() -> None:
    """Measure all, print the table and write build/bench/protocol.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small groups, short logs")
    plan = QUICK if parser.parse_args().quick else FULL
    rows: list[Row] = []
    with (
        tempfile.TemporaryDirectory() as name,
        running_relay(Path(name) / "relay") as relay,
        counted_wire(urlsplit(relay.url).port or 0) as wire,
    ):
        place = Place(Path(name), relay, wire)
        for size in plan.sizes:
            rows += chat_rows(place, plan, size)
    publish("protocol", rows)


if __name__ == "__main__":
    main()
