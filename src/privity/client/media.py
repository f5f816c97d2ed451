"""Files of messages to be looked at: fetched, kept sealed, opened piece by piece.

What was fetched stays on this disk as the relay had it, for the next look; nothing of
it is ever written in the clear. A file is looked at only when all of it was held
against what its message committed to.
"""

import asyncio
from collections import defaultdict
from pathlib import Path

from privity.client.downloads import fetch_sealed
from privity.client.driver import Driver
from privity.client.transfers import Progress
from privity.content.files import FileOffer

__all__ = ["KEPT", "Media"]

KEPT = 512 * 1024 * 1024
"""Bytes of sealed files that are kept for the next look; one file may be larger."""


class Media:
    """The sealed files of one session; one fetch of a file at a time."""

    def __init__(self, driver: Driver, waiting: Path) -> None:
        self._driver = driver
        self._waiting = waiting
        self._locks: defaultdict[bytes, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._whole: set[bytes] = set()
        """Files that were found to be what their messages committed to."""

    async def fetch(self, offer: FileOffer, on_progress: Progress) -> Path:
        """Return where a file lies sealed and whole; fetches what is missing.

        Raises what `fetch_sealed` raises.
        """
        async with self._locks[offer.blob_id]:
            sealed, fresh = await fetch_sealed(
                self._driver,
                offer,
                self._waiting,
                on_progress,
                known=offer.blob_id in self._whole,
            )
            self._whole.add(offer.blob_id)
        if fresh:
            await asyncio.to_thread(_make_room, self._waiting, sealed)
        await asyncio.to_thread(sealed.touch)
        return sealed


def _make_room(waiting: Path, newest: Path) -> None:
    """Delete what was not looked at for longest, down to what is kept."""
    # What a window took in to be sent has a dash in its name, and is its affair.
    files = [p for p in waiting.iterdir() if "-" not in p.name and p != newest]
    aged = sorted(
        ((path.stat(), path) for path in files), key=lambda it: it[0].st_mtime
    )
    room = KEPT - newest.stat().st_size
    for status, path in reversed(aged):
        room -= status.st_size
        if room < 0:
            path.unlink(missing_ok=True)
