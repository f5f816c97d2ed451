"""Which signals a relay passes on: of who may append, of an open generation, not many.

docs/spec/signal.md. A signal goes to who follows at this moment and is gone. Nothing of
it touches the log, its pace, or the database; what is too much is dropped, since nobody
waits for it and the next one says the same.
"""

from privity.relay.attach import Grant
from privity.relay.limits import Bucket, Buckets, Rate
from privity.wire.entry import Rights

__all__ = ["OF_A_CONNECTION", "OF_A_GENERATION", "SignalPace", "may_pass"]

OF_A_GENERATION = Rate(5, 20)
"""For all members together: each of them sends one in three seconds at most."""
OF_A_CONNECTION = Rate(2, 10)
"""For all chats of one connection: a person writes in one at a time."""


class SignalPace:
    """The signals of each generation, in memory while it matters."""

    def __init__(self) -> None:
        self._buckets = Buckets(OF_A_GENERATION)

    def of(self, grant: Grant, now: float) -> Bucket:
        """Return what is left to a generation."""
        return self._buckets.of(grant.place, now)


def may_pass(grant: Grant | None, own: Bucket, pace: SignalPace, now: float) -> bool:
    """Count a signal and tell whether it goes; nothing is counted of what may not.

    `own` is the bucket of the connection. Who was removed holds a grant of a closed
    generation, from which nothing goes to those who stayed, nor to others like it.
    """
    if grant is None or grant.is_closed or not grant.allows(Rights.APPEND):
        return False
    shared = pace.of(grant, now)
    if own.wait_ms(now) or shared.wait_ms(now):
        return False
    own.take()
    shared.take()
    return True
