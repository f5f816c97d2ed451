"""The HTTPS calls about blobs: open, parts up, finish, ranges down, delete.

Anonymous all of them. A writer shows the upload key, a reader knows the id. Uploads
leave `reserve_bytes` of the disk to messages and get STORAGE_FULL below that.
"""

import asyncio
import errno
import hmac
import re
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from privity.errors import DecodeError
from privity.relay import blobs
from privity.relay.blobs import Blob
from privity.relay.http import answer, body, key_in, nothing, path_id, raw_body, route
from privity.relay.services import Services
from privity.relay.storage.blob_store import BlobsAway
from privity.wire import http, limits
from privity.wire.calls import OFFSET_HEADER, UPLOAD_KEY_HEADER
from privity.wire.codes import Code, Refusal

__all__ = ["BlobCalls"]

_READ = 256 * 1024
_RANGE = re.compile(r"bytes=([0-9]{1,12})-([0-9]{1,12})?")
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS}

P = ParamSpec("P")
T = TypeVar("T")


class BlobCalls:
    """The routes of blobs; one call at a time writes to a blob."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._busy: set[bytes] = set()

    def routes(self) -> list[Route]:
        """Return every route that these calls answer."""
        return [
            route("POST", "/v1/blobs", self.open),
            route("PATCH", "/v1/blobs/{id}", self.write),
            route("GET", "/v1/blobs/{id}", self.read),
            route("DELETE", "/v1/blobs/{id}", self.delete),
            route("POST", "/v1/blobs/{id}/finish", self.finish),
        ]

    async def open(self, request: Request) -> Response:
        """Begin an upload, or tell where it stands."""
        own = self._services
        asked = await body(request, http.OpenBlob)
        if asked.size > own.config.blobs.max_bytes:
            raise Refusal(
                Code.TOO_LARGE, f"blobs have at most {own.config.blobs.max_bytes} bytes"
            )
        await self._check_room(asked.size)
        blob = await own.logs.write(
            lambda db: blobs.open_blob(db, asked, own.today()),
            keys=(asked.id, asked.token),
        )
        return answer(request, http.BlobOpened(blob.offset))

    async def write(self, request: Request) -> Response:
        """Append one part; the answer counts what is durable."""
        own = self._services
        with self._alone(path_id(request)):
            blob = await self._writable(request)
            offset = _offset_in(request)
            if offset != blob.offset or blob.sha256 is not None:
                raise Refusal(Code.WRONG_OFFSET, f"the upload stands at {blob.offset}")
            data = await raw_body(request, limits.BLOB_PART)
            after = offset + len(data)
            if after > blob.size:
                raise Refusal(Code.TOO_LARGE, f"the blob has {blob.size} bytes")
            await self._check_room(len(data))
            await _on_disk(own.files.write_part, blob.blob_id, offset, data)
            await own.logs.write(
                lambda db: blobs.advance(db, blob.blob_id, offset, after),
                keys=(blob.blob_id,),
            )
        return answer(request, http.BlobOffset(after))

    async def finish(self, request: Request) -> Response:
        """Check the hash of the whole and make the blob readable."""
        own = self._services
        with self._alone(path_id(request)):
            blob = await self._writable(request)
            asked = await body(request, http.FinishBlob)
            if blob.offset != blob.size:
                raise Refusal(Code.WRONG_OFFSET, f"the upload stands at {blob.offset}")
            digest = blob.sha256
            if digest is None:
                digest = await _on_disk(
                    own.files.digest_of_part, blob.blob_id, blob.size
                )
            if not hmac.compare_digest(digest, asked.sha256):
                raise Refusal(Code.WRONG_HASH, "what came has another hash")
            if blob.sha256 is None:
                # Only once: another process that stood still may have left a part
                # beside a whole file, which is not to take its place.
                await _on_disk(own.files.finish, blob.blob_id)
                await own.logs.write(
                    lambda db: blobs.finish(db, blob.blob_id, digest),
                    keys=(blob.blob_id,),
                )
        return nothing()

    async def read(self, request: Request) -> Response:
        """Send a finished blob, or the one range that was asked for."""
        blob_id = path_id(request)
        blob = await self._services.logs.read(lambda db: blobs.readable(db, blob_id))
        first, last = _range_in(request, blob.size)
        headers = {
            "Accept-Ranges": "bytes",
            "Cache-Control": "no-store",
            "Content-Length": str(last - first + 1),
        }
        status = 200
        if "range" in request.headers:
            headers["Content-Range"] = f"bytes {first}-{last}/{blob.size}"
            status = 206
        # Read before the answer begins: later there is no other way to say no.
        size = min(_READ, last - first + 1)
        begin = await _on_disk(self._services.files.read, blob_id, first, size)
        chunks = self._chunks(blob_id, begin, (first, last))
        return StreamingResponse(
            chunks, status, headers, media_type="application/octet-stream"
        )

    async def delete(self, request: Request) -> Response:
        """Delete a blob for one who shows its upload key."""
        own = self._services
        with self._alone(path_id(request)):
            blob = await self._writable(request)
            await own.logs.write(lambda db: blobs.remove(db, blob.blob_id))
            await _on_disk(own.files.remove, blob.blob_id)
        return nothing()

    async def _writable(self, request: Request) -> Blob:
        blob_id, key = path_id(request), key_in(request, UPLOAD_KEY_HEADER)
        return await self._services.logs.read(
            lambda db: blobs.for_writing(db, blob_id, key)
        )

    async def _check_room(self, size: int) -> None:
        free = await _on_disk(self._services.files.free_bytes)
        if free - size < self._services.config.blobs.reserve_bytes:
            raise Refusal(Code.STORAGE_FULL, "the relay's disk is full", 60_000)

    async def _chunks(
        self, blob_id: bytes, begin: bytes, rest: tuple[int, int]
    ) -> AsyncIterator[bytes]:
        yield begin
        first, last = rest[0] + len(begin), rest[1]
        while begin and first <= last:
            size = min(_READ, last - first + 1)
            chunk = await _on_disk(self._services.files.read, blob_id, first, size)
            if not chunk:
                return
            yield chunk
            first += len(chunk)

    @contextmanager
    def _alone(self, blob_id: bytes) -> Generator[None, None, None]:
        if blob_id in self._busy:
            raise Refusal(Code.TOO_SOON, "another call writes to this blob", 200)
        self._busy.add(blob_id)
        try:
            yield
        finally:
            self._busy.remove(blob_id)


async def _on_disk(act: Callable[P, T], /, *arguments: P.args, **named: P.kwargs) -> T:
    """Run a blocking act in a thread.

    A disk without room is STORAGE_FULL, and so is a store that doesn't answer.
    """
    try:
        return await asyncio.to_thread(act, *arguments, **named)
    except FileNotFoundError:
        raise Refusal(Code.NO_SUCH_BLOB, "its file is gone") from None
    except BlobsAway:
        detail = "the relay's store of files is away"
        raise Refusal(Code.STORAGE_FULL, detail, 10_000) from None
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise Refusal(
                Code.STORAGE_FULL, "the relay's disk is full", 60_000
            ) from None
        raise


def _offset_in(request: Request) -> int:
    text = request.headers.get(OFFSET_HEADER, "")
    if not re.fullmatch(r"0|[1-9][0-9]{0,11}", text):
        raise DecodeError(f"{OFFSET_HEADER} says at which byte the part begins")
    return int(text)


def _range_in(request: Request, size: int) -> tuple[int, int]:
    """Return the first and the last byte that are asked for."""
    asked = request.headers.get("range")
    if asked is None:
        return 0, size - 1
    found = _RANGE.fullmatch(asked)
    if found is None:
        raise DecodeError("one range of bytes, with its first byte")
    first = int(found[1])
    last = min(int(found[2]), size - 1) if found[2] else size - 1
    if not first <= last:
        raise Refusal(Code.WRONG_OFFSET, f"the blob has {size} bytes")
    return first, last
