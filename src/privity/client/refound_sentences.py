"""What people are told of a chat that is begun anew, where it can't be."""

from collections.abc import Mapping
from types import MappingProxyType

from privity.client.sentence import Sentence

__all__ = ["REFOUND"]

REFOUND: Mapping[str, Sentence] = MappingProxyType(
    {
        "nothing_agreed": Sentence(
            "No statement about that chat could be judged by all: this device lacks its"
            " keys, nobody else is in it, or not all have come whom you asked.",
            "Wait; an owner or admin can go on without them: --without WHO. If nobody"
            " comes, a group can be left.",
        ),
        "too_soon": Sentence(
            "Only owners and admins may do that this week.",
            "Ask one of them; a week after the chat stopped you may do it too.",
        ),
        "refound_doubted": Sentence("That new log is not your chat's.", "Decline it."),
        "weaker_suite": Sentence(
            "That encryption is weaker than the chat's; a chat never goes down.",
            "Name none: the strongest that all members have is taken.",
        ),
        "suite_not_taken": Sentence(
            "This device does not take chats with that encryption.",
            "Update Privity, or ask the other side to.",
        ),
        "suite_lacking": Sentence(
            "Not all members' devices have that encryption yet; nothing was sent.",
            "They update Privity first; or leave them behind: --without WHO",
        ),
        "older_suite": Sentence(
            "This chat has an older encryption and takes nobody new in.",
            "Begin it anew with today's: privity repair refound CHAT",
        ),
    }
)
