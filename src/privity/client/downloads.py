"""Fetching a file: sealed to the profile, checked whole, opened to where it belongs.

What arrived stays, sealed as it came, until the file is complete, so that fetching
again goes on where it stopped. Only a file that is what the message committed to
appears under the name that its owner chose.
"""

import asyncio
import fcntl
import os
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import httpx2

from privity.client.driver import Driver
from privity.client.errors import TransferFailed, Unreachable
from privity.client.files import flush_directory
from privity.client.transfers import Progress, Reason, disk_failures
from privity.client.transport.failures import named_failures
from privity.client.transport.http import Call
from privity.content.attachments import Opener
from privity.content.files import FileOffer
from privity.core.effects import Cause
from privity.errors import RuleViolation
from privity.identity.ids import id_to_text
from privity.wire.codes import RETRYABLE, Code, Refusal

__all__ = ["Target", "fetch_file", "fetch_sealed"]

_ONLINE_SECONDS = 60.0
_READ = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Target:
    """Where a file goes, and the profile's folder in which it waits sealed."""

    path: Path
    waiting: Path
    overwrite: bool = False


async def fetch_file(
    driver: Driver,
    offer: FileOffer,
    target: Target,
    on_progress: Progress = lambda _done, _all: None,
) -> None:
    """Fetch and open a file; cancelling leaves it to be resumed.

    Raises TransferFailed (also for one that is not what the message committed to),
    StorageFull, Unreachable (no relay for a minute).
    """
    if offer.host != driver.account.host:
        raise TransferFailed(Reason.OTHER_RELAY, offer.host)
    if target.path.exists() and not target.overwrite:
        raise TransferFailed(Reason.EXISTS, target.path.name)
    sealed = target.waiting / id_to_text(offer.blob_id)
    await _Fetching(driver, offer, sealed, on_progress).until_done()
    try:
        await asyncio.to_thread(_open_to, offer, sealed, target)
    except RuleViolation as error:
        sealed.unlink(missing_ok=True)
        raise TransferFailed(Reason.TAMPERED, error.rule.name) from error
    sealed.unlink(missing_ok=True)


async def fetch_sealed(
    driver: Driver,
    offer: FileOffer,
    waiting: Path,
    on_progress: Progress = lambda _done, _all: None,
    *,
    known: bool = False,
) -> tuple[Path, bool]:
    """Fetch a file and leave it sealed; returns where, and whether it is new here.

    It is held against what the message committed to, unless it was `known` to be
    whole. Raises as `fetch_file` does.
    """
    if offer.host != driver.account.host:
        raise TransferFailed(Reason.OTHER_RELAY, offer.host)
    sealed = waiting / id_to_text(offer.blob_id)
    fetching = _Fetching(driver, offer, sealed, on_progress)
    fresh = not fetching.is_here
    await fetching.until_done()
    if fresh or not known:
        try:
            await asyncio.to_thread(_check_all, offer, sealed)
        except RuleViolation as error:
            sealed.unlink(missing_ok=True)
            raise TransferFailed(Reason.TAMPERED, error.rule.name) from error
    return sealed, fresh


class _Fetching:
    """One download, attempt after attempt."""

    def __init__(
        self, driver: Driver, offer: FileOffer, sealed: Path, on_progress: Progress
    ) -> None:
        self._driver = driver
        self._offer = offer
        self._sealed = sealed
        self._on_progress = on_progress
        self._size = offer.sealed.size

    @property
    def is_here(self) -> bool:
        """Whether all bytes of it are on this disk."""
        return self._here() >= self._size

    async def until_done(self) -> None:
        """Attempt until all of it is here."""
        while not self.is_here:
            if not await self._driver.wait_online(_ONLINE_SECONDS):
                raise self._driver.problem or Unreachable("no relay for a minute")
            try:
                await self._attempt()
            except Unreachable:
                await asyncio.sleep(0.2)
            except Refusal as refusal:
                await self._refused(refusal)

    async def _refused(self, refusal: Refusal) -> None:
        if refusal.code is Code.NO_SUCH_BLOB:
            raise TransferFailed(Reason.GONE, "the relay keeps it no more")
        if refusal.code not in RETRYABLE:
            raise TransferFailed(Reason.REFUSED, str(refusal))
        await asyncio.sleep(max(0.2, refusal.wait_ms / 1000))

    async def _attempt(self) -> None:
        with disk_failures(Reason.UNWRITABLE):
            file = self._appending()
        with file:
            await self._continue(file)

    async def _continue(self, file: BinaryIO) -> None:
        blob_id = self._offer.blob_id
        asked = Call(
            method="GET",
            path=f"/v1/blobs/{id_to_text(blob_id)}",
            route="/v1/blobs/ID",
            cause=Cause("fetch", blob_id),
            headers={"range": f"bytes={self._here()}-"},
        )
        plane = self._driver.network.connection.anonymous
        async with plane.stream(asked) as response:
            await self._append(response, file)

    async def _append(self, response: httpx2.Response, file: BinaryIO) -> None:
        done = self._here()
        chunks = response.aiter_raw(_READ)
        while True:
            with named_failures():
                chunk = await anext(chunks, b"")
            if not chunk:
                return
            done += len(chunk)
            if done > self._size:
                raise TransferFailed(Reason.TAMPERED, "longer than it may be")
            await asyncio.to_thread(_write, file, chunk)
            self._on_progress(done, self._size)

    def _appending(self) -> BinaryIO:
        """Open what is here to go on with it, one fetch at a time."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        file = os.fdopen(os.open(self._sealed, flags, 0o600), "ab")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            raise TransferFailed(Reason.TRY_LATER, "it is being fetched") from None
        return file

    def _here(self) -> int:
        try:
            return self._sealed.stat().st_size
        except FileNotFoundError:
            return 0


def _write(file: BinaryIO, chunk: bytes) -> None:
    with disk_failures(Reason.UNWRITABLE):
        file.write(chunk)
        file.flush()


def _open_to(offer: FileOffer, sealed: Path, target: Target) -> None:
    """Write the plaintext beside the target and rename it when it is proven whole.

    The name beside is new and nobody's guess: others may write to that directory.
    """
    beside = target.path.with_name(f".privity-{os.urandom(8).hex()}.part")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with disk_failures(Reason.UNWRITABLE):
        descriptor = os.open(beside, flags, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as out, sealed.open("rb") as file:
                _open_all(offer, file, out)
                out.flush()
                os.fsync(out.fileno())
            _place(beside, target)
        finally:
            beside.unlink(missing_ok=True)
        flush_directory(target.path.parent)


def _check_all(offer: FileOffer, sealed: Path) -> None:
    """Open all of a file to nowhere."""
    with disk_failures(Reason.UNREADABLE), sealed.open("rb") as file:
        opener = Opener(offer.sealed)
        while not opener.done:
            opener.open(file.read(opener.next_size))
        opener.finish()


def _open_all(offer: FileOffer, file: BinaryIO, out: BinaryIO) -> None:
    opener = Opener(offer.sealed)
    while not opener.done:
        out.write(opener.open(file.read(opener.next_size)))
    opener.finish()


def _place(beside: Path, target: Target) -> None:
    if target.overwrite:
        beside.replace(target.path)
    else:
        # A link, unlike a rename, never replaces what came there meanwhile.
        os.link(beside, target.path)
