"""What people ask of a relay: a day of messages, and who comes back when.

All randomness comes from one seeded generator, so a run can be repeated to the byte.
"""

import math
import random
from dataclasses import dataclass

__all__ = ["BUCKETS", "Demand", "People", "shares_of_shards"]

BUCKETS = 4_096
"""Virtual buckets: a log lives in one by its id, a shard holds many of them."""
DAY = 86_400


@dataclass(frozen=True, slots=True)
class People:
    """Who uses the relay. The defaults are the plan's: 5 M devices, 80 M messages."""

    devices: int = 5_000_000
    messages_a_day: int = 80_000_000
    connected: float = 0.2
    """Share of the devices that are connected at the busiest hour."""
    members: float = 12.0
    """Other devices in a chat, on average over the messages."""
    chats: float = 20.0
    """Chats that a device attaches to."""
    peak: float = 8.0
    """The busiest minute over the mean."""


class Demand:
    """Draws what arrives in each step."""

    def __init__(self, people: People, seed: int) -> None:
        self.people = people
        self._random = random.Random(seed)  # noqa: S311  no secret

    def level(self, second: float) -> float:
        """Return the hour's share of the peak, 0 to 1: a night, a noon, an evening."""
        hour = second / 3_600 % 24
        evening = math.exp(-(((hour - 20) / 2.2) ** 2))
        noon = 0.55 * math.exp(-(((hour - 12.5) / 2.5) ** 2))
        return max(0.03, evening, noon)

    def messages(self, second: float, step: float) -> float:
        """Return how many messages are sent in a step that begins at `second`."""
        people = self.people
        mean = people.messages_a_day / DAY * people.peak * self.level(second) * step
        return max(0.0, self._random.gauss(mean, math.sqrt(mean)))

    def connected(self, second: float) -> float:
        """Return how many devices are connected."""
        return (
            self.people.devices * self.people.connected * math.sqrt(self.level(second))
        )

    def spread(self, parts: int) -> list[float]:
        """Return shares of load that connections put on `parts` relays; sum 1."""
        drawn = [self._random.gauss(1.0, 0.03) for _ in range(parts)]
        return [part / sum(drawn) for part in drawn]


def shares_of_shards(shards: int, seed: int) -> list[float]:
    """Return the share of all messages that each shard's logs take; sum 1.

    Some chats are a thousand times as busy as others (log-normal), and a bucket has
    the luck of its chats: the fullest shard has more than its part.
    """
    drawn = random.Random(seed)  # noqa: S311  no secret
    weights = [0.0] * shards
    for bucket in range(BUCKETS):
        weights[bucket % shards] += sum(drawn.lognormvariate(0, 2) for _ in range(40))
    return [weight / sum(weights) for weight in weights]
