"""Spans of time as people type them."""

import re

from privity.cli.options import CommandFailed

__all__ = ["seconds_of", "span_of"]

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 7 * 86_400}
_MOST = 10 * 366 * 86_400


def seconds_of(text: str) -> int:
    """Return the seconds of 30m, 12h, 7d or 2w; 0 for never."""
    if text == "never":
        return 0
    match = re.fullmatch(r"([1-9][0-9]{0,5})([smhdw])", text)
    seconds = int(match[1]) * _UNITS[match[2]] if match else 0
    if not 0 < seconds <= _MOST:
        raise CommandFailed("usage", "a time looks like 30m, 12h, 7d, or never")
    return seconds


def span_of(seconds: int) -> str:
    """Return a span as people read it: 90 minutes, 1 day."""
    for name, size in (("week", 604_800), ("day", 86_400), ("hour", 3600)):
        if seconds and seconds % size == 0:
            return _many(seconds // size, name)
    if seconds % 60 == 0:
        return _many(seconds // 60, "minute")
    return _many(seconds, "second")


def _many(count: int, name: str) -> str:
    return f"{count} {name}" if count == 1 else f"{count} {name}s"
