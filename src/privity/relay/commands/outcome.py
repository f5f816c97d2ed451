"""What a command found, and the data directory that all of them look at."""

import argparse
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["ERROR", "NOT_FOUND", "OK", "USAGE", "Outcome", "data_directory"]

OK, ERROR, USAGE, NOT_FOUND = 0, 1, 2, 3


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command found: `text` for people, `data` for programs."""

    text: str
    data: Any
    code: int = OK


def data_directory(asked: argparse.Namespace) -> Path:
    """Return the directory that `--data` or the environment names."""
    named = getattr(asked, "data", None) or os.environ.get("PRIVITY_RELAY_DATA")
    return Path(named or "relay-data").absolute()
