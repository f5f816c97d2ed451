"""The relays of a storm: one on SQLite, or several on PostgreSQL and NATS."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from demo.processes import Failed, free_port
from demo.storm.chat import StormChat, StormFile, store_chats, store_files
from demo.storm.services import Nats, Postgres, find_postgres, has_nats
from demo.storm.where import LOOPBACK, Where
from privity.relay import admin
from privity.relay.config import ENV_PREFIX, Config, LogSettings, TLSSettings
from privity.relay.config_sources import load_config
from privity.relay.opening import open_relay

__all__ = ["Fleet", "Killable", "RelayProcess", "can_be_many", "muster"]

_PACE = {
    "LOG__APPENDS_PER_SECOND": "1000000",
    "LOG__APPEND_BURST": "1000000",
}


class Killable(Protocol):
    """A process that the storm may kill and start again."""

    name: str

    def start(self) -> None:
        """Start; returns once it serves."""
        ...

    def kill(self) -> None:
        """Kill -9."""
        ...

    def freeze(self) -> None:
        """Stop it: connections stay open, and nothing comes."""
        ...

    def thaw(self) -> None:
        """Let it go on."""
        ...


class RelayProcess:
    """`privity-relay serve` on loopback, or elsewhere with TLS."""

    def __init__(
        self,
        name: str,
        home: Path,
        settings: dict[str, str],
        where: Where = LOOPBACK,
    ) -> None:
        self.name = name
        self.data = home / name
        self._enter = where.enter
        place = f"{where.address}:{free_port()}"
        self.url = f"{'http' if where.is_loopback else 'https'}://{place}"
        self.is_up = False
        self.settings = {**_PACE, **settings, "LISTEN": place}
        tls = TLSSettings(mode="none" if where.is_loopback else "self")
        config = Config(url=self.url, tls=tls, log=LogSettings())
        admin.initialize(self.data, config)
        self._log = home / f"{name}.log"
        self._process: subprocess.Popen[str] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment that carries its settings."""
        ours = {ENV_PREFIX + name: value for name, value in self.settings.items()}
        source = Path(__file__).resolve().parents[2] / "src"
        return {**os.environ, "PYTHONPATH": str(source), **ours}

    def start(self) -> None:
        """Start it; raises Failed where what it stands on is away."""
        with self._log.open("a") as log:
            self._process = subprocess.Popen(
                [*self._enter, sys.executable, "-m", "privity.relay", "serve",
                 "--data", str(self.data)],
                env=self.environment, stdout=subprocess.PIPE, stderr=log, text=True,
            )  # fmt: skip
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line.startswith("ready "):
            self.kill()
            raise Failed(f"{self.name} does not start; see {self._log}")
        self.is_up = True

    def kill(self) -> None:
        """Kill it on the spot."""
        self.is_up = False
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            if self._process.stdout is not None:
                self._process.stdout.close()
            self._process = None

    def freeze(self) -> None:
        """Stop it: connections stay open, and nothing comes."""
        self.is_up = False
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
            self.is_up = True

    def faults(self) -> Counter[str]:
        """Return the faults of its own that it has logged, by class and place."""
        lines = self._log.read_text().splitlines() if self._log.exists() else []
        return Counter(filter(None, map(_fault, lines)))


@dataclass
class Fleet:
    """All processes of a storm, and the chats that are stored in them."""

    relays: list[RelayProcess]
    services: list[Killable] = field(default_factory=list)
    chats: list[StormChat] = field(default_factory=list)
    files: list[StormFile] = field(default_factory=list)

    @property
    def is_many(self) -> bool:
        """Whether there is more than one relay."""
        return len(self.relays) > 1

    def start(self) -> None:
        """Start everything, and store the chats; `end` ends what was started."""
        for service in self.services:
            service.start()
        self._store()
        for relay in self.relays:
            relay.start()

    def _store(self) -> None:
        relay = self.relays[0]
        opened = open_relay(load_config(relay.data, relay.environment), relay.data)
        opened.logs.begin(lambda db: store_chats(db, self.chats))
        opened.logs.begin(lambda db: store_files(db, self.files))
        asyncio.run(opened.close())

    def end(self) -> None:
        """End everything."""
        for one in (*self.relays, *self.services):
            one.kill()


def can_be_many() -> str:
    """Return "" where several relays can run here, else what is missing."""
    missing: list[str] = []
    if find_postgres() is None:
        missing.append("PostgreSQL 15 or newer")
    if not has_nats():
        missing.append("nats-server")
    return " and ".join(missing) + (" not found" if missing else "")


def muster(  # noqa: PLR0913  what a storm is made of
    home: Path,
    relays: int,
    chats: int,
    more: Mapping[str, str] | None = None,
    where: Callable[[str], Where] = lambda _: LOOPBACK,
    files: int = 0,
) -> Fleet:
    """Return a fleet that is not started; one relay needs no services.

    `more` are settings of all relays, as `{"OPEN": "true"}`; `where` says of each name
    where it runs.
    """
    services: list[Killable] = []
    settings = dict(more or {})
    if relays > 1:
        programs = find_postgres()
        if programs is None:
            raise Failed("there is no PostgreSQL")
        postgres = Postgres(home, programs, where("postgres"))
        nats = Nats(where("nats"))
        services = [nats, postgres]
        settings |= {"DB__URL": postgres.url, "BUS__URL": nats.url}
    names = [f"relay-{number + 1}" for number in range(relays)]
    relay_processes = [RelayProcess(it, home, settings, where(it)) for it in names]
    fleet = Fleet(relay_processes, services)
    if "BLOBS__URL" not in settings:
        _share_files(home, relay_processes)
    fleet.chats = [StormChat() for _ in range(chats)]
    fleet.files = [StormFile() for _ in range(files)]
    return fleet


def _share_files(home: Path, relays: list[RelayProcess]) -> None:
    """Let all relays see one folder of blobs, as they have to without S3."""
    (home / "blobs").mkdir(mode=0o700)
    for relay in relays:
        (relay.data / "blobs").symlink_to(home / "blobs")


def _fault(line: str) -> str:
    """Return what a line of the log says of a fault, or "" for none."""
    try:
        told = json.loads(line)
    except ValueError:
        return line
    if told.get("event") != "internal_error":
        return ""
    return f"{told['error']} in {told['module']}, line {told['line']}"
