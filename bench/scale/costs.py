"""What one operation costs a machine, and where each figure comes from.

Processor times are of one core of the machine that `make bench-relay` ran on. What is
marked *assumed* was not measured by this project; whoever plans a relay replaces it
(`--set NAME=VALUE`) by a figure of their own machines.
"""

from dataclasses import dataclass, fields, replace

from privity.errors import UsageError

__all__ = ["Costs", "with_changes"]


@dataclass(frozen=True, slots=True)
class Costs:
    """Seconds of one core, bytes, and the sizes of the machines."""

    append: float = 65e-6
    """A relay takes, checks and stamps an entry and hands it to its driver (55 to 65
    measured, on PostgreSQL)."""
    delivery: float = 5.3e-6
    """A relay hands an entry to one connection (measured, 100 members online)."""
    connect: float = 3.0e-3
    """TCP, TLS 1.3 with a full handshake, WebSocket, for each of a device's two
    connections (assumed)."""
    attach: float = 0.2e-3
    """One chat on a new connection: signature, find its generation (assumed)."""
    sync_entry: float = 12e-6
    """A relay hands on one entry that was missed (assumed: twice a delivery)."""
    db_append: float = 35e-6
    """PostgreSQL's own part of it: an entry and its idem, of 256 at once (30 to 35
    measured)."""
    db_attach: float = 60e-6
    """PostgreSQL finds a generation and the end of a log (assumed)."""
    db_sync_entry: float = 6e-6
    """PostgreSQL reads one entry in a range of a log (assumed)."""
    db_commit: float = 2.3e-3
    """A commit with its fsync: latency, not processor time (measured, light load)."""
    hop: float = 0.5e-3
    """One way between two machines of a site (assumed)."""
    wake: float = 4e-6
    """NATS, one wake-up to one relay (assumed)."""
    wal_bytes: float = 1_436.0
    """Write-ahead log of an entry of 1 KiB (measured)."""
    stored_bytes: float = 1_500.0
    """The entry, its idem and their indexes (measured)."""
    frame_bytes: float = 1_150.0
    """What a delivery of 1 KiB takes on the wire."""
    connection_bytes: float = 36_600.0
    """What a device has open: 9,600 for the anonymous plane, 900 for each of 19 chats
    more that it follows there, and 9,100 for the identified one, without TLS
    (measured)."""
    relay_cores: float = 1.0
    """A relay is one process."""
    db_cores: float = 8.0
    """Cores of the machine of one shard (a plan, no measurement)."""
    db_wal_rate: float = 200e6
    """Bytes a second that the shard's disk takes in sequence (assumed)."""
    nats_cores: float = 4.0
    """Cores of the machines of the bus, together (a plan)."""


def with_changes(costs: Costs, changes: list[str]) -> Costs:
    """Return the costs with `NAME=VALUE` changes; raises UsageError."""
    known = {field.name for field in fields(Costs)}
    found: dict[str, float] = {}
    for change in changes:
        name, _, value = change.partition("=")
        if name not in known:
            raise UsageError(f"no cost {name!r}; there are {', '.join(sorted(known))}")
        try:
            found[name] = float(value)
        except ValueError:
            raise UsageError(f"{name} needs a number, not {value!r}") from None
    return replace(costs, **found)
