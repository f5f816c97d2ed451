"""The instructions of a Containerfile, performed on folders by `cp` and `chroot`."""

import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["ROOT", "SUITE", "Builder", "Stage", "StepFailed", "environment_of",
           "instructions"]  # fmt: skip

ROOT = Path(__file__).resolve().parents[2]
SUITE, _PYTHON = "bookworm", "3.11"
_INSTRUCTION = re.compile(r"([A-Z]+)\s+(.*)", re.DOTALL)


class StepFailed(Exception):
    """An instruction failed, or is one that this does not know."""


@dataclass
class Stage:
    """One `FROM`: its files, and what its instructions have set."""

    root: Path
    directory: str = "/"
    user: str = "0:0"
    environment: dict[str, str] = field(default_factory=dict)
    entrypoint: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)
    stop: str = "SIGTERM"
    volumes: list[str] = field(default_factory=list)
    ports: list[str] = field(default_factory=list)


def instructions(text: str) -> list[tuple[str, str]]:
    """Return (word, rest) of each instruction; comments and line ends are gone."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    found: list[tuple[str, str]] = []
    for line in filter(None, map(str.strip, joined.splitlines())):
        match = _INSTRUCTION.fullmatch(line)
        if match is None:
            raise StepFailed(f"this is no instruction: {line}")
        found.append((match[1], match[2].strip()))
    return found


class Builder:
    """Performs instructions, one stage after the other."""

    def __init__(self, folder: Path, base: Path, wheels: Path) -> None:
        self._folder = folder
        self._base = base
        self._wheels = wheels
        self._stages: dict[str, Stage] = {}
        self.stage = Stage(folder)

    def perform(self, word: str, rest: str) -> None:
        """Perform one instruction; raises StepFailed."""
        steps: dict[str, Callable[[str], None]] = {
            "FROM": self._from,
            "WORKDIR": self._workdir,
            "COPY": self._copy,
            "RUN": self._run,
            "USER": self._user,
            "ENV": self._env,
            "ENTRYPOINT": self._entrypoint,
            "CMD": self._cmd,
            "STOPSIGNAL": self._stopsignal,
            "VOLUME": self.stage.volumes.append,
            "EXPOSE": self.stage.ports.append,
        }
        if word not in steps:
            raise StepFailed(f"{word} is not known here")
        steps[word](rest)

    def _from(self, rest: str) -> None:
        image, _, name = rest.partition(" AS ")
        if image != f"python:{_PYTHON}-slim-{SUITE}":
            raise StepFailed(f"the base is no Python {_PYTHON} on {SUITE}: {image}")
        root = self._folder / (name or "last")
        subprocess.run(["cp", "-a", "--reflink=auto", self._base, root], check=True)
        self.stage = self._stages[name] = Stage(root)

    def _workdir(self, rest: str) -> None:
        self.stage.directory = rest
        (self.stage.root / rest.lstrip("/")).mkdir(parents=True, exist_ok=True)

    def _copy(self, rest: str) -> None:
        words = shlex.split(rest)
        source = ROOT
        if words[0].startswith("--from="):
            source = self._stages[words.pop(0).removeprefix("--from=")].root
        *what, to = words
        within = str(Path(self.stage.directory) / to).lstrip("/")
        place = self.stage.root / within
        for name in what:
            _copy(source / name.lstrip("/"), place, into=to.endswith("/"))

    def _run(self, rest: str) -> None:
        with mounted(self.stage.root, self._wheels):
            # Where fetched packages lie is no part of the file.
            told = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "/mnt"}
            command = ["/bin/sh", "-c", f"cd {self.stage.directory} && {rest}"]
            done = subprocess.run(
                ["chroot", self.stage.root, *command],
                env=environment_of(self.stage, told), stdout=subprocess.DEVNULL,
                check=False,
            )  # fmt: skip
        if done.returncode:
            raise StepFailed(f"RUN ended with {done.returncode}: {rest}")

    def _user(self, rest: str) -> None:
        self.stage.user = rest

    def _env(self, rest: str) -> None:
        name, _, value = rest.partition("=")
        self.stage.environment[name] = value

    def _entrypoint(self, rest: str) -> None:
        self.stage.entrypoint = json.loads(rest)

    def _cmd(self, rest: str) -> None:
        self.stage.command = json.loads(rest)

    def _stopsignal(self, rest: str) -> None:
        self.stage.stop = rest


def _copy(source: Path, place: Path, *, into: bool) -> None:
    if source.is_dir():
        shutil.copytree(source, place, symlinks=True, dirs_exist_ok=True,
                        ignore=shutil.ignore_patterns("__pycache__"))  # fmt: skip
    else:
        place = place / source.name if into else place
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, place)


@contextmanager
def mounted(root: Path, wheels: Path) -> Iterator[None]:
    """Show the fetched packages at /mnt, for as long as a step runs."""
    subprocess.run(["mount", "--bind", wheels, root / "mnt"], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", root / "mnt"], check=True)


def environment_of(stage: Stage, more: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of its programs: what it set, and nothing of ours."""
    path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    return {"PATH": path, "HOME": "/nonexistent", **stage.environment, **more}
