"""The relays of a storm: one on SQLite, or several on PostgreSQL and NATS."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from demo.processes import Failed, free_port
from demo.storm.chat import StormChat, store_chats
from demo.storm.services import Nats, Postgres, find_postgres, has_nats
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
    """`privity-relay serve` on loopback."""

    def __init__(self, name: str, home: Path, settings: dict[str, str]) -> None:
        self.name = name
        self.data = home / name
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.is_up = False
        self.settings = {**_PACE, **settings, "LISTEN": f"127.0.0.1:{port}"}
        config = Config(url=self.url, tls=TLSSettings(mode="none"), log=LogSettings())
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
                [sys.executable, "-m", "privity.relay", "serve", "--data",
                 str(self.data)],
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

    def errors(self) -> int:
        """Return how many faults of its own it has logged."""
        lines = self._log.read_text().splitlines() if self._log.exists() else []
        return sum(_is_fault(line) for line in lines)


@dataclass
class Fleet:
    """All processes of a storm, and the chats that are stored in them."""

    relays: list[RelayProcess]
    services: list[Killable] = field(default_factory=list)
    chats: list[StormChat] = field(default_factory=list)

    @property
    def is_many(self) -> bool:
        """Whether there is more than one relay."""
        return len(self.relays) > 1

    def start(self) -> None:
        """Start everything, and store the chats; `end` ends what was started."""
        for service in self.services:
            service.start()
        _store(self.relays[0], self.chats)
        for relay in self.relays:
            relay.start()

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


def muster(
    home: Path, relays: int, chats: int, more: Mapping[str, str] | None = None
) -> Fleet:
    """Return a fleet that is not started; one relay needs no services.

    `more` are settings of all relays, as `{"OPEN": "true"}`.
    """
    services: list[Killable] = []
    settings = dict(more or {})
    if relays > 1:
        programs = find_postgres()
        if programs is None:
            raise Failed("there is no PostgreSQL")
        postgres = Postgres(home, programs)
        nats = Nats()
        services = [nats, postgres]
        settings |= {"DB__URL": postgres.url, "BUS__URL": nats.url}
    names = [f"relay-{number + 1}" for number in range(relays)]
    fleet = Fleet([RelayProcess(name, home, settings) for name in names], services)
    fleet.chats = [StormChat() for _ in range(chats)]
    return fleet


def _store(relay: RelayProcess, chats: list[StormChat]) -> None:
    opened = open_relay(load_config(relay.data, relay.environment), relay.data)
    opened.logs.begin(lambda db: store_chats(db, chats))
    asyncio.run(opened.close())


def _is_fault(line: str) -> bool:
    try:
        return bool(json.loads(line).get("event") == "internal_error")
    except ValueError:
        return True
