"""What a message says beside its content: its number, and talk of missing messages."""

from privity import mls
from privity.content.control import HandedOn, MissingAsked
from privity.content.franking import AppPayload
from privity.content.mimi import MimiContent
from privity.content.view import Control, read
from privity.core import counting, fetching, handing, transcripts
from privity.core.state import Chat
from privity.core.step import Draft

__all__ = ["heard", "receive"]


def heard(
    draft: Draft, chat: Chat, leaf: mls.LeafNode, payload: AppPayload, seq: int
) -> None:
    """Note the number of a message, and the epoch that its signature covers."""
    handing.keep_context(draft, chat, draft.state.groups[chat.chat_id])
    counting.note(draft, chat, leaf, payload, seq)
    transcripts.compare(draft, chat, leaf, payload)


def receive(draft: Draft, chat: Chat, leaf: mls.LeafNode, content: MimiContent) -> None:
    """Answer who misses messages, and take what others hand on."""
    view = read(content)
    if not isinstance(view, Control):
        return
    parts = [item for item in view.items if isinstance(item, HandedOn)]
    if parts:
        _handed_on(draft, chat, leaf, parts)
    for item in view.items:
        if isinstance(item, MissingAsked):
            handing.asked(draft, chat, leaf, item.body)


def _handed_on(
    draft: Draft, chat: Chat, leaf: mls.LeafNode, parts: list[HandedOn]
) -> None:
    first = parts[0]
    sealed = b"".join(p.sealed for p in parts if p.ask_id == first.ask_id)
    answer = HandedOn(first.ask_id, first.is_all, sealed)
    if answer.is_all:
        handing.other_gave(draft, answer.ask_id, leaf.credential.identity)
    fetching.received(draft, chat, leaf, answer)
