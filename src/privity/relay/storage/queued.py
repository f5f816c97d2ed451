"""A step that waits for its turn, and who waits for it; both stores queue them."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from privity.relay.storage.store import Step

__all__ = ["Queued", "fail"]


@dataclass(slots=True)
class Queued:
    """A step; its outcome is held back until the commit.

    `keys` name all that it touches, or are empty where nobody says.
    """

    step: Step[Any]
    future: "asyncio.Future[Any]"
    checks_first: bool
    keys: tuple[bytes, ...] = ()
    outcome: Any = None
    error: BaseException | None = None

    def answer(self) -> None:
        """Tell who waits, unless nobody does any more."""
        if self.future.done():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.outcome)


def fail(batch: Iterable[Queued], error: BaseException) -> None:
    """Let all fail that have not failed already."""
    for queued in batch:
        queued.error = queued.error or error
