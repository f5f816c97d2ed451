"""The verbs about typing: turn it on or off, and tell of it."""

from privity.client import lookup, notes
from privity.client.session import Session
from privity.client.verbs import params, typing_results
from privity.core.inputs import TellTyping

__all__ = ["compose", "switch"]


async def switch(session: Session, asked: params.Typing) -> typing_results.TypingSwitch:
    """Turn typing on or off for this profile, or say which it is."""
    if asked.on is not None:
        await session.driver.turn_typing(on=asked.on)
    return typing_results.TypingSwitch(session.driver.typing)


async def compose(session: Session, asked: params.Compose) -> typing_results.Told:
    """Tell who is in a chat now that its owner types, where that is turned on."""
    chat = lookup.find_chat(session.state, asked.chat)
    if notes.is_note(chat) or not session.driver.typing:
        return typing_results.Told(told=False)
    told = await session.do(TellTyping(chat.chat_id))
    return typing_results.Told(told=bool(told))
