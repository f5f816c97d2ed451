"""Where a town's relay stores, and how that is carried away: files, or a server."""

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from postgres_cluster import Cluster, asyncio_run, need_bin_folder, statement

from privity.relay.paths import ACCOUNTS_NAME, LOGS_NAME
from privity.relay.storage.database import Database, Schema
from privity.relay.storage.log_tables import LOG_SCHEMA
from privity.relay.storage.postgres.place import Place
from privity.relay.storage.postgres.shared import PostgresStore
from privity.relay.storage.store import Store
from tests.seizure.seized import Seized
from tests.seizure.seized_server import SeizedServer, read_side

__all__ = ["AS_IT_COMES", "TENDED", "Ground", "OnFiles", "OnServer", "Tending"]


class Ground(Protocol):
    """What a relay stands on."""

    def open(self, data: Path, accounts: Schema) -> tuple[Store, Store]:
        """Open account side and log side; the other files are in `data`."""
        ...

    def pass_time(self) -> None:
        """Let happen what a machine does by itself in some hours."""
        ...

    def seize(self, data: Path, copy: Path) -> Seized:
        """Carry everything away while it runs."""
        ...

    def close(self) -> None:
        """Leave nothing of it."""
        ...


class OnFiles:
    """SQLite, as a relay has by default."""

    def open(self, data: Path, accounts: Schema) -> tuple[Store, Store]:
        """Open both files."""
        return (
            Database(data / ACCOUNTS_NAME, accounts),
            Database(data / LOGS_NAME, LOG_SCHEMA),
        )

    def pass_time(self) -> None:
        """Nobody else is at work."""

    def seize(self, data: Path, copy: Path) -> Seized:
        """Copy the data directory."""
        shutil.copytree(data, copy)
        return Seized(copy)

    def close(self) -> None:
        """Nothing is left open."""


@dataclass(frozen=True)
class Tending:
    """How a server is set up; by default as it comes."""

    options: dict[str, str] = field(default_factory=dict)
    allowed: tuple[str, ...] = ()
    """What its administrator allows the relay's user."""
    servers: int = 1


AS_IT_COMES = Tending()
TENDED = Tending(
    {"wal_recycle": "off"},
    (
        "GRANT pg_checkpoint TO privity",
        "GRANT EXECUTE ON FUNCTION pg_switch_wal() TO privity",
    ),
)


class OnServer:
    """PostgreSQL of its own; the relay's user has no more rights than it is given."""

    def __init__(self, tending: Tending) -> None:
        self._servers = [
            Cluster(need_bin_folder(), options=tending.options)
            for _ in range(tending.servers)
        ]
        for server in self._servers:
            self._say(server, "CREATE ROLE privity LOGIN")
        for side in _SIDES:
            self._say(self._of(side), f"CREATE DATABASE t_{side} OWNER privity")
            # The switch is allowed database by database.
            for allowed in tending.allowed:
                asyncio_run(statement(self._url(side, "relay"), allowed))

    def open(self, data: Path, accounts: Schema) -> tuple[Store, Store]:
        """Make the tables, as whoever begins a relay."""
        del data
        schemas = {"accounts": accounts, "logs": LOG_SCHEMA}
        one, other = (
            PostgresStore(Place(self._url(side), side), schemas[side])
            for side in _SIDES
        )
        return one, other

    def pass_time(self) -> None:
        """Write down what is in memory: a server does every five minutes."""
        for server in self._servers:
            self._say(server, "CHECKPOINT")

    def seize(self, data: Path, copy: Path) -> Seized:
        """Read all rows, and copy the folders of relay and servers."""
        sides = {
            side: read_side(self._url(side, "relay"), f"server-{self._number(side)}")
            for side in _SIDES
        }
        shutil.copytree(data, copy)
        for number, server in enumerate(self._servers):
            shutil.copytree(
                server.folder / "data", copy / f"server-{number}", ignore=_gone
            )
            shutil.copy(server.folder / "log", copy / f"server-{number}.log")
        return SeizedServer(copy, sides)

    def close(self) -> None:
        """Stop the servers."""
        for server in self._servers:
            server.stop()

    def _number(self, side: str) -> int:
        return _SIDES.index(side) % len(self._servers)

    def _of(self, side: str) -> Cluster:
        return self._servers[self._number(side)]

    def _url(self, side: str, user: str = "privity") -> str:
        folder = self._of(side).folder
        return f"postgresql://{user}@/t_{side}?host={folder}"

    def _say(self, server: Cluster, *statements: str) -> None:
        asyncio_run(statement(server.url, *statements))


_SIDES = ("accounts", "logs")


def _gone(folder: str, names: list[str]) -> list[str]:
    """Leave out sockets, and the two databases that hold nobody's rows."""
    return [
        name for name in names if Path(folder).name == "base" and name in {"1", "4"}
    ]
