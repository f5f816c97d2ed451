"""Time that goes on while the machine sleeps: a closed laptop is not in use."""

import time

__all__ = ["now"]

# Elsewhere than on Linux, the usual clock counts sleep by itself, or nothing does.
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def now() -> float:
    """Return seconds since some moment."""
    return time.clock_gettime(_CLOCK)
