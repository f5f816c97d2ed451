"""A real relay for tests: as a process of its own, or in a thread of this one.

`RelayProcess` is `privity-relay serve` over pinned TLS on loopback, which can be
killed and restarted on the same data and port. `RelayThread` serves the same
application over plain HTTP on loopback: quicker to start, and seen by coverage.
Both make their data directory when they are first started.
"""

import asyncio
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import msgspec

from privity.relay import admin
from privity.relay.app import create_app
from privity.relay.config import (
    ENV_PREFIX,
    BlobSettings,
    CallSettings,
    Config,
    LogSettings,
    MailboxSettings,
    TLSSettings,
)
from privity.relay.ops.events import Log, open_log
from privity.relay.serving import Server, build_server, listen, serve
from privity.relay.tls import Certificate

__all__ = [
    "RelayProcess",
    "RelayThread",
    "free_port",
    "quick_config",
    "quiet_log",
]

_READY_SECONDS = 30
_SOURCE = Path(__file__).parents[2] / "src"


class RelayProcess:
    """`privity-relay serve` in a process of its own; use as a context manager.

    `settings` go to its environment: `{"LOG__COMMIT_SPACING_MS": "0"}`.
    """

    def __init__(
        self,
        data: Path,
        settings: Mapping[str, str] | None = None,
        *,
        is_open: bool = True,
    ) -> None:
        self.data = data
        self.host = "localhost"
        self.port = free_port()
        self.url = f"https://localhost:{self.port}"
        self.fingerprint = b""
        self._is_open = is_open
        self._settings = {"MAILBOX__WORK_BITS": "4", **(settings or {})}
        self._process: subprocess.Popen[str] | None = None

    @property
    def pid(self) -> int:
        """The process id of the running relay."""
        assert self._process is not None
        return self._process.pid

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start it, making its data first if there is none; returns once it listens."""
        if not (self.data / "relay.toml").exists():
            made = self._init()
            self.fingerprint = bytes.fromhex(made["fingerprint"])
        self._process = subprocess.Popen(
            self._command("serve"),
            env=self._environment(),
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line == f"ready {self.url}\n", line

    def stop(self) -> int:
        """End it gracefully and return its exit code."""
        return self._end(signal.SIGTERM)

    def kill(self) -> int:
        """Kill it on the spot, as a power cut would."""
        return self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Start it again on the same data, port and certificate."""
        self.stop()
        self.start()

    def invite(self, uses: int = 1, expires: str = "7d") -> str:
        """Return a new register link."""
        told = self.tell("invite", "--uses", str(uses), "--expires", expires)
        return str(told["link"])

    def tell(self, *arguments: str) -> Any:
        """Run another command of `privity-relay --json` and return its data."""
        done = subprocess.run(
            [*self._command(*arguments), "--json"],
            env=self._environment(),
            capture_output=True,
            text=True,
            check=True,
            timeout=_READY_SECONDS,
        )
        return json.loads(done.stdout)["data"]

    def _init(self) -> Any:
        options = ["--listen", f"127.0.0.1:{self.port}", "--url", self.url]
        if self._is_open:
            options.append("--open")
        return self.tell("init", *options)

    def _end(self, number: int) -> int:
        if self._process is None:
            return 0
        self._process.send_signal(number)
        code = self._process.wait(timeout=_READY_SECONDS)
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._process = None
        return code

    def _command(self, *arguments: str) -> list[str]:
        program = [sys.executable, "-m", "privity.relay"]
        return [*program, *arguments, "--data", str(self.data)]

    def _environment(self) -> dict[str, str]:
        ours = {ENV_PREFIX + name: value for name, value in self._settings.items()}
        return {**os.environ, "PYTHONPATH": str(_SOURCE), **ours}


class RelayThread:
    """The relay's application on a loopback port, in a thread; a context manager.

    With a `certificate` it ends TLS itself.
    """

    def __init__(
        self,
        data: Path,
        config: Config | None = None,
        certificate: Certificate | None = None,
    ) -> None:
        self.data = data
        self.port = free_port()
        self.certificate = certificate
        scheme = "https" if certificate else "http"
        self.url = f"{scheme}://127.0.0.1:{self.port}"
        self.config = msgspec.structs.replace(
            config or quick_config(), listen=f"127.0.0.1:{self.port}", url=self.url
        )
        self.host = self.config.host
        self.fingerprint = b""
        self.events: list[str] = []
        self._server: Server | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start it, making its data first if there is none; returns once it listens."""
        is_ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(is_ready,))
        self._thread.start()
        assert is_ready.wait(_READY_SECONDS)

    def stop(self) -> None:
        """End it gracefully."""
        if self._server is None or self._thread is None:
            return
        self._server.should_exit = True
        self._thread.join(_READY_SECONDS)
        assert not self._thread.is_alive()
        self._server = None

    def restart(self) -> None:
        """Start it again on the same data and port."""
        self.stop()
        self.start()

    def invite(self, uses: int = 1, expires: int = 0) -> str:
        """Return a new register link; `expires` is Unix time, 0 never."""
        made = admin.create_invite(
            self.data, self.config, uses, expires, secrets.token_bytes
        )
        return made.link

    def wrap(self, app: Any) -> Any:
        """Return what is served in the place of the application."""
        return app

    def _run(self, is_ready: threading.Event) -> None:
        if not (self.data / "relay.toml").exists():
            admin.initialize(self.data, self.config)
        with quiet_log() as log:

            def noted(event: str, **fields: Any) -> None:
                self.events.append(event)
                log(event, **fields)

            app = self.wrap(create_app(self.config, self.data, noted))
            own = self.certificate
            self._server = build_server(app, own, is_ready.set)
            asyncio.run(serve(self._server, listen(self.config), own, noted))


def quick_config(*, is_open: bool = True) -> Config:
    """Return settings for tests: no TLS, nothing that waits, no reserve of disk."""
    return Config(
        open=is_open,
        tls=TLSSettings(mode="none"),
        log=LogSettings(commit_spacing_ms=0, commits_per_minute=6_000),
        mailbox=MailboxSettings(work_bits=4),
        blobs=BlobSettings(reserve_bytes=0),
        calls=CallSettings(lookups_per_second=100_000, lookup_burst=100_000),
    )


def free_port() -> int:
    """Return a port of loopback that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def quiet_log() -> Iterator[Log]:
    """Yield a log that goes nowhere."""
    with Path(os.devnull).open("w") as nowhere:
        yield open_log(nowhere)
