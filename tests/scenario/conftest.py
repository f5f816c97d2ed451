"""People as processes: `privity watch --jsonl` for each, commands beside it."""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from relay_process import RelayProcess

SOURCE = Path(__file__).parents[2] / "src"
PRIVITY = [sys.executable, "-m", "privity"]
PATIENCE = 30


class Process:
    """A person: a profile, a process that watches, commands that go through it."""

    def __init__(self, root: Path, name: str) -> None:
        self.name = name
        self.profile = root / name
        self.passphrase = root / f"{name}.passphrase"
        self.passphrase.write_text(f"the passphrase of {name}")
        self.passphrase.chmod(0o600)
        self.items: list[dict] = []
        self._watch: subprocess.Popen[str] | None = None

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "PYTHONPATH": str(SOURCE),
            "PRIVITY_HOME": str(self.profile),
            "PRIVITY_PASSPHRASE_FILE": str(self.passphrase),
        }

    def try_(self, *arguments: object, text: str | None = None) -> tuple[int, dict]:
        done = subprocess.run(
            [*PRIVITY, "--json", *map(str, arguments)],
            env=self.environment,
            input=text,
            capture_output=True,
            text=True,
            check=False,
            timeout=2 * PATIENCE,
        )
        assert done.stdout, done.stderr
        return done.returncode, json.loads(done.stdout)

    def do(self, *arguments: object, text: str | None = None) -> dict:
        status, envelope = self.try_(*arguments, text=text)
        assert status == 0, (self.name, arguments, envelope)
        return envelope["data"]

    def watch(self) -> None:
        self.items = []
        self._watch = subprocess.Popen(
            [*PRIVITY, "--jsonl", "watch"],
            env=self.environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        threading.Thread(target=self._collect, args=[self._watch], daemon=True).start()
        self.sees(lambda item: item["event"] == "ready")

    def sees(self, fits) -> dict:
        """Wait for an item of the watch that fits, and return it."""
        return until(lambda: next(filter(fits, list(self.items)), None))

    def reads(self, text: str) -> dict:
        """Wait for a message with this text."""
        return self.sees(
            lambda item: item["event"] == "message" and item["message"]["text"] == text
        )

    def texts(self, chat: str) -> list[str]:
        shown = self.do("history", chat)["messages"]
        return [m["text"] for m in shown if m["kind"] in ("text", "file")]

    def kill(self) -> None:
        assert self._watch is not None
        self._watch.kill()
        self._end()

    def ends(self) -> None:
        """Wait until the watch has ended by itself."""
        assert self._end() == 0

    def stop(self) -> None:
        if self._watch is not None:
            self._watch.terminate()
            assert self._end() == 0

    def _end(self) -> int:
        assert self._watch is not None
        status = self._watch.wait(PATIENCE)
        self._watch = None
        return status

    def _collect(self, process) -> None:
        with process.stdout:
            for line in process.stdout:
                self.items.append(json.loads(line)["data"])


def until(condition):
    deadline = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)
    return found


@pytest.fixture
def relay(tmp_path):
    settings = {"LOG__COMMIT_SPACING_MS": "0"}
    with RelayProcess(tmp_path / "relay", settings, is_open=False) as running:
        yield running


@pytest.fixture
def newcomer(relay, tmp_path):
    """Make accounts whose watches run: `ana = newcomer("Ana")`."""
    made = []

    def make(name: str) -> Process:
        someone = Process(tmp_path, name)
        out = tmp_path / f"{name}.recovery"
        someone.do(
            *("init", relay.invite(), "--name", name),
            *("--handle", name.lower(), "--recovery-out", out),
        )
        someone.watch()
        made.append(someone)
        return someone

    yield make
    for someone in made:
        someone.stop()


@pytest.fixture
def befriend():
    def meet(one: Process, other: Process) -> None:
        other.do("join", one.do("invite")["link"], "--text", f"it is {other.name}")
        one.sees(
            lambda item: (
                item["event"] == "request"
                and item["request"]["sender"]["name"] == other.name
            )
        )
        one.do("accept", other.name)
        for who, whom in ((one, other), (other, one)):
            until(lambda who=who, whom=whom: _talks(who, whom))

    return meet


def _talks(who: Process, whom: Process) -> bool:
    return any(
        chat["title"] == whom.name and chat["status"] == "active"
        for chat in who.do("chats")["chats"]
    )
