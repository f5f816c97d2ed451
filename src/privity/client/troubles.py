"""Why a chat can't go on at this device: what happened, why mostly, what to do.

One for each cause that stops a chat (`core.errors.Reason`), in the words of a person.
"""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from privity.core.repairs import Stage

__all__ = ["STAGES", "TROUBLES", "Trouble", "trouble"]


class Trouble(msgspec.Struct, frozen=True):
    """Three sentences on a chat that stopped."""

    happened: str
    usually: str
    todo: str


_BY_ITSELF = "Nothing, while members are online: this device comes back by itself."

TROUBLES: Mapping[str, Trouble] = MappingProxyType(
    {
        "path": Trouble(
            "A change of the chat's keys can be opened by the others, not here.",
            "A member's program is faulty, or a member tries to shut this device out.",
            _BY_ITSELF,
        ),
        "blob": Trouble(
            "The relay gives this device not the chat's next change, or another one.",
            "Its disk lost a file, or it keeps it from this device on purpose.",
            _BY_ITSELF,
        ),
        "rolled_back": Trouble(
            "This device is older than what the relay or the chat's log has of it.",
            "A copy of this profile was restored, or runs elsewhere at this moment.",
            "Nothing, if you restored a backup. Else somebody may have a copy of your"
            " disk: tell your contacts by another way, and make a new account.",
        ),
        "chain": Trouble(
            "The relay shows another past of this chat than before.",
            "The relay was restored from an old copy, or it lies to somebody.",
            "Ask the others by another way whether they see the same. If they do:"
            " privity repair ask CHAT",
        ),
        "equivocation": Trouble(
            "The relay signed two histories of this chat that can't both be true.",
            "It was restored from an old copy, or it lies. For the proof:"
            " privity repair evidence CHAT",
            "Ask the others by another way whether they see the same. If they do:"
            " privity repair ask CHAT",
        ),
        "gone": Trouble(
            "The relay says that it has no log of this chat any more.",
            "It was restored from an old copy, or somebody removed the log there.",
            "An owner or admin can begin the chat anew: privity repair refound CHAT",
        ),
        "access_refused": Trouble(
            "The relay does not let this device read on in the chat.",
            "The relay was restored from an old copy, or the chat never came to be.",
            _BY_ITSELF,
        ),
        "join": Trouble(
            "What an invitation led to was not what it said.",
            "The inviter's program is faulty, or somebody meddled with the chat.",
            "Ask for another invitation.",
        ),
        "rules_version": Trouble(
            "The chat has rules that this version does not know.",
            "The others use a newer version.",
            "Update Privity.",
        ),
    }
)

STAGES: Mapping[str, str] = MappingProxyType(
    {
        Stage.PLEADING.value: "the members were asked; no answer that helps yet",
        Stage.ANSWERED.value: "a member answered; reading where the chat stands",
        Stage.REJOINING.value: "coming back",
        Stage.HOPELESS.value: "the members can't be reached",
        "": "nobody was asked",
    }
)


def trouble(cause: str) -> Trouble:
    """Return the sentences on a cause; an entry that all refuse stops a chat too."""
    return TROUBLES.get(cause) or Trouble(
        "A change of the chat is not valid, and no other one came yet.",
        "A member's program is faulty, or a member tries to harm the chat.",
        "Wait until a member's device makes another one.",
    )
