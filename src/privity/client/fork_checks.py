"""Two histories of a chat: which messages only one of them may have, and what then."""

from collections import Counter

from privity.client import views
from privity.client.rows import Place
from privity.client.store import Store
from privity.client.timeline import is_visible, view_of
from privity.client.verbs import results
from privity.core.agreeing import agreement
from privity.core.effects import MessageState
from privity.core.seen import KnownFork
from privity.core.state import Chat, State, Status
from privity.identity.ids import id_to_text
from privity.wire.heads import Fork

__all__ = ["check_forks", "has_two_histories"]

_SHORT = 6
_MOST = 1_000
_LAST = (1 << 63) - 1


def has_two_histories(state: State, chat: Chat) -> bool:
    """Tell whether somebody of a chat is known to have been shown another log of it."""
    known = state.forks.get(chat.chat_id)
    is_proven = known is not None and known.log_id == chat.log_id
    return is_proven or bool(agreement(state, chat.chat_id).unlike)


def check_forks(
    state: State, store: Store, chat_id: bytes = b""
) -> list[results.Check]:
    """Say of each chat, or of one, what stands only in what this device was shown.

    Nothing for a chat of whose log no two histories are known.
    """
    wanted = [state.chats[chat_id]] if chat_id else state.chats.values()
    forks = [(chat, state.forks.get(chat.chat_id)) for chat in wanted]
    return [
        _check(state, store, chat, known)
        for chat, known in forks
        if known is not None and known.log_id == chat.log_id
    ]


def _check(state: State, store: Store, chat: Chat, known: KnownFork) -> results.Check:
    at = Fork.decode(known.fork).first.head.seq
    counts = _shown_behind(store, chat, at, known.found)
    people = ((views.person(state, who).name, n) for who, n in counts.items())
    told = ", ".join(f"{count} of {name}" for name, count in people)
    text = id_to_text(chat.chat_id)[:_SHORT]
    return results.Check(
        name=f"history {text}",
        ok=chat.status is Status.ACTIVE,
        detail=f"{views.title_of(state, chat)}: the relay signed two histories, which"
        f" part at entry {at} at the latest; messages that the other one may not"
        f" have, at least: {told or 'none'}",
        next="Ask their senders to say them again, as you can what you said:"
        f" privity resend {text} MESSAGE. The proof: privity repair evidence {text}",
    )


def _shown_behind(store: Store, chat: Chat, at: int, found: int) -> Counter[bytes]:
    """Count by sender what was shown from an entry on, until the fork was found."""
    before = Place(chat.base + at - 1, _LAST, _LAST)
    rows = [kept.row for kept in store.history(chat.chat_id, after=before, limit=_MOST)]
    return Counter(
        row.sender
        for row in rows
        if row.state in (MessageState.SENT, MessageState.RECEIVED)
        and row.minute * 60 <= found
        and is_visible(view_of(row))
    )
