"""Sending a file: sealed chunk by chunk, in parts, resumed where the relay stands.

Nothing of the file is in memory beyond two parts. The relay counts what is durable
there; going on means sealing from the front again, which is quick, and sending what
is missing. The same key seals the same bytes, so a file that changed meanwhile must
begin anew: it is watched, and refused by name if it changes under way.
"""

import asyncio
import io
import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from privity.client import transfers
from privity.client.driver import Driver
from privity.client.errors import TransferFailed, Unreachable
from privity.client.sealed_files import OpenFile, Readable
from privity.client.transfers import Progress, Reason, Upload, disk_failures
from privity.client.transport.connection import Connection
from privity.client.transport.http import Call, call
from privity.content import limits as content_limits
from privity.content.attachments import KEY_SIZE, SealedFile, Sealer, sealed_size
from privity.content.files import FileOffer
from privity.core.effects import Cause
from privity.identity.ids import id_to_text, new_id
from privity.wire import http
from privity.wire.codes import RETRYABLE, Code, Refusal

__all__ = ["PART", "Sealed", "Source", "send_file"]

PART = 4 * 1024 * 1024
"""About how much travels at once; a part is made of whole sealed chunks."""
_ONLINE_SECONDS = 60.0
_LONGEST_WAIT_MS = 60_000
_BLOBS = "/v1/blobs"
_BLOB = "/v1/blobs/ID"
_RESUMABLE = RETRYABLE - {Code.STORAGE_FULL} | {Code.WRONG_OFFSET}


@dataclass(frozen=True, slots=True)
class Sealed:
    """What opens a file that waits sealed: it was handed in and not yet sent."""

    key: bytes = field(repr=False)
    length: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Source:
    """A file to send, by its path; or bytes that stand for it (a cleaned image).

    With `sealed`, the file is not in the clear on this disk.
    """

    path: Path
    data: bytes | None = field(default=None, repr=False)
    sealed: Sealed | None = None

    @property
    def is_fixed(self) -> bool:
        """Whether the bytes are in memory or sealed, and so can't change."""
        return self.data is not None or self.sealed is not None

    def mark(self) -> str:
        """Return what tells one state of one file from every other."""
        if self.data is not None:
            return f"sha256:{sha256(self.data).hexdigest()}"
        if self.sealed is not None:
            return f"root:{self.sealed.root.hex()}:{self.sealed.length}"
        with disk_failures(Reason.UNREADABLE):
            status = self.path.stat()
        # The time of change too: programs can put back the one of modification.
        times = f"{status.st_mtime_ns}:{status.st_ctime_ns}"
        stamp = f"{status.st_dev}:{status.st_ino}:{status.st_size}:{times}"
        return f"{self.path.absolute()}:{stamp}"

    def length(self) -> int:
        """Return the number of bytes."""
        if self.data is not None:
            return len(self.data)
        if self.sealed is not None:
            return self.sealed.length
        with disk_failures(Reason.UNREADABLE):
            return self.path.stat().st_size

    @contextmanager
    def opened(self) -> Generator[Readable, None, None]:
        """Open it for reading."""
        if self.data is not None:
            yield io.BytesIO(self.data)
            return
        with disk_failures(Reason.UNREADABLE):
            file = self.path.open("rb")
        with file:
            sealed = self.sealed
            yield file if sealed is None else OpenFile(file, sealed.key, sealed.length)


async def send_file(
    driver: Driver,
    source: Source,
    labels: "tuple[str, str]",
    on_progress: Progress = lambda _done, _all: None,
) -> FileOffer:
    """Upload a file and return what a message says of it; `labels`: type and name.

    Resumes an unfinished upload of the same unchanged file; cancelling leaves it to
    be resumed. Raises TransferFailed, StorageFull, Unreachable (no relay for a
    minute).
    """
    upload = await driver.disk.write(_begin, driver, source)
    sending = _Sending(driver, source, upload, on_progress)
    sealed = await sending.until_done()
    await driver.disk.write(transfers.forget, driver.store.database, upload.blob_id)
    media_type, filename = labels
    return FileOffer(
        sealed=sealed,
        host=driver.account.host,
        blob_id=upload.blob_id,
        media_type=media_type,
        filename=filename,
    )


def _begin(driver: Driver, source: Source) -> Upload:
    mark, length = source.mark(), source.length()
    if length > content_limits.FILE:
        raise TransferFailed(Reason.TOO_LARGE, f"{length} bytes")
    database = driver.store.database
    known = transfers.find(database, mark)
    if known is not None:
        return known
    made = Upload(
        blob_id=new_id(os.urandom),
        mark=mark,
        key=os.urandom(KEY_SIZE),
        upload_key=os.urandom(32),
        length=length,
    )
    transfers.keep(database, made)
    return made


