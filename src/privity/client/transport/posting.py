"""A message into somebody's mailbox: by a contact, or by a stranger, who pays."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from privity.client.errors import Misbehaved
from privity.client.transport.http import Call, HttpPlane, call
from privity.client.working import Worker
from privity.core.effects import Cause
from privity.core.requests import PostSealed
from privity.identity.ids import id_to_text
from privity.wire import http
from privity.wire.codes import Code, Refusal
from privity.wire.work import MOST_BITS, Work, challenge

__all__ = ["Posting"]

_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Posting:
    """One message on its way; `clock` is Unix time in seconds."""

    plane: HttpPlane
    worker: Worker
    host: str
    request: PostSealed
    cause: Cause
    clock: Callable[[], float] = field(default=time.time)

    async def as_contact(self) -> None:
        """Post it by the mailbox access key; it costs nothing."""
        key = self.request.mailbox_key
        await self._post(self._message("contacts", mailbox_key=key))

    async def as_stranger(self, token: bytes) -> None:
        """Post it for a token and work, and through the door only where it must be.

        The door says by which way one knows the account. Raises Misbehaved for more
        work than a relay may ask, or another day than this clock's.
        """
        work = await self._work()
        try:
            await self._post(self._message("requests", token=token, work=work))
        except Refusal as refusal:
            door = self.request.door
            if refusal.code is not Code.REQUESTS_CLOSED or not door:
                raise
            through = self._message("requests", token=token, work=work, door=door)
            await self._post(through)

    async def _work(self) -> bytes:
        path = "/v1/work"
        asked = await self.plane.ask(
            Call("GET", path, path, self.cause), http.WorkAsked
        )
        if asked.bits > MOST_BITS:
            raise Misbehaved(f"{asked.bits} bits of work are asked for")
        if abs(asked.day - int(self.clock()) // _DAY) > 1:
            raise Misbehaved("work of another day, or this clock is wrong")
        request = self.request
        about = (request.idem, request.body)
        target = challenge(self.host, request.mailbox_id, asked.day, about)
        return Work(asked.day, await self.worker.solve(target, asked.bits)).encode()

    def _message(self, lane: str, **shown: bytes) -> http.PostMessage:
        return http.PostMessage(lane, self.request.body, self.request.idem, **shown)

    async def _post(self, message: http.PostMessage) -> None:
        path = f"/v1/mailboxes/{id_to_text(self.request.mailbox_id)}"
        route = "/v1/mailboxes/ID"
        await self.plane.tell(call("POST", path, message, self.cause, route=route))
