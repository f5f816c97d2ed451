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
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec

from privity.client.errors import Busy, ClientError, Damaged, Unreachable
from privity.client.jsonrpc import Connection, Report, Verbs
from privity.client.sentences import Failure
from privity.client.verbs.catalogue import VERBS, Verb
from privity.client.verbs.params import Params
from privity.client.verbs.results import Progress, Result

__all__ = ["Remote", "RemoteFailure", "Report", "Verbs", "connect", "serve"]

LINE = 1024 * 1024
"""Bytes of one message on the socket."""
CONNECTIONS = 64
"""Connections of a server at the same time."""

_Id = int | str


class RemoteFailure(ClientError):
    """What the other process could not do, in its own words."""

    code = "remote"

    def __init__(self, failed: Failure) -> None:
        super().__init__(failed.message)
        self.failure = failed


class _Error(msgspec.Struct, frozen=True):
    data: Failure


class _Answer(msgspec.Struct, frozen=True):
    id: _Id | None = None
    result: msgspec.Raw = msgspec.Raw(b"null")
    error: _Error | None = None
    method: str = ""
    params: msgspec.Raw = msgspec.Raw(b"")


@asynccontextmanager
async def serve(
    root: Path,
    verbs: Verbs,
    methods: Mapping[str, Verb] = VERBS,
    name: str = "sock",
) -> AsyncGenerator[None, None]:
    """Serve `verbs` on a socket in `root` until the block ends.

    The caller holds the profile's lock: a socket that is there already is left over.
    """
    listening = _bound(root, name)
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
            await _converse(reader, writer, Connection(_Lines(writer), verbs, methods))
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
        (root / name).unlink(missing_ok=True)
        for task in tuple(open_connections):
            task.cancel()
        await asyncio.gather(*open_connections, return_exceptions=True)


def _bound(root: Path, name: str) -> socket.socket:
    """Return a socket of this name that only its owner can reach."""
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    (root / name).unlink(missing_ok=True)
    with _address(root, name) as address:
        listening.bind(address)
    (root / name).chmod(0o600)
    return listening


async def _converse(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connection: Connection
) -> None:
    """Serve one peer until it goes."""
    try:
        # A line that is too long, or no line at all, ends the connection.
        with suppress(ValueError, ConnectionError):
            while line := await reader.readline():
                connection.take(line)
    finally:
        await connection.close()
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


class _Lines:
    """A stream as a wire: a message on each line."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer

    def write(self, message: bytes) -> None:
        if not self._writer.is_closing():
            self._writer.write(message + b"\n")

    async def drain(self) -> None:
        with suppress(ConnectionError):
            await self._writer.drain()


class Remote:
    """The verbs of the process that holds the profile; calls may run side by side."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        methods: Mapping[str, Verb] = VERBS,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._methods = methods
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
                    return _decoded(answer.result, self._methods[name])
        raise Unreachable("the holder of the profile gave no answer")

    async def stream(self, name: str, params: Params) -> AsyncIterator[Result]:
        """Yield the items of a streaming verb."""
        async with aclosing(self._answers(name, params)) as answers:
            async for answer in answers:
                if answer.method == "item":
                    item = msgspec.json.decode(answer.params, type=_Item).item
                    yield _decoded(item, self._methods[name])
                elif not answer.method:
                    _raise_failure(answer)

    async def wait_ended(self) -> None:
        """Wait until the holder of the profile ends, or drops the connection."""
        await asyncio.wait([self._reading])

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


async def connect(
    root: Path, methods: Mapping[str, Verb] = VERBS, name: str = "sock"
) -> Remote | None:
    """Return the verbs of whoever serves this profile, or None if nobody does.

    Raises Damaged where that is another user, before anything is said; Busy.
    """
    peer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with _address(root, name) as address:
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
    return Remote(reader, writer, methods)


class _address:  # noqa: N801  reads as a function
    """The socket's address, short however long the path of the profile is."""

    def __init__(self, root: Path, name: str) -> None:
        self._root = root
        self._name = name
        self._directory = -1

    def __enter__(self) -> str:
        plain = str(self._root / self._name)
        if len(os.fsencode(plain)) < 108 or not Path("/proc/self/fd").is_dir():
            return plain
        self._directory = os.open(self._root, os.O_RDONLY | os.O_DIRECTORY)
        return f"/proc/self/fd/{self._directory}/{self._name}"

    def __exit__(self, *_: object) -> None:
        if self._directory >= 0:
            os.close(self._directory)


def _is_me(writer: asyncio.StreamWriter) -> bool:
    return _is_mine(writer.get_extra_info("socket"))


def _is_mine(peer: Any) -> bool:  # noqa: ANN401  a socket, or asyncio's view of one
    data = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    _, user, _ = struct.unpack("3i", data)
    return bool(user == os.getuid())
