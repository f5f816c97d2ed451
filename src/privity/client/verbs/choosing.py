"""The verbs that list chats and choose how this device shows them."""

import time

from privity.client import drafts, lookup, marks, notes
from privity.client.session import Session
from privity.client.verbs import local_params, local_results, results
from privity.client.verbs.chat_views import Shelf, chat_view
from privity.client.verbs.find import find_message
from privity.client.verbs.talk import is_answerable
from privity.core.events import ChatChanged
from privity.core.state import Chat
from privity.identity.ids import id_to_text

__all__ = ["archive", "chats", "draft", "mute", "pin", "unread"]


async def chats(session: Session, asked: local_params.Chats) -> results.ChatList:
    """Return chats: pinned ones first, then the one with the newest line."""
    shelf = Shelf(session)

    def order(chat: Chat) -> tuple[bool, int, bytes]:
        last = shelf.line(chat.chat_id)
        number = last.place.number if last else 0
        return is_pinned(chat), number, chat.chat_id

    def is_pinned(chat: Chat) -> bool:
        return bool(shelf.marks(chat.chat_id).pinned)

    def is_begun(note: Chat) -> bool:
        there = session.store.last(note.chat_id)
        return bool(shelf.draft(note.chat_id) or is_pinned(note) or there)

    def is_wanted(chat: Chat) -> bool:
        chosen = shelf.marks(chat.chat_id)
        is_gone = chat.forgotten or chosen.hidden
        return not is_gone and asked.which.takes(bool(chosen.archived))

    note = notes.note_of(session.state.account)
    mine = (note,) if is_begun(note) else ()
    every = (*session.state.chats.values(), *mine)
    found = [chat for chat in every if is_wanted(chat)]
    found.sort(key=order, reverse=True)
    return results.ChatList(shelf.views(found))


async def pin(session: Session, asked: local_params.Pin) -> local_results.ChatMarked:
    """Keep a chat on top of the list, or not any longer; an archived one comes back."""
    since = int(time.time()) if asked.on else 0
    changes = {"pinned": since} | ({"archived": 0} if asked.on else {})
    return await _mark(session, asked.chat, changes)


async def mute(session: Session, asked: local_params.Mute) -> local_results.ChatMarked:
    """Let a chat say nothing of itself, for a time or until it is undone."""
    until = int(time.time()) + asked.seconds if asked.seconds else marks.FOREVER
    return await _mark(session, asked.chat, {"muted": until if asked.on else 0})


async def archive(
    session: Session, asked: local_params.Archive
) -> local_results.ChatMarked:
    """Put a chat away until somebody writes in it, or bring it back."""
    changes = {"archived": int(asked.on)} | ({"pinned": 0} if asked.on else {})
    return await _mark(session, asked.chat, changes)


async def unread(
    session: Session, asked: local_params.Unread
) -> local_results.ChatMarked:
    """Mark a chat to be looked at again; nobody else learns of it."""
    return await _mark(session, asked.chat, {"unread": 1})


async def draft(session: Session, asked: local_params.Draft) -> local_results.DraftKept:
    """Keep what was typed in a chat, empty it, or say what it is."""
    chat = lookup.find_chat(session.state, asked.chat)
    database = session.store.database
    if asked.text is not None:
        answered = b""
        if asked.reply_to:
            fits = is_answerable
            answered = find_message(session, chat.chat_id, asked.reply_to, fits).idem
        kept = drafts.Draft(asked.text, answered, int(time.time()))
        await session.driver.disk.write(drafts.keep, database, chat.chat_id, kept)
    now = drafts.draft_of(database, chat.chat_id)
    reply_to = id_to_text(now.reply_to) if now.reply_to else ""
    return local_results.DraftKept(
        id_to_text(chat.chat_id), now.text, reply_to, now.changed
    )


async def _mark(
    session: Session, what: str, changes: dict[str, int]
) -> local_results.ChatMarked:
    chat = lookup.find_chat(session.state, what)
    database = session.store.database
    await session.driver.disk.write(
        lambda: marks.change(database, chat.chat_id, **changes)
    )
    session.driver.show(ChatChanged(chat.chat_id, chat.status.value, chat.cause))
    return local_results.ChatMarked(chat_view(session, chat.chat_id))
