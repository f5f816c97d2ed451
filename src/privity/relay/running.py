"""The process of `privity-relay serve`: bind, open, announce, serve, close."""

import asyncio
import gc
import sys
from contextlib import ExitStack
from pathlib import Path

import uvloop

from privity.errors import PrivityError
from privity.relay.app import create_app
from privity.relay.config import Config
from privity.relay.ops.events import Event, configure, open_log
from privity.relay.ops.metrics import Counted, Counts, counting_log, serve_metrics
from privity.relay.serving import build_server, listen, serve
from privity.relay.tls import Certificate

__all__ = ["run"]

_ALLOCATIONS = 10_000
"""Containers made and not freed until cycles among them are looked for. A message makes
some ten and no cycle; Python's own 700 spend a tenth of the time on looking. What waits
to be found is a megabyte or two."""


def run(data: Path, config: Config) -> None:
    """Serve `data` until SIGTERM or SIGINT; prints `ready URL` once it listens.

    Raises UsageError where the place, the certificate or a database is unusable,
    OldCopy where a database is older than it was.
    """
    configure()
    counts = Counts()
    log = counting_log(open_log(), counts)
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

    gc.collect()
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS, 10, 10)
    server = build_server(Counted(app, counts), certificate, ready)
    counts.open_now = lambda: len(server.server_state.connections)
    with ExitStack() as stack:
        if config.metrics.listen:
            stack.enter_context(
                serve_metrics(config.metrics.listen, data, counts, app.stores)
            )
        runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
        stack.enter_context(runner)
        runner.run(serve(server, listening, certificate, log))
    log(Event.STOPPED)
