"""Noticing that somebody types, from the line that stands at the prompt."""

import asyncio
from collections.abc import Awaitable, Callable

__all__ = ["Composing", "tell_of_typing"]

LOOK = 1.0
"""Seconds between two looks at the line."""
_SAID = ("/reply ", "/edit ", "//")
"""Commands that end in a text for others."""


class Composing:
    """Whether a line grew into something that is meant for others."""

    def __init__(self) -> None:
        self._before = ""

    def is_typing(self, line: str) -> bool:
        """Tell whether there is news since the last look."""
        changed, self._before = line != self._before, line
        if line.startswith("/") and not line.startswith(_SAID):
            return False
        return changed and bool(line.strip())


async def tell_of_typing(
    look: Callable[[], str], tell: Callable[[], Awaitable[object]]
) -> None:
    """Tell again and again, as long as somebody goes on typing; until cancelled."""
    composing = Composing()
    while True:
        await asyncio.sleep(LOOK)
        if composing.is_typing(look()):
            await tell()
