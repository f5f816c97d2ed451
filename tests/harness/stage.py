"""The real window, real files and policy, before a client that says what a test wants.

For looking at screens in states that are hard to bring about: a thousand chats, hostile
names, every failure. Each answer is held against the verb's own type, so that nothing
is shown here which a client could not say. Stories are told with real clients instead.
"""

import asyncio
import json
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Self

import msgspec

from privity.client.profile import Profile
from privity.client.sentences import failure
from privity.client.verbs.results import Result
from privity.client.verbs.watch_results import WatchItem
from privity.web.methods import METHODS
from privity.web.serving import Running, running

__all__ = ["Refused", "Stage", "StageServer"]

Answer = Result | Callable[[Mapping[str, Any]], Result]


class Refused(Result, frozen=True):
    """What a staged verb refuses with."""

    code: str
    detail: str = ""


class StageServer:
    """Serves the window's files in a thread; its own profile stays new."""

    def __init__(self, root: Path) -> None:
        self._profile = Profile(root)
        self._started: Future[Running] = Future()
        self._loop = asyncio.new_event_loop()
        self._over = asyncio.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._started.result(30)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(30)

    def link(self) -> str:
        """Return a link that opens one page."""
        return self._started.result().link()

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._serve())
        except Exception as error:  # noqa: BLE001  told to whoever waits
            self._started.set_exception(error)
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        async with running(self._profile) as served:
            self._started.set_result(served)
            await self._over.wait()


class Stage:
    """One page's client: `answers` by verb, `items` that its watch begins with."""

    def __init__(
        self, answers: Mapping[str, Answer], items: tuple[Result, ...] = ()
    ) -> None:
        self.answers = dict(answers)
        self.items = items
        self.called: list[tuple[str, Mapping[str, Any]]] = []
        self._socket: Any = None
        self._sign = ""
        self._watching: int | None = None

    def play(self, page: Any) -> None:
        """Answer this page's calls from now on; before it goes anywhere."""
        page.on("response", self._note)
        page.route_web_socket("**/rpc", self._open)

    def tell(self, item: Result) -> None:
        """Let something happen."""
        body = msgspec.to_builtins(item)
        msgspec.convert(body, type=WatchItem)
        self._send(method="item", params={"id": self._watching, "item": body})

    def _note(self, response: Any) -> None:
        """Remember by what the page knows this process, and say it where it waits."""
        if response.url.endswith("/launch") and response.ok:
            self._sign = response.json()["countersign"]
            self._greet()

    def _open(self, socket: Any) -> None:
        self._socket = socket
        socket.on_message(self._hear)
        self._greet()

    def _greet(self) -> None:
        if self._socket is not None and self._sign:
            self._send(method="ui.countersign", params={"countersign": self._sign})

    def _hear(self, text: str) -> None:
        asked = json.loads(text)
        name, params = asked["method"], asked.get("params", {})
        if name == "cancel":
            return
        if name not in METHODS:
            told = {"code": -32601, "message": f"no such method: {name}"}
            self._send(id=asked["id"], error=told)
            return
        msgspec.convert(params, type=METHODS[name].params)
        self.called.append((name, params))
        if name == "watch":
            self._watching = asked["id"]
            for item in self.items:
                self.tell(item)
            return
        self._send(id=asked["id"], **self._answer(name, params))

    def _answer(self, name: str, params: Mapping[str, Any]) -> dict[str, Any]:
        given = self.answers.get(name, Refused("unsupported", f"not staged: {name}"))
        result = given if isinstance(given, Result) else given(params)
        if isinstance(result, Refused):
            told = failure(result.code, result.detail)
            return {
                "error": {"code": -32000, "message": told.message, "data": _plain(told)}
            }
        body = _plain(result)
        msgspec.convert(body, type=METHODS[name].result)
        return {"result": body}

    def _send(self, **message: Any) -> None:
        self._socket.send(json.dumps({"jsonrpc": "2.0", **message}))


def _plain(value: object) -> Any:
    return msgspec.to_builtins(value)
