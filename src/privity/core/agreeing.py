"""Who has shown to have read the same as this device, in one chat.

docs/spec/transcript.md. A device shows it by what it says: of one that stays silent,
nothing is known.
"""

from dataclasses import dataclass

from privity.core.state import State
from privity.core.tallies import Tally, Transcript

__all__ = ["Agreement", "agreement"]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of `devices` others, `agreed` had read the same; all of these up to seq `upto`.

    `messages` counts those since the last time that a device came in or back. `unlike`
    are the accounts of devices that had read something else, or saw another log.
    """

    devices: int
    agreed: int
    upto: int
    messages: int
    unlike: tuple[bytes, ...]


def agreement(state: State, chat_id: bytes) -> Agreement:
    """Return how far this chat is known to be the same on all devices."""
    group, kept = state.groups.get(chat_id), state.transcripts.get(chat_id)
    if group is None or kept is None:
        return Agreement(0, 0, 0, 0, ())
    others = [
        leaf.credential.identity
        for index, leaf in group.members()
        if index != group.own_leaf
    ]
    tallies = [state.tallies.get(chat_id + one) or Tally() for one in others]
    upto = [tally.agreed for tally in tallies if _agrees(tally, kept)]
    unlike = (
        one[:16]
        for one, tally in zip(others, tallies, strict=True)
        if _is_unlike(tally, kept)
    )
    return Agreement(
        devices=len(others),
        agreed=len(upto),
        upto=min(upto, default=0),
        messages=kept.count,
        unlike=tuple(dict.fromkeys(unlike)),
    )


def _agrees(tally: Tally, kept: Transcript) -> bool:
    is_now = bool(kept.value) and tally.agreed >= max(kept.first, 1)
    return is_now and not _is_unlike(tally, kept)


def _is_unlike(tally: Tally, kept: Transcript) -> bool:
    return max(tally.differs, tally.elsewhere) >= max(kept.first, 1)
