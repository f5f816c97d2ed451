"""The page's WebSocket: the protocol of the profile's socket, a message a frame."""

import asyncio
from contextlib import suppress

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from privity.client.jsonrpc import Connection
from privity.web.guard import session_of
from privity.web.methods import METHODS, Methods
from privity.web.results import Countersign, State
from privity.web.sessions import Sessions
from privity.web.window import Window

__all__ = ["FRAME", "PROTOCOL", "Talk"]

FRAME = 1024 * 1024
"""Bytes of one message."""
PROTOCOL = "privity.v1"
MOST_CONNECTIONS = 32
_MOST_WAITING = 4096
_MUCH = 256
"""Messages that wait for the page: so many end the connection, or slow a stream."""

_UNWELCOME, _NOT_TEXT, _RESTART, _TOO_SLOW = 1008, 1003, 1012, 1013


class Talk:
    """All WebSockets of a window."""

    def __init__(self, window: Window, sessions: Sessions) -> None:
        self._window = window
        self._sessions = sessions
        self._open: set[WebSocket] = set()

    async def serve(self, socket: WebSocket) -> None:
        """Talk with one page until it goes; a page without a session is refused."""
        offered = socket.scope["subprotocols"]
        session = session_of(offered)
        known = self._sessions.knows(session)
        if not known or PROTOCOL not in offered or len(self._open) >= MOST_CONNECTIONS:
            await socket.close(_UNWELCOME)
            return
        await socket.accept(PROTOCOL)
        self._open.add(socket)
        try:
            await self._converse(socket, self._sessions.countersign(session))
        finally:
            self._open.discard(socket)

    async def close(self) -> None:
        """End all of them: the page knows by 1012 that the process stops."""
        for socket in tuple(self._open):
            with suppress(RuntimeError, WebSocketDisconnect):
                await socket.close(_RESTART)

    async def _converse(self, socket: WebSocket, sign: str) -> None:
        frames = _Frames(socket)
        connection = Connection(frames, Methods(self._window), METHODS)

        def told(state: State) -> None:
            connection.notify("ui.phase", state)

        # Before all else: a page says nothing to whoever can't say this.
        connection.notify("ui.countersign", Countersign(sign))
        forget = self._window.listen(told)
        sending = asyncio.create_task(frames.send_all())
        try:
            while (message := await _next(socket)) is not None:
                connection.take(message)
        finally:
            forget()
            await connection.close()
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)


async def _next(socket: WebSocket) -> bytes | None:
    """Return the next message, or None where the page went or sent no text."""
    received = await socket.receive()
    text = received.get("text")
    if received["type"] == "websocket.receive" and text is not None:
        return str(text).encode()
    if socket.client_state is WebSocketState.CONNECTED:
        await socket.close(_NOT_TEXT)
    return None


class _Frames:
    """A WebSocket as a wire: what is written waits in order, and not without end."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self._waiting: asyncio.Queue[bytes] = asyncio.Queue()
        self._room = asyncio.Event()
        self._room.set()
        self._gone = False

    def write(self, message: bytes) -> None:
        if self._gone:
            return
        self._waiting.put_nowait(message)
        if self._waiting.qsize() >= _MUCH:
            self._room.clear()

    async def drain(self) -> None:
        await self._room.wait()

    async def send_all(self) -> None:
        """Send what is written, in order, until the page goes or can't keep up."""
        try:
            while self._waiting.qsize() < _MOST_WAITING:
                message = await self._waiting.get()
                await self._socket.send_text(message.decode())
                if self._waiting.qsize() < _MUCH:
                    self._room.set()
            await self._socket.close(_TOO_SLOW)
        except (RuntimeError, WebSocketDisconnect):
            return
        finally:
            self._gone = True
            self._room.set()
