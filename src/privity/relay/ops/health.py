"""Health: `/healthz` says that the process answers, `/readyz` that it can store.

`/readyz` performs an empty step on each database and waits for its commit, so it
fails when the disk does. Neither tells anything of what is stored.
"""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from privity.relay.services import Services
from privity.relay.storage.store import FAILURES, Connection

__all__ = ["health_routes"]


def health_routes(services: Services) -> list[Route]:
    """Return the two routes."""

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
        return PlainTextResponse("ok\n")

    return [Route("/healthz", healthz), Route("/readyz", readyz)]


def _nothing(database: Connection) -> None:
    database.execute("SELECT 1").fetchone()
