"""How fast a chat's log may grow: rates of a generation, and spacing of commits.

In memory only: after a restart everybody may begin anew, which costs one burst.
"""

from collections import OrderedDict
from collections.abc import Callable

from privity.relay.config import LogSettings
from privity.relay.leases import Leases
from privity.relay.limits import Bucket, Buckets, Rate
from privity.wire.codes import Code, Refusal

__all__ = ["AppendPace", "CommitPace"]

Generation = tuple[bytes, int]
"""Log id and generation."""


class CommitPace:
    """The first child of a commit waits; a generation has so many commits a minute.

    What costs a token does not wait, and has a number of its own: else whoever has
    nothing to lose would use up what the chat needs to go on.
    """

    def __init__(self, settings: LogSettings, ticks: Callable[[], float]) -> None:
        self._spacing = settings.commit_spacing_ms / 1_000
        per_minute = settings.commits_per_minute
        self._buckets = Buckets(Rate(per_minute / 60, per_minute))
        paid = settings.paid_commits_per_minute
        self._paid = Buckets(Rate(paid / 60, paid))
        self._ticks = ticks
        self.leases = Leases(ticks)
        self._latest: OrderedDict[tuple[bytes, int], float] = OrderedDict()

    def take(self, generation: Generation, parent: int, by: bytes) -> None:
        """Let a connection's commit under `parent` through.

        Raises Refusal: TOO_SOON, RATE_LIMITED (with `wait_ms`).
        """
        now = self._ticks()
        self.leases.check((generation[0], parent), by)
        at = self._latest.get((generation[0], parent))
        if at is not None:
            wait_ms = int((at + self._spacing - now) * 1_000) + 1
            if wait_ms > 1:
                raise Refusal(Code.TOO_SOON, "commits are spaced", wait_ms)
        _check(self._buckets.of(generation, now), now).take()

    def check_paid(self, generation: Generation) -> None:
        """Check that a commit that is paid for may go; raises Refusal."""
        now = self._ticks()
        _check(self._paid.of(generation, now), now)

    def take_paid(self, generation: Generation) -> None:
        """Count a commit that was paid for."""
        self._paid.of(generation, self._ticks()).take()

    def note(self, log_id: bytes, seq: int) -> None:
        """Remember when a commit was taken, for as long as it matters."""
        now = self._ticks()
        self._latest[log_id, seq] = now
        while self._latest:
            oldest, at = next(iter(self._latest.items()))
            if at + self._spacing > now:
                break
            del self._latest[oldest]


def _check(bucket: Bucket, now: float) -> Bucket:
    if wait_ms := bucket.wait_ms(now):
        raise Refusal(Code.RATE_LIMITED, "too many commits", wait_ms)
    return bucket


class AppendPace:
    """Appends of a generation, of which one connection gets half.

    A generation that an opening closed gets a trickle: a removed member can still
    sign for it, and must not slow its chat down.
    """

    def __init__(self, settings: LogSettings, ticks: Callable[[], float]) -> None:
        self.rate = Rate(settings.appends_per_second, settings.append_burst)
        closed = settings.closed_appends_per_second
        self._ticks = ticks
        self._open = Buckets(self.rate)
        self._closed = Buckets(Rate(closed, closed))

    def own_bucket(self) -> Bucket:
        """Return the bucket of one connection in one generation."""
        return Bucket(self.rate.half(), self._ticks())

    def opened(self, generation: Generation, before: Generation) -> None:
        """Give a generation no more than what is left of the one before it.

        Else a chain of openings would have a burst for each of them.
        """
        self._open.go_on(generation, before, self._ticks())

    def take(self, generation: Generation, own: Bucket, *, is_closed: bool) -> None:
        """Count one append; raises Refusal (RATE_LIMITED, with `wait_ms`)."""
        now = self._ticks()
        buckets = self._closed if is_closed else self._open
        shared = buckets.of(generation, now)
        if wait_ms := max(shared.wait_ms(now), own.wait_ms(now)):
            raise Refusal(Code.RATE_LIMITED, "too many appends", wait_ms)
        shared.take()
        own.take()
