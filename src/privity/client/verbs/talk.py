"""What the verbs about messages do."""

import os
from dataclasses import replace

from privity.client import lookup, marks, notes
from privity.client.errors import ClientError
from privity.client.mentioning import with_mentions
from privity.client.session import Session
from privity.client.timeline import view_of
from privity.client.verbs import params, results
from privity.client.verbs.chat_views import chat_view
from privity.client.verbs.find import Fits, find_message
from privity.content import build
from privity.content.message import Expiration, MimiContent
from privity.content.view import File, Reaction, Reply, Text, Unreaction, View
from privity.core import inputs
from privity.core.effects import MessageRow, MessageState
from privity.core.events import ChatChanged, Line, MessageArrived
from privity.core.state import Chat, State
from privity.errors import UsageError
from privity.identity.ids import id_to_text

__all__ = [
    "edit",
    "history",
    "react",
    "read",
    "send_text",
    "sent",
    "unsend",
]


class NotYours(ClientError):
    """A change of somebody else's message."""

    code = "not_yours"


class NotText(ClientError):
    """An edit of what has no text."""

    code = "not_text"


async def history(session: Session, asked: params.ChatPage) -> results.History:
    """Return a part of a chat."""
    chat = lookup.find_chat(session.state, asked.chat)
    messages, more = session.page(chat.chat_id, asked.limit, asked.before)
    return results.History(
        chat_view(session, chat.chat_id), messages, more, read_upto=chat.read
    )


async def read(session: Session, asked: params.Read) -> results.ReadMark:
    """Mark a chat as seen, up to a seq or altogether."""
    chat = lookup.find_chat(session.state, asked.chat)
    if notes.is_note(chat):
        return results.ReadMark(id_to_text(chat.chat_id), 0)
    newest = max(chat.cursor, session.newest_seq(chat.chat_id))
    upto = min(asked.seq, newest) if asked.seq else newest
    await session.do(inputs.MarkRead(chat.chat_id, upto))
    if not asked.seq:
        database = session.store.database
        await session.driver.disk.write(
            lambda: marks.change(database, chat.chat_id, unread=0)
        )
        session.driver.show(ChatChanged(chat.chat_id, chat.status.value, chat.cause))
    session.receipts.soon(chat.chat_id)
    session.sweeper.soon()
    now = session.state.chats[chat.chat_id]
    return results.ReadMark(id_to_text(chat.chat_id), now.read)


async def send_text(
    session: Session,
    chat: Chat,
    text: str,
    reply_to: str,
    expires: Expiration | None = None,
) -> bytes:
    """Queue a text in a chat, as an answer if `reply_to` names a message."""
    where = _origin(session, chat)
    text = with_mentions(session.state, chat, text)
    if not reply_to:
        content = build.text_message(where, text, expires=expires)
        return await queue(session, chat, content)
    target = find_message(session, chat.chat_id, reply_to, is_answerable)
    content = replace(build.reply(where, target.message_id, text), expires=expires)
    return await queue(session, chat, content)


async def react(session: Session, asked: params.React) -> results.Sent:
    """Give an emoji to a message, or take it back; twice is once."""
    chat = lookup.find_chat(session.state, asked.chat)
    target = find_message(session, chat.chat_id, asked.message, is_answerable)
    mine = _my_reaction(session, target, asked.emoji)
    where = _origin(session, chat)
    if asked.remove:
        if mine is None:
            raise lookup.NotFound(f"there is no {asked.emoji} of yours on it")
        content = build.unreaction(where, mine.message_id, target.message_id)
    elif mine is not None:
        return _sent_row(mine)
    else:
        content = build.reaction(where, target.message_id, asked.emoji)
    idem = await queue(session, chat, content)
    return await sent(session, chat.chat_id, idem, asked.wait)


async def edit(session: Session, asked: params.Edit) -> results.Sent:
    """Replace the text of an own message."""
    chat = lookup.find_chat(session.state, asked.chat)
    target = find_message(session, chat.chat_id, asked.message, _mine(session))
    view = _own(session, target)
    if not isinstance(view, Text | Reply):
        raise NotText
    answered = view.to if isinstance(view, Reply) else None
    text = with_mentions(session.state, chat, asked.text)
    content = build.edit(
        _origin(session, chat), target.message_id, text, in_reply_to=answered
    )
    idem = await queue(session, chat, content)
    return await sent(session, chat.chat_id, idem, asked.wait)


