"""What PostgreSQL or its driver raise, in the names of a store.

No text of the server leaves this module but its one line: details and hints of an
error may quote rows.
"""

import asyncpg

from privity.relay.storage.store import StoreBusy, StoreError, StoreFull

__all__ = ["FOREIGN", "translated"]

FOREIGN = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
)
"""All that a statement may raise through the driver."""

_FULL = ("53100",)
_VALUES = "22"
_NO_VALUE = "a value is none that a column can have"
_BUSY = (
    "08",  # the connection failed
    "25P03",  # it stood still in a transaction
    "40",  # deadlocks, and serialization
    "53",  # too many connections, no memory
    "55P03",  # somebody held a lock for too long
    "57",  # the server stops, starts, or gave up a statement
)


def translated(error: BaseException) -> StoreError:
    """Return the error of a store that a foreign error stands for."""
    if isinstance(error, asyncpg.PostgresError):
        return _of_server(error)
    if isinstance(error, TimeoutError):
        return StoreBusy("it does not answer")
    if isinstance(error, OSError):
        return StoreBusy(error.strerror or "it can't be reached")
    if isinstance(error, ValueError) and not isinstance(error, asyncpg.InterfaceError):
        return StoreError(_NO_VALUE)
    return StoreBusy(str(error).partition("\n")[0])


def _of_server(error: asyncpg.PostgresError) -> StoreError:
    state = str(error.sqlstate)
    if state.startswith(_VALUES):
        # The driver's own text of these quotes the value.
        return StoreError(f"{_NO_VALUE} ({state})")
    told = f"{str(error).partition(chr(10))[0]} ({state})"
    if state.startswith(_FULL):
        return StoreFull(told)
    return StoreBusy(told) if state.startswith(_BUSY) else StoreError(told)
