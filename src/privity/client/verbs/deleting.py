"""The verb that deletes a chat from this device."""

from pathlib import Path

from privity.client import lookup, notes, views
from privity.client.session import Session
from privity.client.verbs import local_params, local_results
from privity.core import inputs
from privity.core.events import ChatGone
from privity.core.state import Chat, State
from privity.identity.ids import id_to_text

__all__ = ["delete"]


async def delete(
    session: Session, asked: local_params.ChatDelete
) -> local_results.ChatDeleted:
    """Delete a chat here; a group is left first, and gone once that is confirmed."""
    state = session.state
    chat = lookup.find_chat(state, asked.chat)
    if notes.is_note(chat):
        write = session.driver.disk.write
        await write(notes.clear, session.store, state.account)
        await write(session.store.database.shred)
        session.driver.show(ChatGone(chat.chat_id))
        me = id_to_text(chat.chat_id)
        return local_results.ChatDeleted(me, chat.title, "emptied", ())
    title, people = views.title_of(state, chat), views.members(state, chat.chat_id)
    others = tuple(person for person in people if person.trust != "me")
    waiting = session.profile.transfers
    sealed = await session.driver.disk.read(_sealed_of, session, chat, waiting)
    await session.do(inputs.ForgetChat(chat.chat_id))
    session.driver.show(ChatGone(chat.chat_id))
    for path in sealed:
        path.unlink(missing_ok=True)
    await session.driver.disk.write(session.store.database.shred)
    now = session.state.chats.get(chat.chat_id)
    if now is not None and now.forgotten:
        await session.until(lambda s: chat.chat_id not in s.chats, asked.wait)
        await session.driver.disk.write(session.store.database.shred)
    return local_results.ChatDeleted(
        id_to_text(chat.chat_id), title, _state(session.state, chat), others
    )


def _sealed_of(session: Session, chat: Chat, waiting: Path) -> list[Path]:
    """Return the files of a chat that were being fetched."""
    return [
        path
        for path in waiting.iterdir()
        if session.store.has_named(chat.chat_id, path.name.encode())
    ]


def _state(state: State, chat: Chat) -> str:
    now = state.chats.get(chat.chat_id)
    if now is None:
        return "gone"
    return "leaving" if now.forgotten else "emptied"
