"""The whole exploration: `make model`. Each row is a world; what breaks is told.

python -m tests.model.model_run
"""

import sys
import time

from tests.model.chat_model import Bounds, Rules
from tests.model.model_search import ALL, explore

ROWS = {
    "a malicious member, races": Bounds(attacks=2, wishes=2),
    "three attacks": Bounds(attacks=3, wishes=1),
    "a disk that goes back": Bounds(attacks=1, wishes=2, restores=True),
    "a relay that breaks its own order": Bounds(attacks=1, wishes=1, breaks_order=True),
    "a relay that forks the log": Bounds(attacks=2, wishes=1, forks=True),
    "a fault that one member can't see": Bounds(attacks=2, wishes=1, tags=True),
    "a removed liar, roads without siblings": Bounds(
        attacks=1, wishes=2, restores=True, liars="removed", lone="sibling"
    ),
}


def main() -> int:
    """Explore every row; returns 1 if a property is broken."""
    broken = False
    print("  states     steps  seconds  world")
    for name, bounds in ROWS.items():
        began = time.monotonic()
        found = explore(Rules(), bounds)
        took = time.monotonic() - began
        print(f"{found.states:8}  {found.steps:8}  {took:7.1f}  {name}", flush=True)
        if found.broken:
            broken = True
            print(f"BROKEN: {found.broken}", *found.story, sep="\n    ")
    if not broken:
        print("In all of them:", *ALL[:3], "and, unless it forks,", ALL[3], sep="\n  ")
    return int(broken)


if __name__ == "__main__":
    sys.exit(main())
