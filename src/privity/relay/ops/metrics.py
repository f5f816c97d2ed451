"""What Prometheus may know of a running relay, on a listener of its own.

Numbers over everything. A label is one of `LABELS` and has one of the values there: no
account, no log, no address, no path. What is counted are plain integers; a scrape, in a
thread of its own, turns them into samples.
"""

import shutil
from collections.abc import Awaitable, Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, ProcessCollector, start_http_server
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from privity import __version__
from privity.errors import UsageError
from privity.relay.ops.events import Event, Log
from privity.relay.paths import ACCOUNTS_NAME, LOGS_NAME
from privity.relay.storage.database import Database
from privity.relay.storage.store import Store

__all__ = ["LABELS", "Counted", "Counts", "counting_log", "serve_metrics"]

_PLANES = {"/v1/anonymous": "anonymous", "/v1/identified": "identified"}
_FILES = {"accounts": ACCOUNTS_NAME, "logs": LOGS_NAME}

LABELS: Mapping[str, frozenset[str]] = {
    "event": frozenset(Event),
    "plane": frozenset({*_PLANES.values(), "none"}),
    "side": frozenset(_FILES),
    "status": frozenset(f"{first}xx" for first in range(1, 6)),
    "version": frozenset({__version__}),
}
"""Every label that a sample ever has, and every value of it."""


@dataclass(slots=True)
class Counts:
    """What was counted since the process began."""

    events: dict[str, int] = field(default_factory=lambda: dict.fromkeys(Event, 0))
    answers: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(sorted(LABELS["status"]), 0)
    )
    opened: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(sorted(LABELS["plane"]), 0)
    )
    open_now: Callable[[], int] = int
    """How many connections of any kind there are."""


class Counted:
    """An application whose answers and connections are counted."""

    def __init__(self, app: ASGIApp, counts: Counts) -> None:
        self._app = app
        self._counts = counts

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Pass everything on; nothing is kept of a WebSocket while it is open."""
        if scope["type"] == "websocket":
            self._counts.opened[_PLANES.get(scope["path"], "none")] += 1
            return self._app(scope, receive, send)
        return self._app(scope, receive, self._counting(send))

    def _counting(self, send: Send) -> Send:
        answers = self._counts.answers

        async def counting(message: Message) -> None:
            if message["type"] == "http.response.start":
                answers[f"{message['status'] // 100}xx"] += 1
            await send(message)

        return counting


def counting_log(log: Log, counts: Counts) -> Log:
    """Return a log that counts its events too."""

    def counting(event: Event, **fields: object) -> None:
        counts.events[event] += 1
        log(event, **fields)

    return counting


@contextmanager
def serve_metrics(
    listen: str, data: Path, counts: Counts, stores: Mapping[str, Store]
) -> Generator[int, None, None]:
    """Answer Prometheus at `address:port` meanwhile; yields the port.

    Steps and commits are told of SQLite only: a server has metrics of its own.
    Raises UsageError where that place can't be had.
    """
    registry = CollectorRegistry(auto_describe=False)
    files = {side: one for side, one in stores.items() if isinstance(one, Database)}
    registry.register(_Relay(data, counts, files))
    ProcessCollector(registry=registry)
    address, _, port = listen.rpartition(":")
    try:
        server, thread = start_http_server(int(port), address.strip("[]"), registry)
    except OSError as error:
        raise UsageError(f"cannot listen on {listen}: {error.strerror}") from None
    try:
        yield int(server.server_port)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Relay(Collector):
    """Makes samples of what was counted."""

    def __init__(
        self, data: Path, counts: Counts, stores: Mapping[str, Database]
    ) -> None:
        self._data = data
        self._counts = counts
        self._stores = stores

    def collect(self) -> Iterator[Metric]:
        """Yield all samples."""
        counts, stores = self._counts, self._stores
        yield _gauge("privity_relay", "The version.", "version", {__version__: 1})
        for name, told, label, values in (
            ("events", "Lines of the log.", "event", counts.events),
            ("answers", "HTTP calls answered.", "status", counts.answers),
            ("connections", "WebSockets that were opened.", "plane", counts.opened),
            ("steps", "Steps asked of a database.", "side", _each(stores, _steps)),
            ("commits", "Commits on the disk.", "side", _each(stores, _commits)),
            ("failures", "Commits that failed.", "side", _each(stores, _failures)),
        ):
            yield _counter(f"privity_{name}", told, label, values)
        for name, told, label, values in (
            ("steps_waiting", "Steps in the queue.", "side", _each(stores, _waiting)),
            ("database_bytes", "File and write-ahead log.", "side", self._bytes()),
        ):
            yield _gauge(f"privity_{name}", told, label, values)
        for name, told, count in (
            ("connections_open", "Connections now.", counts.open_now()),
            ("disk_free_bytes", "Room.", shutil.disk_usage(self._data).free),
        ):
            yield GaugeMetricFamily(f"privity_{name}", told, value=count)

    def _bytes(self) -> dict[str, int]:
        return {
            side: sum(
                path.stat().st_size
                for path in (self._data / name, self._data / f"{name}-wal")
                if path.exists()
            )
            for side, name in _FILES.items()
        }


def _steps(store: Database) -> int:
    return store.tally.steps


def _commits(store: Database) -> int:
    return store.tally.commits


def _failures(store: Database) -> int:
    return store.tally.failures


def _waiting(store: Database) -> int:
    return store.waiting


def _each(
    stores: Mapping[str, Database], number: Callable[[Database], int]
) -> dict[str, int]:
    return {side: number(store) for side, store in stores.items()}


def _counter(name: str, told: str, label: str, values: Mapping[str, int]) -> Metric:
    return _filled(CounterMetricFamily(name, told, labels=[label]), values)


def _gauge(name: str, told: str, label: str, values: Mapping[str, int]) -> Metric:
    return _filled(GaugeMetricFamily(name, told, labels=[label]), values)


def _filled(family: Any, values: Mapping[str, int]) -> Metric:  # noqa: ANN401
    for value, count in list(values.items()):
        family.add_metric([value], count)
    metric: Metric = family
    return metric
