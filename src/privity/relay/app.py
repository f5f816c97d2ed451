"""The application: both planes, the HTTPS calls, health; opened and closed as one.

The account side and the log side have a database each. Whatever a call did not
expect ends here: it is logged as a class and a line, and answered `internal`.
"""

import asyncio
from collections.abc import (
    AsyncGenerator,
    Awaitable,
    Callable,
    Coroutine,
    Mapping,
)
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from privity.relay.account_calls import AccountCalls
from privity.relay.anonymous import Anonymous
from privity.relay.blob_calls import BlobCalls
from privity.relay.bus.crossing import Crossing
from privity.relay.bus.joining import cross
from privity.relay.config import Config
from privity.relay.faults import fault
from privity.relay.http import EXCEPTION_HANDLERS, refuse
from privity.relay.identified import Identified
from privity.relay.lobby_calls import LobbyCalls
from privity.relay.log_calls import LogCalls
from privity.relay.log_side import LogSide, open_log_side
from privity.relay.marks import begin_marks
from privity.relay.openapi import document_route
from privity.relay.opening import open_relay
from privity.relay.ops.events import Log
from privity.relay.ops.health import health_routes
from privity.relay.ops.troubles import Troubles
from privity.relay.ops.upkeep import keep_counting, keep_ending, keep_sweeping
from privity.relay.services import Services
from privity.relay.storage.store import Store
from privity.relay.storage.weeks import open_ahead

__all__ = ["Application", "create_app"]


class Application:
    """Everything that one relay serves: the planes by path, all else by `calls`.

    A WebSocket goes to its plane at once: each layer in between would keep a frame, and
    with it the request, for as long as the connection is open.
    """

    def __init__(
        self,
        calls: Starlette,
        planes: Mapping[str, ASGIApp],
        stores: Mapping[str, Store],
    ) -> None:
        self.calls = calls
        self.stores = stores
        self._planes = planes

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Serve one connection or call."""
        is_plane = scope["type"] == "websocket" and scope["path"] in self._planes
        served = self._planes[scope["path"]] if is_plane else self.calls
        return served(scope, receive, send)


def create_app(config: Config, data: Path, log: Log) -> Application:
    """Open what is stored in `data` and return the application that serves it.

    Raises as `open_relay` does, before anything is signed or accepted.
    """
    opened = open_relay(config, data)
    services, crossing = opened.services, opened.crossing
    marks = begin_marks(data, opened.accounts, opened.logs, services.random)
    side = open_log_side(config, opened.logs, services.clock, services.random)
    # Appends that are under way at once would wait in a circle to make its table.
    opened.logs.begin(lambda db: open_ahead(db, side.minute()))
    side = replace(side, others=services.others)
    troubles = Troubles(log, side.ticks)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None, None]:
        beside: list[Coroutine[Any, Any, None]] = [
            keep_sweeping(services, log),
            keep_ending(services),
            keep_counting(services, marks, log),
        ]
        if crossing is not None:
            beside.append(cross(crossing, services, side, troubles))
        tasks = [asyncio.create_task(one) for one in beside]
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await opened.close()

    calls = Starlette(
        routes=_routes(services, side, crossing),
        exception_handlers={**EXCEPTION_HANDLERS, Exception: _on_bug(troubles)},
        lifespan=lifespan,
    )
    planes = _planes(services, side, troubles)
    stores = {"accounts": opened.accounts, "logs": opened.logs}
    return Application(calls, planes, stores)


def _planes(
    services: Services, side: LogSide, troubles: Troubles
) -> dict[str, ASGIApp]:
    return {
        "/v1/anonymous": Anonymous(side, troubles),
        "/v1/identified": Identified(services, troubles),
    }


def _routes(services: Services, side: LogSide, bus: Crossing | None) -> list[BaseRoute]:
    return [
        *AccountCalls(services).routes(),
        *LogCalls(side).routes(),
        *LobbyCalls(services, side).routes(),
        *BlobCalls(services).routes(),
        document_route(),
        *health_routes(services, bus),
    ]


def _on_bug(report: Troubles) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def handler(request: Request, error: Exception) -> Response:
        report(error)
        return refuse(request, fault(error, 60_000))

    return handler
