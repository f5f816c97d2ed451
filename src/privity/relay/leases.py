"""Leases: who alone may append the free child of a commit, for a while.

A large commit takes seconds to upload, and whoever has less to send would come first
each time. In memory only. A connection has one lease a minute and a generation one in
half a minute, so that two thirds of the time are nobody's, however many connections
somebody has; and what costs a token never waits. docs/spec/frames.md.
"""

from collections.abc import Callable
from dataclasses import dataclass

from privity.relay.limits import Buckets, Rate
from privity.wire.codes import Code, Refusal
from privity.wire.limits import LEASE_SECONDS

__all__ = ["Leases"]

OF_A_CONNECTION = Rate(per_second=1 / 60, burst=1)
OF_A_GENERATION = Rate(per_second=1 / 30, burst=1)

Commit = tuple[bytes, int]
"""Log id and seq."""


@dataclass(frozen=True, slots=True)
class _Lease:
    holder: bytes
    ends: float


class Leases:
    """Who holds which commit; a holder is known by the nonce of its connection."""

    def __init__(self, ticks: Callable[[], float]) -> None:
        self._ticks = ticks
        self._held: dict[Commit, _Lease] = {}
        self._of: dict[bytes, Commit] = {}
        self._connections = Buckets(OF_A_CONNECTION)
        self._generations = Buckets(OF_A_GENERATION)

    def __len__(self) -> int:
        return len(self._held)

    def take(self, generation: tuple[bytes, int], parent: int, holder: bytes) -> int:
        """Return for how many milliseconds `holder` has the commit `parent` now.

        Asking again changes nothing. Raises Refusal: TOO_SOON while another has it,
        RATE_LIMITED.
        """
        now = self._ticks()
        self._forget_ended(now)
        commit = (generation[0], parent)
        held = self._held.get(commit)
        if held is not None and held.holder == holder:
            return _ms(held.ends - now)
        self.check(commit, holder)
        buckets = (
            self._connections.of(holder, now),
            self._generations.of(generation, now),
        )
        if wait_ms := max(bucket.wait_ms(now) for bucket in buckets):
            raise Refusal(Code.RATE_LIMITED, "too many leases", wait_ms)
        for bucket in buckets:
            bucket.take()
        self._held[commit] = _Lease(holder, now + LEASE_SECONDS)
        self._of[holder] = commit
        return LEASE_SECONDS * 1_000

    def check(self, commit: Commit, holder: bytes) -> None:
        """Let `holder` append under a commit; raises Refusal (TOO_SOON)."""
        held = self._held.get(commit)
        if held is None or held.holder == holder:
            return
        left = held.ends - self._ticks()
        if left > 0:
            raise Refusal(Code.TOO_SOON, "somebody uploads a commit", _ms(left))

    def drop(self, holder: bytes, log_id: bytes | None = None) -> None:
        """Forget what a connection holds, if it is of this log."""
        commit = self._of.get(holder)
        if commit is not None and log_id in (None, commit[0]):
            del self._of[holder], self._held[commit]

    def _forget_ended(self, now: float) -> None:
        """Forget what ended; all last equally long, so they end in their order."""
        while self._held:
            commit, lease = next(iter(self._held.items()))
            if lease.ends > now:
                return
            del self._held[commit], self._of[lease.holder]


def _ms(seconds: float) -> int:
    return int(seconds * 1_000) + 1
