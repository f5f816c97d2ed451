"""The login values of this device: what the relay holds, and what it may hold.

`prev` is what the relay has confirmed; `next` what was proposed and not confirmed.
While a value is unconfirmed it is proposed again, never a third one: the two columns
name everything that the relay can have.
"""

from collections.abc import Callable

from privity.client.database import Database
from privity.core.accounts import LoginValues

__all__ = ["confirm", "load", "propose", "start"]


def load(database: Database) -> tuple[bytes, bytes] | None:
    """Return the stored (prev, next); None before registration began."""
    row = database.read(
        lambda db: db.execute("SELECT previous, next FROM login").fetchone()
    )
    return (bytes(row[0]), bytes(row[1])) if row else None


def start(database: Database, first: bytes) -> None:
    """Store the value with which the account is registered."""
    _store(database, first, b"")


def propose(
    database: Database, random: Callable[[int], bytes], *, returns: bool = False
) -> LoginValues:
    """Return what to show and what to propose; the latter is stored by then."""
    prev, waiting = load(database) or (b"", b"")
    proposed = waiting or random(32)
    if not waiting:
        _store(database, prev, proposed)
    return LoginValues(prev, waiting, proposed, returns)


def confirm(database: Database, value: bytes) -> None:
    """The relay holds `value` now."""
    _store(database, value, b"")


def _store(database: Database, prev: bytes, following: bytes) -> None:
    database.transact(
        lambda db: db.execute(
            "INSERT OR REPLACE INTO login VALUES (1, ?, ?)", (prev, following)
        )
    )
