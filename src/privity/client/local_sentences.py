"""What a person is told when a verb about this device alone is refused."""

from collections.abc import Mapping
from types import MappingProxyType

from privity.client.sentence import Exit, Sentence

__all__ = ["LOCAL"]

_ALL = {
    "note_has_none": Sentence(
        "A note to yourself has texts only; it never leaves this device.",
        "Keep files where you keep files.",
    ),
    "not_confirmed": Sentence(
        "That is not the name of this account; nothing was deleted.",
        "Type its name, handle or id as `privity account` shows it.",
        Exit.USAGE,
    ),
    "no_identity_key": Sentence(
        "This device does not hold the account's identity key, so it can't delete it.",
        "Use the device that does, or wipe this one alone: --only-here",
    ),
}

LOCAL: Mapping[str, Sentence] = MappingProxyType(_ALL)
