"""What is missing in a chat, as a person is told: how many messages, and of whom."""

from privity.client import views
from privity.client.verbs import results
from privity.core.state import Chat, State, Status
from privity.core.tallies import missing_by_account
from privity.identity.ids import id_to_text

__all__ = ["check_messages"]

_SHORT = 6


def check_messages(state: State) -> list[results.Check]:
    """Say for each chat what is missing; in one line if nothing is."""
    chats = [
        c for c in state.chats.values() if missing_by_account(state.tallies, c.chat_id)
    ]
    if not chats:
        detail = f"nothing is missing in {len(state.chats)} chats"
        return [results.Check("messages", ok=True, detail=detail, next="")]
    return [_check(state, chat) for chat in chats]


def _check(state: State, chat: Chat) -> results.Check:
    text = id_to_text(chat.chat_id)[:_SHORT]
    told = [
        f"{count} of {views.person(state, who).name}"
        for who, count in missing_by_account(state.tallies, chat.chat_id).items()
    ]
    can_ask = chat.status is Status.ACTIVE
    return results.Check(
        name=f"messages {text}",
        ok=False,
        detail=f"{views.title_of(state, chat)}: missing messages: {', '.join(told)}",
        next=f"Run: privity repair fetch {text}" if can_ask else "",
    )
