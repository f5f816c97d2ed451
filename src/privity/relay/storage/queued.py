"""A step that waits for its turn, and who waits for it; both stores queue them."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from privity.relay.storage.store import Done, Step

__all__ = ["Queued", "fail", "settling"]


@dataclass(slots=True)
class Queued:
    """A step; its outcome is held back until the commit.

    `keys` name all that it touches, or are empty where nobody says.
    """

    step: Step[Any]
    done: Done
    checks_first: bool
    keys: tuple[bytes, ...] = ()
    about: Any = None
    outcome: Any = None
    error: BaseException | None = None

    def answer(self) -> None:
        """Tell who waits; what that raises harms nobody else."""
        try:
            self.done(self.outcome, self.error)
        except Exception as error:  # noqa: BLE001  it belongs to who waits
            told = {"message": "an answer could not be taken", "exception": error}
            asyncio.get_running_loop().call_exception_handler(told)


def settling(future: "asyncio.Future[Any]") -> Done:
    """Return what settles a future that somebody may have given up."""

    def done(outcome: Any, error: BaseException | None) -> None:  # noqa: ANN401
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(outcome)

    return done


def fail(batch: Iterable[Queued], error: BaseException) -> None:
    """Let all fail that have not failed already."""
    for queued in batch:
        queued.error = queued.error or error
