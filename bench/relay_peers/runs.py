"""What is measured of whom: the same work, as hard as each server takes it.

A window is how many messages of one sender are under way: of 1 KiB, as many as bring a
server to its limit without letting them wait for seconds.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from bench.relay_peers.harness import Harness
from bench.relay_peers.servers import bare, bare_on_postgres, ours, ours_on_postgres

__all__ = ["Run", "figures"]

_IDLE, _IDLE_EJABBERD, _IDLE_SYNAPSE = "2000", "500", "100"
"""Connections; the last two are slow to make their accounts."""


@dataclass(frozen=True, slots=True)
class Run:
    """One figure set of the driver: `mode` is `sat`, `light`, `group` or `idle`."""

    server: str
    mode: str
    told: dict[str, Any]


def figures(harness: Harness, seconds: float) -> Iterator[Run]:
    """Yield what each run came to, as it comes; services live only for their own."""
    for part in (_ours, _bare, _ejabberd, _synapse):
        yield from part(harness, f"{seconds:g}")


def _ours(harness: Harness, seconds: str) -> Iterator[Run]:
    drive = partial(_drive, harness, "privity", seconds)
    with ours(harness):
        yield drive("Privity", "privity", "sat", "--window", "32")
        yield drive("Privity", "privity", "light", "--rate", "100")
    with ours(harness):
        yield drive("Privity", "privity", "group", "--window", "8")
    with ours(harness):
        yield drive("Privity", "privity", "idle", "--idle", _IDLE)
    with ours_on_postgres(harness):
        name = "Privity, PostgreSQL"
        yield drive(name, "privity,pg", "sat", "--window", "32")
        yield drive(name, "privity,pg", "light", "--rate", "100")


def _bare(harness: Harness, seconds: str) -> Iterator[Run]:
    drive = partial(_drive, harness, "relay", seconds)
    with bare(harness):
        yield drive("bare", "relay", "sat", "--window", "32")
        yield drive("bare", "relay", "light", "--rate", "100")
    with bare(harness, packs=True):
        yield drive("bare, packed", "relay", "sat", "--window", "32")
        yield drive("bare, packed", "relay", "group", "--window", "8")
    with bare(harness):
        yield drive("bare", "relay", "idle", "--idle", _IDLE)
    with bare_on_postgres(harness):
        yield drive("bare, PostgreSQL", "relay,pg", "sat", "--window", "32")


def _ejabberd(harness: Harness, seconds: str) -> Iterator[Run]:
    drive = partial(_drive, harness, "xmpp", seconds)
    with harness.service("ejabberd"):
        name, of = "ejabberd, RAM", "ejabberd"
        yield drive(name, of, "sat", "--window", "32")
        yield drive(name, of, "light", "--rate", "100")
        yield drive(name, of, "group", "--window", "2")
        yield drive(name, of, "idle", "--idle", _IDLE_EJABBERD)
    with _both(harness, "pg", "ejabberd_mam"):
        name, of = "ejabberd, archive", "ejabberd_mam,pg"
        yield drive(name, of, "sat", "--window", "4")
        yield drive(name, of, "light", "--rate", "100")


def _synapse(harness: Harness, seconds: str) -> Iterator[Run]:
    drive = partial(_drive, harness, "synapse", seconds)
    pairs = ("--pairs", "20", "--warm", "4")
    of = "synapse_pg,pg"
    with _both(harness, "pg", "synapse_pg"):
        harness.program("prep_synapse.py", "101", "g")
        yield drive("Synapse, room", of, "sat", *pairs, "--window", "2")
        yield drive("Synapse, room", of, "light", *pairs, "--rate", "10")
        yield drive("Synapse, room", of, "group", "--window", "1", "--warm", "5")
        more = (*pairs, "--opt", "todevice")
        yield drive("Synapse, to-device", of, "sat", *more, "--window", "2")
        yield drive("Synapse, to-device", of, "light", *more, "--rate", "10")
        yield drive("Synapse, room", of, "idle", "--idle", _IDLE_SYNAPSE)


@contextmanager
def _both(harness: Harness, first: str, second: str) -> Iterator[None]:
    of: AbstractContextManager[None] = harness.service(second)
    with harness.service(first), of:
        yield


def _drive(  # noqa: PLR0913  a row of the tables above
    harness: Harness, peer: str, seconds: str, server: str, pids: str, mode: str,
    *options: str,
) -> Run:  # fmt: skip
    common = ("--label", server, "--pids", pids, "--secs", seconds)
    return Run(server, mode, harness.drive(peer, mode, *common, *options))
