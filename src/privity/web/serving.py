"""Running the window on loopback: a port of its own, and an end that pages hear of."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

import uvicorn

from privity.client.profile import Profile
from privity.web.app import build_app
from privity.web.patience import ImpatientProtocol
from privity.web.rpc import FRAME
from privity.web.sessions import Sessions
from privity.web.site import Site, load
from privity.web.window import Window

__all__ = ["Running", "running"]

_GRACE_SECONDS = 2
_MOST_CONNECTIONS = 128
_PING_SECONDS = 20


class Running:
    """A window that is served."""

    def __init__(
        self, host: str, window: Window, sessions: Sessions, site: Site
    ) -> None:
        self.host = host
        self.window = window
        self.site = site
        self._sessions = sessions

    def link(self, handed: str = "") -> str:
        """Return a link that opens one page within a minute.

        Its secret is in the fragment, which browsers send to nobody. A link that is
        `handed` to the page stands nowhere in it: the page gets it with its session.
        """
        return f"http://{self.host}/#launch={self._sessions.new_launch(handed)}"


@asynccontextmanager
async def running(
    profile: Profile,
    site: Site | None = None,
    passphrase: Callable[[], str] | None = None,
    lock_after: float = 0,
) -> AsyncGenerator[Running, None]:
    """Serve a profile's window until the block ends; it listens when this yields.

    After `lock_after` seconds without use it locks; 0: never.
    Raises WindowChanged where its files are not those of this version.
    """
    files = await asyncio.to_thread(load) if site is None else site
    bound = socket.create_server(("127.0.0.1", 0), backlog=64)
    # Accepted connections inherit it; asyncio sets it only on some sockets, and
    # without it a file, in two writes, waits 40 ms for the browser's acknowledgement.
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    host = f"127.0.0.1:{bound.getsockname()[1]}"
    window, sessions = Window(profile), Sessions()
    window.served = files.read
    built = build_app(files, window, sessions, host)
    server = _server(built.app)
    serving = asyncio.create_task(server.run(bound))
    idle: asyncio.Task[None] | None = None
    try:
        await window.start(passphrase)
        if lock_after:
            idle = asyncio.create_task(window.lock_when_idle(lock_after))
        yield Running(host, window, sessions, files)
    finally:
        if idle is not None:
            idle.cancel()
        await window.close()
        await built.talk.close()
        server.should_exit = True
        await serving
        bound.close()


class _Server(uvicorn.Server):
    """uvicorn without its signals: whoever runs the window has its own."""

    async def run(self, bound: socket.socket) -> None:  # type: ignore[override]
        """Serve until `should_exit`."""
        await self._serve([bound])


def _server(app: object) -> _Server:
    settings = uvicorn.Config(
        app,  # type: ignore[arg-type]
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        http=ImpatientProtocol,
        ws="websockets-sansio",
        interface="asgi3",
        lifespan="off",
        ws_max_size=FRAME,
        ws_per_message_deflate=False,
        ws_ping_interval=_PING_SECONDS,
        ws_ping_timeout=_PING_SECONDS,
        limit_concurrency=_MOST_CONNECTIONS,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        timeout_keep_alive=30,
    )
    settings.load()
    return _Server(settings)
