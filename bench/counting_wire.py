"""A stretch of wire that counts: what a client sends to the relay and gets from it.

It stands between the two in a process of its own, so that it costs neither of them
processor time. It counts bytes of TLS, handshakes and frames of HTTP included.
"""

import asyncio
import multiprocessing
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

__all__ = ["Wire", "counted_wire"]

_PATIENCE = 10.0
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Wire:
    """A port that leads to the relay, and what has passed it."""

    port: int
    up: Any
    down: Any

    def bytes_up(self) -> int:
        """Return the bytes towards the relay so far."""
        return int(self.up.value)

    def bytes_down(self) -> int:
        """Return the bytes from the relay so far."""
        return int(self.down.value)


@contextmanager
def counted_wire(to_port: int) -> Iterator[Wire]:
    """Yield a wire to a port of this machine; it ends with the block."""
    context = multiprocessing.get_context("spawn")
    counters = [context.Value("Q", 0), context.Value("Q", 0)]
    ready = context.Event()
    port = _free_port()
    process = context.Process(
        target=_pass_on, args=(port, to_port, counters, ready), daemon=True
    )
    process.start()
    try:
        if not ready.wait(_PATIENCE):
            raise RuntimeError("the wire did not start")
        yield Wire(port, *counters)
    finally:
        process.terminate()
        process.join()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _pass_on(port: int, to_port: int, counters: list[Any], ready: Any) -> None:  # noqa: ANN401
    async def serve() -> None:
        async def accept(
            reader: asyncio.StreamReader, writer: asyncio.StreamWriter
        ) -> None:
            there, back = await asyncio.open_connection("127.0.0.1", to_port)
            await asyncio.gather(
                _copy(reader, back, counters[0]), _copy(there, writer, counters[1])
            )

        server = await asyncio.start_server(accept, "127.0.0.1", port)
        ready.set()
        await server.serve_forever()

    asyncio.run(serve())


async def _copy(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    counter: Any,  # noqa: ANN401  a shared number has no type that can be named
) -> None:
    try:
        while data := await reader.read(_CHUNK):
            counter.value += len(data)
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()
