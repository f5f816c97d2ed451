"""Starts one of our programs at another time: a clock that is ahead by whole days.

The weeks of a story are lived in seconds. Nothing else of the program changes: relay
and clients all run on the same shifted clock, as they would on a real one.
"""

import time

__all__ = ["begin"]

_DAY = 86_400


def begin(days: int) -> None:
    """Set this process's clock ahead; before anything of Privity is imported."""
    seconds = days * _DAY
    now, now_ns = time.time, time.time_ns
    time.time = lambda: now() + seconds
    time.time_ns = lambda: now_ns() + seconds * 10**9
