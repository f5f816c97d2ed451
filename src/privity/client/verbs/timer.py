"""The verb about disappearing messages: after how long, for everybody in a chat."""

from privity.client import lookup
from privity.client.session import Session
from privity.client.verbs.timer_results import ChatTimer, Timer
from privity.core.inputs import SetTimer
from privity.core.state import State
from privity.identity.ids import id_to_text

__all__ = ["timer"]


async def timer(session: Session, asked: Timer) -> ChatTimer:
    """Set after how long new messages of a chat disappear, or say what is set."""
    chat = lookup.find_chat(session.state, asked.chat)
    wanted = chat.timer if asked.seconds is None else asked.seconds
    if wanted != chat.timer:
        await session.do(SetTimer(chat.chat_id, wanted))

    def is_set(state: State) -> bool:
        return state.chats[chat.chat_id].timer == wanted

    done = await session.until(is_set, asked.wait)
    return ChatTimer(id_to_text(chat.chat_id), wanted, done)
