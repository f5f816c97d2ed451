"""A NATS server of one's own on loopback, which can be killed and started again."""

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Self

import pytest
from relay_process import free_port

__all__ = ["WITHOUT_NATS", "NatsServer", "needs_nats"]

WITHOUT_NATS = "there is no nats-server here; on Debian: tools/services.sh installs it"
_READY_SECONDS = 10

needs_nats = pytest.mark.skipif(
    shutil.which("nats-server") is None and os.environ.get("CI") != "true",
    reason=WITHOUT_NATS,
)


class NatsServer:
    """`nats-server` on a free port of loopback; use as a context manager.

    `config` is a file that says who may connect.
    """

    def __init__(self, config: Path | None = None) -> None:
        self._more = ["-c", str(config)] if config else []
        self.port = free_port()
        self.url = f"nats://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def pid(self) -> int:
        """The process id of the running server."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it; returns once it listens."""
        self._process = subprocess.Popen(
            ["nats-server", "-a", "127.0.0.1", "-p", str(self.port), *self._more],
            stderr=subprocess.DEVNULL,
        )
        ends = time.monotonic() + _READY_SECONDS
        while time.monotonic() < ends:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        raise AssertionError("nats-server does not listen")

    def kill(self) -> None:
        """Kill it on the spot."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
