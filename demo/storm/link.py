"""One connection of the anonymous plane, attached to one chat."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from demo.storm.chat import StormChat
from privity.wire import frames, limits

__all__ = ["BROKEN", "Link", "Refusal", "attached"]

_WAIT_SECONDS = 5.0


class Refusal(Exception):
    """The relay refused; whoever asked begins anew."""


BROKEN = (OSError, WebSocketException, TimeoutError, Refusal)
"""How a connection ends when a relay or what it stands on is killed."""


class Link:
    """Frames both ways."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._frames: list[frames.RelayFrame] = []

    async def send(self, *some: frames.ClientFrame) -> None:
        """Send frames in one container."""
        await self._socket.send(frames.encode(list(some)))

    async def frame(self, wait: float = _WAIT_SECONDS) -> frames.RelayFrame:
        """Return the next frame; raises one of `BROKEN`."""
        while not self._frames:
            async with asyncio.timeout(wait):
                data = await self._socket.recv(decode=False)
            self._frames = frames.decode_relay(bytes(data))
        frame = self._frames.pop(0)
        if isinstance(frame, frames.Refused):
            raise Refusal(frame.code, frame.detail)
        return frame


@asynccontextmanager
async def attached(url: str, chat: StormChat) -> AsyncGenerator[Link, None]:
    """Yield a connection that has proven the chat's access key."""
    address = url.replace("http", "ws", 1) + "/v1/anonymous"
    async with connect(
        address,
        proxy=None,
        compression=None,
        max_size=limits.FRAME,
        open_timeout=_WAIT_SECONDS,
        close_timeout=0.2,
    ) as socket:
        link = Link(socket)
        greeting = await link.frame()
        if not isinstance(greeting, frames.Greeting):
            raise Refusal("no greeting")
        await link.send(chat.attach(1, greeting))
        if not isinstance(await link.frame(), frames.Attached):
            raise Refusal("not attached")
        yield link
