"""What goes wrong, told to the log: faults of ours each, troubles of the store in sums.

A database that restarts, or a disk without room, is no fault of the relay's, and every
request meets it: a line for each would bury the faults, and fill the disk.
"""

from collections.abc import Callable

from privity.relay.ops.events import Event, Log, log_error
from privity.relay.storage.store import StoreBusy, is_full

__all__ = ["Troubles"]

EVERY_SECONDS = 1.0


class Troubles:
    """Takes what was raised where nobody expected it; `ticks` counts seconds."""

    def __init__(self, log: Log, ticks: Callable[[], float]) -> None:
        self._log = log
        self._ticks = ticks
        self._again: dict[Event, float] = {}
        self._unsaid: dict[Event, int] = {}

    def __call__(self, error: BaseException) -> None:
        """Write a fault down at once, a trouble at most once a second."""
        event = _trouble(error)
        if event is None:
            log_error(self._log, error)
            return
        times = self._unsaid.get(event, 0) + 1
        now = self._ticks()
        if now < self._again.get(event, now):
            self._unsaid[event] = times
            return
        self._again[event] = now + EVERY_SECONDS
        self._unsaid[event] = 0
        self._log(event, error=type(error), times=times)


def _trouble(error: BaseException) -> Event | None:
    if is_full(error):
        return Event.STORE_FULL
    return Event.STORE_AWAY if isinstance(error, StoreBusy) else None
