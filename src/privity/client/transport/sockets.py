"""One WebSocket to a relay: containers of frames out, answers and pushes in.

Frames leave in the order in which they were put, as many as wait in one container.
A request is answered by the frame that carries its number; every other frame goes to
the handler, in the order in which the relay sent it. When the connection ends, every
open request fails with Unreachable: whether the relay did it is then unknown.
"""

import asyncio
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from privity.client.errors import ClientError, Misbehaved, Unreachable
from privity.client.transport.address import Address
from privity.client.transport.failures import named_failures
from privity.client.transport.outbound import Outbound
from privity.core.effects import Cause
from privity.wire import frames, limits
from privity.wire.codes import Refusal
from privity.wire.frames import ClientFrame, Greeting, RelayFrame

__all__ = ["ANONYMOUS", "IDENTIFIED", "FrameSocket"]

ANONYMOUS = "/v1/anonymous"
IDENTIFIED = "/v1/identified"
PROTOCOL = 1
_OPEN = Cause("open")
_OPEN_SECONDS = 10
_CONTAINER = 512 * 1024
"""Where a container ends; one larger frame still goes alone."""

OnFrame = Callable[[RelayFrame], None]


@dataclass(slots=True)
class _Outgoing:
    frame: ClientFrame
    cause: Cause


@dataclass(slots=True)
class FrameSocket:
    """An open connection that was greeted; `run` must be running."""

    greeting: Greeting
    path: str
    _connection: ClientConnection
    _outbound: Outbound
    _on_frame: OnFrame
    _waiting: list[_Outgoing] = field(default_factory=list)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _answers: dict[int, asyncio.Future[RelayFrame]] = field(default_factory=dict)
    _next: int = 1
    _failure: ClientError | None = None

    @classmethod
    async def open(
        cls, address: Address, path: str, outbound: Outbound, on_frame: OnFrame
    ) -> "FrameSocket":
        """Connect and read the greeting.

        Raises Unreachable, WrongCertificate, Misbehaved.
        """
        outbound.sent(path, "open", 0, _OPEN)
        with named_failures():
            connection = await _connect(address, path)
            try:
                async with asyncio.timeout(_OPEN_SECONDS):
                    greeting = _greeting(await _receive(connection))
            except BaseException:
                await connection.close()
                raise
        return cls(greeting, path, connection, outbound, on_frame)

    def number(self) -> int:
        """Return a fresh request number."""
        self._next, number = self._next + 1, self._next
        return number

    def put(self, frame: ClientFrame, cause: Cause) -> None:
        """Send a frame that has no answer, behind all that was put before."""
        if self._failure is None:
            self._waiting.append(_Outgoing(frame, cause))
            self._wake.set()

    def request(self, frame: ClientFrame, cause: Cause) -> "asyncio.Future[RelayFrame]":
        """Put a frame with an `id`; the future gives its answer.

        It raises Refusal where the relay refused, Unreachable where the connection
        ended first.
        """
        number = int(frame.id)  # type: ignore[union-attr]
        future: asyncio.Future[RelayFrame] = asyncio.get_running_loop().create_future()
        if self._failure is not None:
            future.set_exception(self._failure)
            return future
        self._answers[number] = future

        def forget(_: object) -> None:
            self._answers.pop(number, None)

        future.add_done_callback(forget)
        self.put(frame, cause)
        return future

    async def run(self) -> None:
        """Send and receive until the connection ends; always raises ClientError."""
        writing = asyncio.create_task(self._write())
        try:
            with named_failures():
                await self._read()
        except ClientError as error:
            self._fail(error)
            raise
        finally:
            self._fail(Unreachable("the connection was closed here"))
            writing.cancel()
            with suppress(OSError, ConnectionClosed, asyncio.CancelledError):
                await writing
            await self._connection.close()

    async def close(self) -> None:
        """Close a socket that was never run."""
        await self._connection.close()

    def _fail(self, failure: ClientError) -> None:
        if self._failure is None:
            self._failure = failure
        for future in list(self._answers.values()):
            if not future.done():
                future.set_exception(self._failure)
                # Nobody may be waiting any more; that is no bug to warn of.
                future.exception()

    async def _write(self) -> None:
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                while self._waiting:
                    await self._connection.send(self._container())
        finally:
            # Whatever ended the writing ends the reading, and so the connection.
            await self._connection.close()

    def _container(self) -> bytes:
        """Take what fits one container; the ledger notes each frame of it."""
        bodies: list[bytes] = []
        size = 0
        while self._waiting and len(bodies) < limits.FRAMES_IN_CONTAINER:
            item = self._waiting[0]
            # A container is an array: without its head it is the frames in a row.
            body = frames.encode([item.frame])[1:]
            if bodies and size + len(body) > _CONTAINER:
                break
            del self._waiting[0]
            bodies.append(body)
            size += len(body)
            what = type(item.frame).__name__
            self._outbound.sent(self.path, what, len(body), item.cause)
        return _array_head(len(bodies)) + b"".join(bodies)

    async def _read(self) -> None:
        while True:
            for frame in await _receive(self._connection):
                self._dispatch(frame)

    def _dispatch(self, frame: RelayFrame) -> None:
        number = getattr(frame, "id", 0)
        future = self._answers.get(number)
        if isinstance(frame, frames.Refused):
            if number == 0:
                raise Unreachable(f"the relay ends the connection: {frame.code}")
            if future is not None and not future.done():
                future.set_exception(Refusal(frame.code, frame.detail, frame.wait_ms))
        elif future is not None and not future.done():
            future.set_result(frame)
        elif number == 0:
            self._on_frame(frame)


def _greeting(first: list[RelayFrame]) -> Greeting:
    if len(first) != 1 or not isinstance(first[0], Greeting):
        raise Misbehaved("the first frame is a greeting")
    if first[0].protocol != PROTOCOL:
        raise Misbehaved(f"the relay speaks protocol {first[0].protocol}")
    return first[0]


def _array_head(count: int) -> bytes:
    if count <= 15:
        return bytes([0x90 | count])
    return b"\xdc" + count.to_bytes(2, "big")


class _Straight(connect):
    """Goes where it was sent: a redirect is a failure like any other."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        """Return the failure, wherever it points."""
        return exc


async def _connect(address: Address, path: str) -> ClientConnection:
    context: ssl.SSLContext | None = address.tls()
    settings: dict[str, Any] = {
        "compression": None,
        "user_agent_header": None,
        "max_size": limits.FRAME,
        "open_timeout": _OPEN_SECONDS,
        "close_timeout": 2,
        "ping_interval": 20,
        "ping_timeout": 20,
    }
    url = address.websocket + path
    if address.socket is not None:
        return await _Straight(url, unix=True, path=str(address.socket), **settings)
    if context is not None:
        settings["ssl"] = context
    return await _Straight(url, proxy=None, **settings)


async def _receive(connection: ClientConnection) -> list[RelayFrame]:
    data = await connection.recv()
    if isinstance(data, str):
        raise Misbehaved("frames travel in binary messages")
    return frames.decode_relay(data)
