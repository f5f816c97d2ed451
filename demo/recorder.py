"""A proxy in front of the relay that keeps every byte that passes, in both directions.

It ends the pinned TLS with the relay's own certificate and goes on over the relay's
Unix socket, so it stands where an operator stands. WebSocket payloads are written
unmasked as well: behind the mask no text could ever be found, and a search that
can't find anything proves nothing.
"""

import asyncio
import ssl
import threading
from pathlib import Path

__all__ = ["Recorder", "payloads"]

_UPGRADE = b"upgrade: websocket"
_LONG, _LONGER = 126, 127


class Recorder:
    """Listens on a port of 127.0.0.1 in a thread of its own, until stopped."""

    def __init__(self, listen: int, relay: Path, tls: Path, traffic: Path) -> None:
        self._port = listen
        self._relay = relay
        self._tls = tls
        self._traffic = traffic
        self._count = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._ready = threading.Event()

    def again(self) -> "Recorder":
        """Return a new recorder in the same place; a stopped one can't go on."""
        return Recorder(self._port, self._relay, self._tls, self._traffic)

    def recordings(self) -> list[Path]:
        """Return the files with what has passed so far."""
        return sorted(self._traffic.glob("*.bytes"))

    def start(self) -> None:
        """Begin to listen."""
        self._traffic.mkdir(parents=True, exist_ok=True)
        self._thread.start()
        if not self._ready.wait(10):
            raise RuntimeError("the recorder does not listen")

    def stop(self) -> None:
        """Stop, and write beside each recording what its WebSocket carried."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()
        for path in sorted(self._traffic.glob("*.bytes")):
            path.with_suffix(".payload").write_bytes(payloads(path.read_bytes()))

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._listen())
        self._ready.set()
        self._loop.run_forever()
        self._loop.run_until_complete(self._cancel())

    async def _cancel(self) -> None:
        """End what is still being copied; everybody has hung up by now."""
        self._server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _listen(self) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._tls / "cert.pem", self._tls / "key.pem")
        self._server = await asyncio.start_server(
            self._serve, "127.0.0.1", self._port, ssl=context
        )

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._count += 1
        name = f"{self._count:04d}"
        try:
            relay = await asyncio.open_unix_connection(str(self._relay))
        except OSError:
            writer.close()
            return
        await asyncio.gather(
            self._copy(reader, relay[1], self._traffic / f"{name}-up.bytes"),
            self._copy(relay[0], writer, self._traffic / f"{name}-down.bytes"),
        )

    async def _copy(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: Path
    ) -> None:
        with path.open("wb", buffering=0) as kept:
            try:
                while data := await reader.read(1 << 16):
                    kept.write(data)
                    writer.write(data)
                    await writer.drain()
            except (OSError, ssl.SSLError):
                pass
            finally:
                writer.close()


def payloads(stream: bytes) -> bytes:
    """Return the unmasked payloads of a recorded WebSocket, or b"" for plain HTTP."""
    head, end, frames = stream.partition(b"\r\n\r\n")
    if not end or _UPGRADE not in head.lower():
        return b""
    out = bytearray()
    at = 0
    while at + 2 <= len(frames):
        size, at, mask = _frame_head(frames, at)
        body = frames[at : at + size]
        at += size
        out += _unmask(body, mask)
    return bytes(out)


def _frame_head(frames: bytes, at: int) -> tuple[int, int, bytes]:
    masked, size = frames[at + 1] >> 7, frames[at + 1] & 0x7F
    at += 2
    if size in (_LONG, _LONGER):
        width = 2 if size == _LONG else 8
        size = int.from_bytes(frames[at : at + width], "big")
        at += width
    mask = frames[at : at + 4] if masked else b""
    return size, at + len(mask), mask


def _unmask(body: bytes, mask: bytes) -> bytes:
    if not mask:
        return body
    key = (mask * (len(body) // 4 + 1))[: len(body)]
    number = int.from_bytes(body, "big") ^ int.from_bytes(key, "big")
    return number.to_bytes(len(body), "big")
