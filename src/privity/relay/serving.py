"""Running a relay: listening sockets, TLS, graceful stop, and upkeep beside it.

uvicorn serves; it is told to log nothing, to leave `Server` headers out, and to
close WebSockets with 1012 on SIGTERM or SIGINT, after which `serve` returns.
"""

import asyncio
import resource
import signal
import socket
import stat
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn

from privity.errors import UsageError
from privity.relay.config import Config
from privity.relay.draining import DrainingProtocol
from privity.relay.ops.events import Event, Log
from privity.relay.patience import ImpatientProtocol
from privity.relay.tls import Certificate
from privity.wire import limits

__all__ = ["Listening", "Server", "build_server", "listen", "serve"]

_GRACE_SECONDS = 3
_CERTIFICATE_SECONDS = 10
_PING_SECONDS = 20
"""After so long a connection is asked whether it lives, and has as long to answer."""


@dataclass(frozen=True, slots=True)
class Listening:
    """A bound socket and the URL that a client of this machine reaches it by."""

    socket: socket.socket
    url: str


def listen(config: Config) -> Listening:
    """Bind where the settings say; raises UsageError where that is impossible.

    Lets this process have as many connections as the system allows it.
    """
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    try:
        return _listen_uds(config) if config.uds else _listen_tcp(config)
    except OSError as error:
        place = config.uds or config.listen
        raise UsageError(f"cannot listen on {place}: {error.strerror}") from None


class Server(uvicorn.Server):
    """uvicorn's server, which has no other hook for "it listens now"."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        self._ready()


def build_server(
    app: Any,  # noqa: ANN401  any ASGI application
    certificate: Certificate | None,
    ready: Callable[[], None],
) -> Server:
    """Return a server of `app`; `ready` is called once connections succeed."""
    settings = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        http=ImpatientProtocol,
        ws=DrainingProtocol,
        interface="asgi3",
        ws_max_size=limits.FRAME,
        ws_per_message_deflate=False,
        ws_ping_interval=_PING_SECONDS,
        ws_ping_timeout=_PING_SECONDS,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        timeout_keep_alive=75,
    )
    settings.load()
    if certificate is not None:
        settings.ssl = certificate.context
    return Server(settings, ready)


async def serve(
    server: Server, listening: Listening, certificate: Certificate | None, log: Log
) -> None:
    """Serve until SIGTERM, SIGINT or `server.should_exit`."""
    hung_up = asyncio.Event()
    watching = asyncio.create_task(_watch(certificate, log, hung_up))
    with _signals_end_quietly(), _hangups(hung_up):
        await server.serve([listening.socket])
    watching.cancel()


def _listen_tcp(config: Config) -> Listening:
    host, _, port = config.listen.rpartition(":")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.create_server((host, int(port)), family=family, backlog=1024)
    # Accepted connections inherit it; asyncio sets it only on some sockets, and
    # without it an answer in two writes waits 40 ms for the peer's acknowledgement.
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return Listening(bound, config.url)


def _listen_uds(config: Config) -> Listening:
    path = Path(config.uds)
    with suppress(FileNotFoundError):
        if stat.S_ISSOCK(path.stat().st_mode):
            path.unlink()
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        bound.bind(str(path))
    except OSError:
        bound.close()
        raise
    path.chmod(0o660)
    bound.listen(1024)
    return Listening(bound, config.url)


async def _watch(
    certificate: Certificate | None, log: Log, hung_up: asyncio.Event
) -> None:
    while certificate is not None:
        with suppress(TimeoutError):
            await asyncio.wait_for(hung_up.wait(), _CERTIFICATE_SECONDS)
        hung_up.clear()
        try:
            if certificate.reload():
                log(Event.CERTIFICATE_RELOADED)
        except UsageError:
            log(Event.CERTIFICATE_UNUSABLE)


@contextmanager
def _hangups(told: asyncio.Event) -> Generator[None, None, None]:
    """Take SIGHUP, which ends other programs, as the word to look at files again."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGHUP, told.set)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGHUP)


@contextmanager
def _signals_end_quietly() -> Generator[None, None, None]:
    """Uvicorn raises a signal again after it stopped; here it has done its work."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handled = (signal.SIGTERM, signal.SIGINT)
    before = {number: signal.signal(number, signal.SIG_IGN) for number in handled}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
