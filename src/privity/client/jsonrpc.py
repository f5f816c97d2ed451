"""JSON-RPC 2.0 between this client and its own faces, over whatever carries messages.

The profile's socket carries a message on each line, the window's WebSocket one in each
frame. While a call runs, notifications carry its progress and the items of a streaming
verb; `cancel` ends a call. Light on purpose: no engine is imported here.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from typing import Any, Literal, Protocol

import msgspec

from privity.client.sentences import Failure, explain, failure
from privity.client.verbs.catalogue import VERBS, Verb
from privity.client.verbs.params import Params
from privity.client.verbs.results import Progress, Result

__all__ = ["Connection", "Report", "Verbs", "Wire"]

CALLS = 64
"""Calls of one connection at the same time."""

_NOT_RUN, _INVALID, _UNKNOWN, _BAD_PARAMS = -32000, -32600, -32601, -32602

Report = Callable[[Progress], None]
"""Takes the progress of a call."""
_Id = int | str


class Verbs(Protocol):
    """Something that does verbs: a session here, or another process."""

    async def call(self, name: str, params: Params, report: Report) -> Result:
        """Do a verb and return its result."""
        ...

    def stream(self, name: str, params: Params) -> AsyncIterator[Result]:
        """Return the items of a streaming verb."""
        ...


class Wire(Protocol):
    """What carries whole messages to the peer, in order."""

    def write(self, message: bytes) -> None:
        """Take a message; harmless once the peer is gone."""
        ...

    async def drain(self) -> None:
        """Wait until the peer has taken most of what was written, or is gone."""
        ...


class _Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    jsonrpc: Literal["2.0"]
    method: str
    params: msgspec.Raw = msgspec.Raw(b"{}")
    id: _Id | None = None


class _Cancel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: _Id


class _Error(msgspec.Struct, frozen=True):
    code: int
    message: str
    data: Failure


class Connection:
    """One peer: its calls run beside each other, its answers go out whole.

    Only the `methods` can be called; what they do is the business of `verbs`.
    """

    def __init__(
        self, wire: Wire, verbs: Verbs, methods: Mapping[str, Verb] = VERBS
    ) -> None:
        self._wire = wire
        self._verbs = verbs
        self._methods = methods
        self._calls: dict[_Id, asyncio.Task[None]] = {}

    def take(self, message: bytes) -> None:
        """Take a message of the peer; whatever it is, it is answered, never raised."""
        try:
            request = msgspec.json.decode(message, type=_Request)
            if request.method == "cancel":
                target = msgspec.json.decode(request.params, type=_Cancel).id
                if target in self._calls:
                    self._calls[target].cancel()
                return
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            self._refuse(None, _INVALID, failure("malformed_input", str(error)))
            return
        self._begin(request)

    def notify(self, method: str, params: Any) -> None:  # noqa: ANN401  any structure
        """Tell the peer something that it did not ask for."""
        self._write({"jsonrpc": "2.0", "method": method, "params": params})

    async def close(self) -> None:
        """Cancel the calls that run, and wait until they have ended."""
        for task in tuple(self._calls.values()):
            task.cancel()
        await asyncio.gather(*self._calls.values(), return_exceptions=True)

    def _begin(self, request: _Request) -> None:
        method = self._methods.get(request.method)
        if request.id is None or request.id in self._calls:
            detail = "a call needs an id of its own"
            self._refuse(None, _INVALID, failure("malformed_input", detail))
        elif method is None:
            self._refuse(request.id, _UNKNOWN, failure("not_found", request.method))
        elif len(self._calls) >= CALLS:
            self._refuse(request.id, _NOT_RUN, failure("busy"))
        else:
            try:
                params = msgspec.json.decode(request.params, type=method.params)
            except msgspec.MsgspecError as error:
                told = failure("malformed_input", str(error))
                self._refuse(request.id, _BAD_PARAMS, told)
                return
            self._start(request.id, self._do(request.id, method, params))

    def _start(self, id_: _Id, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._calls[id_] = task
        task.add_done_callback(lambda _: self._calls.pop(id_, None))

    async def _do(self, id_: _Id, method: Verb, params: Params) -> None:
        def report(progress: Progress) -> None:
            self.notify("progress", {"id": id_, "progress": progress})

        try:
            if method.streaming:
                async for item in self._verbs.stream(method.name, params):
                    self.notify("item", {"id": id_, "item": item})
                    await self._wire.drain()
                result: Any = None
            else:
                result = await self._verbs.call(method.name, params, report)
        except asyncio.CancelledError:
            self._refuse(id_, _NOT_RUN, failure("interrupted"))
            raise
        except Exception as error:  # noqa: BLE001  the top of a call: it has to answer
            self._refuse(id_, _NOT_RUN, explain(error))
        else:
            self._write({"jsonrpc": "2.0", "id": id_, "result": result})
        await self._wire.drain()

    def _refuse(self, id_: _Id | None, code: int, told: Failure) -> None:
        error = _Error(code, told.message, told)
        self._write({"jsonrpc": "2.0", "id": id_, "error": error})

    def _write(self, message: dict[str, Any]) -> None:
        self._wire.write(msgspec.json.encode(message))
