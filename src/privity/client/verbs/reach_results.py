"""What the verb about reaching the relay takes and answers. Light, as `results` is."""

from privity.client.verbs.params import Params, Seconds
from privity.client.verbs.result import Result, Time

__all__ = ["Reach", "Reconnect"]


class Reconnect(Params, frozen=True):
    """Try the relay now; waits up to `wait` seconds for the connection."""

    wait: Seconds = 8.0


class Reach(Result, frozen=True):
    """Whether the relay is reached.

    `next_try` is when it is tried again, 0 where that is being done or not to be.
    `problem` is the name of what keeps this device off; empty where nothing does.
    """

    online: bool
    next_try: Time
    problem: str
