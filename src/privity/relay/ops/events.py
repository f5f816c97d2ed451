"""The relay's log of events: what may be written is listed, all else is dropped.

An event is one of `Event`; a field is one of `FIELDS`, and a number, a class or the
name of a loaded module. There is no field for an id, a handle, an address, a path of
a request or a body, so no log line can tell who talked when. There is no access
log. Lines are JSON on standard error.
"""

import json
import logging
import sys
from collections.abc import Callable, MutableMapping
from contextlib import suppress
from enum import StrEnum, unique
from typing import Any, TextIO

import structlog

__all__ = [
    "FIELDS",
    "Event",
    "Log",
    "configure",
    "log_error",
    "only_listed",
    "open_log",
]

Log = Callable[..., None]
"""Write one event: `log(Event.STARTED, port=8743)`."""


@unique
class Event(StrEnum):
    """Everything that a relay ever logs."""

    STARTED = "started"
    STOPPING = "stopping"
    STOPPED = "stopped"
    SWEPT = "swept"
    SWEEP_FAILED = "sweep_failed"
    WATERMARK_FAILED = "watermark_failed"
    CERTIFICATE_RELOADED = "certificate_reloaded"
    CERTIFICATE_UNUSABLE = "certificate_unusable"
    INTERNAL_ERROR = "internal_error"
    STORE_AWAY = "store_away"
    STORE_FULL = "store_full"


FIELDS = frozenset({"blobs", "port", "seconds", "module", "line", "error", "times"})
"""`error` is the class of an exception, `module` and `line` where of our own code."""

_EVENTS = frozenset(Event)
_DROPPED = "dropped"


def only_listed(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Keep what is listed; an unlisted event becomes a bare `dropped`."""
    name = str(event.get("event"))
    kept: dict[str, Any] = {"event": name if name in _EVENTS else _DROPPED}
    for field in sorted(FIELDS & event.keys()):
        value = event[field]
        if isinstance(value, type):
            kept[field] = value.__name__
        elif isinstance(value, (bool, int, float)) or (
            isinstance(value, str) and value in sys.modules
        ):
            kept[field] = value
    return kept


def open_log(stream: TextIO | None = None) -> Log:
    """Return the function that writes events, by default to standard error.

    A line that can't be written is lost; nothing else fails for it.
    """
    logger = structlog.wrap_logger(
        structlog.PrintLogger(stream or sys.stderr),
        processors=[
            only_listed,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(json.dumps),
        ],
        wrapper_class=structlog.BoundLogger,
    )

    def log(event: Event, **fields: object) -> None:
        # A full disk takes no line either, and whoever waits is to be answered.
        with suppress(OSError):
            logger.info(event.value, **fields)

    return log


def log_error(log: Log, error: BaseException) -> None:
    """Write where an unexpected error arose, and its class; never its text."""
    trace = error.__traceback__
    module, line = "", 0
    while trace is not None:
        name = str(trace.tb_frame.f_globals.get("__name__", ""))
        if name.startswith("privity."):
            module, line = name, trace.tb_lineno
        trace = trace.tb_next
    log(Event.INTERNAL_ERROR, error=type(error), module=module, line=line)


def configure() -> None:
    """Silence every library: what they would log may carry addresses and data."""
    logging.getLogger().handlers[:] = [logging.NullHandler()]
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "asyncio", "websockets"):
        logger = logging.getLogger(name)
        logger.handlers[:] = [logging.NullHandler()]
        logger.propagate = False
