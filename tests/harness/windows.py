"""People with windows: each a profile and a `privity open` in a process of its own."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any, Self

from privity.cli.app import main

__all__ = ["Someone", "befriend"]

_SOURCE = Path(__file__).parents[2] / "src"
_PATIENCE = 60.0


class Someone:
    """A person's profile, the command line on it, and their window.

    The window holds the profile and serves the commands. Without an account the
    window is where one is made.
    """

    def __init__(self, name: str, home: Path) -> None:
        self.name = name
        self.profile = home / name.lower()
        self.passphrase = f"{name}'s own words"
        self.file = home / f"{name.lower()}.passphrase"
        self.recovery = home / f"{name.lower()}.recovery"
        self.url = ""
        self._window: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def register(self, link: str) -> Self:
        """Make an account by the command line."""
        self.profile.parent.mkdir(parents=True, exist_ok=True)
        self.file.touch(0o600)
        self.file.write_text(self.passphrase)
        key = str(self.recovery)
        self("init", link, "--name", self.name, "--recovery-out", key)
        return self

    def open(self, *, unlocked: bool = True) -> str:
        """Start the window and return its first link; `unlocked` opens the profile."""
        opens = unlocked and self.file.exists()
        given = ["--passphrase-file", str(self.file)] if opens else []
        self._window = subprocess.Popen(
            [*self._command(*given), "open"],
            env=_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._window.stdout is not None
        told = json.loads(self._window.stdout.readline())
        assert told["ok"], told
        self.url = told["data"]["url"]
        return self.url

    def link(self) -> str:
        """Return one more link to the window that is open."""
        return str(self("open", "--no-browser")["url"])

    def close(self, number: int = signal.SIGTERM) -> None:
        """End the window's process; SIGKILL is a crash."""
        if self._window is not None:
            self._window.send_signal(number)
            self.go_on()
            self._window.wait(20)
            assert self._window.stdout is not None
            self._window.stdout.close()
            self._window = None

    def pause(self) -> None:
        """Let the window's process do nothing until it may `go_on`."""
        assert self._window is not None
        self._window.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let the window's process go on where it stood."""
        assert self._window is not None
        self._window.send_signal(signal.SIGCONT)

    def __call__(self, *arguments: str) -> dict[str, Any]:
        """Run a command and return its data."""
        told = self.told(*arguments)
        assert told["ok"], (arguments, told)
        data: dict[str, Any] = told["data"]
        return data

    def told(self, *arguments: str) -> dict[str, Any]:
        """Run a command and return what it prints, well or not."""
        given = ["--passphrase-file", str(self.file)] if self.file.exists() else []
        command = [*self._options(*given), *map(str, arguments)]
        out = io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True)
        # The command runs here, beside Playwright's loop: a process of its own would
        # spend most of its time on starting.
        with redirect_stdout(out), ThreadPoolExecutor(1) as beside:
            beside.submit(main, command).result(_PATIENCE)
        told: dict[str, Any] = json.loads(out.buffer.getvalue())
        return told

    def until(self, *arguments: str) -> dict[str, Any]:
        """Run a command again until it succeeds."""
        deadline = time.monotonic() + _PATIENCE
        while not (told := self.told(*arguments))["ok"]:
            assert time.monotonic() < deadline, (arguments, told)
            time.sleep(0.2)
        return dict(told["data"])

    def _command(self, *options: str) -> list[str]:
        return [sys.executable, "-m", "privity", *self._options(*options)]

    def _options(self, *options: str) -> list[str]:
        return ["--profile", str(self.profile), "--json", *options]


def befriend(one: Someone, other: Someone) -> None:
    """Let two people talk: one hands out a link, the other asks, one accepts."""
    other("join", one("invite")["link"])
    one.until("accept", other.name)
    other.until("history", one.name)
    one.until("history", other.name)


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(_SOURCE), "NO_COLOR": "1"}
