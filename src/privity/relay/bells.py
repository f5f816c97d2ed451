"""Bells: what tells the connection of a mailbox that there may be mail.

A bell carries nothing and may ring for nothing; whoever hears it reads the database.
"""

from collections.abc import Callable

__all__ = ["Bells", "Ring"]

Ring = Callable[[], None]


class Bells:
    """Who listens for which mailbox, in this process."""

    def __init__(self) -> None:
        # Tuples: nearly all have one listener, and a set takes four times as much.
        self._listeners: dict[bytes, tuple[Ring, ...]] = {}

    def listen(self, mailbox_id: bytes, ring: Ring) -> None:
        """Call `ring` whenever something came, until it leaves."""
        self._listeners[mailbox_id] = (*self._listeners.get(mailbox_id, ()), ring)

    def leave(self, mailbox_id: bytes, ring: Ring) -> None:
        """Call it no more."""
        listeners = self._listeners.pop(mailbox_id, ())
        if left := tuple(one for one in listeners if one != ring):
            self._listeners[mailbox_id] = left

    def mailboxes(self) -> list[bytes]:
        """Return the mailboxes that somebody listens for."""
        return list(self._listeners)

    def ring(self, mailbox_id: bytes) -> None:
        """Tell everybody who listens for this mailbox."""
        for ring in self._listeners.get(mailbox_id, ()):
            ring()
