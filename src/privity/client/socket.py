"""The profile's socket: whoever holds the profile serves the verbs to the others.

JSON-RPC 2.0, one message a line, on `PROFILE/sock` (0600, in a directory of 0700);
the peer's user id is checked as well. While a call runs, notifications carry its
progress and the items of a streaming verb; `cancel` ends a call. Examples are in
docs/spec/command-line.md. Light on purpose: no engine is imported here.
"""

import asyncio
import os
import socket
import struct
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine
from contextlib import aclosing, asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Literal, Protocol

import msgspec

from privity.client.errors import Busy, ClientError, Damaged, Unreachable
from privity.client.sentences import Failure, explain, failure
from privity.client.verbs.catalogue import VERBS, Verb
from privity.client.verbs.params import Params
from privity.client.verbs.results import Progress, Result

__all__ = ["Remote", "RemoteFailure", "Report", "Verbs", "connect", "serve"]

LINE = 1024 * 1024
"""Bytes of one message on the socket."""
CONNECTIONS = 64
CALLS = 64
"""Connections of a server, and calls of one connection, at the same time."""

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


class RemoteFailure(ClientError):
    """What the other process could not do, in its own words."""

    code = "remote"

    def __init__(self, failed: Failure) -> None:
        super().__init__(failed.message)
        self.failure = failed


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


class _Answer(msgspec.Struct, frozen=True):
    id: _Id | None = None
    result: msgspec.Raw = msgspec.Raw(b"null")
    error: _Error | None = None
    method: str = ""
    params: msgspec.Raw = msgspec.Raw(b"")


