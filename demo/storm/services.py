"""What several relay processes stand on: a NATS server and PostgreSQL of one's own.

On loopback and a Unix socket unless told where else, in a folder of the storm, ended
with it.
"""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from demo.processes import Failed, free_port
from demo.storm.where import LOOPBACK, Where

__all__ = ["Nats", "Postgres", "find_postgres", "has_nats"]

_READY_SECONDS = 30.0


def has_nats() -> bool:
    """Whether a NATS server can be started here."""
    return shutil.which("nats-server") is not None


def find_postgres() -> Path | None:
    """Return the folder of PostgreSQL's programs, 15 or newer."""
    for version in (18, 17, 16, 15):
        folder = Path(f"/usr/lib/postgresql/{version}/bin")
        if (folder / "initdb").exists():
            return folder
    return None


class Nats:
    """`nats-server`; what it carries is gone with it."""

    name = "nats"

    def __init__(self, where: Where = LOOPBACK) -> None:
        self.port = free_port()
        self._where = where
        self.url = f"nats://{where.address}:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; returns once it listens."""
        self._process = subprocess.Popen(
            [*self._where.enter, "nats-server", "-a", self._where.address, "-p",
             str(self.port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        _until(lambda: _listens((self._where.address, self.port)), "nats-server")

    def kill(self) -> None:
        """Kill it on the spot."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """Stop it: connections stay open, and nothing comes."""
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)


class Postgres:
    """A PostgreSQL server with `fsync` on; killed with all of its processes."""

    name = "postgres"

    def __init__(self, home: Path, programs: Path, where: Where = LOOPBACK) -> None:
        self._where = where
        self._home = home / "postgres"
        self._programs = programs
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"postgresql://relay@/privity?host={self._home}"
        if not where.is_loopback:
            self.url = f"postgresql://relay@{where.address}/privity?sslmode=disable"
        self._home.mkdir()
        self._as: list[str] = []
        if os.geteuid() == 0:
            home.chmod(0o711)
            shutil.chown(self._home, "postgres", "postgres")
            self._as = ["setpriv", "--reuid=postgres", "--regid=postgres",
                        "--clear-groups"]  # fmt: skip
        self._run("initdb", "-D", str(self._home / "data"), "-A", "trust",
                  "-U", "relay", "-E", "UTF8", "--locale=C")  # fmt: skip
        if not where.is_loopback:
            with (self._home / "data" / "pg_hba.conf").open("a") as rules:
                rules.write("host all relay samenet trust\n")
        self._is_new = True

    def start(self) -> None:
        """Start it, after a crash too; returns once it answers."""
        is_local = self._where.is_loopback
        options = {
            "listen_addresses": "" if is_local else self._where.address,
            "unix_socket_directories": str(self._home),
            "max_connections": "60",
            "shared_buffers": "64MB",
        }
        chosen = [f"-c{name}={value}" for name, value in options.items()]
        ends = time.monotonic() + _READY_SECONDS
        while time.monotonic() < ends:
            with (self._home / "log").open("ab") as log:
                self._process = subprocess.Popen(
                    [*self._where.enter, *self._as, str(self._programs / "postgres"),
                     "-D", str(self._home / "data"), *chosen],
                    stdout=log, stderr=log, cwd=self._home, start_new_session=True,
                )  # fmt: skip
            # The memory that a killed server shared is free once its last child ended.
            while self._process.poll() is None and time.monotonic() < ends:
                if self._answers():
                    return self._make_databases()
                time.sleep(0.05)
            time.sleep(0.2)
        raise Failed("PostgreSQL does not start")

    def kill(self) -> None:
        """Kill it and all of its processes on the spot."""
        if self._process is not None:
            self._signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """Stop all of it: connections stay open, and nothing comes."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> None:
        if self._process is not None:
            for pid in (self._process.pid, *_children(self._process.pid)):
                with suppress(ProcessLookupError):
                    os.kill(pid, number)

    def _make_databases(self) -> None:
        if self._is_new:
            for side in ("accounts", "logs"):
                self._run("createdb", "-h", str(self._home), "-U", "relay",
                          f"privity_{side}")  # fmt: skip
        self._is_new = False

    def _answers(self) -> bool:
        asked = [str(self._programs / "pg_isready"), "-q", "-h", str(self._home)]
        return subprocess.run(asked, check=False).returncode == 0

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [*self._as, str(self._programs / program), *arguments],
            capture_output=True,
            cwd=self._home,
            check=False,
        )
        if done.returncode:
            raise Failed(f"{program}: {done.stderr.decode()}")


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(one) for one in listed.split()]


def _listens(address: tuple[str, int]) -> bool:
    try:
        socket.create_connection(address, 1).close()
    except OSError:
        return False
    return True


def _until(holds: Callable[[], bool], what: str) -> None:
    ends = time.monotonic() + _READY_SECONDS
    while not holds():
        if time.monotonic() > ends:
            raise Failed(f"{what} does not start")
        time.sleep(0.02)
