"""One blob as its sender sees it, for tests of the relay."""

import secrets
from hashlib import sha256

import msgspec

from privity.identity.ids import id_to_text
from privity.wire import http

__all__ = ["Upload"]


class Upload:
    """Opens it, sends its parts, finishes it, reads it."""

    def __init__(self, caller, token, data):
        self.caller, self.token, self.data = caller, token, data
        self.id, self.key = secrets.token_bytes(16), secrets.token_bytes(32)
        self.path = f"/v1/blobs/{id_to_text(self.id)}"

    async def open(self, **changes):
        asked = http.OpenBlob(
            id=self.id,
            key_hash=sha256(self.key).digest(),
            size=len(self.data),
            token=self.token,
        )
        asked = msgspec.structs.replace(asked, **changes)
        opened = await self.caller.call(
            "POST", "/v1/blobs", asked, answer=http.BlobOpened
        )
        return opened.offset

    async def part(self, start, end, *, key=None, offset=None):
        headers = {
            "Privity-Upload-Key": (key or self.key).hex(),
            "Privity-Offset": str(start if offset is None else offset),
        }
        answer = await self.caller.call(
            "PATCH", self.path, self.data[start:end], http.BlobOffset, headers
        )
        return answer.offset

    async def finish(self, digest=None):
        asked = http.FinishBlob(sha256=digest or sha256(self.data).digest())
        headers = {"Privity-Upload-Key": self.key.hex()}
        await self.caller.call("POST", f"{self.path}/finish", asked, None, headers)

    async def all(self):
        await self.open()
        await self.part(0, len(self.data))
        await self.finish()

    async def read(self, byte_range=None):
        headers = {"Range": byte_range} if byte_range else {}
        return await self.caller.call("GET", self.path, headers=headers)
