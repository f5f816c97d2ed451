"""What a person is told of what happened by itself, by the code of the notice."""

from collections.abc import Mapping
from types import MappingProxyType

from privity.client.sentence import Sentence

__all__ = ["NOTICES"]

_LATER = "Try again in a moment."

_ALL = {
    "identity_changed": Sentence(
        "Somebody asks with another identity key than before; that was refused.",
        "Ask them by another way whether they made a new account.",
    ),
    "acceptance_refused": Sentence("An acceptance was not sound.", "Ask them again."),
    "admission_refused": Sentence("An invitation did not fit.", "Ask for another one."),
    "admission_into_mine": Sentence(
        "An invitation led into a chat that you are in; it was refused."
    ),
    "head_key_changed": Sentence(
        "The relay signs with another key than at this device's first login.",
        "Ask who runs it. Until it is the old key, what it signs counts for nothing.",
    ),
    "head_invalid": Sentence(
        "The relay's signature under the state of a chat does not hold."
    ),
    "join_failed": Sentence("A chat could not be joined.", "Ask for another invite."),
    "requests_full": Sentence(
        "Too many requests wait for you; a new one was dropped.",
        "Accept or decline some: privity requests",
    ),
    "commit_impossible": Sentence("A change of a group can't be made.", "Try again."),
    "commit_refused": Sentence("The relay refused a change of a group.", _LATER),
    "last_resort_used": Sentence(
        "Somebody invited you by your spare key: those for one use were used up.",
        "If that comes often, let people ask by links only: privity requests close",
    ),
    "not_delivered": Sentence("A sealed message could not be delivered."),
    "request_refused": Sentence("The relay refused a request."),
    "invitation_failed": Sentence("An invitation could not be made.", "Ask again."),
    "recovery_missing": Sentence(
        "The relay has lost what your recovery key opens: it is worth nothing now.",
        "Keep this device safe, and ask whoever runs the relay.",
    ),
    "recovery_other": Sentence(
        "The relay gives an old or foreign object in place of what your recovery key"
        " opens: the key may be worth nothing.",
        "Keep this device safe, and ask whoever runs the relay.",
    ),
    "restored": Sentence(
        "This device was restored or copied: the relay has seen a later state of it."
        " It asks the members of each chat to let it back in.",
        "Nothing, if you restored it. If not, somebody may have a copy of your disk.",
    ),
    "mailbox_restored": Sentence(
        "The relay's mailbox is older than this device; it is read anew.",
        "If you did not hear of a repair at the relay, ask whoever runs it.",
    ),
    "mailbox_unreadable": Sentence("Something came that no key of yours opens."),
    "mailbox_refused": Sentence("A sealed message was not sound; it was refused."),
    "plea_refused": Sentence(
        "A chat's members can't be asked for help.", "Run: privity repair list"
    ),
    "plea_unanswered": Sentence(
        "Nobody answered a plea for a day.", "Ask a member to open Privity."
    ),
    "answer_alone": Sentence(
        "A chat forked; one member's answer needs a second, or: privity repair ask"
    ),
    "answer_refused": Sentence("An answer to a plea did not hold; others may."),
    "handed_refused": Sentence("A message that a member handed on did not hold."),
    "ask_refused": Sentence(
        "A member asked for messages in a way that makes no sense."
    ),
    "refound_doubted": Sentence("A new log of a chat does not hold for yours."),
    "input_refused": Sentence("Something that came in was refused."),
}

NOTICES: Mapping[str, Sentence] = MappingProxyType(_ALL)
"""What is told of what happened by itself."""
