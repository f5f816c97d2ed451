"""The blobs of big commits: uploaded before the append, fetched before the judging.

The engine made the bytes and keeps them with its job, so an upload that was broken off
goes on where the relay says that it stands, also after a restart.
"""

from hashlib import sha256

from privity.client.errors import Misbehaved
from privity.client.transport.failures import named_failures
from privity.client.transport.http import Call, HttpPlane, call
from privity.core.effects import Cause
from privity.core.requests import AppendEntry, FetchBlob
from privity.identity.ids import id_to_text
from privity.wire import http
from privity.wire.entry import BlobRef

__all__ = ["CommitUpload", "fetch_blob"]

PART = 512 * 1024
"""How much is sent again at most when a connection breaks."""
_DAYS_ALONE = 1
"""Without the entry that is to hold it; with it, it stays as long as that."""
_BLOBS = "/v1/blobs"
_BLOB = "/v1/blobs/ID"


class CommitUpload:
    """One upload, each step of which may be repeated."""

    def __init__(self, plane: HttpPlane, asked: AppendEntry, cause: Cause) -> None:
        self._plane = plane
        self._body = asked.blob
        self._key = asked.blob_key
        self._cause = cause
        self._ref = BlobRef.parse(asked.envelope)
        self._path = f"{_BLOBS}/{id_to_text(self._ref.blob_id)}"

    async def open(self, token: bytes) -> int:
        """Begin, or learn how much is there; raises Refusal, Unreachable."""
        body = http.OpenBlob(
            id=self._ref.blob_id,
            key_hash=sha256(self._key).digest(),
            size=len(self._body),
            token=token,
            days=_DAYS_ALONE,
        )
        asked = call("POST", _BLOBS, body, self._cause)
        return (await self._plane.ask(asked, http.BlobOpened)).offset

    async def go_on(self, offset: int) -> None:
        """Send the rest and finish; raises Refusal, Unreachable, Misbehaved."""
        while offset < len(self._body):
            asked = Call(
                method="PATCH",
                path=self._path,
                route=_BLOB,
                cause=self._cause,
                body=self._body[offset : offset + PART],
                what="part",
                headers={"content-type": "application/octet-stream"},
            ).with_header("privity-offset", str(offset))
            after = (await self._plane.ask(self._keyed(asked), http.BlobOffset)).offset
            if after <= offset:
                raise Misbehaved("an upload that does not go on")
            offset = after
        body, route = http.FinishBlob(self._ref.sha256), f"{_BLOB}/finish"
        path = f"{self._path}/finish"
        finish = call("POST", path, body, self._cause, route=route)
        await self._plane.tell(self._keyed(finish))

    def _keyed(self, asked: Call) -> Call:
        return asked.with_header("privity-upload-key", self._key.hex())


async def fetch_blob(plane: HttpPlane, asked: FetchBlob, cause: Cause) -> bytes:
    """Return the bytes of a blob, at most one more than it should have.

    Raises Refusal, Unreachable. Whether they are the right ones is not judged here.
    """
    path = f"{_BLOBS}/{id_to_text(asked.blob_id)}"
    data = bytearray()
    async with plane.stream(Call("GET", path, _BLOB, cause)) as response:
        with named_failures():
            async for chunk in response.aiter_raw():
                data += chunk[: asked.size + 1 - len(data)]
                if len(data) > asked.size:
                    break
    return bytes(data)
