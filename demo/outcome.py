"""What stories come to; `build/demo/summary.json` has the numbers of all that ran."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["FAILED", "CannotTell", "Outcome", "write_summary"]


class CannotTell(Exception):
    """A story needs what is not here; the text says what."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one story came to; `ok` says whether it ended as it must."""

    ok: bool
    messages: int
    epochs: int
    bytes: int
    seconds: float
    lost: int = 0
    duplicated: int = 0
    canaries_found: int = 0


FAILED = Outcome(ok=False, messages=0, epochs=0, bytes=0, seconds=0.0)


def write_summary(stories: Sequence[Outcome], path: Path) -> None:
    """Add the numbers up and write them as JSON."""
    summary = {
        "v": 1,
        "ok": all(one.ok for one in stories),
        "messages": sum(one.messages for one in stories),
        "epochs": sum(one.epochs for one in stories),
        "bytes": sum(one.bytes for one in stories),
        "seconds": round(sum(one.seconds for one in stories), 1),
        "lost": sum(one.lost for one in stories),
        "duplicated": sum(one.duplicated for one in stories),
        "canaries_found": sum(one.canaries_found for one in stories),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(summary) + "\n")
