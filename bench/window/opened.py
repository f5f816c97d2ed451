"""`privity open` on a profile, in a process of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.client_pair import cpu_seconds

__all__ = ["Opened", "opened"]

_PATIENCE = 30


@dataclass(frozen=True, slots=True)
class Opened:
    """A window that is served: its first link, its process, and when that began."""

    profile: Path
    url: str
    pid: int
    began: float
    """Unix seconds."""

    def cpu_ms(self) -> float:
        """Return the processor time of its process."""
        return cpu_seconds(self.pid) * 1e3

    def link(self) -> str:
        """Return one more link to it."""
        done = subprocess.run(
            [*_command(self.profile), "open", "--no-browser"],
            capture_output=True,
            text=True,
            check=True,
            timeout=_PATIENCE,
        )
        return str(json.loads(done.stdout)["data"]["url"])


@contextmanager
def opened(profile: Path, passphrase: Path | None = None) -> Iterator[Opened]:
    """Serve a profile's window until the block ends; without an account it begins."""
    given = ["--passphrase-file", str(passphrase)] if passphrase else []
    began = time.time()
    process = subprocess.Popen(
        [*_command(profile), *given, "open", "--no-browser"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        if process.stdout is None:
            raise RuntimeError("nothing can be read of it")
        told = json.loads(process.stdout.readline())
        yield Opened(profile, str(told["data"]["url"]), process.pid, began)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(_PATIENCE)


def _command(profile: Path) -> list[str]:
    os.environ.setdefault("NO_COLOR", "1")
    return [sys.executable, "-m", "privity", "--profile", str(profile), "--json"]
