"""A crowd of connections that say nothing, in processes of their own.

Each process raises its limit of open files, opens its part, and holds it until told to
leave; pings of the relay are answered meanwhile. What they prove is real: the access
key of a chat, or the login key of a device. `crowd` is for the benchmark's own process.
"""

import asyncio
import json
import os
import resource
import sys
import time
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import uvloop

from bench.device import BenchDevice
from bench.relay_under_load import BenchChat, Relay
from bench.sockets import BenchSocket, connect
from privity.wire import frames

__all__ = ["Member", "crowd"]

TOGETHER = 50
"""How many of one process are on their way in at once."""
_ROOT = Path(__file__).resolve().parents[1]
EACH = 5_000
"""The most connections of one process."""
_PATIENCE = 300

Member = Sequence[BenchChat] | BenchDevice
"""What one connection is: it follows chats, or is a device's own."""


@asynccontextmanager
async def crowd(relay: Relay, members: Sequence[Member]) -> AsyncGenerator[float, None]:
    """Hold these connections meanwhile; yields how many seconds they took to come.

    Returns once the relay has closed its end of each of them.
    """
    before = _sockets(relay)
    parts = [members[at : at + EACH] for at in range(0, len(members), EACH)]
    running = [await _start(relay.uds, part) for part in parts]
    try:
        began = time.perf_counter()
        for process in running:
            await _tell(process, b"come\n")
        for process in running:
            await _hear(process, b"here\n")
        yield time.perf_counter() - began
    finally:
        for process in running:
            process.kill()
            await process.wait()
    async with asyncio.timeout(_PATIENCE):
        while _sockets(relay) > before:  # noqa: ASYNC110  only the kernel knows
            await asyncio.sleep(0.2)


async def _start(uds: str, part: Sequence[Member]) -> asyncio.subprocess.Process:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bench.crowd",
        uds,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=_ROOT,
    )
    asked = [_spelled(member) for member in part]
    await _tell(process, json.dumps(asked).encode() + b"\n")
    await _hear(process, b"ready\n")
    return process


async def _tell(process: asyncio.subprocess.Process, line: bytes) -> None:
    if process.stdin is None:
        raise RuntimeError("a crowd is told by its standard input")
    process.stdin.write(line)
    await process.stdin.drain()


async def _hear(process: asyncio.subprocess.Process, expected: bytes) -> None:
    if process.stdout is None:
        raise RuntimeError("a crowd tells by its standard output")
    async with asyncio.timeout(_PATIENCE):
        line = await process.stdout.readline()
    if line != expected:
        raise RuntimeError(f"the crowd did not come: {line!r}")


def _sockets(relay: Relay) -> int:
    """Return how many sockets the relay has open; databases come and go beside them."""
    count = 0
    for one in os.scandir(f"/proc/{relay.process.pid}/fd"):
        with suppress(FileNotFoundError):
            count += Path(one.path).readlink().name.startswith("socket:")
    return count


def _spelled(member: Member) -> Any:  # noqa: ANN401  what JSON takes
    if isinstance(member, BenchDevice):
        return {"device": [one.hex() for one in member.secrets()]}
    return {"chats": [[chat.log_id.hex(), chat.seed.hex()] for chat in member]}


def _read(spelled: Any) -> Member:  # noqa: ANN401  as `_spelled` wrote it
    if "device" in spelled:
        return BenchDevice(*(bytes.fromhex(one) for one in spelled["device"]))
    return [
        BenchChat(bytes.fromhex(log_id), bytes.fromhex(seed))
        for log_id, seed in spelled["chats"]
    ]


async def _enter(uds: str, member: Member) -> BenchSocket:
    if isinstance(member, BenchDevice):
        return await member.log_in(uds)
    socket = await connect(uds, "/v1/anonymous", _ignore)
    for chat in member:
        await chat.follow(socket, 0)
    return socket


def _ignore(_socket: BenchSocket, _frame: frames.RelayFrame) -> None:
    return


async def _be_there(uds: str, members: Iterator[Member]) -> None:
    sockets: list[BenchSocket] = []

    async def bring() -> None:
        sockets.extend([await _enter(uds, member) for member in members])

    await asyncio.gather(*(bring() for _ in range(TOGETHER)))
    _say("here")
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)


def _say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def main(uds: str) -> None:
    """Wait for the word, come, and stay until the input ends."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    members = [_read(one) for one in json.loads(sys.stdin.readline())]
    _say("ready")
    sys.stdin.readline()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_be_there(uds, iter(members)))


if __name__ == "__main__":
    main(sys.argv[1])
