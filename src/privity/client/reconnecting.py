"""How long to wait before the next connection, as the last ones ended."""

import random

__all__ = ["FIRST_DELAY", "LONGEST_DELAY", "LONGEST_WITHIN_REACH", "Reconnecting"]

FIRST_DELAY = 0.2
LONGEST_DELAY = 30.0
LONGEST_WITHIN_REACH = 4.0
"""Of who could log in just now: the line drops often, but the relay is there."""
_STEADY_SECONDS = 10


class Reconnecting:
    """Waits twice as long after each failure; spread, lest all come back at once."""

    def __init__(self) -> None:
        self._delay = FIRST_DELAY
        self._within = 0.0

    def asked(self, seconds: float) -> None:
        """Note that the relay wants everybody back within that time, not at once."""
        self._within = seconds

    def ended(self, seconds: float, *, logged_in: bool) -> float:
        """Return how many seconds to wait, when a connection has ended.

        `seconds` is how long the attempt and what came of it lasted.
        """
        if logged_in and seconds > _STEADY_SECONDS:
            self._delay = FIRST_DELAY
        longest = LONGEST_WITHIN_REACH if logged_in else LONGEST_DELAY
        wait = min(self._delay, longest)
        self._delay = min(2 * wait, longest)
        moment, self._within = self._within * random.random(), 0.0  # noqa: S311
        return moment + wait * random.uniform(0.5, 1.5)  # noqa: S311  not a secret
