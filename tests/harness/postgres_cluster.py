"""A PostgreSQL server of the tests' own: a socket in a folder of its own, no network.

`PRIVITY_TEST_POSTGRES` may name one that is there instead, whose user may create
databases. Where neither is, tests that need it are skipped, and fail in CI.
"""

import asyncio
import atexit
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from secrets import token_hex
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

__all__ = ["Cluster", "asyncio_run", "cluster", "new_url", "statement"]

_ROOMS = ("/usr/lib/postgresql/{}/bin", "/usr/pgsql-{}/bin")
_VERSIONS = (18, 17, 16, 15)


class Cluster:
    """A server that lives as long as the tests; `fsync` is off unless asked for.

    `room` is a small place for all of it, but for its own log where `own_log` is.
    """

    def __init__(
        self,
        bin_folder: Path,
        *,
        fsync: bool = False,
        options: Mapping[str, str] | None = None,
        room: Path | None = None,
        own_log: Path | None = None,
    ) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="privity-pg-", dir=room))
        self._bin = bin_folder
        self._options = {"fsync": "on" if fsync else "off", **(options or {})}
        self._as = ["setpriv", "--pdeathsig=QUIT"]
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
            self._as += ["--reuid=postgres", "--regid=postgres", "--clear-groups"]
            if own_log is not None:
                shutil.chown(own_log, "postgres", "postgres")
        options = ["-A", "trust", "-U", "relay", "-E", "UTF8", "--locale=C"]
        if room is not None:
            options += ["--wal-segsize=1"]
        if own_log is not None:
            options += ["-X", own_log]
        initdb = [bin_folder / "initdb", "-D", self.folder / "data", "-N", *options]
        subprocess.run(
            [*self._as, *initdb], check=True, capture_output=True, cwd=self.folder
        )
        self.start()
        atexit.register(self.stop)

    @property
    def url(self) -> str:
        return f"postgresql://relay@/postgres?host={self.folder}"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder),
            "max_connections": "60",
            "shared_buffers": "64MB",
            **self._options,
        }
        chosen = [f"-c{name}={value}" for name, value in options.items()]
        data = self.folder / "data"
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [*self._as, self._bin / "postgres", "-D", data, *chosen],
                stdout=log,
                stderr=log,
                cwd=self.folder,
            )
        until = time.monotonic() + 30
        while time.monotonic() < until:
            try:
                asyncio.run(statement(self.url, "SELECT 1"))
            except (OSError, asyncpg.PostgresError):
                time.sleep(0.05)
            else:
                return
        raise AssertionError((self.folder / "log").read_text())

    def halt(self, number: int = signal.SIGQUIT) -> None:
        """Stop the server at once, as a crash does."""
        if self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait(30)

    def stop(self) -> None:
        """Stop the server and leave nothing of it."""
        self.halt()
        shutil.rmtree(self.folder, ignore_errors=True)


def bin_folder() -> Path | None:
    """Return where the server's programs are, or None."""
    found = shutil.which("initdb")
    if found and shutil.which("postgres"):
        return Path(found).resolve().parent
    for version in _VERSIONS:
        for room in _ROOMS:
            if Path(room.format(version), "initdb").exists():
                return Path(room.format(version))
    return None


def need_bin_folder() -> Path:
    """Return it, or skip the test; in CI fail."""
    folder = bin_folder()
    if folder is None:
        reason = "no PostgreSQL here: install it, or set PRIVITY_TEST_POSTGRES"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return folder


@cache
def cluster() -> Cluster:
    """Return the server that the tests of this process share."""
    return Cluster(need_bin_folder())


SIDES = ("accounts", "logs")


@cache
def _shared_databases(url: str) -> str:
    """Make the two databases that all tests of this process share."""
    name = f"t{token_hex(6)}"
    for side in SIDES:
        asyncio_run(
            statement(url, f'CREATE DATABASE "{name}_{side}" TEMPLATE template0')
        )
    return name


def new_url(url: str = "") -> str:
    """Return what `db.url` may be set to: an empty schema on each side."""
    url = url or os.environ.get("PRIVITY_TEST_POSTGRES") or cluster().url
    name, schema = _shared_databases(url), f"s{token_hex(6)}"
    parts = urlsplit(url)
    for side in SIDES:
        own = urlunsplit(parts._replace(path=f"/{name}_{side}"))
        asyncio_run(statement(own, f"CREATE SCHEMA {schema}"))
    query = "&".join(filter(None, (parts.query, f"search_path={schema}")))
    return urlunsplit(parts._replace(path=f"/{name}", query=query))


def asyncio_run(awaitable):
    """Run to the end, in a thread of its own: a test may have an event loop."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, awaitable).result()


async def statement(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url, timeout=5)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()
