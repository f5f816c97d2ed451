"""Health: `/healthz` says that the process answers, `/readyz` that it can store.

`/readyz` performs empty steps on each database, one for each road that appends may
take there, and waits for their commits, so it fails when the disk does. A bus that is
away fails nothing: what others store is found a few seconds later, and `/readyz` says
so. Neither tells anything of what is stored.
"""

import asyncio

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from privity.relay.bus.crossing import Crossing
from privity.relay.services import Services
from privity.relay.storage.store import FAILURES, Connection

__all__ = ["health_routes"]

_KEYS = (b"readyz", b"readyz 2")
"""They touch no row: nobody is to wait for them, and they for no appends.

On PostgreSQL each is of another track (`tracks`), so that both are seen.
"""


def health_routes(services: Services, bus: Crossing | None = None) -> list[Route]:
    """Return the two routes; `bus` leads to the relay's other processes."""

    async def healthz(request: Request) -> Response:
        del request
        return PlainTextResponse("ok\n")

    async def readyz(request: Request) -> Response:
        del request
        try:
            await asyncio.gather(
                *(
                    side.write(_nothing, keys=(key,))
                    for side in (services.accounts, services.logs)
                    for key in _KEYS
                )
            )
        except FAILURES:
            return PlainTextResponse("storage fails\n", 503)
        is_cut = bus is not None and not bus.is_up
        return PlainTextResponse("ok; the bus is away\n" if is_cut else "ok\n")

    return [Route("/healthz", healthz), Route("/readyz", readyz)]


def _nothing(database: Connection) -> None:
    database.execute("SELECT 1").fetchone()
