"""The engine's state as people see it: persons, contacts, requests, chats.

Pure projections into `verbs.results`. Who is in a chat is read from its MLS tree
and from nowhere else; what somebody is called is this device's own knowledge.
"""

from dataclasses import dataclass, field
from hashlib import sha256

from privity.client.recovery import Checked
from privity.client.verbs import marks_results, results
from privity.content.mimi import Control, MimiContent, Report, read
from privity.core import readmission, silence
from privity.core.agreeing import agreement
from privity.core.state import (
    Chat,
    ChatKind,
    Contact,
    ContactState,
    Outgoing,
    Request_,
    State,
    Status,
)
from privity.identity.ids import id_from_text, id_to_text

__all__ = [
    "Beside",
    "account",
    "chat",
    "contact",
    "id_bytes",
    "known_contacts",
    "members",
    "pending_requests",
    "person",
    "picture_name",
    "request",
    "title_of",
]

_OVER = (Status.LEFT, Status.REMOVED)
_NAMELESS = 8
"""Letters of an account id that stand for a person without a name."""


def account(state: State, recovery: Checked) -> results.Account:
    """Return this profile's own account, and what is known of its way back."""
    me = state.account
    return results.Account(
        account=id_to_text(me.account_id),
        device=id_to_text(me.device_id),
        name=me.name,
        handle=_full_handle(me.handle, me.host),
        host=me.host,
        url=me.url,
        suite=me.suite,
        holds_identity_key=bool(me.identity_seed),
        recovery=recovery.found.value,
        recovery_checked=recovery.at,
    )


def person(state: State, account_id: bytes) -> results.Person:
    """Return what this device calls an account, and how far it trusts its keys."""
    me = state.account
    if account_id == me.account_id:
        handle = _full_handle(me.handle, me.host)
        return results.Person(
            id_to_text(account_id), me.name, handle, "me", picture_name(me.picture)
        )
    known = state.contacts.get(account_id)
    if known is None:
        text = id_to_text(account_id)
        return results.Person(text, text[:_NAMELESS], "", "known to server")
    return _person_of(known, me.host)


def contact(state: State, known: Contact) -> results.Contact:
    """Return a person and how this account stands to them."""
    return results.Contact(
        person=_person_of(known, state.account.host),
        state=known.state.value,
        nickname=known.nickname,
        chat=id_to_text(known.chat_id) if known.chat_id else "",
    )


def contact_of(state: State, account_id: bytes) -> results.Contact:
    """Return how this account stands to somebody, who may be forgotten altogether."""
    known = state.contacts.get(account_id)
    if known is None:
        return results.Contact(
            person(state, account_id), state="", nickname="", chat=""
        )
    return contact(state, known)


def known_contacts(state: State) -> tuple[results.Contact, ...]:
    """Return everybody, by name."""
    shown = [contact(state, known) for known in state.contacts.values()]
    return tuple(
        sorted(shown, key=lambda c: (c.person.name.casefold(), c.person.account))
    )


def request(state: State, asked: Request_) -> results.RequestInfo:
    """Return a request with the name that its sender claims, or that I know."""
    sender = person(state, asked.account_id)
    if asked.account_id not in state.contacts:
        handle = _full_handle(asked.handle, state.account.host)
        sender = results.Person(
            sender.account, asked.name or sender.name, handle, sender.trust
        )
    place = readmission.chat_of(state, asked) or _former(state, asked)
    return results.RequestInfo(
        request=id_to_text(asked.invite_id),
        sender=sender,
        kind=asked.kind.value,
        title=title_of(state, place) if place else asked.title,
        text=asked.text,
        by_link=asked.by_link,
        received=asked.received,
        state=asked.state,
        into=id_to_text(place.chat_id) if place else "",
        unsent=readmission.unsent(state, place.chat_id) if place else 0,
    )


