"""The HTTPS calls of lobbies; anonymous, each signed by a key of one generation."""

from collections.abc import Callable
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from privity.relay import lobby
from privity.relay.bus.hints import Pleaded
from privity.relay.http import answer, body, nothing, route
from privity.relay.limits import Buckets, Rate
from privity.relay.log_side import LogSide
from privity.relay.nonces import check_nonce
from privity.relay.services import Services
from privity.relay.storage.store import Connection
from privity.wire import lobby as wire
from privity.wire.codes import Code, Refusal

__all__ = ["LobbyCalls"]

ROAD = 16
"""As how many reads the commits of a generation count."""
_TOLD_AT_ONCE = 64
"""Generations in one hint; a hint that is too large is lost with those beside it."""

T = TypeVar("T")
_C = TypeVar(
    "_C",
    wire.PostPlea,
    wire.ReadAnswers,
    wire.ListPleas,
    wire.PostAnswer,
    wire.DropPlea,
    wire.ReadCommits,
)


class LobbyCalls:
    """The routes of lobbies."""

    def __init__(self, services: Services, side: LogSide) -> None:
        self._services = services
        self._side = side
        calls = services.config.calls
        rate = Rate(calls.lobby_reads_per_second, calls.lobby_read_burst)
        self._pace = Buckets(rate)

    def routes(self) -> list[Route]:
        """Return every route that these calls answer."""
        return [
            route("POST", "/v1/lobby/pleas", self.plead),
            route("POST", "/v1/lobby/pleas/list", self.waiting),
            route("POST", "/v1/lobby/pleas/drop", self.drop),
            route("POST", "/v1/lobby/answers", self.answer),
            route("POST", "/v1/lobby/answers/read", self.answers),
            route("POST", "/v1/lobby/commits", self.commits),
        ]

    async def plead(self, request: Request) -> Response:
        """Store a plea for a token, and tell who follows the log."""
        call = await self._call(request, wire.PostPlea)
        today = self._services.today()
        hear = await self._write(call, lambda db: lobby.plead(db, call, today))
        self._side.bus.ring(call.log_id, hear)
        for at in range(0, len(hear), _TOLD_AT_ONCE):
            told = list(hear)[at : at + _TOLD_AT_ONCE]
            self._side.others.tell(Pleaded(call.log_id, told))
        return nothing()

    async def waiting(self, request: Request) -> Response:
        """Give the pleas of a log that the generation has not dropped."""
        call = await self._call(request, wire.ListPleas)
        found = await self._read(call, lambda db: lobby.waiting(db, call))
        return answer(request, wire.WaitingPleas(found))

    async def drop(self, request: Request) -> Response:
        """Hide a plea from the generation that asks for it."""
        call = await self._call(request, wire.DropPlea)
        await self._write(call, lambda db: lobby.drop(db, call))
        return nothing()

    async def answer(self, request: Request) -> Response:
        """Store an answer to a plea."""
        call = await self._call(request, wire.PostAnswer)
        await self._write(call, lambda db: lobby.answer(db, call))
        return nothing()

    async def answers(self, request: Request) -> Response:
        """Give the answers to a plea."""
        call = await self._call(request, wire.ReadAnswers)
        found = await self._read(call, lambda db: lobby.answers(db, call))
        return answer(request, wire.Answers(found))

    async def commits(self, request: Request) -> Response:
        """Give the commits of a generation: which stands under which."""
        call = await self._call(request, wire.ReadCommits)
        found = await self._read(call, lambda db: lobby.commits(db, call), ROAD)
        return answer(request, wire.Commits(found))

    async def _call(self, request: Request, kind: type[_C]) -> _C:
        own = self._services
        call = await body(request, kind)
        check_nonce(own.keys.nonces, call.nonce, own.now())
        return call

    async def _read(
        self, call: lobby.Call, step: Callable[[Connection], T], weight: int = 1
    ) -> T:
        """Perform a step that reads; counted once the key has proven itself.

        So nobody uses up what the keys of another generation may read.
        """
        side, minute = self._side, self._side.minute()
        await side.database.read(
            lambda db: lobby.check_claim(db, side.host, call, minute)
        )
        now = side.ticks()
        bucket = self._pace.of((call.log_id, call.generation), now)
        if wait_ms := bucket.wait_ms(now):
            raise Refusal(Code.RATE_LIMITED, "this lobby is read too often", wait_ms)
        bucket.take(weight)
        return await side.database.read(step)

    async def _write(self, call: lobby.Call, step: Callable[[Connection], T]) -> T:
        """Perform a step in one transaction with the proof that it is allowed."""
        host, minute = self._side.host, self._side.minute()

        def guarded(db: Connection) -> T:
            lobby.check_claim(db, host, call, minute)
            return step(db)

        token = (call.token,) if isinstance(call, wire.PostPlea) else ()
        return await self._side.database.write(guarded, keys=(call.log_id, *token))
