"""`privity` as people run it: a process for each command, which can be killed."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Account", "Outcome", "wait_until"]

_SOURCE = Path(__file__).parents[2] / "src"
_PATIENCE = 60.0


@dataclass(frozen=True)
class Outcome:
    """How a command ended: its exit code, and what its one JSON object says."""

    code: int
    told: dict[str, Any]
    stderr: str = ""

    @property
    def ok(self) -> bool:
        """Whether it did what it was asked to do."""
        return self.code == 0 and bool(self.told.get("ok"))

    @property
    def data(self) -> Any:
        """What a command that succeeded gives."""
        assert self.ok, (self.told, self.stderr)
        return self.told["data"]

    @property
    def error(self) -> str:
        """The code of its error; empty where there is none."""
        return str(self.told.get("error", {}).get("code", ""))

    @property
    def next(self) -> str:
        """What a person is told to do next."""
        return str(self.told.get("error", {}).get("next", ""))


class Account:
    """One person on one machine; every command is a process of its own."""

    def __init__(self, home: Path, handle: str) -> None:
        self.home = home
        self.handle = handle
        self.profile = home / handle
        self.passphrase = home / f"{handle}.passphrase"
        home.mkdir(parents=True, exist_ok=True)
        self.passphrase.touch(0o600)
        self.passphrase.write_text(f"the passphrase of {handle}\n")
        self._watching: subprocess.Popen[str] | None = None

    def init(self, *where: str) -> Outcome:
        """Make the account: `where` is a link, or --relay URL and its fingerprint."""
        recovery = self.home / f"{self.handle}.{time.monotonic_ns()}.recovery"
        named = ("--name", self.handle.title(), "--handle", self.handle)
        return self.run("init", *where, *named, "--recovery-out", str(recovery))

    def run(self, *arguments: str, **options: Any) -> Outcome:
        """Run one command to its end."""
        done = subprocess.run(
            self._command("--json", *arguments),
            env=environment(),
            capture_output=True,
            text=True,
            timeout=_PATIENCE * 2,
            check=False,
            **options,
        )
        try:
            told = json.loads(done.stdout)
        except ValueError:
            raise AssertionError(f"{arguments}: {done.stdout}{done.stderr}") from None
        return Outcome(done.returncode, told, done.stderr)

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """Start one command and leave it running."""
        return subprocess.Popen(
            self._command("--json", *arguments),
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def watch(self) -> None:
        """Start the process that holds the profile; returns when it serves."""
        with (self.home / f"{self.handle}.jsonl").open("a") as events:
            watching = subprocess.Popen(
                self._command("--jsonl", "watch"),
                env=environment(),
                stdout=events,
                stderr=subprocess.DEVNULL,
                text=True,
            )
        self._watching = watching
        # What a killed process left of its socket is older than the new one.
        wait_until(lambda: watching.poll() is not None or self._serves())
        assert watching.poll() is None, "watch ended"

    def kill(self) -> None:
        """Kill the process that holds the profile."""
        assert self._watching is not None
        self._watching.send_signal(signal.SIGKILL)
        self._watching.wait(_PATIENCE)
        self._watching = None

    def stop(self) -> None:
        """End it gracefully, if it runs."""
        if self._watching is not None:
            self._watching.terminate()
            self._watching.wait(_PATIENCE)
            self._watching = None

    def chats(self) -> list[dict[str, Any]]:
        """Return all chats."""
        found: list[dict[str, Any]] = self.run("chats").data["chats"]
        return found

    def messages(self, chat: str) -> list[dict[str, Any]]:
        """Return the messages of a chat, without the lines about its members."""
        listed = self.run("history", chat, "--limit", "1000")
        if listed.error == "not_found":
            return []
        return [m for m in listed.data["messages"] if m["kind"] != "line"]

    def texts(self, chat: str) -> list[str]:
        """Return the texts of a chat in their order."""
        return [m["text"] for m in self.messages(chat)]

    def _serves(self) -> bool:
        import socket

        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            return probe.connect_ex(str(self.profile / "sock")) == 0

    def _command(self, *arguments: str) -> list[str]:
        return [
            *(sys.executable, "-m", "privity"),
            *("--profile", str(self.profile)),
            *("--passphrase-file", str(self.passphrase)),
            *arguments,
        ]


def environment() -> dict[str, str]:
    """Return the environment of a command."""
    return {**os.environ, "PYTHONPATH": str(_SOURCE), "NO_COLOR": "1"}


def wait_until(reached: Callable[[], Any], seconds: float = _PATIENCE) -> Any:
    """Wait until something is so, and return what it gave."""
    deadline = time.monotonic() + seconds
    while not (value := reached()):
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.02)
    return value