def _former(state: State, asked: Request_) -> Chat | None:
    """Return the chat with somebody that ends when I accept another one with them."""
    if asked.kind is not ChatKind.DIRECT or asked.refound or asked.state != "pending":
        return None
    known = state.contacts.get(asked.account_id)
    chat = state.chats.get(known.chat_id) if known else None
    return chat if chat is not None and chat.status not in _OVER else None


def pending_requests(state: State) -> tuple[results.RequestInfo, ...]:
    """Return the requests that wait for a decision, oldest first."""
    waiting = [
        asked
        for asked in state.requests.values()
        if asked.state == "pending" or readmission.chat_of(state, asked)
    ]
    waiting.sort(key=lambda r: (r.received, r.invite_id))
    return tuple(request(state, asked) for asked in waiting)


def members(state: State, chat_id: bytes) -> tuple[results.Person, ...]:
    """Return the accounts in a chat's MLS tree, me first, each once."""
    group = state.groups.get(chat_id)
    if chat_id == state.account.account_id:
        return (person(state, chat_id),)
    if group is None:
        return ()
    accounts = dict.fromkeys(
        leaf.credential.identity[:16] for _, leaf in group.members()
    )
    mine = state.account.account_id
    others = [person(state, one) for one in accounts if one != mine]
    others.sort(key=lambda p: (p.name.casefold(), p.account))
    me = (person(state, mine),) if mine in accounts else ()
    return (*me, *others)


def title_of(state: State, chat: Chat) -> str:
    """Return what a chat is called: a direct one like the other person."""
    if chat.kind is ChatKind.DIRECT and chat.peer:
        return person(state, chat.peer).name
    return chat.title


@dataclass(frozen=True, slots=True)
class Beside:
    """What a chat's messages and its owner's choices add to its state."""

    unread: int = 0
    marks: marks_results.Marks = field(default_factory=marks_results.Marks)
    last: marks_results.Last | None = None
    missing: int = 0


def chat(state: State, chat: Chat, beside: Beside) -> results.Chat:
    """Return a chat with what stands beside it."""
    group = state.groups.get(chat.chat_id)
    waiting = [o for o in state.outgoing.get(chat.chat_id, ()) if not o.seq]
    agreed = agreement(state, chat.chat_id)
    return results.Chat(
        chat=id_to_text(chat.chat_id),
        kind=chat.kind.value,
        title=title_of(state, chat),
        status=chat.status.value,
        cause=chat.cause,
        suite=group.suite.code if group is not None else 0,
        unread=beside.unread,
        queued=sum(map(_is_seen, waiting)),
        missing=beside.missing,
        devices=agreed.devices,
        agreed=agreed.agreed,
        agreed_upto=agreed.upto,
        members=members(state, chat.chat_id),
        timer=chat.timer,
        marks=beside.marks,
        last=beside.last,
        blocked=silence.is_closed(state, chat),
    )


def _is_seen(item: Outgoing) -> bool:
    """Whether what waits is something that a person said."""
    if item.proposal:
        return False
    return not isinstance(read(MimiContent.decode(item.content)), Control | Report)


def _person_of(known: Contact, host: str) -> results.Person:
    text = id_to_text(known.account_id)
    name = known.nickname or known.name or known.handle or text[:_NAMELESS]
    trust = "verified" if known.verified else "known to server"
    handle = _full_handle(known.handle, host)
    blocked = known.state is ContactState.BLOCKED
    picture = "" if blocked else picture_name(known.picture)
    return results.Person(text, name, handle, trust, picture)


def picture_name(picture: bytes) -> str:
    """Return what names a picture: another one has another name."""
    return sha256(picture).hexdigest()[:16] if picture else ""


def _full_handle(handle: str, host: str) -> str:
    if not handle or "@" in handle:
        return handle
    return f"{handle}@{host}"


def id_bytes(text: str) -> bytes:
    """Return the id that one of our own results carries as text."""
    return id_from_text(text)
