"""The servers that are no service of the harness: our relay, and the bare limit."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bench.relay_peers.harness import ROOT, Harness
from demo.processes import free_port
from demo.storm.chat import StormChat, store_chats
from privity.relay import admin
from privity.relay.config import ENV_PREFIX, Config, TLSSettings
from privity.relay.config_sources import load_config
from privity.relay.opening import open_relay

__all__ = ["bare", "bare_on_postgres", "ours", "ours_on_postgres"]

CHATS = 50
"""One for each pair of the harness; a group and idle connections take the first."""
_PACE = {
    "LOG__APPENDS_PER_SECOND": "1000000000",
    "LOG__APPEND_BURST": "1000000000",
    "LOG__COMMIT_SPACING_MS": "0",
}
"""Only the limits of pace are lifted: everything else is checked as ever."""
_PG = ("-h", "127.0.0.1", "-p", "55432", "-U", "postgres")


@contextmanager
def ours(harness: Harness) -> Iterator[None]:
    """Run `privity-relay serve` on SQLite."""
    with _relay(harness, {}):
        yield


@contextmanager
def ours_on_postgres(harness: Harness) -> Iterator[None]:
    """Run `privity-relay serve` on the harness's PostgreSQL."""
    with harness.service("pg"):
        for side in ("accounts", "logs"):
            subprocess.run(["createdb", *_PG, f"privity_{side}"], check=True)
        url = "postgresql://postgres@127.0.0.1:55432/privity?sslmode=disable"
        with _relay(harness, {"DB__URL": url}):
            yield


@contextmanager
def bare(harness: Harness, *, packs: bool = False) -> Iterator[None]:
    """Run the harness's relay without checks on SQLite; `packs` frames as we do."""
    command = [sys.executable, str(harness.folder / "relay" / "relay.py")]
    environment = harness.environment(PACK="1" if packs else "0")
    arguments = ("picows", "sqlite", "uvloop", "18080")
    with harness.process("relay", [*command, *arguments], environment) as process:
        _said(process, "up")
        yield


@contextmanager
def bare_on_postgres(harness: Harness) -> Iterator[None]:
    """Run the same over PostgreSQL, with rows of many in one statement."""
    command = [sys.executable, str(harness.folder / "relay" / "relay.py")]
    arguments = ("picows", "pg_insert", "uvloop", "18080")
    environment = harness.environment(PACK="1")
    with (
        harness.service("pg"),
        harness.process("relay", [*command, *arguments], environment) as process,
    ):
        _said(process, "up")
        yield


@contextmanager
def _relay(harness: Harness, settings: Mapping[str, str]) -> Iterator[None]:
    port, data = free_port(), harness.folder / "privity"
    shutil.rmtree(data, ignore_errors=True)
    chosen = {**_PACE, **settings, "LISTEN": f"127.0.0.1:{port}"}
    named = {ENV_PREFIX + name: value for name, value in chosen.items()}
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), **named}
    url = f"http://127.0.0.1:{port}"
    admin.initialize(data, Config(url=url, tls=TLSSettings(mode="none")))
    _store_chats(harness, data, port, environment)
    command = [sys.executable, "-m", "privity.relay", "serve", "--data", str(data)]
    with harness.process("privity", command, environment) as process:
        _said(process, "ready ")
        yield


def _store_chats(
    harness: Harness, data: Path, port: int, environment: Mapping[str, str]
) -> None:
    chats = [StormChat() for _ in range(CHATS)]
    opened = open_relay(load_config(data, environment), data)
    opened.logs.begin(lambda db: store_chats(db, chats))
    asyncio.run(opened.close())
    told = [(chat.log_id.hex(), chat.seed.hex()) for chat in chats]
    place = json.dumps({"port": port, "chats": told})
    (harness.run / "privity.json").write_text(place)


def _said(process: "subprocess.Popen[str]", word: str) -> None:
    line = process.stdout.readline() if process.stdout is not None else ""
    if not line.startswith(word):
        raise RuntimeError(f"{process.args!r} does not start")
