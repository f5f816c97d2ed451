"""A chat with oneself: rows of the store and nothing else, so nothing of it leaves.

There is no group, no log and no key; the engine does not know it. Its id is the
account's. ADR 37 says how a second device will have it.
"""

import os
import time

from privity.client.errors import ClientError
from privity.client.store import Store
from privity.content.mimi import MimiContent, check_place, message_id
from privity.core.effects import (
    Forget,
    ForgetMessages,
    MessageRow,
    MessageState,
    PutMessage,
)
from privity.core.state import Account, Chat, ChatKind, State, Status

__all__ = [
    "NAMES",
    "TITLE",
    "NoteHasNone",
    "chat_of",
    "clear",
    "forget",
    "is_note",
    "keep",
    "note_of",
]

TITLE = "Note to self"
NAMES = (TITLE, "note", "notes", "me")
"""What people may type for it, where no chat of theirs is called so."""
_FIRST = 1


class NoteHasNone(ClientError):
    """Something that needs a relay or others, in a note to oneself."""

    code = "note_has_none"


def note_of(account: Account) -> Chat:
    """Return the chat of an account with itself."""
    return Chat(
        chat_id=account.account_id,
        log_id=b"",
        kind=ChatKind.NOTE,
        title=TITLE,
        status=Status.ACTIVE,
    )


def is_note(chat: Chat) -> bool:
    """Tell whether a chat is the one with oneself."""
    return chat.kind is ChatKind.NOTE


def chat_of(state: State, chat_id: bytes) -> Chat | None:
    """Return a chat of the engine, or the one with oneself."""
    if chat_id == state.account.account_id:
        return note_of(state.account)
    return state.chats.get(chat_id)


def keep(store: Store, account: Account, content: MimiContent) -> MessageRow:
    """Keep what was said to oneself, behind all that was said before."""
    encoded = content.encode()
    check_place(content, account.account_id, account.account_id)
    last = store.last(account.account_id)
    row = MessageRow(
        chat_id=account.account_id,
        idem=os.urandom(16),
        sender=account.account_id,
        message_id=message_id(encoded, content.sender, content.room, content.salt),
        seq=last.row.seq + 1 if last else _FIRST,
        minute=int(time.time()) // 60,
        state=MessageState.KEPT,
        content=encoded,
    )
    store.apply([PutMessage(row)])
    return row


def forget(store: Store, row: MessageRow) -> None:
    """Delete one note: there is nobody to tell."""
    store.apply([Forget(row.chat_id, row.idem)])


def clear(store: Store, account: Account) -> None:
    """Delete all of them."""
    store.apply([ForgetMessages(account.account_id, stays=True)])
