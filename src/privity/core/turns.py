"""Whose turn it is to commit what anybody may, and when a generation is to end.

docs/spec/validity.md. Where every member could make the same commit, the lowest leaf
goes first and each further one a second later; nothing of this is validity.
"""

from msgspec import structs

from privity import mls
from privity.core.state import Chat
from privity.core.step import Draft

__all__ = ["age", "hold", "is_held", "is_mine", "is_old", "may_open", "over"]

RANK_MS = 1_000
WEEK = 7 * 24 * 60
"""Minutes after which a generation ends with the next commit or message."""
RANK_MINUTES = 10
"""How much later a week ends for each further leaf: openings shall not race."""
HOLD_MS = 60_000
"""How long I commit nothing after a commit of mine was refused for good."""


def is_mine(draft: Draft, chat_id: bytes, group: mls.Group) -> bool:
    """Tell whether it is my turn to commit what is due; if not yet, wake me then.

    Who leaves has no turn: nobody can commit its own leave.
    """
    leaving = {sent.sender for _, sent in group.pending_proposals}
    staying = [index for index, _ in group.members() if index not in leaving]
    if group.own_leaf not in staying:
        return False
    turns, now = draft.state.session.turns, draft.context.now_ms
    if chat_id not in turns:
        turns = {**turns, chat_id: now}
        draft.set_session(turns=turns)
    due = turns[chat_id] + staying.index(group.own_leaf) * RANK_MS
    if due > now:
        draft.wake(due)
    return due <= now


def over(draft: Draft, chat_id: bytes) -> None:
    """Begin to wait anew the next time that something is due."""
    turns = {k: v for k, v in draft.state.session.turns.items() if k != chat_id}
    draft.set_session(turns=turns)


def hold(draft: Draft, chat_id: bytes) -> None:
    """Commit nothing for a while: what failed for good would fail again at once."""
    until = draft.context.now_ms + HOLD_MS
    draft.set_session(held={**draft.state.session.held, chat_id: until})
    draft.wake(until)


def is_held(draft: Draft, chat_id: bytes) -> bool:
    """Tell whether a commit of mine failed a moment ago."""
    return draft.state.session.held.get(chat_id, 0) > draft.context.now_ms


def may_open(draft: Draft, chat: Chat) -> bool:
    """Tell whether a commit that is made now opens a generation in any case."""
    return draft.context.minute - chat.opened >= WEEK


def is_old(draft: Draft, chat: Chat, group: mls.Group) -> bool:
    """Tell whether I open a generation before I send anything more."""
    if not may_open(draft, chat) or is_held(draft, chat.chat_id):
        return False
    rank = [index for index, _ in group.members()].index(group.own_leaf)
    return draft.context.minute - chat.opened >= WEEK + rank * RANK_MINUTES


def age(draft: Draft, chat: Chat) -> Chat:
    """Let a generation end early: the relay counts it as closed.

    It does once any commit opens another, also one that nobody follows.
    """
    opened = min(chat.opened, draft.context.minute - WEEK)
    return draft.put_chat(structs.replace(chat, opened=opened))