@asynccontextmanager
async def serve(root: Path, verbs: Verbs) -> AsyncGenerator[None, None]:
    """Serve `verbs` on the socket in `root` until the block ends.

    The caller holds the profile's lock: a socket that is there already is left over.
    """
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    (root / "sock").unlink(missing_ok=True)
    with _address(root) as address:
        listening.bind(address)
    (root / "sock").chmod(0o600)
    open_connections: set[asyncio.Task[None]] = set()

    async def accept(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        if task is None or len(open_connections) >= CONNECTIONS or not _is_me(writer):
            writer.close()
            return
        open_connections.add(task)
        try:
            await _Connection(reader, writer, verbs).run()
        except asyncio.CancelledError:
            # Only the end of this block cancels; streams can't take it from us.
            return
        finally:
            open_connections.discard(task)

    server = await asyncio.start_unix_server(accept, sock=listening, limit=LINE)
    try:
        yield
    finally:
        server.close()
        (root / "sock").unlink(missing_ok=True)
        for task in tuple(open_connections):
            task.cancel()
        await asyncio.gather(*open_connections, return_exceptions=True)


class _Connection:
    """One peer: its calls run beside each other, its answers go out whole."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, verbs: Verbs
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._verbs = verbs
        self._calls: dict[_Id, asyncio.Task[None]] = {}

    async def run(self) -> None:
        try:
            # A line that is too long, or no line at all, ends the connection.
            with suppress(ValueError, ConnectionError):
                while line := await self._reader.readline():
                    self._take(line)
        finally:
            for task in tuple(self._calls.values()):
                task.cancel()
            await asyncio.gather(*self._calls.values(), return_exceptions=True)
            self._writer.close()
            with suppress(OSError):
                await self._writer.wait_closed()

    def _take(self, line: bytes) -> None:
        try:
            request = msgspec.json.decode(line, type=_Request)
            if request.method == "cancel":
                target = msgspec.json.decode(request.params, type=_Cancel).id
                if target in self._calls:
                    self._calls[target].cancel()
                return
        except msgspec.MsgspecError as error:
            self._refuse(None, _INVALID, failure("malformed_input", str(error)))
            return
        verb = VERBS.get(request.method)
        if request.id is None or request.id in self._calls:
            detail = "a call needs an id of its own"
            self._refuse(None, _INVALID, failure("malformed_input", detail))
        elif verb is None:
            self._refuse(request.id, _UNKNOWN, failure("not_found", request.method))
        elif len(self._calls) >= CALLS:
            self._refuse(request.id, _NOT_RUN, failure("busy"))
        else:
            try:
                params = msgspec.json.decode(request.params, type=verb.params)
            except msgspec.MsgspecError as error:
                told = failure("malformed_input", str(error))
                self._refuse(request.id, _BAD_PARAMS, told)
                return
            self._start(request.id, self._do(request.id, request.method, params))

    def _start(self, id_: _Id, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._calls[id_] = task
        task.add_done_callback(lambda _: self._calls.pop(id_, None))

    async def _do(self, id_: _Id, name: str, params: Params) -> None:
        def report(progress: Progress) -> None:
            self._notify("progress", {"id": id_, "progress": progress})

        try:
            if VERBS[name].streaming:
                async for item in self._verbs.stream(name, params):
                    self._notify("item", {"id": id_, "item": item})
                    await self._writer.drain()
                result: Any = None
            else:
                result = await self._verbs.call(name, params, report)
        except asyncio.CancelledError:
            self._refuse(id_, _NOT_RUN, failure("interrupted"))
            raise
        except Exception as error:  # noqa: BLE001  the top of a call: it has to answer
            self._refuse(id_, _NOT_RUN, explain(error))
        else:
            self._write({"jsonrpc": "2.0", "id": id_, "result": result})
        with suppress(ConnectionError):
            await self._writer.drain()

    def _notify(self, method: str, params: dict[str, Any]) -> None:
        self._write({"jsonrpc": "2.0", "method": method, "params": params})

    def _refuse(self, id_: _Id | None, code: int, told: Failure) -> None:
        error = _Error(code, told.message, told)
        self._write({"jsonrpc": "2.0", "id": id_, "error": error})

    def _write(self, message: dict[str, Any]) -> None:
        if not self._writer.is_closing():
            self._writer.write(msgspec.json.encode(message) + b"\n")


class Remote:
    """The verbs of the process that holds the profile; calls may run side by side."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._last = 0
        self._calls: dict[_Id, asyncio.Queue[_Answer | None]] = {}
        self._reading = asyncio.create_task(self._read())

    async def call(self, name: str, params: Params, report: Report) -> Result:
        """Do a verb; raises RemoteFailure, or Unreachable if the holder went away."""
        async with aclosing(self._answers(name, params)) as answers:
            async for answer in answers:
                if answer.method == "progress":
                    report(_Noted.decode(answer.params).progress)
                elif not answer.method:
                    _raise_failure(answer)
                    return _decoded(answer.result, VERBS[name])
        raise Unreachable("the holder of the profile gave no answer")

    async def stream(self, name: str, params: Params) -> AsyncIterator[Result]:
        """Yield the items of a streaming verb."""
        async with aclosing(self._answers(name, params)) as answers:
            async for answer in answers:
                if answer.method == "item":
                    item = msgspec.json.decode(answer.params, type=_Item).item
                    yield _decoded(item, VERBS[name])
                elif not answer.method:
                    _raise_failure(answer)

    async def close(self) -> None:
        """End the connection; a call that still runs is cancelled over there."""
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()

    async def _answers(
        self, name: str, params: Params
    ) -> AsyncGenerator[_Answer, None]:
        """Ask, and yield what comes for it up to the answer."""
        self._last, id_ = self._last + 1, self._last + 1
        queue = self._calls.setdefault(id_, asyncio.Queue())
        self._tell({"id": id_, "method": name, "params": params})
        try:
            while True:
                answer = None if self._reading.done() else await queue.get()
                if answer is None:
                    raise Unreachable("the process that holds the profile ended")
                yield answer
                if not answer.method:
                    del self._calls[id_]
                    return
        finally:
            if self._calls.pop(id_, None) is not None:
                self._tell({"method": "cancel", "params": {"id": id_}})

    def _tell(self, message: dict[str, Any]) -> None:
        if not self._writer.is_closing():
            line = msgspec.json.encode({"jsonrpc": "2.0", **message})
            self._writer.write(line + b"\n")

    async def _read(self) -> None:
        try:
            while line := await self._reader.readline():
                answer = msgspec.json.decode(line, type=_Answer)
                queue = self._calls.get(_call_of(answer))
                if queue is not None:
                    queue.put_nowait(answer)
        except (ConnectionError, ValueError, msgspec.MsgspecError):
            return
        finally:
            for queue in self._calls.values():
                queue.put_nowait(None)


class _Named(msgspec.Struct, frozen=True):
    id: _Id


def _call_of(answer: _Answer) -> _Id:
    if answer.method:
        return msgspec.json.decode(answer.params, type=_Named).id
    return answer.id if answer.id is not None else 0


class _Item(msgspec.Struct, frozen=True):
    id: _Id
    item: msgspec.Raw


class _Noted(msgspec.Struct, frozen=True):
    id: _Id
    progress: Progress

    @classmethod
    def decode(cls, data: msgspec.Raw) -> "_Noted":
        return msgspec.json.decode(data, type=cls)


def _raise_failure(answer: _Answer) -> None:
    if answer.error is not None:
        raise RemoteFailure(answer.error.data)


def _decoded(data: msgspec.Raw, verb: Verb) -> Result:
    try:
        result: Result = msgspec.json.decode(data, type=verb.result)
    except msgspec.MsgspecError as error:
        raise Unreachable(f"the holder of the profile said: {error}") from None
    return result


async def connect(root: Path) -> Remote | None:
    """Return the verbs of whoever serves this profile, or None if nobody does.

    Raises Damaged where that is another user, before anything is said; Busy.
    """
    peer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with _address(root) as address:
            peer.connect(address)
    except (FileNotFoundError, ConnectionRefusedError, NotADirectoryError):
        peer.close()
        return None
    except OSError as error:
        peer.close()
        raise Busy(f"the profile's socket: {error.strerror}") from None
    if not _is_mine(peer):
        peer.close()
        raise Damaged("the profile's socket is another user's")
    peer.setblocking(False)  # noqa: FBT003  the one parameter that it has
    reader, writer = await asyncio.open_unix_connection(sock=peer, limit=LINE)
    return Remote(reader, writer)


class _address:  # noqa: N801  reads as a function
    """The socket's address, short however long the path of the profile is."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._directory = -1

    def __enter__(self) -> str:
        plain = str(self._root / "sock")
        if len(os.fsencode(plain)) < 108 or not Path("/proc/self/fd").is_dir():
            return plain
        self._directory = os.open(self._root, os.O_RDONLY | os.O_DIRECTORY)
        return f"/proc/self/fd/{self._directory}/sock"

    def __exit__(self, *_: object) -> None:
        if self._directory >= 0:
            os.close(self._directory)


def _is_me(writer: asyncio.StreamWriter) -> bool:
    return _is_mine(writer.get_extra_info("socket"))


def _is_mine(peer: Any) -> bool:  # noqa: ANN401  a socket, or asyncio's view of one
    data = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    _, user, _ = struct.unpack("3i", data)
    return bool(user == os.getuid())
