"""The processes of a run: one relay, and a client for each person.

Each is killed, stopped and limited by its own pid, and lives by a clock of its own.
A full disk is stood in for by RLIMIT_FSIZE 0: every write to a file fails (EFBIG, where
a full disk says ENOSPC), also where a file would not grow; it works everywhere, on one
process at a time, and can be taken away again while the process runs.
"""

import asyncio
import json
import os
import resource
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.chaos import clock

__all__ = ["Dead", "Person", "Process", "Relay"]

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
STARTS = 300.0
"""Seconds that a start may take: on a busy machine eight begin at once."""
_LINE = 1 << 24
_CODE = (
    "import sys; from tests.chaos import clock; clock.install(sys.argv.pop(1));"
    " from {module} import main; sys.exit(main(sys.argv[1:]))"
)


class Dead(Exception):
    """The process ended before it answered."""


class Process:
    """A process that may be killed and started again."""

    def __init__(self, home: Path, name: str) -> None:
        self.home = home
        self.name = name
        self.clock = home / f"{name}.clock"
        self.process: asyncio.subprocess.Process | None = None
        clock.make(self.clock)

    @property
    def lives(self) -> bool:
        """Whether it runs."""
        return self.process is not None and self.process.returncode is None

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal, if it runs."""
        if self.process is not None and self.process.returncode is None:
            # It may have ended by itself, and nobody has been told of it yet.
            with suppress(ProcessLookupError):
                os.kill(self.process.pid, number)

    def fill_disk(self, *, full: bool) -> None:
        """Let its disk take nothing, or everything again."""
        if self.process is not None and self.process.returncode is None:
            soft = 0 if full else resource.RLIM_INFINITY
            limits = (soft, resource.RLIM_INFINITY)
            with suppress(ProcessLookupError):
                resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, limits)

    async def kill(self) -> None:
        """Kill it on the spot, and see it gone."""
        self.signal(signal.SIGKILL)
        if self.process is not None:
            await self.process.wait()

    async def _spawn(self, module: str, *arguments: str, **environ: str) -> None:
        errors = self.home / f"{self.name}.err"
        with errors.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-c", _CODE.format(module=module),
                str(self.clock), *arguments,
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
                stderr=log, limit=_LINE, cwd=ROOT,
                env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", **environ},
            )  # fmt: skip


class Relay(Process):
    """`privity-relay serve` with TLS of its own."""

    def __init__(self, home: Path, port: int, url: str) -> None:
        super().__init__(home, "relay")
        self.port = port
        self.url = url
        self.pin = ""
        self._data = ("--data", str(home / "relay"))

    async def init(self) -> None:
        """Make its data and its certificate."""
        await self._spawn(
            "privity.relay.cli", "init", *self._data, "--json", "--open",
            "--listen", f"127.0.0.1:{self.port}", "--url", self.url,
        )  # fmt: skip
        assert self.process is not None
        told, _ = await self.process.communicate()
        self.pin = json.loads(told)["data"]["fingerprint"]

    async def start(self) -> None:
        """Serve; returns when it listens. Only its limits of pace are lifted."""
        many = str(10**9)
        await self._spawn(
            "privity.relay.cli", "serve", *self._data,
            PRIVITY_RELAY__LOG__APPENDS_PER_SECOND=many,
            PRIVITY_RELAY__LOG__APPEND_BURST=many,
        )  # fmt: skip
        assert self.process is not None
        assert self.process.stdout is not None
        async with asyncio.timeout(STARTS):
            line = await self.process.stdout.readline()
        if not line.startswith(b"ready "):
            raise Dead("the relay does not start; see relay.err")


class Person(Process):
    """Somebody's client, and what it told this side so far, over all its lives."""

    def __init__(self, home: Path, name: str, note: Callable[..., None]) -> None:
        super().__init__(home, name)
        self.plant = ""
        self.account = ""
        self.kept: dict[str, int] = {}
        """By chat the highest number whose sender was told that it is kept."""
        self.status: dict[str, Any] = {}
        self.counts: dict[str, int] = {}
        """What it did in the lives that are over, and in this one."""
        self.looks = 0
        self._note = note
        self._before: dict[str, int] = {}
        self._shown: set[tuple[str, str]] = set()
        self._orders = 0
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._ready = asyncio.Event()
        self._reading: asyncio.Task[None] | None = None

    async def start(self, url: str, pin: str) -> None:
        """Start the client; returns when it runs, which is not yet online."""
        if self._reading is not None:
            await self._reading
        self._ready.clear()
        self.status = {}
        self._before = dict(self.counts)
        arguments = (str(self.home), self.name, url, pin, self.plant)
        await self._spawn("tests.chaos.client", *arguments)
        self._reading = asyncio.create_task(self._read())
        async with asyncio.timeout(STARTS):
            await self._ready.wait()
        if not self.lives:
            raise Dead(f"{self.name}'s client does not start; see {self.name}.err")

    async def ask(self, do: str, **what: Any) -> Any:
        """Give an order and return what came of it; raises Dead."""
        process = self.process
        if process is None or process.stdin is None or not self.lives:
            raise Dead(self.name)
        self._orders += 1
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[self._orders] = answer
        line = json.dumps({"do": do, "order": self._orders, **what})
        process.stdin.write(line.encode() + b"\n")
        return await answer

    async def gone(self) -> None:
        """Wait until the process has ended and all that it said was read."""
        if self._reading is not None:
            await self._reading

    async def _read(self) -> None:
        assert self.process is not None
        assert self.process.stdout is not None
        while line := await self.process.stdout.readline():
            if line.endswith(b"\n"):
                self._heard(json.loads(line))
        await self.process.wait()
        self._ready.set()
        waiting, self._waiting = self._waiting, {}
        for answer in waiting.values():
            if not answer.done():
                answer.set_exception(Dead(self.name))
                answer.exception()

    def _heard(self, told: dict[str, Any]) -> None:
        match told:
            case {"status": status}:
                self.status = status
                self.looks += 1
                for what, count in status.pop("counts").items():
                    self.counts[what] = self._before.get(what, 0) + count
                return
            case {"done": order, "answer": answer}:
                waiting = self._waiting.pop(order, None)
                if waiting is not None and not waiting.done():
                    waiting.set_result(answer)
            case {"kept": chat, "number": number}:
                self.kept[chat] = number
            case {"ready": account, "found": found}:
                self.account = account
                self._look_back(found)
                self._ready.set()
            case {"shown": chat, "idem": idem}:
                if (chat, idem) in self._shown:
                    self._note(fault="twice", who=self.name, detail=f"{chat} {idem}")
                self._shown.add((chat, idem))
        self._note(who=self.name, **told)

    def _look_back(self, found: dict[str, int]) -> None:
        """Compare what a new life finds of its own words with what it was told."""
        for chat, number in self.kept.items():
            if found.get(chat, 0) < number:
                detail = f"{chat[:8]} {found.get(chat, 0) + 1}"
                self._note(fault="lost", who=self.name, detail=detail)
        self.kept.update(found)
