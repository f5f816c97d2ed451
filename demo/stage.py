"""Where a story plays: the relay, the recorder in front of it, the people."""

import random
import shutil
import sqlite3
import ssl
import tempfile
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from demo.processes import Account, Relay, free_port
from demo.recorder import Recorder

__all__ = ["BUILD", "MEDIA", "Stage"]

BUILD = Path(__file__).resolve().parents[1] / "build" / "demo"
MEDIA = Path(__file__).resolve().parent / "media"


@dataclass
class Stage:
    """A fresh relay on a Unix socket and everybody who uses it.

    `home` is a short temporary path (a Unix socket's name is limited); what a
    visitor may look at afterwards is in `BUILD`.
    """

    home: Path
    relay: Relay
    recorder: Recorder
    people: list[Account] = field(default_factory=list)

    @classmethod
    def set(cls, kept: Path = BUILD) -> Self:
        """Start the relay and the recorder; `kept` gets what the operator sees."""
        shutil.rmtree(kept / "operator", ignore_errors=True)
        traffic = kept / "operator" / "traffic"
        traffic.mkdir(parents=True)
        home = Path(tempfile.mkdtemp(prefix="privity-demo-"))
        port = free_port()
        relay = Relay(home / "relay", port)
        relay.init()
        relay.start()
        recorder = Recorder(port, relay.socket, relay.data / "tls", traffic)
        recorder.start()
        return cls(home, relay, recorder)

    def person(self, name: str, handle: str) -> Account:
        """Register somebody and start their process."""
        account = Account(name, handle, self.home / "people")
        account.init(self.relay.invite())
        account.watch()
        self.people.append(account)
        return account

    def plant(self, planted: dict[str, bytes]) -> None:
        """Send byte strings in the clear, the way that everything else went.

        They pass the recorder as masked WebSocket messages, which the relay refuses:
        what the search finds of them it would have found of anybody's words.
        """
        trusted = ssl.create_default_context(cafile=self.relay.data / "tls/cert.pem")
        for name, data in planted.items():
            url = f"wss://localhost:{self.relay.port}/v1/anonymous"
            with connect(url, ssl=trusted, compression=None) as socket:
                socket.send(random.Random(name).randbytes(99) + data)  # noqa: S311
                with suppress(ConnectionClosed):
                    while True:
                        socket.recv(timeout=10)

    def operator_files(self) -> list[Path]:
        """Copy what the operator has to `BUILD/operator`; returns all those files.

        The relay is stopped, so that its databases are whole; the write-ahead log
        and free pages are copied as they lie there.
        """
        kept = BUILD / "operator" / "relay"
        shutil.copytree(self.relay.data, kept, dirs_exist_ok=True)
        log = self.home / "relay.log"
        if log.exists():
            shutil.copy(log, BUILD / "operator" / "relay.log")
        return sorted(p for p in (BUILD / "operator").rglob("*") if p.is_file())

    def epochs(self) -> int:
        """Return how many commits the relay holds."""
        database = self.relay.data / "logs.sqlite"
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as opened:
            return int(opened.execute("SELECT count(*) FROM commits").fetchone()[0])

    def traffic(self) -> int:
        """Return how many bytes the recorder has seen."""
        return sum(path.stat().st_size for path in self.recorder.recordings())

    def go_on(self) -> None:
        """Record and watch again, after the search."""
        self.recorder = self.recorder.again()
        self.recorder.start()
        for person in self.people:
            person.watch()

    def strike(self) -> None:
        """End every process and throw the temporary home away."""
        for person in self.people:
            person.stop()
        self.relay.stop()
        shutil.rmtree(self.home, ignore_errors=True)
