"""What the verb about messages that could not be sent does: say them again."""

import os
from dataclasses import replace

from privity.client import lookup
from privity.client.errors import ClientError
from privity.client.fork_checks import has_two_histories
from privity.client.session import Session
from privity.client.timeline import view_of
from privity.client.verbs import params, results
from privity.client.verbs.find import find_message
from privity.client.verbs.talk import is_answerable, queue, sent
from privity.content import build
from privity.content.mimi import MimiContent
from privity.content.view import Delete, Edit, View
from privity.core import inputs
from privity.core.effects import MessageRow, MessageState
from privity.core.events import Line
from privity.core.state import Chat, State

__all__ = ["resend"]


class NotFailed(ClientError):
    """A message that waits, or was sent to everybody as far as is known."""

    code = "not_failed"


class ChangedSince(ClientError):
    """A message whose words its owner took back or replaced."""

    code = "changed_since"


async def resend(session: Session, asked: params.Resend) -> results.Sent:
    """Send once more what was marked as not sent, in its chat or another.

    It is kept anew before the old one is forgotten: a crash in between leaves both.
    Where a chat has two histories, what I sent may stand in one of them: it goes again
    too, and the first one stays.
    """
    state = session.state
    chat = lookup.find_chat(state, asked.chat)
    to = lookup.find_chat(state, asked.to) if asked.to else chat
    row = find_message(session, chat.chat_id, asked.message, _has_failed)
    has_failed = _has_failed(row, view_of(row))
    if not has_failed and not _may_be_lacking(state, chat, row):
        raise NotFailed
    if _is_changed(session, row):
        raise ChangedSince
    where = build.origin(state.account.account_id, to.chat_id, os.urandom)
    old = MimiContent.decode(row.content)
    answered = old.in_reply_to if to.chat_id == chat.chat_id else None
    content = replace(
        old,
        sender=where.sender,
        room=where.room,
        salt=where.salt,
        in_reply_to=answered,
    )
    idem = await queue(session, to, content)
    if has_failed:
        await session.do(inputs.DropFailed(chat.chat_id, row.idem))
    return await sent(session, to.chat_id, idem, asked.wait)


def _has_failed(row: MessageRow, view: View | Line) -> bool:
    return row.state is MessageState.FAILED and is_answerable(row, view)


def _may_be_lacking(state: State, chat: Chat, row: MessageRow) -> bool:
    """Tell whether a message that I sent may stand in one of two histories only."""
    mine = row.sender == state.account.account_id and row.state is MessageState.SENT
    is_said = mine and is_answerable(row, view_of(row))
    return is_said and has_two_histories(state, chat)


def _is_changed(session: Session, row: MessageRow) -> bool:
    """Tell whether these are words that their owner does not want said any more.

    A deletion says so even if it never left; an edit that failed changed nothing.
    """
    changes = session.store.changes_of(row.chat_id, [row.message_id])
    return any(_takes_back(one.row, row) for one in changes)


def _takes_back(change: MessageRow, row: MessageRow) -> bool:
    if change.sender != row.sender:
        return False
    match view_of(change):
        case Delete(original=original):
            return original == row.message_id
        case Edit(original=original):
            is_said = change.state is not MessageState.FAILED
            return is_said and original == row.message_id
        case _:
            return False
