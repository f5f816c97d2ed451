"""`watch`: everything that happens, as items; resumable at the last one seen."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from types import MappingProxyType
from typing import Any

import msgspec

from privity.client import lookup, recovery, views
from privity.client.marks import marks_of
from privity.client.rows import Kept, Place
from privity.client.sentences import notice
from privity.client.session import Session
from privity.client.timeline import is_visible, view_of
from privity.client.verbs import params, results, watch_results
from privity.client.verbs.chat_views import chat_view
from privity.client.verbs.repair import plea_of
from privity.content.view import Delete, Edit, Reaction, Report, Unreaction, View
from privity.core import events
from privity.core.effects import MessageState
from privity.identity.ids import id_to_text

__all__ = ["watch"]

_BATCH = 100


async def watch(
    session: Session, asked: params.Watch
) -> AsyncIterator[watch_results.WatchItem]:
    """Yield `ready`, what was stored behind `asked.after`, then what happens.

    Every message comes once. Ends when the profile is asked to close.
    """
    only = lookup.find_chat(session.state, asked.chat).chat_id if asked.chat else b""
    with session.driver.subscribe() as happening:
        closing = asyncio.create_task(session.stopping.wait())
        closing.add_done_callback(lambda _: happening.close())
        try:
            yield watch_results.WatchReady(
                views.account(session.state, recovery.last(session.store))
            )
            last = -1 if asked.after is None else asked.after
            if asked.after is not None:
                for item in _stored(session, asked.after):
                    last = item.number
                    if not only or item.message.chat == id_to_text(only):
                        yield item
            async for event in happening:
                for one in _without_needless(session, [event, *happening.taken()]):
                    if only and getattr(one, "chat_id", only) != only:
                        continue
                    for found in _items(session, one, last):
                        yield found
            session.check_alive()
        finally:
            closing.cancel()


def _stored(session: Session, after: int) -> Iterator[watch_results.WatchMessage]:
    """Yield what others sent behind a number."""
    while batch := session.store.arrived_after(after, _BATCH):
        me = session.state.account.account_id
        # What is told to nobody tells for nobody else.
        told = [
            k if k.row.sender != me and not _is_unheard(session, k) else None
            for k in batch
        ]
        needless = _needless(told)
        for place, kept in enumerate(batch):
            after = kept.place.number
            if kept.row.sender == me or place in needless:
                continue
            item = _message(session, kept)
            if item is not None:
                yield item


def _items(
    session: Session, event: events.Event, last: int
) -> list[watch_results.WatchItem]:
    match event:
        case events.MessageArrived(chat_id=chat_id, idem=idem):
            return _new(session, session.store.message(chat_id, idem), last)
        case events.Line():
            return _new(session, _row_of(session, event), last)
        case _:
            found = _other(session, event)
            return [found] if found is not None else []


def _new(
    session: Session, kept: Kept | None, last: int
) -> list[watch_results.WatchItem]:
    if kept is None or kept.place.number <= last:
        return []
    item = _message(session, kept)
    return [item] if item is not None else _reported(session, kept)


def _is_unheard(session: Session, kept: Kept) -> bool:
    return kept.row.sender in session.unheard(kept.row.chat_id)


def _heard(
    session: Session, kept: Kept, shown: results.Message | None, change: str
) -> watch_results.WatchMessage | None:
    """Return what happened to a message; of somebody blocked, what nobody announces."""
    if shown is None:
        return None
    if shown.folded:
        change = "folded"
    elif shown.kind != "line" and _is_unheard(session, kept):
        return None
    return watch_results.WatchMessage(change, shown, kept.place.number)


def _reported(session: Session, kept: Kept) -> list[watch_results.WatchItem]:
    """Return my messages of which a report says something, as they are now."""
    view = view_of(kept.row)
    if not isinstance(view, Report) or not session.receipts.on:
        return []
    chat_id, number = kept.row.chat_id, kept.place.number
    found = [session.store.message_by_id(chat_id, r.message_id) for r in view.reported]
    me = session.state.account.account_id
    mine = [one for one in found if one is not None and one.row.sender == me]
    return [
        watch_results.WatchMessage("receipt", shown, number)
        for shown in session.all_shown(mine)
    ]


def _message(session: Session, kept: Kept) -> watch_results.WatchMessage | None:
    """Return a message as it is now; for a change, the message that it changes."""
    view = view_of(kept.row)
    if is_visible(view):
        return _heard(session, kept, session.shown(kept), "new")
    change, target = _change_of(view)
    if not change:
        return None
    changed = session.store.message_by_id(kept.row.chat_id, target)
    return _heard(session, kept, session.shown(changed) if changed else None, change)


def _change_of(view: View | events.Line) -> tuple[str, bytes]:
    """Return how a message is changed, and which; empty where none is."""
    match view:
        case Edit(original=target):
            return "edited", target
        case Delete(original=target):
            return "deleted", target
        case Reaction(to=target) | Unreaction(to=target):
            return "reaction", target or b""
        case _:
            return "", b""


def _needless(rows: Sequence[Kept | None]) -> set[int]:
    """Return the places of changes behind which the same message changes alike again.

    An item shows a message as it is now, with all its reactions: ten thousand of them
    that come at once are told together, or each would be told with all that are there.
    """
    newest: dict[tuple[bytes, str, bytes], int] = {}
    found: set[int] = set()
    for place, kept in enumerate(rows):
        if kept is None:
            continue
        change, target = _change_of(view_of(kept.row))
        if not change:
            continue
        name = (kept.row.chat_id, change, target)
        if name in newest:
            found.add(newest[name])
        newest[name] = place
    return found


def _without_needless(
    session: Session, happened: list[events.Event]
) -> list[events.Event]:
    if len(happened) == 1:
        return happened
    rows = [
        session.store.message(one.chat_id, one.idem)
        if isinstance(one, events.MessageArrived)
        else None
        for one in happened
    ]
    # What somebody blocked changed is not told, so it tells for nobody else.
    heard = [None if k and _is_unheard(session, k) else k for k in rows]
    needless = _needless(heard)
    return [one for place, one in enumerate(happened) if place not in needless]


def _row_of(session: Session, line: events.Line) -> Kept | None:
    content = msgspec.json.encode(line)
    in_front = Place(line.seq - 1, (1 << 63) - 1, (1 << 63) - 1)
    rows = session.store.history(line.chat_id, after=in_front, limit=_BATCH)
    return next((kept for kept in rows if kept.row.content == content), None)


def _other(session: Session, event: events.Event) -> watch_results.WatchItem | None:
    return _OTHERS[type(event)](session, event)


def _dropped(_: Session, event: events.MessageDropped) -> watch_results.WatchItem:
    sender = id_to_text(event.sender) if event.sender else ""
    chat = id_to_text(event.chat_id)
    return watch_results.WatchDropped(chat, event.seq, event.cause, sender)


def _failed(
    session: Session, event: events.MessageFailed
) -> watch_results.WatchItem | None:
    kept = session.store.message(event.chat_id, event.idem)
    item = _message(session, kept) if kept is not None else None
    return watch_results.WatchFailed(item.message) if item is not None else None


def _request(
    session: Session,
    event: events.RequestArrived | events.RefoundOffered | events.ReadmissionOffered,
) -> watch_results.WatchItem | None:
    asked = session.state.requests.get(event.invite_id)
    if asked is None:
        return None
    return watch_results.WatchRequest(views.request(session.state, asked))


def _contact(session: Session, event: events.ContactChanged) -> watch_results.WatchItem:
    found = views.contact_of(session.state, event.account_id)
    return watch_results.WatchContact(found)


def _chat(
    session: Session, event: events.ChatChanged
) -> watch_results.WatchItem | None:
    chat = session.state.chats.get(event.chat_id)
    chosen = marks_of(session.store.database, event.chat_id)
    if chat is None or chat.forgotten or chosen.hidden:
        return None
    return watch_results.WatchChat(chat_view(session, event.chat_id))


def _plea(
    session: Session, event: events.PleaArrived
) -> watch_results.WatchItem | None:
    plight = session.state.plights.get(event.chat_id + event.plea_id)
    return watch_results.WatchPlea(plea_of(session.state, plight)) if plight else None


def _typing(session: Session, event: events.Typing) -> watch_results.WatchItem | None:
    chat = session.state.chats.get(event.chat_id)
    if chat is None:
        return None
    state = session.state
    person = views.person(state, event.account_id)
    title = views.title_of(state, chat)
    return watch_results.WatchTyping(
        id_to_text(event.chat_id), title, person, event.typing
    )


def _gone(_: Session, event: events.MessagesGone) -> watch_results.WatchItem:
    names = tuple(map(id_to_text, event.idems))
    return watch_results.WatchGone(id_to_text(event.chat_id), names)


def _chat_gone(_: Session, event: events.ChatGone) -> watch_results.WatchItem:
    return watch_results.WatchChatGone(id_to_text(event.chat_id))


def _notice(_: Session, event: events.Notice) -> watch_results.WatchItem:
    told = notice(event.code, event.detail)
    return watch_results.WatchNotice(told.code, told.message, told.next)


def _sent(_: Session, event: events.MessageSent) -> watch_results.WatchSent:
    return watch_results.WatchSent(
        results.Sent(
            message=id_to_text(event.idem),
            chat=id_to_text(event.chat_id),
            state=MessageState.SENT.value,
            seq=event.seq,
        )
    )


_OTHERS: MappingProxyType[
    type, Callable[[Session, Any], watch_results.WatchItem | None]
] = MappingProxyType(
    {
        events.MessageSent: _sent,
        events.MessageFailed: _failed,
        events.MessageDropped: _dropped,
        events.RequestArrived: _request,
        events.ContactChanged: _contact,
        events.ChatChanged: _chat,
        events.Notice: _notice,
        events.PleaArrived: _plea,
        events.RefoundOffered: _request,
        events.ReadmissionOffered: _request,
        events.Typing: _typing,
        events.MessagesGone: _gone,
        events.ChatGone: _chat_gone,
    }
)
