"""What is missing in a chat, as a person is told: how many messages, and of whom."""

from privity.client import views
from privity.client.verbs import results
from privity.core.agreeing import agreement
from privity.core.state import Chat, State, Status
from privity.core.tallies import missing_by_account
from privity.identity.ids import id_to_text

__all__ = ["check_agreement", "check_chat_messages", "check_messages"]

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


def check_chat_messages(state: State, chat: Chat) -> results.Check:
    """Say what is missing in one chat."""
    if missing_by_account(state.tallies, chat.chat_id):
        return _check(state, chat)
    return results.Check("messages", ok=True, detail="nothing is missing", next="")


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


def check_agreement(state: State) -> list[results.Check]:
    """Say in which chats others have shown to have read the same, or something else."""
    active = [c for c in state.chats.values() if c.status is Status.ACTIVE]
    found = [(chat, agreement(state, chat.chat_id)) for chat in active]
    alike = sum(1 for _, one in found if one.devices and one.agreed == one.devices)
    told = f"in {alike} of {len(active)} chats every device has shown to read the same"
    unlike = [(chat, one.unlike) for chat, one in found if one.unlike]
    if not unlike:
        return [results.Check("agreement", ok=True, detail=told, next="")]
    return [_check_unlike(state, chat, who) for chat, who in unlike]


def _check_unlike(state: State, chat: Chat, who: tuple[bytes, ...]) -> results.Check:
    names = ", ".join(views.person(state, one).name for one in who)
    return results.Check(
        name=f"agreement {id_to_text(chat.chat_id)[:_SHORT]}",
        ok=False,
        detail=f"{views.title_of(state, chat)}: not what this device read: {names}",
        next="Compare by another way what you have read; the relay may show two pasts.",
    )
