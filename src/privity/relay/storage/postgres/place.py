"""Where a PostgreSQL database is, and a new connection to it.

A relay's settings have one address; each side has a database of its own, whose name is
that of the address with `_accounts` or `_logs` behind it.
"""

from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qs, urlsplit, urlunsplit

import asyncpg

from privity.errors import UsageError
from privity.relay.storage.postgres.failures import FOREIGN, translated
from privity.relay.storage.store import StoreBusy

__all__ = ["Place", "connect"]

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 30.0
"""How long a relay waits for a server that says nothing any more."""
_LOCAL = ("", "localhost", "127.0.0.1", "::1")

_SETTINGS = {
    "application_name": "privity-relay",
    # An answer leaves when its transaction is on disk, whatever the server's default.
    "synchronous_commit": "on",
    "default_transaction_isolation": "read committed",
    # Who waits longer is told to come back; a relay that stands still in the middle
    # of a transaction must not keep the others waiting.
    "lock_timeout": "5s",
    "statement_timeout": "25s",
    "idle_in_transaction_session_timeout": "10s",
    # What it costs to compile a plan, reading some rows never brings in again.
    "jit": "off",
}


@dataclass(frozen=True, slots=True)
class Place:
    """An address, which may hold a password, and what to call it where people read."""

    dsn: str = field(repr=False)
    name: str

    @classmethod
    def of(cls, url: str, side: str) -> "Place":
        """Return the place of one side; raises UsageError for what is no address.

        A server elsewhere has to show a certificate of its own name, unless the
        address says otherwise (`sslmode`).
        """
        parts = _split(url)
        database = parts.path.strip("/")
        if parts.scheme not in {"postgresql", "postgres"} or not database:
            stated = "postgresql://USER@HOST/NAME, with the NAME of a database"
            raise UsageError(f"db.url is to be {stated}")
        own = parts._replace(path=f"/{database}_{side}", query=_secured(parts))
        host = parts.hostname or parse_qs(parts.query).get("host", ["a socket"])[0]
        return cls(urlunsplit(own), f"PostgreSQL database {database}_{side} at {host}")


async def connect(place: Place) -> asyncpg.Connection:
    """Return a new connection; raises StoreBusy, which says why there is none."""
    try:
        return await asyncpg.connect(
            place.dsn,
            timeout=CONNECT_SECONDS,
            command_timeout=ANSWER_SECONDS,
            statement_cache_size=0,
            server_settings=_SETTINGS,
        )
    except FOREIGN as error:
        told = str(translated(error)) or type(error).__name__
        raise StoreBusy(f"{place.name}: {told}") from None


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        # Its text may quote what stands where a password does.
        raise UsageError(
            "db.url can't be read: what is special in a name or a password is to be"
            " percent-encoded, and a port is a number"
        ) from None
    return parts


def _secured(parts: SplitResult) -> str:
    asked = parse_qs(parts.query)
    host = asked.get("host", [""])[0]
    is_local = (parts.hostname or "") in _LOCAL and (host in _LOCAL or host[:1] == "/")
    if is_local or "sslmode" in asked:
        return parts.query
    return "&".join(filter(None, (parts.query, "sslmode=verify-full")))
