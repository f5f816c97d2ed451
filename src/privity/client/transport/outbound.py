"""Where the transport writes down what it sends; nothing leaves beside it."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from privity.client.ledger import Line
from privity.core.effects import Cause

__all__ = ["Outbound"]


@dataclass(frozen=True, slots=True)
class Outbound:
    """Notes one line in the ledger for everything that a plane sends."""

    note: Callable[[Line], None]
    plane: str

    def sent(self, path: str, what: str, size: int, cause: Cause) -> None:
        """Note one frame or body; `path` carries no id."""
        minute = int(time.time()) // 60
        self.note(Line(minute, f"{self.plane} {path}", what, size, cause))
