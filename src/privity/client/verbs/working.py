"""Waiting for the relay while a stranger's message is worked for, and telling of it."""

import asyncio

from privity.client.broadcast import Subscription
from privity.client.errors import ClientError
from privity.client.session import Session
from privity.client.socket import Report
from privity.client.verbs.results import Progress
from privity.client.working import Worker
from privity.core.events import Notice
from privity.core.state import State

__all__ = ["NotAsked", "check_asked", "settle"]

_NAME = "Working"
_LOOK = 0.1


class NotAsked(ClientError):
    """A request that can't arrive; `reason` is what the relay said."""

    code = "invitation_failed"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


async def settle(session: Session, seconds: float, report: Report) -> bool:
    """Wait until every request was answered, and tell of the work that it takes.

    Whoever stops waiting loses nothing: what was asked is saved, and goes on.
    """
    telling = asyncio.create_task(_tell(session.driver.network.worker, report))
    try:
        return await session.settle(seconds)
    finally:
        telling.cancel()


def check_asked(state: State, invite_id: bytes, events: Subscription) -> None:
    """Raise NotAsked if a request of mine was given up since `events` began."""
    if invite_id in state.invites:
        return
    for event in events.taken():
        if isinstance(event, Notice) and event.code == NotAsked.code:
            raise NotAsked(event.detail)


async def _tell(worker: Worker, report: Report) -> None:
    told = 0
    while True:
        await asyncio.sleep(_LOOK)
        expected = worker.expected
        if expected:
            # It is a matter of luck: nobody can say when the last tenth is over.
            told = expected
            report(Progress(_NAME, min(worker.done, expected * 9 // 10), expected))
        elif told:
            report(Progress(_NAME, told, told))
            told = 0
