"""The process of `privity-relay serve`: bind, open, announce, serve, close."""

import asyncio
import sys
from pathlib import Path

import uvloop

from privity.errors import PrivityError
from privity.relay.app import create_app
from privity.relay.config import Config
from privity.relay.ops.events import Event, configure, open_log
from privity.relay.serving import build_server, listen, serve
from privity.relay.tls import Certificate

__all__ = ["run"]


def run(data: Path, config: Config) -> None:
    """Serve `data` until SIGTERM or SIGINT; prints `ready URL` once it listens.

    Raises UsageError where the place, the certificate or a database is unusable,
    OldCopy where a database is older than it was.
    """
    configure()
    log = open_log()
    certificate = None
    if config.tls.mode != "none" and not config.uds:
        certificate = Certificate(data / config.tls.cert, data / config.tls.key)
    listening = listen(config)
    try:
        app = create_app(config, data, log)
    except PrivityError:
        listening.socket.close()
        raise

    def ready() -> None:
        sys.stdout.write(f"ready {listening.url}\n")
        sys.stdout.flush()
        log(Event.STARTED)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        server = build_server(app, certificate, ready)
        runner.run(serve(server, listening, certificate, log))
    log(Event.STOPPED)
