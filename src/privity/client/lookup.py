"""From what a person types to what it names: people, chats, requests, messages.

An exact id, handle, name or title wins; else an unambiguous beginning of an id.
Names are compared without case. Two that fit are an error that lists them: nothing
is ever sent to a guess.
"""

from collections.abc import Callable, Iterable
from typing import TypeVar

from privity.client import notes, views
from privity.client.errors import ClientError
from privity.core.readmission import HELD
from privity.core.state import Chat, ChatKind, Contact, Request_, State
from privity.identity.ids import id_to_text

__all__ = [
    "Ambiguous",
    "NotFound",
    "find_chat",
    "find_contact",
    "find_group",
    "find_request",
    "one_of",
]

LEAST = 4
"""Letters of an id that are needed at least."""

_T = TypeVar("_T")


class NotFound(ClientError):
    """Nothing is called like that."""

    code = "not_found"


class Ambiguous(ClientError):
    """More than one thing is called like that."""

    code = "ambiguous"


def one_of(
    wanted: str,
    things: Iterable[_T],
    id_of: Callable[[_T], bytes],
    names_of: Callable[[_T], Iterable[str]],
) -> _T:
    """Return the one thing that `wanted` names; raises NotFound, Ambiguous."""
    name = wanted.strip().casefold()
    candidates = list(things)
    named = [
        thing
        for thing in candidates
        if name == id_to_text(id_of(thing))
        or name in {one.casefold() for one in names_of(thing) if one}
    ]
    if not named and len(name) >= LEAST:
        named = [t for t in candidates if id_to_text(id_of(t)).startswith(name)]
    if not named:
        raise NotFound(wanted)
    if len(named) > 1:
        ids = sorted(id_to_text(id_of(thing)) for thing in named)
        raise Ambiguous(f"{wanted}: {', '.join(ids)}")
    return named[0]


def find_contact(
    state: State, who: str, among: Iterable[Contact] | None = None
) -> Contact:
    """Return the person whom `who` names, of all known ones or `among` some."""
    host = state.account.host
    people = state.contacts.values() if among is None else among

    def names(known: Contact) -> Iterable[str]:
        short = known.handle.removesuffix(f"@{host}")
        full = f"{short}@{host}" if short and "@" not in short else short
        return (known.nickname, known.name, short, full)

    return one_of(who, people, lambda c: c.account_id, names)


def find_chat(state: State, what: str) -> Chat:
    """Return the chat that `what` names: a title, a person, an id.

    A person's name means the direct chat with them. Of several chats of one name
    the one that can still be used is meant.
    """
    if _is_me(state, what):
        return notes.note_of(state.account)
    usable = [c for c in state.chats.values() if c.status.value not in _OVER]
    for chats in (usable, state.chats.values()):
        try:
            return one_of(
                what, chats, lambda c: c.chat_id, lambda c: _chat_names(state, c)
            )
        except NotFound:
            continue
    contact = find_contact(state, what)
    chat = state.chats.get(contact.chat_id)
    if chat is None:
        raise NotFound(f"there is no chat with {what} yet")
    return chat


def _is_me(state: State, what: str) -> bool:
    """Tell whether a note to oneself is meant: by its name, or this account's id.

    Nobody else takes it by calling themselves so; only a nickname of one's own does.
    """
    name = what.strip().casefold()
    known = any(name == c.nickname.casefold() for c in state.contacts.values())
    names = {one.casefold() for one in notes.NAMES}
    me = id_to_text(state.account.account_id)
    return name == me or (name in names and not known)


_OVER = ("left", "removed")


def find_group(state: State, what: str) -> Chat:
    """Return the group that `what` names."""
    groups = [c for c in state.chats.values() if c.kind is ChatKind.GROUP]
    active = [c for c in groups if c.status.value not in _OVER]
    try:
        return one_of(what, active, lambda c: c.chat_id, lambda c: (c.title,))
    except NotFound:
        return one_of(what, groups, lambda c: c.chat_id, lambda c: (c.title,))


def find_request(state: State, what: str) -> Request_:
    """Return the undecided request that `what` names: its id, its sender, its title."""
    pending = [r for r in state.requests.values() if r.state in ("pending", HELD)]

    def names(asked: Request_) -> Iterable[str]:
        sender = views.person(state, asked.account_id).name
        short = asked.handle.removesuffix(f"@{state.account.host}")
        return (asked.name, sender, asked.handle, short, asked.title)

    return one_of(what, pending, lambda r: r.invite_id, names)


def _chat_names(state: State, chat: Chat) -> Iterable[str]:
    if chat.kind is ChatKind.GROUP:
        return (chat.title,)
    known = state.contacts.get(chat.peer)
    if known is None:
        return ()
    full = views.person(state, chat.peer).handle
    return (known.nickname, known.name, known.handle, full)
