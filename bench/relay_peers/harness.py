"""The harness beside the checkout: its services, and one run of its driver.

It keeps its state beside its own files, so a folder of links to them stands in for it,
and goes with all that was stored when the benchmark ends.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

__all__ = ["Harness", "found_at", "install", "missing", "opened"]

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / "build" / "relay-peers" / "python"
SERVER_CPU = "0"
"""The driver takes CPU 1 by itself."""
_OURS = Path(__file__).with_name("peer_privity.py")
_PATIENCE = 300.0
_TOOLS = ("taskset", "unshare", "ip", "bash")


def found_at() -> Path:
    """Return where the harness is: `RELAY_PEERS`, else beside the checkout."""
    chosen = os.environ.get("RELAY_PEERS")
    return Path(chosen) if chosen else ROOT.parent / "shared" / "peers" / "server"


def missing() -> str:
    """Return "" where it can run, else what it lacks, in one line."""
    if not (found_at() / "bench.py").exists():
        return f"no harness at {found_at()} (it is not part of this repository)"
    if len(os.sched_getaffinity(0)) < 2:
        return "server and driver need a core each"
    if os.geteuid() != 0:
        return "only root may start servers as users of their own"
    missing_tools = [name for name in _TOOLS if shutil.which(name) is None]
    return f"no {' and no '.join(missing_tools)}" if missing_tools else ""


def install() -> None:
    """Install the other servers, once."""
    names = ("postgresql", "ejabberd", "relay-peers")
    subprocess.run([str(ROOT / "tools" / "services.sh"), *names], check=True)


class Harness:
    """One folder, in which services live and die; made by `opened`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.run = folder / "run"

    def environment(self, **more: str) -> dict[str, str]:
        """Return the environment of its programs, which import what they bring."""
        paths = (self.folder, self.folder / "relay", PYTHON)
        return {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(map(str, paths)),
            "PYTHONSAFEPATH": "1",
            "SRVCPU": SERVER_CPU,
            "SYNAPSE_PY": sys.executable,
            **more,
        }

    @contextmanager
    def service(self, name: str) -> Iterator[None]:
        """Run one of its services: `pg`, `ejabberd`, `ejabberd_mam`, `synapse_pg`."""
        self._tell("start", name)
        try:
            yield
        finally:
            self._tell("stop", name)

    @contextmanager
    def process(
        self, name: str, command: Sequence[str], environment: Mapping[str, str]
    ) -> Iterator[subprocess.Popen[str]]:
        """Run a server of ours on its core; the driver finds its pid by `name`."""
        with (self.run / f"{name}.log").open("w") as log:
            process = subprocess.Popen(
                ["taskset", "-c", SERVER_CPU, *command],
                env=dict(environment), stdout=subprocess.PIPE, stderr=log,
                text=True, cwd=self.folder,
            )  # fmt: skip
        (self.run / f"{name}.pid").write_text(str(process.pid))
        try:
            yield process
        finally:
            process.terminate()
            process.communicate()
            (self.run / f"{name}.pid").unlink()

    def drive(self, peer: str, mode: str, *options: str) -> dict[str, Any]:
        """Return the figures of one run of the driver."""
        # Our adapter needs our libraries, which the others' would hide.
        more = (ROOT, ROOT / "src") if peer == "privity" else (PYTHON,)
        paths = os.pathsep.join(map(str, (*more, self.folder)))
        done = subprocess.run(
            [sys.executable, str(found_at() / "bench.py"), peer, mode, *options],
            env=self.environment(PYTHONPATH=paths),
            capture_output=True, text=True, cwd=self.folder, check=False,
            timeout=_PATIENCE,
        )  # fmt: skip
        lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
        if done.returncode or not lines:
            raise RuntimeError(f"{peer} {mode}: the driver failed: {done.stderr}")
        told: dict[str, Any] = json.loads(lines[-1])
        return told

    def program(self, name: str, *arguments: str) -> None:
        """Run one of its scripts to the end."""
        command = [sys.executable, str(self.folder / name), *arguments]
        subprocess.run(
            command, env=self.environment(), capture_output=True, cwd=self.folder,
            check=True,
        )  # fmt: skip

    def _tell(self, word: str, name: str) -> None:
        # Its status is that of making databases, which may be there already.
        done = subprocess.run(
            ["bash", str(self.folder / "srv.sh"), word, name],
            env=self.environment(), stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True, cwd=self.folder, check=False,
            timeout=_PATIENCE,
        )  # fmt: skip
        if "not up" in done.stdout:
            raise RuntimeError(f"{name} does not start")


@contextmanager
def opened() -> Iterator[Harness]:
    """Yield a harness in a folder of its own, which goes with the block."""
    with tempfile.TemporaryDirectory(prefix="privity-peers-") as made:
        folder = Path(made)
        # PostgreSQL and ejabberd run as users of their own.
        folder.chmod(0o711)
        for name in (*found_at().glob("*.py"), found_at() / "srv.sh"):
            # Not the driver: as a module it would hide our package of that name.
            if name.name != "bench.py":
                (folder / name.name).symlink_to(name)
        (folder / "relay").symlink_to(found_at() / "relay")
        (folder / _OURS.name).symlink_to(_OURS)
        (folder / "run").mkdir(mode=0o711)
        try:
            yield Harness(folder)
        finally:
            # Erlang's port mapper, which ejabberd starts and leaves behind. It is that
            # of our network namespace, whoever else has one.
            subprocess.run(["epmd", "-kill"], capture_output=True, check=False)
