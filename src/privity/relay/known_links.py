"""The two hashes of entries that others see as hidden, each made once.

Whoever reads past a dead branch gets them of every entry there. An entry never changes,
so they are kept for the newest of those that anybody asked for.
"""

import threading
from collections.abc import Callable

__all__ = ["KnownLinks"]

MOST = 16_384
"""Entries; about five megabytes."""


class KnownLinks:
    """What was hashed last, for steps that read; they run in several threads."""

    def __init__(self) -> None:
        self._known: dict[tuple[bytes, int], bytes] = {}
        self._lock = threading.Lock()

    def of(self, log_id: bytes, seq: int, make: Callable[[], bytes]) -> bytes:
        """Return the links of a stored entry; `make` reads and hashes it."""
        found = self._known.get((log_id, seq))
        if found is not None:
            return found
        made = make()
        with self._lock:
            if len(self._known) >= MOST:
                del self._known[next(iter(self._known))]
            self._known[log_id, seq] = made
        return made
