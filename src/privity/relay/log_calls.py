"""The HTTPS call that makes a log; all else about logs goes over the WebSocket."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from privity.relay import logs
from privity.relay.http import body, nothing
from privity.relay.log_side import LogSide
from privity.wire import http

__all__ = ["LogCalls"]


class LogCalls:
    """The routes of logs; anonymous."""

    def __init__(self, side: LogSide) -> None:
        self._side = side

    def routes(self) -> list[Route]:
        """Return every route that these calls answer."""
        return [Route("/v1/logs", self.create, methods=["POST"])]

    async def create(self, request: Request) -> Response:
        """Make a log for a token; the same request again gets the same answer."""
        asked = await body(request, http.CreateLog)
        await self._side.database.write(lambda db: logs.create(db, asked))
        return nothing()
