"""Who sends files in a storm: part by part, each to whatever relay is up.

What a relay said is durable may never be gone: neither a part, nor a finished file.
"""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256, shake_256

import httpx2
import msgspec

from demo.storm.chat import StormFile
from privity.identity.ids import id_to_text
from privity.wire import http

__all__ = ["Uploader", "what_is_lost"]

_PART = 64 * 1024
_BETWEEN = 0.15
_PAUSE = 0.1
_WAIT_SECONDS = 8.0

Where = Callable[[int], str]


class _Again(Exception):
    """The relay refused; whoever asked begins anew."""


_BROKEN = (httpx2.HTTPError, OSError, _Again)


@dataclass
class Uploader:
    """Sends its files one after the other; `finished` and `wrong` tell what came."""

    files: list[StormFile]
    where: Where
    is_stopping: bool = False
    tries: int = 0
    finished: list[StormFile] = field(default_factory=list[StormFile])
    wrong: list[str] = field(default_factory=list[str])

    async def run(self) -> None:
        """Send until told to stop, and the one that is under way to its end."""
        for file in self.files:
            if self.is_stopping:
                return
            await self._send(file)
            self.finished.append(file)

    async def _send(self, file: StormFile) -> None:
        durable, data = 0, content_of(file)
        while True:
            self.tries += 1
            try:
                async with _calls(self.where(self.tries)) as call:
                    stands = await _opened(call, file)
                    if stands < durable:
                        self.wrong.append(f"a part of {file.name} is gone")
                    durable = max(durable, stands)
                    async for offset in _parts(call, file, data, stands):
                        durable = offset
                        await asyncio.sleep(_BETWEEN)
                    return await _finish(call, file, data)
            except _BROKEN:
                await asyncio.sleep(_PAUSE)


async def what_is_lost(url: str, files: list[StormFile]) -> list[str]:
    """Return what a relay does not hand out as it was sent, of finished files."""
    lost: list[str] = []
    async with _calls(url) as call:
        for file in files:
            got = await call.get(_path(file))
            if got.status_code != 200 or got.content != content_of(file):
                lost.append(f"{file.name} is not what was sent ({got.status_code})")
    return lost


def content_of(file: StormFile) -> bytes:
    """Return the bytes of a file, which follow from its id."""
    return shake_256(file.blob_id).digest(file.size)


async def _opened(call: httpx2.AsyncClient, file: StormFile) -> int:
    asked = msgspec.msgpack.encode(file.opening())
    got = await call.post("/v1/blobs", content=asked)
    return http.decode(http.BlobOpened, _well(got)).offset


async def _parts(
    call: httpx2.AsyncClient, file: StormFile, data: bytes, offset: int
) -> AsyncGenerator[int, None]:
    while offset < file.size:
        headers = {**_key(file), "Privity-Offset": str(offset)}
        part = data[offset : offset + _PART]
        got = await call.patch(_path(file), content=part, headers=headers)
        offset = http.decode(http.BlobOffset, _well(got)).offset
        yield offset


async def _finish(call: httpx2.AsyncClient, file: StormFile, data: bytes) -> None:
    asked = msgspec.msgpack.encode(http.FinishBlob(sha256(data).digest()))
    path = f"{_path(file)}/finish"
    _well(await call.post(path, content=asked, headers=_key(file)))


@asynccontextmanager
async def _calls(url: str) -> AsyncGenerator[httpx2.AsyncClient, None]:
    async with httpx2.AsyncClient(
        base_url=url,
        headers={"Content-Type": "application/msgpack"},
        timeout=_WAIT_SECONDS,
        trust_env=False,
        # As the WebSockets of a storm do, it believes what SSL_CERT_FILE names.
        verify=ssl.create_default_context(),
    ) as client:
        yield client


def _well(got: httpx2.Response) -> bytes:
    if got.status_code >= 400:
        raise _Again(got.status_code)
    return got.content


def _path(file: StormFile) -> str:
    return f"/v1/blobs/{id_to_text(file.blob_id)}"


def _key(file: StormFile) -> dict[str, str]:
    return {"Privity-Upload-Key": file.key.hex()}
