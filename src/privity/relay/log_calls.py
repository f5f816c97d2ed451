"""The HTTPS calls that make a log, and tell with which keys tokens for it are made.

All else about logs goes over the WebSocket.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from privity.relay import logs
from privity.relay.http import answer, body, nothing, route
from privity.relay.log_side import LogSide
from privity.wire import http

__all__ = ["LogCalls"]


class LogCalls:
    """The routes of logs; anonymous."""

    def __init__(self, side: LogSide) -> None:
        self._side = side

    def routes(self) -> list[Route]:
        """Return every route that these calls answer."""
        return [
            route("POST", "/v1/logs", self.create),
            route("GET", "/v1/token-keys", self.token_keys),
        ]

    async def create(self, request: Request) -> Response:
        """Make a log for a token; the same request again gets the same answer."""
        asked = await body(request, http.CreateLog)
        await self._side.database.write(
            lambda db: logs.create(db, asked), keys=(asked.log_id, asked.token)
        )
        return nothing()

    async def token_keys(self, request: Request) -> Response:
        """State the keys of tokens of this week and the next, the same to everybody."""
        statement = await self._side.token_statement.signed()
        return answer(request, http.StatedTokenKeys(statement))
