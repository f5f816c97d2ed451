"""Two clients with a direct chat, and a relay, for `bench_client`.

The relay is `privity-relay serve` over pinned TLS in a process of its own, with only
its limits of pace lifted; the receiver is a process too. A client is the real driver
on the real store. Nothing is left behind.
"""

import asyncio
import multiprocessing
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from privity.client import accounts
from privity.client.driver import Driver
from privity.client.store import Store
from privity.client.words import said_of
from privity.content import build
from privity.core import inputs
from privity.core.events import MessageArrived
from privity.core.state import Status
from privity.identity.secret import Secret
from privity.relay.admin import initialize
from privity.relay.config import Config, LogSettings, TLSSettings, TokenSettings
from privity.relay.tls import fingerprint_of

__all__ = [
    "Client",
    "Heard",
    "Receiver",
    "Relay",
    "active",
    "befriended",
    "composed",
    "cpu_seconds",
    "enrolled",
    "introduced",
    "receiving",
    "registered",
    "running_relay",
    "until",
]

UNLIMITED = 10**9
PATIENCE = 60.0
LOOK = 0.01


@dataclass(frozen=True, slots=True)
class Client:
    """A registered profile: where its store is, and the key to it."""

    path: Path
    key: bytes

    def store(self, *, create: bool = False) -> Store:
        """Open the store."""
        return Store(self.path, Secret(self.key), said_of, create=create)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Driver]:
        """Run it online until the block ends."""
        driver = Driver(self.store())
        driver.start()
        try:
            if not await driver.wait_online(PATIENCE):
                raise RuntimeError(f"no connection: {driver.problem}")
            yield driver
        finally:
            await driver.close()


@dataclass(frozen=True, slots=True)
class Relay:
    """A running relay: where it is, the certificate to pin, its process."""

    url: str
    fingerprint: bytes
    pid: int

    def cpu_seconds(self) -> float:
        """Return the processor time of all its threads, in kernel and outside."""
        return cpu_seconds(self.pid)


@dataclass(frozen=True, slots=True)
class Heard:
    """What the receiver heard: when each message was stored, and what that cost.

    `at` is the machine's monotonic clock by the message's idem, `cpu` the seconds of
    the receiver's processor since it was last asked.
    """

    at: dict[bytes, float]
    cpu: float


class Receiver:
    """The receiving process."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe

    def wait(self, count: int) -> Heard:
        """Wait until so many were stored since the last time; return what was heard."""
        self._pipe.send(count)
        if not self._pipe.poll(PATIENCE):
            raise RuntimeError("messages got lost")
        heard: Heard = self._pipe.recv()
        return heard


def cpu_seconds(pid: int) -> float:
    """Return the processor time of all threads of a process, in kernel and outside."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def running_relay(data: Path, tokens: TokenSettings | None = None) -> Iterator[Relay]:
    """Yield a relay with no data; it ends with the block.

    `tokens` are what a device may take each day, if not what is usual.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    pace = LogSettings(
        appends_per_second=UNLIMITED,
        append_burst=UNLIMITED,
        commit_spacing_ms=0,
        commits_per_minute=UNLIMITED,
    )
    config = Config(
        url=f"https://localhost:{port}",
        listen=f"127.0.0.1:{port}",
        open=True,
        tls=TLSSettings(mode="self"),
        log=pace,
        tokens=tokens or TokenSettings(),
    )
    initialize(data, config)
    fingerprint = fingerprint_of(data / config.tls.cert)
    process = subprocess.Popen(
        [sys.executable, "-m", "privity.relay", "serve", "--data", str(data)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        if process.stdout is None or not process.stdout.readline():
            raise RuntimeError("the relay did not start")
        yield Relay(config.url, fingerprint, process.pid)
    finally:
        process.terminate()
        process.wait()


async def introduced(folder: Path, relay: Relay) -> tuple[Client, Client, bytes]:
    """Return two registered clients and the id of the direct chat that they have."""
    ana = await registered(folder / "ana", relay)
    ben = await registered(folder / "ben", relay)
    async with ana.running() as a, ben.running() as b:
        return ana, ben, await befriended(a, b)


async def befriended(a: Driver, b: Driver) -> bytes:
    """Let two who are online talk; return the id of their direct chat."""
    link = await a.do(inputs.MakeLink())
    if not isinstance(link, str):
        raise TypeError("a link is text")
    await b.do(inputs.RequestByLink(link, "hello"))
    await until(lambda: bool(a.state.requests))
    await a.do(inputs.Accept(next(iter(a.state.requests))))
    await until(lambda: bool(active(a)) and active(a) == active(b))
    return active(a)[0]


def active(driver: Driver) -> list[bytes]:
    """Return the chats in which one can speak."""
    chats = driver.state.chats.values()
    return [chat.chat_id for chat in chats if chat.status is Status.ACTIVE]


async def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110  many kinds of things to wait for
            await asyncio.sleep(LOOK)


def composed(driver: Driver, chat_id: bytes, text: str) -> inputs.SendContent:
    """Return the command that sends a text."""
    origin = build.origin(driver.account.account_id, chat_id, os.urandom)
    return inputs.SendContent(chat_id, build.text_message(origin, text).encode())


@contextmanager
def receiving(client: Client) -> Iterator[Receiver]:
    """Run a client in a process of its own that notes when messages arrive."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_receive, args=(client, theirs))
    process.start()
    try:
        if not ours.poll(PATIENCE):
            raise RuntimeError("the receiver did not start")
        ours.recv()
        yield Receiver(ours)
        ours.send(None)
        process.join(PATIENCE)
    finally:
        process.kill()
        process.join()


async def registered(path: Path, relay: Relay) -> Client:
    """Return a new account at a relay."""
    client = Client(path, os.urandom(32))
    await enrolled(client, relay, path.name)
    return client


async def enrolled(client: Client, relay: Relay, name: str) -> None:
    """Make an account in a store that is not there yet."""
    store = client.store(create=True)
    try:
        address = await accounts.ask_relay(relay.url, relay.fingerprint)
        accounts.create_account(store, accounts.Newcomer(address, name))
        await accounts.register(store)
    finally:
        store.close()


def _receive(client: Client, pipe: Connection) -> None:
    asyncio.run(_note(client, pipe))


async def _note(client: Client, pipe: Connection) -> None:
    arrived: dict[bytes, float] = {}
    async with client.running() as driver:
        events = driver.subscribe()

        async def listen() -> None:
            async for event in events:
                if isinstance(event, MessageArrived):
                    arrived[event.idem] = time.monotonic()

        listening = asyncio.create_task(listen())
        cpu = time.process_time()
        pipe.send("ready")
        while (count := await asyncio.to_thread(pipe.recv)) is not None:
            await until(lambda: len(arrived) >= count)
            cost = time.process_time() - cpu
            pipe.send(Heard(dict(arrived), cost))
            arrived.clear()
            cpu = time.process_time()
        listening.cancel()
