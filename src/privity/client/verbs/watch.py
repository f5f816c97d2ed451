"""`watch`: everything that happens, as items; resumable at the last one seen."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from types import MappingProxyType
from typing import Any

import msgspec

from privity.client import lookup, recovery, views
from privity.client.sentences import notice
from privity.client.session import Session
from privity.client.store import Kept, Place
from privity.client.timeline import is_visible, view_of
from privity.client.verbs import params, results
from privity.client.verbs.repair import plea_of
from privity.client.verbs.talk import chat_view
from privity.content.view import Control, Delete, Edit, Reaction, Unreaction
from privity.core import events
from privity.core.effects import MessageState
from privity.identity.ids import id_to_text

__all__ = ["watch"]

_BATCH = 100


async def watch(
    session: Session, asked: params.Watch
) -> AsyncIterator[results.WatchItem]:
    """Yield `ready`, what was stored behind `asked.after`, then what happens.

    Every message comes once. Ends when the profile is asked to close.
    """
    only = lookup.find_chat(session.state, asked.chat).chat_id if asked.chat else b""
    with session.driver.subscribe() as happening:
        closing = asyncio.create_task(session.stopping.wait())
        closing.add_done_callback(lambda _: happening.close())
        try:
            yield results.WatchReady(
                views.account(session.state, recovery.last(session.store))
            )
            last = -1 if asked.after is None else asked.after
            if asked.after is not None:
                for item in _stored(session, asked.after):
                    last = item.number
                    if not only or item.message.chat == id_to_text(only):
                        yield item
            async for event in happening:
                if only and getattr(event, "chat_id", only) != only:
                    continue
                for found in _items(session, event, last):
                    yield found
            session.check_alive()
        finally:
            closing.cancel()


def _stored(session: Session, after: int) -> Iterator[results.WatchMessage]:
    """Yield what others sent behind a number."""
    while batch := session.store.arrived_after(after, _BATCH):
        for kept in batch:
            after = kept.place.number
            if kept.row.sender == session.state.account.account_id:
                continue
            item = _message(session, kept)
            if item is not None:
                yield item


def _items(session: Session, event: events.Event, last: int) -> list[results.WatchItem]:
    match event:
        case events.MessageArrived(chat_id=chat_id, idem=idem):
            return _new(session, session.store.message(chat_id, idem), last)
        case events.Line():
            return _new(session, _row_of(session, event), last)
        case _:
            found = _other(session, event)
            return [found] if found is not None else []


def _new(session: Session, kept: Kept | None, last: int) -> list[results.WatchItem]:
    if kept is None or kept.place.number <= last:
        return []
    item = _message(session, kept)
    return [item] if item is not None else []


def _message(session: Session, kept: Kept) -> results.WatchMessage | None:
    """Return a message as it is now; for a change, the message that it changes."""
    view = view_of(kept.row)
    number = kept.place.number
    if is_visible(view):
        shown = session.shown(kept)
        return results.WatchMessage("new", shown, number) if shown else None
    match view:
        case Edit(original=target):
            change = "edited"
        case Delete(original=target):
            change = "deleted"
        case Reaction(to=target) | Unreaction(to=target):
            change = "reaction"
        case Control() | _:
            return None
    changed = session.store.message_by_id(kept.row.chat_id, target or b"")
    shown = session.shown(changed) if changed else None
    return results.WatchMessage(change, shown, number) if shown else None


def _row_of(session: Session, line: events.Line) -> Kept | None:
    content = msgspec.json.encode(line)
    in_front = Place(line.seq - 1, (1 << 63) - 1, (1 << 63) - 1)
    rows = session.store.history(line.chat_id, after=in_front, limit=_BATCH)
    return next((kept for kept in rows if kept.row.content == content), None)


def _other(session: Session, event: events.Event) -> results.WatchItem | None:
    return _OTHERS[type(event)](session, event)


def _dropped(_: Session, event: events.MessageDropped) -> results.WatchItem:
    sender = id_to_text(event.sender) if event.sender else ""
    chat = id_to_text(event.chat_id)
    return results.WatchDropped(chat, event.seq, event.cause, sender)


def _request(
    session: Session, event: events.RequestArrived | events.RefoundOffered
) -> results.WatchItem | None:
    asked = session.state.requests.get(event.invite_id)
    if asked is None:
        return None
    return results.WatchRequest(views.request(session.state, asked))


def _contact(
    session: Session, event: events.ContactChanged
) -> results.WatchItem | None:
    known = session.state.contacts.get(event.account_id)
    if known is None:
        return None
    return results.WatchContact(views.contact(session.state, known))


def _chat(session: Session, event: events.ChatChanged) -> results.WatchItem | None:
    if event.chat_id not in session.state.chats:
        return None
    return results.WatchChat(chat_view(session, event.chat_id))


def _plea(session: Session, event: events.PleaArrived) -> results.WatchItem | None:
    plight = session.state.plights.get(event.chat_id + event.plea_id)
    return results.WatchPlea(plea_of(session.state, plight)) if plight else None


def _typing(session: Session, event: events.Typing) -> results.WatchItem | None:
    chat = session.state.chats.get(event.chat_id)
    if chat is None:
        return None
    state = session.state
    person = views.person(state, event.account_id)
    title = views.title_of(state, chat)
    return results.WatchTyping(id_to_text(event.chat_id), title, person, event.typing)


def _notice(_: Session, event: events.Notice) -> results.WatchItem:
    told = notice(event.code, event.detail)
    return results.WatchNotice(told.code, told.message, told.next)


def _sent(_: Session, event: events.MessageSent) -> results.WatchSent:
    return results.WatchSent(
        results.Sent(
            message=id_to_text(event.idem),
            chat=id_to_text(event.chat_id),
            state=MessageState.SENT.value,
            seq=event.seq,
        )
    )


_OTHERS: MappingProxyType[type, Callable[[Session, Any], results.WatchItem | None]] = (
    MappingProxyType(
        {
            events.MessageSent: _sent,
            events.MessageDropped: _dropped,
            events.RequestArrived: _request,
            events.ContactChanged: _contact,
            events.ChatChanged: _chat,
            events.Notice: _notice,
            events.PleaArrived: _plea,
            events.RefoundOffered: _request,
            events.Typing: _typing,
        }
    )
)
