"""What the verbs answer that change or look at this device alone. Light."""

from privity.client.verbs.result import Count, Id, Result, Time
from privity.client.verbs.results import Chat, Contact, Person

__all__ = [
    "AccountDeleted",
    "ChatDeleted",
    "ChatMarked",
    "ContactRemoved",
    "ContactRenamed",
    "DraftKept",
    "Found",
    "FoundList",
    "Piece",
    "ProfileInfo",
    "ProfileList",
    "ProfileMade",
]


class AccountDeleted(Result, frozen=True):
    """An account that is gone from this disk, and from its relay if `at_relay`.

    `left` counts groups that were left, `waiting` those in which no member's device has
    confirmed it yet.
    """

    account: Id
    host: str
    at_relay: bool
    left: Count
    waiting: Count


class ChatMarked(Result, frozen=True):
    """A chat as it is chosen to be shown now."""

    chat: Chat


class ChatDeleted(Result, frozen=True):
    """What became of a chat on this device; `others` keep what they have.

    `state`: gone (with all its keys), leaving (empty; gone as soon as a member's device
    confirms that this account left) or emptied (of two: out of sight until somebody
    writes).
    """

    chat: Id
    title: str
    state: str
    others: tuple[Person, ...]


class DraftKept(Result, frozen=True):
    """What was typed in a chat and not sent; an empty `text`: nothing.

    `reply_to` is the message that it answers, or empty.
    """

    chat: Id
    text: str
    reply_to: str
    changed: Time


class ContactRenamed(Result, frozen=True):
    """A person, by the name that they have here now."""

    contact: Contact


class ContactRemoved(Result, frozen=True):
    """Somebody who is no contact any more, as they are called now.

    `chat` is the chat of two that stays, or empty. `done` is false while the relay does
    not know the new mailbox key.
    """

    person: Person
    chat: str
    done: bool


class Piece(Result, frozen=True):
    """A part of a snippet; `found`: it is a word that was searched for."""

    text: str
    found: bool


class ProfileInfo(Result, frozen=True):
    """A place for an account on this machine; `name` is empty for the usual one."""

    name: str
    path: str
    has_account: bool
    is_open: bool
    """A process holds it now."""


class ProfileList(Result, frozen=True):
    """The profiles of this user."""

    profiles: tuple[ProfileInfo, ...]


class ProfileMade(Result, frozen=True):
    """A new profile, empty."""

    profile: ProfileInfo


class Found(Result, frozen=True):
    """A message that has the words; the pieces of `snippet` follow each other."""

    message: Id
    chat: Id
    title: str
    seq: Count
    time: Time
    sender: Person
    snippet: tuple[Piece, ...]


class FoundList(Result, frozen=True):
    """What was found, newest first; `next` leads to older ones, or is empty."""

    found: tuple[Found, ...]
    next: str
