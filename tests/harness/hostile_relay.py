"""A relay that lies: a real one, with somebody in front who changes what is said.

HTTP calls pass as they are. The containers of both WebSockets pass through `to_client`
and `to_relay`, each of which says what is sent on instead of one: nothing, the same,
other bytes, several. `Once` plays a trick on the first container that fits, and passes
everything else.
"""

import asyncio
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Self

import httpx2
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

__all__ = ["HostileRelay", "Once", "Passing", "honest"]

Said = bytes | str
Passing = Callable[[bytes], Sequence[Said]]
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
_HOP_BY_HOP = {"host", "connection", "content-length", "transfer-encoding", "date"}


def honest(data: bytes) -> Sequence[Said]:
    """Pass a container as it is."""
    return [data]


@dataclass
class Once:
    """Plays `trick` on the first container that `fits`."""

    fits: Callable[[bytes], bool]
    trick: Passing
    played: bool = False

    def __call__(self, data: bytes) -> Sequence[Said]:
        """Pass a container, or what the trick makes of it."""
        if self.played or not self.fits(data):
            return [data]
        self.played = True
        return self.trick(data)


@dataclass
class HostileRelay:
    """Stands in front of `relay` (whatever has a `url`); an async context manager."""

    relay: Any
    to_client: Passing = honest
    to_relay: Passing = honest
    url: str = ""
    fingerprint: bytes = b""
    _server: uvicorn.Server = field(init=False)
    _serving: "asyncio.Task[None]" = field(init=False)

    async def __aenter__(self) -> Self:
        app = Starlette(
            routes=[
                WebSocketRoute("/{path:path}", self._socket),
                Route("/{path:path}", self._call, methods=_METHODS),
            ]
        )
        listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        settings = uvicorn.Config(
            app,
            log_config=None,
            ws="websockets-sansio",
            ws_per_message_deflate=False,
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(settings)
        self._serving = asyncio.create_task(self._server._serve([listening]))
        while not self._server.started:  # noqa: ASYNC110  uvicorn has no event for it
            await asyncio.sleep(0.01)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.should_exit = True
        await self._serving

    async def _call(self, request: Request) -> Response:
        async with httpx2.AsyncClient(trust_env=False) as client:
            answer = await client.request(
                request.method,
                self.relay.url + request.url.path,
                content=await request.body(),
                headers=_passed(request.headers),
            )
        return Response(answer.content, answer.status_code, _passed(answer.headers))

    async def _socket(self, near: WebSocket) -> None:
        url = self.relay.url.replace("http", "ws", 1) + near.url.path
        try:
            far = await connect(url, compression=None, max_size=None, proxy=None)
        except OSError:
            await near.close(1012)
            return
        async with far:
            await near.accept()
            both = {
                asyncio.create_task(self._down(far, near)),
                asyncio.create_task(self._up(near, far)),
            }
            _, other = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            for task in other:
                task.cancel()
            await asyncio.gather(*both, return_exceptions=True)
            with suppress(RuntimeError, WebSocketDisconnect):
                await near.close(far.close_code or 1012)

    async def _down(self, far: ClientConnection, near: WebSocket) -> None:
        with suppress(ConnectionClosed, WebSocketDisconnect, RuntimeError):
            while True:
                data = await far.recv(decode=False)
                for said in self.to_client(data):
                    if isinstance(said, str):
                        await near.send_text(said)
                    else:
                        await near.send_bytes(said)

    async def _up(self, near: WebSocket, far: ClientConnection) -> None:
        with suppress(ConnectionClosed, WebSocketDisconnect):
            while True:
                data = await near.receive_bytes()
                for said in self.to_relay(data):
                    await far.send(said)


def _passed(headers: Any) -> dict[str, str]:
    return {k: v for k, v in headers.items() if k.lower() not in _HOP_BY_HOP}
