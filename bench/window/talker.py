"""Who is on the other side of the window, each in a process of their own.

Ben writes at a pace while the window is measured; Dan lets in whoever asks.
"""

import asyncio
import multiprocessing
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from multiprocessing.connection import Connection

from bench.client_pair import PATIENCE, Client, composed, until
from privity.client.driver import Driver
from privity.core import inputs
from privity.core.events import RequestArrived

__all__ = ["Talker", "accepting", "talking"]

_Work = Callable[[Driver, Connection], Awaitable[None]]


class Talker:
    """Somebody who writes when asked to."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe

    def begin(self, count: int, per_second: float) -> None:
        """Let them write so many messages; returns at once."""
        self._pipe.send((count, per_second))

    def wait(self) -> None:
        """Wait until all of it is at the relay."""
        if not self._pipe.poll(PATIENCE):
            raise RuntimeError("messages do not leave")
        self._pipe.recv()


@contextmanager
def talking(client: Client, chat_id: bytes) -> Iterator[Talker]:
    """Let a client write until the block ends."""
    with _aside(partial(_talk, chat_id), client) as pipe:
        yield Talker(pipe)


@contextmanager
def accepting(client: Client) -> Iterator[Callable[[], str]]:
    """Let a client say yes to everybody; yields what makes a new link to it."""
    with _aside(_accept, client) as pipe:

        def link() -> str:
            pipe.send("link")
            return str(pipe.recv())

        yield link


@contextmanager
def _aside(work: _Work, client: Client) -> Iterator[Connection]:
    """Run a client in another process that does `work` until it hears None."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_run, args=(work, client, theirs))
    process.start()
    try:
        if not ours.poll(PATIENCE):
            raise RuntimeError("the other side does not start")
        ours.recv()
        yield ours
        ours.send(None)
        process.join(PATIENCE)
    finally:
        process.kill()
        process.join()


def _run(work: _Work, client: Client, pipe: Connection) -> None:
    async def run() -> None:
        async with client.running() as driver:
            await work(driver, pipe)

    asyncio.run(run())


async def _talk(chat_id: bytes, driver: Driver, pipe: Connection) -> None:
    await until(lambda: chat_id in driver.state.session.synced)
    pipe.send("ready")
    while (asked := await asyncio.to_thread(pipe.recv)) is not None:
        count, per_second = asked
        for number in range(count):
            text = f"live {number}: is anybody there, and what do they see?"
            await driver.do(composed(driver, chat_id, text))
            await asyncio.sleep(1 / per_second)
        await until(lambda: not driver.state.outgoing.get(chat_id))
        pipe.send("done")


async def _accept(driver: Driver, pipe: Connection) -> None:
    async def say_yes() -> None:
        with driver.subscribe() as events:
            async for event in events:
                if isinstance(event, RequestArrived):
                    await driver.do(inputs.Accept(event.invite_id))

    saying = asyncio.create_task(say_yes())
    pipe.send("ready")
    while await asyncio.to_thread(pipe.recv) is not None:
        pipe.send(await driver.do(inputs.MakeLink()))
    saying.cancel()
