"""A WebSocket client that costs next to nothing, so that the relay is what is measured.

It sends with a mask of zeros, which RFC 6455 §5.3 does not forbid and which leaves
the payload as it is, and reads frames straight from the buffer. For benchmarks only.
"""

import asyncio
import base64
import os
import struct
from collections.abc import Callable
from typing import cast

from privity.wire import frames

__all__ = ["BenchSocket", "connect"]

BINARY, PING, PONG = 0x2, 0x9, 0xA
Take = Callable[["BenchSocket", frames.RelayFrame], None]


class BenchSocket(asyncio.Protocol):
    """One connection; each frame of the relay goes to `take`."""

    def __init__(self, path: str, take: Take) -> None:
        self._path = path
        self._take = take
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None
        self._is_open = False
        self._waiting: list[frames.ClientFrame] = []
        self._answers: dict[int, asyncio.Future[frames.RelayFrame]] = {}
        self._next = 1
        self.greeting: asyncio.Future[frames.Greeting] = (
            asyncio.get_running_loop().create_future()
        )

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the upgrade."""
        self._transport = cast("asyncio.Transport", transport)
        key = base64.b64encode(os.urandom(16)).decode()
        self._transport.write(
            f"GET {self._path} HTTP/1.1\r\nHost: relay\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        """Take every container that is whole."""
        buffer = self._buffer
        buffer += data
        if not self._is_open:
            end = buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            if not buffer.startswith(b"HTTP/1.1 101"):
                raise RuntimeError(f"no upgrade: {bytes(buffer[:end])!r}")
            del buffer[: end + 4]
            self._is_open = True
        while (message := self._next_message()) is not None:
            opcode, payload = message
            if opcode == PING and self._transport is not None:
                self._transport.write(_head(PONG, len(payload)) + payload)
            elif opcode == BINARY:
                for frame in frames.decode_relay(payload):
                    self._route(frame)
        self.flush()

    def put(self, frame: frames.ClientFrame) -> None:
        """Send a frame with the next `flush`."""
        self._waiting.append(frame)

    def flush(self) -> None:
        """Send what was put as one container."""
        if self._waiting and self._transport is not None:
            payload = frames.encode(self._waiting)
            self._waiting = []
            self._transport.write(_head(BINARY, len(payload)) + payload)

    async def ask(
        self,
        frame: frames.Attach | frames.Subscribe | frames.Append | frames.Login,
    ) -> frames.RelayFrame:
        """Send a frame whose id is `number()` and return the answer to it."""
        future: asyncio.Future[frames.RelayFrame]
        future = asyncio.get_running_loop().create_future()
        self._answers[frame.id] = future
        self.put(frame)
        self.flush()
        answer = await future
        if isinstance(answer, frames.Refused):
            raise TypeError(f"refused: {answer}")
        return answer

    def number(self) -> int:
        """Return a request id that was not used on this connection."""
        self._next += 1
        return self._next

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.abort()

    def _route(self, frame: frames.RelayFrame) -> None:
        if isinstance(frame, frames.Greeting):
            self.greeting.set_result(frame)
        elif (future := self._answers.pop(getattr(frame, "id", -1), None)) is not None:
            future.set_result(frame)
        else:
            self._take(self, frame)

    def _next_message(self) -> tuple[int, bytes] | None:
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        size, start = buffer[1], 2
        if size == 126:
            start = 4
            size = int.from_bytes(buffer[2:4], "big")
        elif size == 127:
            start = 10
            size = int.from_bytes(buffer[2:10], "big")
        if len(buffer) < start + size:
            return None
        opcode = buffer[0] & 0x0F
        payload = bytes(buffer[start : start + size])
        del buffer[: start + size]
        return opcode, payload


async def connect(uds: str, path: str, take: Take) -> BenchSocket:
    """Return an open connection over a Unix socket, behind the greeting."""
    loop = asyncio.get_running_loop()
    _, socket = await loop.create_unix_connection(lambda: BenchSocket(path, take), uds)
    await socket.greeting
    return socket


def _head(opcode: int, size: int) -> bytes:
    """Return the head of a masked, whole message of `size` bytes."""
    mask = b"\0\0\0\0"
    first = 0x80 | opcode
    if size < 126:
        return struct.pack(">BB", first, 0x80 | size) + mask
    if size < 1 << 16:
        return struct.pack(">BBH", first, 0x80 | 126, size) + mask
    return struct.pack(">BBQ", first, 0x80 | 127, size) + mask
