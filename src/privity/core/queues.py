"""The order of a chat's outbox: where attempts can stand in it."""

from privity.core.state import Outgoing

__all__ = ["IN_FLIGHT", "front"]

IN_FLIGHT = 32
"""Attempts of one chat that wait for their answer at the same time."""


def front(items: tuple[Outgoing, ...]) -> tuple[Outgoing, ...]:
    """Return the part in which attempts can be, so that a long queue costs no more.

    Attempts are made in the order of the queue, so whatever waits in front of one was
    attempted with it once, and was taken back: fewer than `IN_FLIGHT` in a row.
    """
    waiting = 0
    for at, item in enumerate(items):
        waiting = 0 if item.job or item.seq else waiting + 1
        if waiting == IN_FLIGHT:
            return items[: at + 1]
    return items
