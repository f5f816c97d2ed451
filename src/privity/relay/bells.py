"""Bells: what wakes the connection that waits for a mailbox's next message.

A bell carries nothing and may ring for nothing; whoever wakes reads the database.
"""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager

__all__ = ["Bells"]


class Bells:
    """One bell for each listener, found by the mailbox it listens for."""

    def __init__(self) -> None:
        self._bells: dict[bytes, set[asyncio.Event]] = {}

    @contextmanager
    def listen(self, mailbox_id: bytes) -> Generator[asyncio.Event, None, None]:
        """Yield an event that is set whenever something came."""
        bell = asyncio.Event()
        self._bells.setdefault(mailbox_id, set()).add(bell)
        try:
            yield bell
        finally:
            bells = self._bells[mailbox_id]
            bells.discard(bell)
            if not bells:
                del self._bells[mailbox_id]

    def mailboxes(self) -> list[bytes]:
        """Return the mailboxes that somebody listens for."""
        return list(self._bells)

    def ring(self, mailbox_id: bytes) -> None:
        """Wake everybody who listens for this mailbox."""
        for bell in self._bells.get(mailbox_id, ()):
            bell.set()
