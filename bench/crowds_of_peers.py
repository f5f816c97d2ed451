"""Crowds of other implementations, each in a process of its own.

A program makes its crowd and says `ready`; then each line it gets, `measure` or
`sizes`, is answered by one line of JSON: a list of (name, number). While it isn't
asked it does nothing, so that crowds can be measured in turn.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Timer

from bench.crowds import Crowd

__all__ = ["PeerCrowd", "serve"]

PATIENCE = 120.0
"""Seconds that a crowd may take to be made, or for one measurement."""
PEERS = Path(__file__).parents[1] / "build" / "peers"


def serve(crowd: Crowd) -> None:
    """Answer for a crowd until the input ends."""
    _say("ready")
    for line in sys.stdin:
        _say(list(crowd.measure() if line.strip() == "measure" else crowd.sizes()))


def _say(value: object) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


class PeerCrowd:
    """A crowd of mls-rs or ts-mls."""

    def __init__(self, peer: str, size: int) -> None:
        """Start the process that makes the crowd."""
        program = {
            "mls-rs": [sys.executable, "-m", "bench.crowds_mls_rs"],
            "ts-mls": ["node", "bench/crowds_ts_mls.mjs", str(PEERS)],
        }[peer]
        self._process = subprocess.Popen(
            [*program, str(size)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=PEERS.parents[1],
            env={**os.environ, "PYTHONPATH": str(PEERS / "python")},
            text=True,
        )
        self._answer()

    def measure(self) -> Iterator[tuple[str, float]]:
        """Yield (operation, milliseconds), each operation once."""
        yield from self._ask("measure")

    def sizes(self) -> Iterator[tuple[str, float]]:
        """Yield (what, bytes)."""
        yield from self._ask("sizes")

    def close(self) -> None:
        """End the process."""
        self._process.communicate()

    def _ask(self, question: str) -> list[tuple[str, float]]:
        if self._process.stdin is None:
            raise RuntimeError("the process has no input")
        self._process.stdin.write(question + "\n")
        self._process.stdin.flush()
        answer: list[tuple[str, float]] = json.loads(self._answer())
        return answer

    def _answer(self) -> str:
        late = Timer(PATIENCE, self._process.kill)
        late.start()
        try:
            line = self._process.stdout.readline() if self._process.stdout else ""
        finally:
            late.cancel()
        if not line:
            raise RuntimeError(f"{self._process.args!r} ended, or hung")
        return line
