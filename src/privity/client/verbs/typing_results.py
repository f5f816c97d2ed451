"""What the verbs about typing answer. Light, as `results` is."""

from privity.client.verbs.results import Result

__all__ = ["Told", "TypingSwitch"]


class TypingSwitch(Result, frozen=True):
    """Whether typing is told and shown here."""

    on: bool


class Told(Result, frozen=True):
    """Whether a signal left; it does not while the last one is three seconds old."""

    told: bool
