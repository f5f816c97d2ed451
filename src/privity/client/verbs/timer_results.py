"""What the verb about disappearing messages takes and answers. Light, as `results`."""

from typing import Annotated

import msgspec

from privity.client.verbs.params import WAIT, Name, Params, Seconds
from privity.client.verbs.result import Count, Id, Result

__all__ = ["ChatTimer", "Lasts", "Timer"]

Lasts = Annotated[int, msgspec.Meta(ge=0, le=366 * 86_400)]


class Timer(Params, frozen=True):
    """After how many seconds new messages of a chat disappear (0: never; null: ask)."""

    chat: Name
    seconds: Lasts | None = None
    wait: Seconds = WAIT


class ChatTimer(Result, frozen=True):
    """After how many seconds new messages disappear, from reading; 0 for never.

    `done` is false while a change waits for the relay.
    """

    chat: Id
    seconds: Count
    done: bool
