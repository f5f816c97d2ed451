"""The network between the clients and the relay, as it is on a bad day.

A TCP port of loopback that passes bytes on. It can't read them (TLS ends at the relay),
but it can cut connections in the middle of a record, close one half, or stall.
"""

import asyncio
import random
from contextlib import suppress
from dataclasses import dataclass, field

__all__ = ["Wires"]

CHUNK = 65_536


@dataclass(eq=False)
class _Wire:
    """One connection: the streams of both sides."""

    near: asyncio.StreamWriter
    far: asyncio.StreamWriter
    flowing: asyncio.Event = field(default_factory=asyncio.Event)
    limit: int = -1
    """After so many further bytes it is cut; -1: never."""

    def cut(self) -> None:
        for side in (self.near, self.far):
            side.transport.abort()
        self.flowing.set()


class Wires:
    """Listens on `port`, and connects each who comes to the relay's."""

    def __init__(self, port: int, relay_port: int, rng: random.Random) -> None:
        self.port = port
        self._relay_port = relay_port
        self._rng = rng
        self._wires: set[_Wire] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Begin to listen."""
        self._server = await asyncio.start_server(self._pass, "127.0.0.1", self.port)

    async def stop(self) -> None:
        """Cut everything."""
        if self._server is not None:
            self._server.close()
        for wire in tuple(self._wires):
            wire.cut()

    def cut(self, share: float) -> int:
        """Cut a share of the connections within their next 4,000 bytes, or at once."""
        chosen = self._some(share)
        for wire in chosen:
            if self._rng.random() < 0.5:
                wire.cut()
            else:
                wire.limit = self._rng.randrange(4_000)
        return len(chosen)

    def half_close(self, share: float) -> int:
        """Let one direction of a share of the connections end."""
        chosen = self._some(share)
        for wire in chosen:
            with suppress(OSError, RuntimeError):
                self._rng.choice((wire.near, wire.far)).write_eof()
        return len(chosen)

    async def stall(self, share: float, seconds: float) -> int:
        """Let a share of the connections stand still for a time."""
        chosen = self._some(share)
        for wire in chosen:
            wire.flowing.clear()
        await asyncio.sleep(seconds)
        for wire in chosen:
            wire.flowing.set()
        return len(chosen)

    def heal(self) -> None:
        """Cut nothing any more that is not cut yet."""
        for wire in self._wires:
            wire.limit = -1

    def _some(self, share: float) -> list[_Wire]:
        there = [w for w in self._wires if not w.near.transport.is_closing()]
        return [w for w in there if self._rng.random() < share]

    async def _pass(
        self, reader: asyncio.StreamReader, near: asyncio.StreamWriter
    ) -> None:
        try:
            answers, far = await asyncio.open_connection("127.0.0.1", self._relay_port)
        except OSError:
            near.transport.abort()
            return
        wire = _Wire(near, far)
        wire.flowing.set()
        self._wires.add(wire)
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(_pump(wire, reader, far))
                both.create_task(_pump(wire, answers, near))
        except* (OSError, RuntimeError):
            pass
        finally:
            self._wires.discard(wire)
            wire.cut()


async def _pump(
    wire: _Wire, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    while data := await reader.read(CHUNK):
        await wire.flowing.wait()
        if 0 <= wire.limit <= len(data):
            writer.write(data[: wire.limit])
            with suppress(OSError):
                await asyncio.wait_for(writer.drain(), 1)
            wire.cut()
            return
        if wire.limit >= 0:
            wire.limit -= len(data)
        writer.write(data)
        await writer.drain()
    with suppress(OSError, RuntimeError):
        writer.write_eof()
