"""The processes of the demo: a relay, and accounts that each watch in one of theirs."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

__all__ = ["Account", "Failed", "Relay", "free_port"]

_PATIENCE = 60.0


class Failed(Exception):
    """A command of the demo failed; the text says which and why."""


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _program(name: str, days: int = 0, victim: str = "") -> list[str]:
    """Return how to start a program, its clock ahead by `days`.

    With a `victim` it is a malicious client that spoils its commits for that account.
    """
    entry = "main" if name == "privity" else "relay_main"
    code = f"from privity.__main__ import {entry} as m; sys.exit(m())"
    if victim:
        code = f"from demo.poisoner import poison; poison({victim!r}); {code}"
    if days:
        code = f"from demo.elsewhen import begin; begin({days}); {code}"
    return [sys.executable, "-c", f"import sys; {code}"]


def _environment() -> dict[str, str]:
    root = Path(__file__).resolve().parents[1]
    paths = os.pathsep.join((str(root / "src"), str(root)))
    return {**os.environ, "PYTHONPATH": paths, "NO_COLOR": "1"}


def _end(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(20)
    if process.stdout is not None:
        process.stdout.close()


class Relay:
    """`privity-relay serve` on a Unix socket."""

    def __init__(self, data: Path, port: int) -> None:
        self.data = data
        self.port = port
        self.days = 0
        """By how much its clock is ahead, from its next start."""
        self.socket = data.parent / "relay.sock"
        self._process: subprocess.Popen[str] | None = None

    def init(self) -> None:
        """Make the relay's data and its certificate; its name is localhost."""
        url = f"https://localhost:{self.port}"
        self.tell("init", "--host", "localhost", "--tls", "self", "--url", url)

    def start(self) -> None:
        """Start to serve; returns when it listens."""
        program = _program("privity-relay", self.days)
        command = [*program, "--data", str(self.data)]
        with (self.data.parent / "relay.log").open("a") as log:
            self._process = subprocess.Popen(
                [*command, "serve", "--uds", str(self.socket), "--tls", "none"],
                env=_environment(),
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line.startswith("ready "):
            raise Failed("the relay does not start; see relay.log")

    def stop(self) -> None:
        """Stop it gracefully."""
        if self._process is not None:
            _end(self._process)

    def tell(self, *arguments: str) -> dict[str, Any]:
        """Run another command of the relay and return its data."""
        command = [*_program("privity-relay"), "--data", str(self.data), "--json"]
        return _run([*command, *arguments])

    def invite(self) -> str:
        """Return a link that lets one person register."""
        return str(self.tell("invite")["link"])


class Account:
    """One person: a profile, and a process that holds it open (`watch --jsonl`)."""

    def __init__(self, name: str, handle: str, home: Path) -> None:
        self.name = name
        self.handle = handle
        self.home = home
        self.profile = home / handle
        self.passphrase = home / f"{handle}.passphrase"
        self.events = home / f"{handle}.jsonl"
        self.days = 0
        """By how much its clock is ahead, from its next start."""
        self.victim = ""
        """The account that its commits are spoiled for, if it is malicious."""
        self._process: subprocess.Popen[str] | None = None
        self._window: subprocess.Popen[str] | None = None

    def init(self, link: str) -> None:
        """Register; the recovery key goes to a file."""
        self.home.mkdir(parents=True, exist_ok=True)
        self.passphrase.touch(0o600)
        self.passphrase.write_text(f"the {self.handle} passphrase of the demo\n")
        recovery = str(self.home / f"{self.handle}.recovery")
        self("init", link, "--name", self.name, "--handle", self.handle,
             "--recovery-out", recovery)  # fmt: skip

    def watch(self) -> None:
        """Start the process that stays connected; returns when it serves."""
        with self.events.open("a") as events:
            self._process = subprocess.Popen(
                [*self._command("--jsonl"), "watch"],
                env=_environment(),
                stdout=events,
                stderr=subprocess.DEVNULL,
                text=True,
            )
        deadline = time.monotonic() + _PATIENCE
        while not (self.profile / "sock").exists():
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise Failed(f"{self.name}'s process does not start")
            time.sleep(0.05)

    def open_window(self) -> str:
        """Serve the window beside that process; returns its link."""
        self._window = subprocess.Popen(
            [*self._command("--json"), "open", "--no-browser"],
            env=_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        line = self._window.stdout.readline() if self._window.stdout else ""
        if '"url"' not in line:
            raise Failed(f"{self.name}'s window does not open: {line}")
        return str(json.loads(line)["data"]["url"])

    def stop(self) -> None:
        """End its processes."""
        for process in (self._window, self._process):
            if process is not None:
                _end(process)

    def __call__(self, *arguments: str) -> dict[str, Any]:
        """Run a command of the CLI and return its data."""
        return _run([*self._command("--json"), *arguments])

    def until(self, *arguments: str, what: str) -> dict[str, Any]:
        """Run a command again until it succeeds; for what takes a moment to arrive."""
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                return self(*arguments)
            except Failed as error:
                if time.monotonic() > deadline:
                    raise Failed(f"{what}: {error}") from None
                time.sleep(0.2)

    def sees(self, *arguments: str) -> str:
        """Run a command and return what a person is shown, well or not."""
        done = subprocess.run(
            [*self._command(), *arguments],
            env=_environment(),
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )
        return (done.stdout + done.stderr).strip()

    def texts(self, chat: str) -> list[dict[str, Any]]:
        """Return the messages of a chat, without the lines about its members."""
        listed = self("history", chat, "--limit", "1000")["messages"]
        return [m for m in listed if m["kind"] != "line"]

    def _command(self, *form: str) -> list[str]:
        return [
            *_program("privity", self.days, self.victim),
            "--profile", str(self.profile),
            "--passphrase-file", str(self.passphrase),
            *form,
        ]  # fmt: skip


def _run(command: list[str]) -> dict[str, Any]:
    done = subprocess.run(
        command,
        env=_environment(),
        capture_output=True,
        text=True,
        timeout=_PATIENCE * 2,
        check=False,
    )
    try:
        told = json.loads(done.stdout)
    except ValueError:
        raise Failed(f"{command[3:]}: {done.stderr or done.stdout}") from None
    if not told.get("ok"):
        raise Failed(f"{' '.join(command[3:])}: {told.get('error')}")
    data: dict[str, Any] = told["data"]
    return data
