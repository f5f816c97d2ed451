"""A PostgreSQL server of the benchmark's own, its cost, and what it does alone.

On a socket in a folder of its own, durable as it comes (`fsync` on).
"""

import asyncio
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
from asyncpg.prepared_stmt import PreparedStatement

from privity.relay.storage.postgres.place import Place, connect
from privity.relay.storage.store import StoreBusy

__all__ = ["BATCH", "OwnPostgres", "cpu_seconds_of", "own_postgres"]

BATCH = 256
"""Rows a transaction, as many as the relay has steps in one of its own."""
LOGS = 50
ENVELOPE = secrets.token_bytes(1024)
_INSERT = (
    "INSERT INTO bare SELECT * FROM unnest($1::bytea[], $2::bigint[], $3::bytea[])"
)


class OwnPostgres:
    """A running server."""

    def __init__(self, folder: Path, pid: int) -> None:
        self._folder = folder
        self._pid = pid

    def new_databases(self) -> str:
        """Return what `db.url` may be, of two databases that are empty."""
        name = f"relay_{secrets.token_hex(4)}"
        for side in ("accounts", "logs"):
            made = f"CREATE DATABASE {name}_{side} ENCODING UTF8 TEMPLATE template0"
            asyncio.run(self._say(made))
        return self._url(name)

    def cpu_seconds(self) -> float:
        """Return the processor time of all its processes, of those that ended too."""
        children = Path(f"/proc/{self._pid}/task/{self._pid}/children").read_text()
        ended = cpu_seconds_of(self._pid, of_children=True)
        return ended + sum(cpu_seconds_of(int(pid)) for pid in children.split())

    def rows(self, seconds: float) -> tuple[float, float]:
        """Return rows a second and a CPU-second that one connection inserts, durably.

        `BATCH` at once into one table with one index: what no relay on it can beat.
        """
        return asyncio.run(self._rows(seconds))

    async def _rows(self, seconds: float) -> tuple[float, float]:
        connection, insert = await self._bare()
        log_ids = [secrets.token_bytes(16) for _ in range(LOGS)]
        done, began, cost = 0, time.perf_counter(), self._cost()
        while time.perf_counter() - began < seconds:
            seqs = range(done, done + BATCH)
            ids = [log_ids[seq % LOGS] for seq in seqs]
            await insert.fetch(ids, list(seqs), [ENVELOPE] * BATCH)
            done += BATCH
        took, cost = time.perf_counter() - began, self._cost() - cost
        await connection.execute("DROP TABLE bare")
        await connection.close()
        return done / took, done / cost

    def commits_at(self, per_second: int, seconds: float) -> list[float]:
        """Return how long each transaction of one row took, in ms, so many a second."""
        return asyncio.run(self._commits(per_second, seconds))

    async def _commits(self, per_second: int, seconds: float) -> list[float]:
        connection, insert = await self._bare()
        took, began, log_id = [], time.perf_counter(), secrets.token_bytes(16)
        for number in range(int(seconds * per_second)):
            due = began + number / per_second
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            at = time.perf_counter()
            await insert.fetch([log_id], [number], [ENVELOPE])
            took.append((time.perf_counter() - at) * 1_000)
        await connection.execute("DROP TABLE bare")
        await connection.close()
        return took

    async def _bare(self) -> tuple[asyncpg.Connection, PreparedStatement]:
        connection = await connect(Place(self._url("postgres"), "the server"))
        await connection.execute(
            "CREATE TABLE bare"
            " (log_id bytea, seq bigint, envelope bytea, PRIMARY KEY (log_id, seq))"
        )
        return connection, await connection.prepare(_INSERT)

    def _cost(self) -> float:
        return self.cpu_seconds() + time.process_time()

    def _url(self, name: str) -> str:
        return f"postgresql://relay@/{name}?host={self._folder}"

    async def _say(self, statement: str) -> None:
        connection = await connect(Place(self._url("postgres"), "the server"))
        await connection.execute(statement)
        await connection.close()

    def wait(self) -> None:
        """Return when it answers; raises RuntimeError where it does not."""
        for _ in range(300):
            try:
                asyncio.run(self._say("SELECT 1"))
            except StoreBusy:
                time.sleep(0.1)
            else:
                return
        raise RuntimeError((self._folder / "log").read_text())


def cpu_seconds_of(pid: int, *, of_children: bool = False) -> float:
    """Return the processor time of a process, or with that of children that ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    ticks = fields[11:15] if of_children else fields[11:13]
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


@contextmanager
def own_postgres() -> Iterator[OwnPostgres | None]:
    """Yield a server that ends with the block, or None where none is installed."""
    programs = _programs()
    if programs is None:
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="bench-pg-"))
    user = ["setpriv", "--pdeathsig=QUIT"]
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
        user += ["--reuid=postgres", "--regid=postgres", "--clear-groups"]
    data = ["-D", str(folder / "data")]
    options = ["-A", "trust", "-U", "relay", "-E", "UTF8", "--locale=C"]
    initdb = [*user, str(programs / "initdb"), *data, *options]
    subprocess.run(initdb, check=True, capture_output=True, cwd=folder)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [
                *user,
                str(programs / "postgres"),
                *data,
                "-clisten_addresses=",
                f"-cunix_socket_directories={folder}",
            ],
            stdout=log,
            stderr=log,
            cwd=folder,
        )
    try:
        server = OwnPostgres(folder, process.pid)
        server.wait()
        yield server
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path | None:
    found = shutil.which("initdb")
    places = [Path(found).resolve().parent] if found else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((it for it in places if (it / "postgres").exists()), None)
