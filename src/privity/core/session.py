"""What the engine knows only while the process runs; none of it is stored."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from privity.core.handed import Plan
from privity.core.signals import Hearing

__all__ = ["NEVER", "STALE_MS", "Session"]

NEVER = 1 << 62
"""As a time: not on this connection."""
STALE_MS = 60_000
"""After this goes again what the relay denied as too late, if nothing shows why.

Mostly what ended its epoch is on the way here; but a relay that denies without a cause
must hold nobody up for good.
"""


@dataclass(frozen=True, slots=True)
class Session:
    """What is true only while this process runs.

    `protect` is locked for a chat until it is in `synced`: logged in, and read up
    to the head that the relay named after this start. `heads` are those heads by
    log id. `sent` are the jobs in flight on this connection; `retry_at` says, by
    job, when one that the relay put off may go again (Unix milliseconds). `turns`
    are the times, by chat, since which somebody has to commit; `held` those before
    which I don't, after a failure. `doubts` counts batches that contradicted
    themselves. `fresh` says when a log's head was heard of, `rings` when its lobby is
    looked into by whom it concerns, `looks` when for answers to my plea (by log, chat,
    chat; milliseconds).
    `unsigned` are chats of which a head did not hold. `decided` are the pleas, by chat
    id, plea id and hash, that a person lets me answer when I know the newest head.
    `bodies` are the SHA-256 and bytes of the blob that a chat's next commit needs.
    """

    online: bool = False
    heads: Mapping[bytes, int] = field(default_factory=lambda: MappingProxyType({}))
    synced: frozenset[bytes] = frozenset()
    sent: frozenset[int] = frozenset()
    retry_at: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({}))
    turns: Mapping[bytes, int] = field(default_factory=lambda: MappingProxyType({}))
    held: Mapping[bytes, int] = field(default_factory=lambda: MappingProxyType({}))
    doubts: Mapping[bytes, int] = field(default_factory=lambda: MappingProxyType({}))
    fresh: Mapping[bytes, int] = field(default_factory=lambda: MappingProxyType({}))
    rings: Mapping[bytes, int] = field(default_factory=lambda: MappingProxyType({}))
    looks: Mapping[bytes, int] = field(default_factory=lambda: MappingProxyType({}))
    unsigned: frozenset[bytes] = frozenset()
    decided: frozenset[bytes] = frozenset()
    bodies: Mapping[bytes, tuple[bytes, bytes]] = field(
        default_factory=lambda: MappingProxyType({}), repr=False
    )
    asks: Mapping[bytes, int] = field(default_factory=lambda: MappingProxyType({}))
    """When I ask for what is missing, by chat (Unix milliseconds)."""
    plans: Mapping[bytes, Plan] = field(default_factory=lambda: MappingProxyType({}))
    """What I am going to hand on, by the id of the request."""
    given: Mapping[bytes, int] = field(default_factory=lambda: MappingProxyType({}))
    """Before when a device is not helped again, by chat id and credential."""
    claimed: Mapping[bytes, frozenset[bytes]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    """Who said to have handed on all, by chat id and credential of who had asked."""
    hearing: Mapping[bytes, Hearing] = field(
        default_factory=lambda: MappingProxyType({})
    )
    """What was heard of signals, by chat."""
    typing: Mapping[tuple[bytes, bytes], int] = field(
        default_factory=lambda: MappingProxyType({})
    )
    """Until when who is shown as typing, by chat and account (Unix ms)."""
    signalled: Mapping[bytes, int] = field(default_factory=lambda: MappingProxyType({}))
    """When I last told that I type, by chat (Unix milliseconds)."""
