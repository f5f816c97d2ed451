"""Where a PostgreSQL database is, and a new connection to it.

A relay's settings have one address; each side has a database of its own, whose name is
that of the address with `_accounts` or `_logs` behind it.
"""

import socket
from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qs, urlsplit, urlunsplit

import asyncpg

from privity.errors import UsageError
from privity.relay.storage.postgres.failures import FOREIGN, translated
from privity.relay.storage.store import StoreBusy

__all__ = ["Place", "Watched", "connect"]

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 30.0
"""How long a relay waits for a server that says nothing any more."""
_LOCAL = ("", "localhost", "127.0.0.1", "::1")

_SILENCE = {
    "TCP_KEEPIDLE": 2,
    "TCP_KEEPINTVL": 1,
    "TCP_KEEPCNT": 3,
    "TCP_USER_TIMEOUT": 5_000,
}
"""Seconds, a count, and milliseconds: five seconds either way, as on the server."""

_SETTINGS = {
    "application_name": "privity-relay",
    # An answer leaves when its transaction is on disk, whatever the server's default.
    "synchronous_commit": "on",
    "default_transaction_isolation": "read committed",
    # Who waits longer is told to come back; a relay that stands still in the middle
    # of a transaction must not keep the others waiting.
    "lock_timeout": "5s",
    "statement_timeout": "25s",
    "idle_in_transaction_session_timeout": "5s",
    # The server notices as soon that a relay's machine is cut off.
    "tcp_keepalives_idle": "2",
    "tcp_keepalives_interval": "1",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "5s",
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


async def connect(place: Place) -> "Watched":
    """Return a new connection; raises StoreBusy, which says why there is none."""
    try:
        connection = await asyncpg.connect(
            place.dsn,
            connection_class=Watched,
            timeout=CONNECT_SECONDS,
            command_timeout=ANSWER_SECONDS,
            statement_cache_size=0,
            server_settings=_SETTINGS,
        )
    except FOREIGN as error:
        told = str(translated(error)) or type(error).__name__
        raise StoreBusy(f"{place.name}: {told}") from None
    connection.watch()
    return connection


class Watched(asyncpg.Connection):
    """Ends within seconds of its network saying nothing any more.

    A server that works on an answer acknowledges what it is sent, and is waited for;
    one that acknowledges and does not read any more is not, unless we are patient.
    """

    __slots__ = ()

    def watch(self) -> None:
        """Let the kernel give up early; by itself it tries for a quarter of an hour."""
        if pipe := self._pipe():
            pipe.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            for name, value in _SILENCE.items():
                _set(pipe, name, value)

    def be_patient(self) -> None:
        """Wait for a server that has no room for more yet, as at a copy of many rows.

        One that is cut off is given up by keepalives as before, or, amid what it is
        sent, when the kernel gives up by itself.
        """
        if pipe := self._pipe():
            _set(pipe, "TCP_USER_TIMEOUT", 0)

    def _pipe(self) -> socket.socket | None:
        pipe: socket.socket | None = self._transport.get_extra_info("socket")
        return None if pipe is None or pipe.family == socket.AF_UNIX else pipe


def _set(pipe: socket.socket, name: str, value: int) -> None:
    # Not all of them are everywhere.
    if option := getattr(socket, name, None):
        pipe.setsockopt(socket.IPPROTO_TCP, option, value)


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
