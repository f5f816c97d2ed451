"""Lines: what happened to a chat, written down for good between its messages."""

from hashlib import sha256

import msgspec
from msgspec import structs

from privity.core.effects import MessageRow, MessageState
from privity.core.events import Line
from privity.core.step import Draft

__all__ = ["write_line"]

_BEHIND = 1 << 62
"""As a line's order: behind the message that stands at the same seq."""


def write_line(draft: Draft, line: Line, minute: int, *, behind: bool = False) -> None:
    """Store a permanent, visible line of a chat, and show it.

    It stands in front of what has its seq, or `behind` that.
    """
    chat = draft.state.chats.get(line.chat_id)
    if chat is not None and chat.base:
        line = structs.replace(line, seq=chat.base + line.seq)
    body = msgspec.json.encode(line)
    draft.put_message(
        MessageRow(
            chat_id=line.chat_id,
            idem=sha256(b"line" + line.chat_id + body).digest()[:16],
            sender=line.by,
            message_id=b"",
            seq=line.seq,
            minute=minute,
            state=MessageState.LINE,
            content=body,
            order=_BEHIND if behind else 0,
        )
    )
    draft.show(line)
