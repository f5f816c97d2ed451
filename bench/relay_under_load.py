"""A relay process for `bench_relay`: its data, its chats, its cost.

The relay is `privity-relay serve` on a Unix socket with every check on; only the
limits of pace are lifted, since they are what a benchmark runs into first.
"""

import os
import secrets
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.filling import fill
from bench.own_postgres import OwnPostgres, cpu_seconds_of
from bench.sockets import BenchSocket, Take, connect
from privity.identity import labels
from privity.identity.signing import public_of, sign_with_label
from privity.relay import logs
from privity.relay.admin import initialize
from privity.relay.config import Config, DBSettings, LogSettings, TLSSettings
from privity.relay.paths import LOGS_NAME
from privity.relay.storage.log_tables import LOG_SCHEMA
from privity.relay.storage.postgres.command import one_transaction
from privity.relay.storage.postgres.place import Place
from privity.relay.storage.store import Connection
from privity.relay.token_keys import keep_weeks, key_of
from privity.wire import frames, http
from privity.wire.entry import AttachClaim, Header, Kind, Rights
from privity.wire.tokens import NONCE_SIZE, Scheme, Token, TokenKind

__all__ = ["BenchChat", "Relay", "running_relay"]

UNLIMITED = 10**9
ENVELOPE = secrets.token_bytes(1024)


@dataclass(frozen=True, slots=True)
class BenchChat:
    """A log and the seed of its access key."""

    log_id: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    seed: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def append(self, number: int, parent: int = 0) -> frames.Append:
        """Return a message of 1 KiB under the creation."""
        header = Header(
            version=1,
            log_id=self.log_id,
            kind=Kind.APP,
            parent=parent,
            generation=0,
            idem=secrets.token_bytes(16),
            tag=bytes(32),
            opens=False,
            next_access_pk=None,
            next_lobby_pk=None,
            welcome_hash=None,
            checkpoint_hash=None,
        )
        return frames.Append(number, header.encode(), ENVELOPE)

    async def attach(self, socket: BenchSocket) -> None:
        """Prove the access key on a connection."""
        greeting, nonce = socket.greeting.result(), secrets.token_bytes(32)
        claim = AttachClaim(
            version=1,
            host=greeting.host.encode(),
            relay_nonce=greeting.nonce,
            client_nonce=nonce,
            log_id=self.log_id,
            generation=0,
            rights=Rights.BOTH,
        )
        signature = sign_with_label(self.seed, labels.ATTACH, claim.encode())
        await socket.ask(
            frames.Attach(socket.number(), self.log_id, 0, 3, nonce, signature)
        )

    async def follow(self, socket: BenchSocket, after: int) -> None:
        """Attach a connection and subscribe it from a seq on."""
        await self.attach(socket)
        cursor = frames.Cursor(self.log_id, 0, after)
        await socket.ask(frames.Subscribe(socket.number(), [cursor]))


@dataclass(frozen=True, slots=True)
class Relay:
    """The process, and what it and its server of databases have cost so far."""

    process: "subprocess.Popen[str]"
    uds: str
    chats: tuple[BenchChat, ...]
    server: OwnPostgres | None = None

    async def connect(self, take: Take) -> BenchSocket:
        """Open one connection of the anonymous plane."""
        return await connect(self.uds, "/v1/anonymous", take)

    def cpu_seconds(self) -> float:
        """Return the processor time of all its threads, in kernel and outside."""
        own = cpu_seconds_of(self.process.pid)
        return own if self.server is None else own + self.server.cpu_seconds()

    def pss_bytes(self) -> int:
        """Return the memory that is its own, and its share of what is not."""
        rollup = Path(f"/proc/{self.process.pid}/smaps_rollup").read_text()
        line = next(it for it in rollup.splitlines() if it.startswith("Pss:"))
        return int(line.split()[1]) * 1024


@contextmanager
def running_relay(
    data: Path, chats: int, *, stored: int = 0, server: OwnPostgres | None = None
) -> Iterator[Relay]:
    """Yield a relay with `chats` chats, each with so many short entries.

    On SQLite, or on databases of its own at a server. It ends with the block.
    """
    uds = str(data / "socket")
    pace = LogSettings(
        appends_per_second=UNLIMITED, append_burst=UNLIMITED, commit_spacing_ms=0
    )
    db = DBSettings(url=server.new_databases() if server is not None else "")
    config = Config(uds=uds, tls=TLSSettings(mode="none"), log=pace)
    initialize(data, config, db)
    with _logs(data, db.url) as database:
        made = _make_chats(database, chats)
    if stored:
        fill(data / LOGS_NAME, [chat.log_id for chat in made], stored)
    process = subprocess.Popen(
        [sys.executable, "-m", "privity.relay", "serve", "--data", str(data)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PRIVITY_RELAY__DB__URL": db.url},
    )
    try:
        if process.stdout is None or not process.stdout.readline():
            raise RuntimeError("the relay did not start")
        yield Relay(process, uds, made, server)
    finally:
        process.terminate()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


@contextmanager
def _logs(data: Path, url: str) -> Iterator[Connection]:
    if url:
        with one_transaction(Place.of(url, "logs"), LOG_SCHEMA) as database:
            yield database
        return
    with closing(sqlite3.connect(data / LOGS_NAME)) as file, file:
        yield file


def _make_chats(database: Connection, count: int) -> tuple[BenchChat, ...]:
    chats = tuple(BenchChat() for _ in range(count))
    keep_weeks(database, 0, Scheme.BLIND, secrets.token_bytes)
    key = key_of(database, TokenKind.LOG, 0)
    assert key is not None  # noqa: S101
    for chat in chats:
        nonce = secrets.token_bytes(NONCE_SIZE)
        token = Token(0, nonce, key.output(nonce)).encode()
        access_pk = public_of(chat.seed)
        logs.create(
            database,
            http.CreateLog(chat.log_id, access_pk, bytes(32), b"sealed", token),
        )
    return chats