async def unsend(session: Session, asked: params.Unsend) -> results.Sent:
    """Delete an own message: one that is still queued, or failed, never leaves."""
    chat = lookup.find_chat(session.state, asked.chat)
    target = find_message(session, chat.chat_id, asked.message, _mine(session))
    _own(session, target)
    if notes.is_note(chat):
        await session.driver.disk.write(notes.forget, session.store, target)
        gone = _sent_row(target)
        return results.Sent(gone.message, gone.chat, "taken back", 0)
    if target.state is MessageState.FAILED:
        await session.do(inputs.DropFailed(chat.chat_id, target.idem))
        return _taken_back(target)
    if target.state is MessageState.QUEUED:
        try:
            await session.do(inputs.TakeBack(chat.chat_id, target.idem))
        except UsageError:
            # It may have left already: then it is deleted like any other.
            pass
        else:
            return _taken_back(target)
    content = build.deletion(_origin(session, chat), target.message_id)
    idem = await queue(session, chat, content)
    return await sent(session, chat.chat_id, idem, asked.wait)


def _taken_back(row: MessageRow) -> results.Sent:
    taken = _sent_row(row)
    return results.Sent(taken.message, taken.chat, "taken back", 0)


async def queue(session: Session, chat: Chat, content: MimiContent) -> bytes:
    """Make a message durable and return its idem."""
    if notes.is_note(chat):
        account = session.state.account
        store, write = session.store, session.driver.disk.write
        row = await write(notes.keep, store, account, content)
        session.driver.show(MessageArrived(row.chat_id, row.idem, row.seq))
        return row.idem
    done = await session.do(inputs.SendContent(chat.chat_id, content.encode()))
    if not isinstance(done, bytes):
        raise UsageError("a message without an idem")
    return done


async def sent(
    session: Session, chat_id: bytes, idem: object, wait: float
) -> results.Sent:
    """Wait until a message is durable at the relay, or say that it is queued."""
    if not isinstance(idem, bytes):
        raise UsageError("a message without an idem")

    def has_left(state: State) -> bool:
        waiting = state.outgoing.get(chat_id, ())
        return all(item.seq for item in waiting if item.idem == idem)

    await session.until(has_left, wait)
    kept = session.store.message(chat_id, idem)
    if kept is None:
        raise lookup.NotFound("the message was taken back")
    return _sent_row(kept.row)


def is_answerable(row: MessageRow, view: View | Line) -> bool:
    """Whether a row can be answered or reacted to."""
    return bool(row.message_id) and isinstance(view, Text | Reply | File)


def _mine(session: Session) -> Fits:
    me = session.state.account.account_id
    return lambda row, view: row.sender == me and is_answerable(row, view)


def _own(session: Session, row: MessageRow) -> View | Line:
    if row.sender != session.state.account.account_id:
        raise NotYours
    return view_of(row)


def _my_reaction(session: Session, target: MessageRow, emoji: str) -> MessageRow | None:
    """Return my reaction of that emoji which still stands, if there is one."""
    kept = session.store.message(target.chat_id, target.idem)
    if kept is None:
        return None
    standing: dict[bytes, MessageRow] = {}
    me = session.state.account.account_id
    for row in session.store.as_now([kept]):
        if row.sender != me or row.state is MessageState.FAILED:
            continue
        match view_of(row):
            case Reaction(to=to, emoji=given):
                if to == target.message_id and given == emoji:
                    standing[row.message_id] = row
            case Unreaction(reaction=taken):
                standing.pop(taken, None)
    return next(iter(standing.values()), None)


def _origin(session: Session, chat: Chat) -> build.Origin:
    return build.origin(session.state.account.account_id, chat.chat_id, os.urandom)


def _sent_row(row: MessageRow) -> results.Sent:
    return results.Sent(
        message=id_to_text(row.idem),
        chat=id_to_text(row.chat_id),
        state=row.state.value,
        seq=row.seq,
    )
