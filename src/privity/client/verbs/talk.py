"""What the verbs about messages do."""

import os

from privity.client import lookup, views
from privity.client.errors import ClientError
from privity.client.session import Session
from privity.client.timeline import view_of
from privity.client.verbs import params, results
from privity.client.verbs.find import Fits, find_message
from privity.content import build
from privity.content.message import MimiContent
from privity.content.view import File, Reaction, Reply, Text, Unreaction, View
from privity.core import inputs
from privity.core.effects import MessageRow, MessageState
from privity.core.events import Line
from privity.core.state import Chat, State
from privity.errors import UsageError
from privity.identity.ids import id_to_text

__all__ = [
    "chat_view",
    "chats",
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


async def chats(session: Session, _asked: params.Nothing) -> results.ChatList:
    """Return all chats, the one with the newest line first."""

    def newest(chat: Chat) -> tuple[int, bytes]:
        last = session.store.last(chat.chat_id)
        return (last.place.number if last else 0, chat.chat_id)

    ordered = sorted(session.state.chats.values(), key=newest, reverse=True)
    return results.ChatList(tuple(chat_view(session, c.chat_id) for c in ordered))


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
    newest = max(chat.cursor, session.newest_seq(chat.chat_id))
    upto = min(asked.seq, newest) if asked.seq else newest
    await session.do(inputs.MarkRead(chat.chat_id, upto))
    now = session.state.chats[chat.chat_id]
    return results.ReadMark(id_to_text(chat.chat_id), now.read)


async def send_text(session: Session, chat: Chat, text: str, reply_to: str) -> bytes:
    """Queue a text in a chat, as an answer if `reply_to` names a message."""
    where = _origin(session, chat)
    if not reply_to:
        return await queue(session, chat, build.text_message(where, text))
    target = find_message(session, chat.chat_id, reply_to, is_answerable)
    return await queue(session, chat, build.reply(where, target.message_id, text))


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
    content = build.edit(
        _origin(session, chat), target.message_id, asked.text, in_reply_to=answered
    )
    idem = await queue(session, chat, content)
    return await sent(session, chat.chat_id, idem, asked.wait)


async def unsend(session: Session, asked: params.Unsend) -> results.Sent:
    """Delete an own message: one that is still queued never leaves."""
    chat = lookup.find_chat(session.state, asked.chat)
    target = find_message(session, chat.chat_id, asked.message, _mine(session))
    _own(session, target)
    if target.state is MessageState.QUEUED:
        try:
            await session.do(inputs.TakeBack(chat.chat_id, target.idem))
        except UsageError:
            # It may have left already: then it is deleted like any other.
            pass
        else:
            taken = _sent_row(target)
            return results.Sent(taken.message, taken.chat, "taken back", 0)
    content = build.deletion(_origin(session, chat), target.message_id)
    idem = await queue(session, chat, content)
    return await sent(session, chat.chat_id, idem, asked.wait)


async def queue(session: Session, chat: Chat, content: MimiContent) -> bytes:
    """Make a message durable and return its idem."""
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


def chat_view(session: Session, chat_id: bytes) -> results.Chat:
    """Return a chat with what is unread in it."""
    chat = session.state.chats.get(chat_id)
    if chat is None:
        raise lookup.NotFound("the chat is gone")
    return views.chat(session.state, chat, session.unread(chat_id))


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
    for row in session.rows_from(target.chat_id, kept.place):
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
