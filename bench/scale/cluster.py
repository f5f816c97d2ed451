"""Relays, shards and a bus as queues: work arrives, each does what it can in a step.

A queue is fluid: its backlog is counted in seconds of its own capacity, so the wait of
what arrives now is the backlog. That is exact enough where steps (0.5 s) are long
against a message and short against a storm.
"""

from dataclasses import dataclass, field

__all__ = ["Queue", "Usage"]


@dataclass(slots=True)
class Usage:
    """How busy something was: the most, and the sum over the steps."""

    most: float = 0.0
    total: float = 0.0
    steps: int = 0

    def note(self, value: float) -> None:
        """Count one step."""
        self.most = max(self.most, value)
        self.total += value
        self.steps += 1

    @property
    def mean(self) -> float:
        """Return the mean over the steps, 0 before the first."""
        return self.total / self.steps if self.steps else 0.0


@dataclass(slots=True)
class Queue:
    """Something that performs `capacity` seconds of work a second; 0 while it is down.

    `waiting` is the work that it has not done yet, in seconds of one core.
    """

    capacity: float
    waiting: float = 0.0
    usage: Usage = field(default_factory=Usage)

    def step(self, work: float, seconds: float) -> float:
        """Take work, do what fits, and return how long new work waits (seconds)."""
        room = self.capacity * seconds
        self.usage.note((self.waiting + work) / room if room else 0.0)
        self.waiting = max(0.0, self.waiting + work - room)
        return self.waiting / self.capacity if self.capacity else float("inf")
