"""`python -m bench.relay_peers`: our relay, the bare limit, ejabberd and Synapse.

Messages of 1 KiB from the send call to receipt on another device, over plain TCP; the
server with its database on one core, the driver on the other. All of it runs in a
network namespace of its own, since the harness's ports are fixed.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.relay_peers.harness import install, missing, opened
from bench.relay_peers.runs import Run, figures
from bench.relay_peers.table import rows_of, told
from bench.report import publish

_RESERVED = Path("/proc/sys/net/ipv4/ip_local_reserved_ports")
_POSTGRES_PORT = 55432
_HEAD = (
    "server                mode       msg/s   msg/CPU-s    p50 ms    p99 ms  KB/idle"
)


def main(arguments: Sequence[str]) -> None:
    """Measure all, print each as it comes, then the ratios."""
    parser = argparse.ArgumentParser(prog="bench.relay_peers", description=__doc__)
    parser.add_argument("--seconds", type=float, default=8.0, help="of each run")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    lack = missing()
    if lack:
        sys.stdout.write(f"without other servers: {lack}\n")
        return
    if not asked.inside:
        install()
        itself = [sys.executable, "-m", "bench.relay_peers", *arguments, "--inside"]
        os.execvp("unshare", ["unshare", "--net", *itself])  # noqa: S606
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    # The driver's thousands of connections would else take a server's port by chance.
    _RESERVED.write_text(str(_POSTGRES_PORT))
    _measure(asked.seconds)


def _measure(seconds: float) -> None:
    runs: list[Run] = []
    sys.stdout.write(_HEAD + "\n")
    with opened() as harness:
        for run in figures(harness, seconds):
            runs.append(run)
            sys.stdout.write(told(run) + "\n")
            sys.stdout.flush()
    sys.stdout.write("\n")
    publish("relay_peers", rows_of(runs))


if __name__ == "__main__":
    main(sys.argv[1:])
