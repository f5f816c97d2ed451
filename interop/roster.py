"""Who takes part: one process for each implementation, started and ended together."""

import subprocess
import sys
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from interop.lines import PeerProcess

__all__ = [
    "MLS_RS",
    "NAMES",
    "OURS",
    "TS_MLS",
    "PeersMissing",
    "install",
    "processes",
    "start",
]

OURS, TS_MLS, MLS_RS = "privity", "ts-mls", "mls-rs"
NAMES = (OURS, TS_MLS, MLS_RS)

_ROOT = Path(__file__).resolve().parents[1]
_PEERS = _ROOT / "build" / "peers"


class PeersMissing(Exception):
    """The other implementations are not here; the text says what they need."""


def install() -> None:
    """Bring build/peers up to date; raises PeersMissing."""
    done = subprocess.run(
        [str(_ROOT / "tools" / "peers.sh")],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines()
        raise PeersMissing(lines[-1] if lines else "tools/peers.sh failed")


def start(name: str) -> PeerProcess:
    """Start one implementation; `tools/peers.sh` has installed the other two."""
    if name == TS_MLS:
        driver = Path(__file__).parent / "drivers" / "ts_mls.mjs"
        return PeerProcess(["node", str(driver), str(_PEERS / "node_modules")])
    module = {OURS: "ours", MLS_RS: "mls_rs"}[name]
    command = [sys.executable, "-m", f"interop.drivers.{module}"]
    return PeerProcess(command, [_PEERS / "python"])


@contextmanager
def processes(*names: str) -> Generator[dict[str, PeerProcess]]:
    """Run these implementations, by name."""
    with ExitStack() as stack:
        peers: dict[str, PeerProcess] = {}
        for name in names:
            peers[name] = start(name)
            stack.callback(peers[name].stop)
        yield peers
