"""What the verbs about chats that can't go on answer. Light, as `results` is."""

from privity.client.verbs.result import Count, Id, Result, Time
from privity.client.verbs.results import Chat, Person, Plea, Stuck

__all__ = [
    "FetchAsked",
    "HelpAsked",
    "PleaAnswered",
    "Proof",
    "RefoundOffer",
    "Refounded",
    "RepairList",
]


class RefoundOffer(Result, frozen=True):
    """Somebody goes on with a chat in a new log and asks this account along.

    `request` is what to accept or decline; `without` are the members left behind;
    `suite` is the new group's MLS cipher suite, `stronger` says that it is another.
    """

    request: Id
    chat: Id
    title: str
    person: Person
    text: str
    without: tuple[Person, ...]
    suite: Count
    stronger: bool
    received: Time


class Proof(Result, frozen=True):
    """The relay signed two histories of a chat; found out at `found`."""

    chat: Id
    title: str
    found: Time


class RepairList(Result, frozen=True):
    """What can't go on, here and at others, and who asks along elsewhere."""

    stuck: tuple[Stuck, ...]
    pleas: tuple[Plea, ...]
    refounds: tuple[RefoundOffer, ...]
    proofs: tuple[Proof, ...] = ()
    """What `repair.evidence` writes down."""


class Refounded(Result, frozen=True):
    """The chat goes on here in a new log; these people were asked to come along."""

    chat: Chat
    asked: tuple[Person, ...]
    without: tuple[Person, ...]


class PleaAnswered(Result, frozen=True):
    """The device was told how to come back."""

    plea: Plea


class FetchAsked(Result, frozen=True):
    """The members were asked for `messages` of the `missing` ones; 0: for none."""

    title: str
    messages: Count
    missing: Count


class HelpAsked(Result, frozen=True):
    """The members of a chat were asked."""

    stuck: Stuck
