"""Deleting a chat from this device: its messages at once, its keys with the leaving.

A group is left first, for its members shall know; what others have stays theirs. A
chat of two that goes on can't be left: its keys stay, so that nobody writes to nobody,
and none of them opens what was deleted. ADR 37.
"""

from msgspec import structs

from privity.core import chats, outbox
from privity.core.effects import ForgetMessages
from privity.core.errors import CommandRefused
from privity.core.past import forget
from privity.core.seen import KnownFork, SeenHead
from privity.core.state import Chat, ChatKind, Pending, Status
from privity.core.step import Draft
from privity.core.tallies import Tally

__all__ = ["forget_chat", "keep"]

_OVER = (Status.LEFT, Status.REMOVED)
_USABLE = (Status.ACTIVE, Status.CREATING)


def forget_chat(draft: Draft, chat_id: bytes) -> None:
    """Delete a chat, or all that was said in one of two; raises CommandRefused."""
    chat = chats.known(draft, chat_id)
    ends = chat.status in _OVER or chat.status is Status.STUCK
    stays = chat.kind is ChatKind.DIRECT and not ends
    if stays:
        _take_back(draft, chat)
    else:
        _leave(draft, chat)
        left = draft.state.chats[chat_id]
        draft.put_chat(structs.replace(left, forgotten=True))
    draft.writes.append(ForgetMessages(chat_id, stays))


def keep(draft: Draft) -> None:
    """Drop what is left of chats that were deleted, once they are over."""
    for chat in tuple(draft.state.chats.values()):
        if chat.forgotten and chat.status in _OVER:
            _drop(draft, chat)


def _take_back(draft: Draft, chat: Chat) -> None:
    """What waits is deleted like the rest; what may have left can't be called back."""
    items = draft.state.outgoing.get(chat.chat_id, ())
    waiting = [i for i in items if not i.job and not i.seq and i.content]
    for item in items:
        if item not in waiting:
            draft.put_outgoing(structs.replace(item, forgotten=True))
    for item in waiting:
        outbox.take_back(draft, chats.known(draft, chat.chat_id), item.idem)


def _leave(draft: Draft, chat: Chat) -> None:
    if chat.status in _OVER:
        return
    if chat.status in _USABLE or chat.status is Status.STUCK:
        try:
            chats.leave(draft, chat.chat_id)
        except CommandRefused:
            # It was left before, and a member's device has yet to confirm it.
            if not chat.leaving:
                raise
    else:
        chats.end(draft, chat)


def _drop(draft: Draft, chat: Chat) -> None:
    chat_id = chat.chat_id
    for item in draft.state.outgoing.get(chat_id, ()):
        draft.drop_outgoing(item)
    for job in tuple(draft.state.jobs.values()):
        if chat_id in (job.context, job.reason_id):
            draft.end_job(job.number)
    forget(draft, chat_id)
    for key in [k for k in draft.state.tallies if k.startswith(chat_id)]:
        draft.drop(Tally, key)
    draft.drop(Pending, chat_id)
    draft.drop_group(chat_id)
    draft.drop(SeenHead, chat_id)
    draft.drop(KnownFork, chat_id)
    _empty_request(draft, chat)
    draft.drop(Chat, chat_id)
    draft.writes.append(ForgetMessages(chat_id, stays=False))


def _empty_request(draft: Draft, chat: Chat) -> None:
    """Keep no words of the invitation, but that it came: it may be played again."""
    request = draft.state.requests.get(chat.invite_id)
    if request is not None:
        draft.put(chat.invite_id, structs.replace(request, title="", text=""))
