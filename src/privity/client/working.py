"""Doing the work that a stranger's message costs: in a thread, and with its progress.

One message at a time, in pieces of some milliseconds: whoever is cancelled stops
behind the piece, and what was found is kept for the next attempt of the same message.
"""

import asyncio
from collections import OrderedDict
from hashlib import sha256

from privity.wire.work import NONCE_SIZE, highest

__all__ = ["Worker", "search"]

_PIECE = 1 << 14
_KEPT = 64


class Worker:
    """Finds nonces; `done` and `expected` are the hashes of the one in hand."""

    def __init__(self, piece: int = _PIECE) -> None:
        self._piece = piece
        self._lock = asyncio.Lock()
        self._found: OrderedDict[tuple[bytes, int], bytes] = OrderedDict()
        self.done = 0
        self.expected = 0
        """About how many it takes; 0 while nothing is looked for."""

    async def solve(self, target: bytes, bits: int) -> bytes:
        """Return a nonce under which a challenge has so many zero bits."""
        async with self._lock:
            found = self._found.get((target, bits))
            if found is None:
                found = await self._search(target, bits)
                self._found[target, bits] = found
            while len(self._found) > _KEPT:
                self._found.popitem(last=False)
            return found

    async def _search(self, target: bytes, bits: int) -> bytes:
        self.done, self.expected = 0, 1 << bits
        try:
            while True:
                found = await asyncio.to_thread(
                    search, target, bits, range(self.done, self.done + self._piece)
                )
                if found is not None:
                    return found
                self.done += self._piece
        finally:
            self.expected = 0


def search(target: bytes, bits: int, numbers: range) -> bytes | None:
    """Return the first of these nonces that does, or None."""
    begin_anew, most = sha256(target).copy, highest(bits)
    for number in numbers:
        nonce = number.to_bytes(NONCE_SIZE, "big")
        attempt = begin_anew()
        attempt.update(nonce)
        if attempt.digest() <= most:
            return nonce
    return None