class _Sending:
    """One upload, attempt after attempt."""

    def __init__(
        self,
        driver: Driver,
        source: Source,
        upload: Upload,
        on_progress: Callable[[int, int], None],
    ) -> None:
        self._driver = driver
        self._source = source
        self._upload = upload
        self._on_progress = on_progress
        self._size = sealed_size(upload.length)
        self._path = f"{_BLOBS}/{id_to_text(upload.blob_id)}"
        self._cause = Cause("file", upload.blob_id)

    async def until_done(self) -> SealedFile:
        """Attempt until it is done or can't be."""
        while True:
            if not await self._driver.wait_online(_ONLINE_SECONDS):
                raise self._driver.problem or Unreachable("no relay for a minute")
            try:
                return await self._attempt(self._driver.network.connection)
            except Unreachable:
                await asyncio.sleep(0.2)
            except Refusal as refusal:
                await self._refused(refusal)

    async def _refused(self, refusal: Refusal) -> None:
        """Wait where that helps soon; a day's last token is not worth waiting for."""
        if refusal.wait_ms > _LONGEST_WAIT_MS:
            raise TransferFailed(Reason.TRY_LATER, str(refusal))
        if refusal.code not in _RESUMABLE:
            raise TransferFailed(Reason.REFUSED, str(refusal))
        await asyncio.sleep(max(0.2, refusal.wait_ms / 1000))

    async def _attempt(self, connection: Connection) -> SealedFile:
        offset = await self._open(connection)
        with self._source.opened() as file:
            sealer = Sealer(self._upload.key, self._upload.length)
            await asyncio.to_thread(self._skip, file, sealer, offset)
            self._on_progress(offset, self._size)
            part = await asyncio.to_thread(self._part, file, sealer)
            while part:
                # The next part is sealed while this one travels.
                sealing = asyncio.create_task(
                    asyncio.to_thread(self._part, file, sealer)
                )
                try:
                    offset = await self._put(connection, offset, part)
                finally:
                    following = await sealing
                self._on_progress(offset, self._size)
                part = following
        self._check_unchanged()
        sealed = sealer.finish()
        body = http.FinishBlob(sealed.content_hash)
        route = f"{_BLOB}/finish"
        asked = call("POST", f"{self._path}/finish", body, self._cause, route=route)
        await connection.anonymous.tell(self._with_key(asked))
        return sealed

    async def _open(self, connection: Connection) -> int:
        async def open_blob(token: bytes) -> int:
            body = http.OpenBlob(
                id=self._upload.blob_id,
                key_hash=sha256(self._upload.upload_key).digest(),
                size=self._size,
                token=token,
            )
            asked = call("POST", _BLOBS, body, self._cause)
            return (await connection.anonymous.ask(asked, http.BlobOpened)).offset

        claim = self._upload.blob_id
        return await connection.calls.pay("blob", claim, self._cause, open_blob)

    async def _put(self, connection: Connection, offset: int, part: bytes) -> int:
        asked = Call(
            method="PATCH",
            path=self._path,
            route=_BLOB,
            cause=self._cause,
            body=part,
            what="part",
            headers={"content-type": "application/octet-stream"},
        ).with_header("privity-offset", str(offset))
        done = await connection.anonymous.ask(self._with_key(asked), http.BlobOffset)
        return done.offset

    def _with_key(self, asked: Call) -> Call:
        return asked.with_header("privity-upload-key", self._upload.upload_key.hex())

    def _skip(self, file: Readable, sealer: Sealer, offset: int) -> None:
        """Seal again what the relay has; it stands behind a whole chunk."""
        done = 0
        while done < offset:
            done += len(self._chunk(file, sealer))
        if done != offset:
            raise TransferFailed(Reason.REFUSED, "the relay lost its place")

    def _part(self, file: Readable, sealer: Sealer) -> bytes:
        """Seal the next part; b"" behind the last one.

        What a relay saw before a connection broke was sealed under the same key and
        nonces: two contents under those would show each other, so no part of a file
        that changed may leave.
        """
        part = bytearray()
        while not sealer.done and len(part) + (1 << 17) <= PART:
            part += self._chunk(file, sealer)
        if not self._source.is_fixed:
            self._check_unchanged()
        return bytes(part)

    def _chunk(self, file: Readable, sealer: Sealer) -> bytes:
        with disk_failures(Reason.UNREADABLE):
            chunk = file.read(sealer.next_size)
        if len(chunk) != sealer.next_size:
            raise TransferFailed(Reason.CHANGED, "it became shorter")
        return sealer.seal(chunk)

    def _check_unchanged(self) -> None:
        if self._source.mark() != self._upload.mark:
            raise TransferFailed(Reason.CHANGED, "it changed while it was sent")
