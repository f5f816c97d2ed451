"""Health: `/healthz` says that the process answers, `/readyz` that it can store.

`/readyz` performs an empty step on each database and waits for its commit, so it
fails when the disk does. A bus that is away fails nothing: what others store is found
a few seconds later, and `/readyz` says so. Neither tells anything of what is stored.
"""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from privity.relay.bus.crossing import Crossing
from privity.relay.services import Services
from privity.relay.storage.store import FAILURES, Connection

__all__ = ["health_routes"]


def health_routes(services: Services, bus: Crossing | None = None) -> list[Route]:
    """Return the two routes; `bus` leads to the relay's other processes."""

    async def healthz(request: Request) -> Response:
        del request
        return PlainTextResponse("ok\n")

    async def readyz(request: Request) -> Response:
        del request
        try:
            await services.accounts.write(_nothing)
            await services.logs.write(_nothing)
        except FAILURES:
            return PlainTextResponse("storage fails\n", 503)
        is_cut = bus is not None and not bus.is_up
        return PlainTextResponse("ok; the bus is away\n" if is_cut else "ok\n")

    return [Route("/healthz", healthz), Route("/readyz", readyz)]


def _nothing(database: Connection) -> None:
    database.execute("SELECT 1").fetchone()
