"""Whom somebody blocked is not heard: what a message of theirs does not do here.

It is opened, counted and put into the transcript like any other, so nothing of a chat
is ever missing for it. In a chat of two it is kept nowhere then; in a group it is kept,
for what others say rests on it, and whoever shows it folds it away. ADR 42.
"""

from privity.core.effects import MessageRow
from privity.core.errors import CommandRefused, Refusal
from privity.core.events import MessageArrived
from privity.core.state import Chat, ChatKind, ContactState, State
from privity.core.step import Draft

__all__ = ["UNHEARD", "check_open", "has_blocked", "is_closed", "keep", "silenced"]

UNHEARD = "unheard"
"""The state of a refound that somebody blocked offers: shown once they are let in."""


def has_blocked(state: State, account_id: bytes) -> bool:
    """Tell whether an account is blocked here."""
    known = state.contacts.get(account_id)
    return known is not None and known.state is ContactState.BLOCKED


def silenced(state: State) -> frozenset[bytes]:
    """Return all accounts that are blocked here."""
    return frozenset(one for one in state.contacts if has_blocked(state, one))


def is_closed(state: State, chat: Chat) -> bool:
    """Tell whether a chat is one of two with somebody blocked."""
    return chat.kind is ChatKind.DIRECT and has_blocked(state, chat.peer)


def check_open(state: State, chat: Chat) -> None:
    """Refuse to say something to somebody blocked; raises CommandRefused."""
    if is_closed(state, chat):
        raise CommandRefused(Refusal.BLOCKED)


def keep(draft: Draft, chat: Chat, row: MessageRow) -> None:
    """Keep a message of somebody else and tell of it, if they are heard here."""
    is_quiet = has_blocked(draft.state, row.sender)
    if is_quiet and chat.kind is ChatKind.DIRECT:
        return
    draft.put_message(row, quiet=is_quiet)
    draft.show(MessageArrived(chat.chat_id, row.idem, row.seq))
