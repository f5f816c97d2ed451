"""The WebSockets of the relay: uvicorn's, with less kept while a connection is idle.

Most connections say nothing most of the time, so what each of them keeps decides how
many a process can hold: the request, its headers and the scope go when the handshake is
over, and what waits is a list and not four queues (docs/adr/0028). A
message that comes in too many pieces ends the connection: empty pieces would count for
nothing against the limit of a message, and fill the memory all the same.
"""

import asyncio
from collections import deque
from http import HTTPStatus
from typing import Any, cast

from uvicorn.protocols.websockets.websockets_sansio_impl import (
    WebSocketsSansIOProtocol,
)
from websockets.frames import CloseCode, Frame
from websockets.http11 import Request
from websockets.protocol import Protocol

__all__ = ["PIECES", "LeanProtocol"]

PIECES = 1_024
"""How many pieces a message may come in; our clients send each whole."""

Event = Any
"""An ASGI message; its types are uvicorn's own affair."""


class LeanProtocol(WebSocketsSansIOProtocol):
    """The server's WebSocket; refuses endless pieces, forgets its handshake."""

    def __init__(self, *arguments: Any, **named: Any) -> None:  # noqa: ANN401
        super().__init__(*arguments, **named)
        self.queue = _Inbox()
        self.writable = _Gate()
        self.writable.set()

    def handle_connect(self, event: Request) -> None:
        """Take the request; what reads from here on knows nothing of it.

        The library's parser began with the request, and holds it with all headers for
        as long as it reads. Nothing came behind it yet: uvicorn hands over its head.
        """
        super().handle_connect(event)
        if self.response.status_code == HTTPStatus.SWITCHING_PROTOCOLS:
            self.conn.parser = Protocol.parse(self.conn)
            next(self.conn.parser)

    def start_keepalive(self) -> None:
        """Begin to ping: the handshake is over, so nothing of it is kept."""
        super().start_keepalive()
        del self.request, self.response, self.scope
        # A table of names never shrinks, and a third of this one is empty now.
        self.__dict__ = {**self.__dict__}

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of the parser, which holds what holds it.

        Memory of connections that went would stay until cycles are looked for.
        """
        super().connection_lost(exc)
        self.conn.parser.close()

    def handle_cont(self, event: Frame) -> None:
        """Take one more piece of a message, unless there are too many."""
        if len(self.frames) >= PIECES:
            self.conn.fail(CloseCode.POLICY_VIOLATION, "too many pieces")
            self.handle_parser_exception()
            return
        super().handle_cont(event)


class _Inbox(asyncio.Queue[Event]):
    """What came and was not taken yet: for one reader, without bounds of its own.

    The protocol stops reading while anything waits here.
    """

    def __init__(self) -> None:
        self._waiting: list[Event] = []
        self._reader: asyncio.Future[None] | None = None

    def empty(self) -> bool:
        """Whether nothing waits."""
        return not self._waiting

    def put_nowait(self, item: Event) -> None:
        """Add one message and wake the reader."""
        self._waiting.append(item)
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)

    async def get(self) -> Event:
        """Return the oldest message; waits for one."""
        while not self._waiting:
            self._reader = asyncio.get_running_loop().create_future()
            try:
                await self._reader
            finally:
                self._reader = None
        return self._waiting.pop(0)


class _Gate(asyncio.Event):
    """An event that costs an empty list while nobody waits for it."""

    def __init__(self) -> None:
        self._waiters = cast("deque[asyncio.Future[Any]]", [])
        self._value = False
