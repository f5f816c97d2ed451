"""What the verbs about groups do."""

from privity.client import lookup, views
from privity.client.session import Session
from privity.client.verbs import params, results
from privity.client.verbs.chat_views import chat_view
from privity.client.verbs.talk import sent
from privity.core import inputs
from privity.core.readmission import unsent
from privity.core.state import Chat, ChatKind, State, Status
from privity.identity.ids import id_to_text

__all__ = ["add", "leave", "leave_any", "list_all", "new", "remove", "title"]


async def new(session: Session, asked: params.GroupNew) -> results.ChatCreated:
    """Create a group and invite people into it."""
    people = _accounts(session.state, asked.members)
    made = await session.do(inputs.CreateGroup(asked.title, people))
    chat_id = made if isinstance(made, bytes) else b""
    await session.settle(asked.wait)
    invited = tuple(views.person(session.state, who) for who in people)
    return results.ChatCreated(chat_view(session, chat_id), invited)


async def add(session: Session, asked: params.GroupAdd) -> results.GroupChanged:
    """Invite people into a group; each is added when they accept."""
    chat = lookup.find_group(session.state, asked.chat)
    people = _accounts(session.state, asked.members)
    await session.do(inputs.AddMembers(chat.chat_id, people, asked.text))
    await session.settle(asked.wait)
    return _changed(session, chat.chat_id, people, done=False)


async def remove(session: Session, asked: params.GroupRemove) -> results.GroupChanged:
    """Remove a person; done when the change is in the log."""
    state = session.state
    chat = lookup.find_group(state, asked.chat)
    who = _member(state, chat.chat_id, asked.who)
    await session.do(inputs.RemoveMember(chat.chat_id, who))

    def gone(state: State) -> bool:
        current = state.chats[chat.chat_id]
        return not current.intents and chat.chat_id not in state.pending

    done = await session.until(gone, asked.wait)
    return _changed(session, chat.chat_id, (who,), done=done)


async def leave(session: Session, asked: params.GroupLeave) -> results.Left:
    """Leave a group; done when another member's device has committed it."""
    chat = lookup.find_group(session.state, asked.chat)
    return await _leave(session, chat, asked.wait)


async def leave_any(session: Session, asked: params.GroupLeave) -> results.Left:
    """Leave a group, or a chat of two that is stuck here."""
    chat = lookup.find_chat(session.state, asked.chat)
    return await _leave(session, chat, asked.wait)


async def _leave(session: Session, chat: Chat, wait: float) -> results.Left:
    waiting = unsent(session.state, chat.chat_id)
    await session.do(inputs.Leave(chat.chat_id))
    is_over = session.state.chats[chat.chat_id].status is Status.LEFT

    def over(state: State) -> bool:
        return state.chats[chat.chat_id].status.value == "left"

    await session.until(over, wait)
    left = session.state.chats[chat.chat_id]
    status = "leaving" if left.leaving else left.status.value
    shown = chat_view(session, chat.chat_id)
    return results.Left(shown.chat, shown.title, status, waiting if is_over else 0)


async def list_all(session: Session, _asked: params.Nothing) -> results.ChatList:
    """Return all groups."""
    found = [c for c in session.state.chats.values() if c.kind is ChatKind.GROUP]
    found.sort(key=lambda c: (c.title.casefold(), c.chat_id))
    return results.ChatList(tuple(chat_view(session, c.chat_id) for c in found))


async def title(session: Session, asked: params.GroupTitle) -> results.Sent:
    """Give a group another title."""
    chat = lookup.find_group(session.state, asked.chat)
    idem = await session.do(inputs.SetTitle(chat.chat_id, asked.title))
    return await sent(session, chat.chat_id, idem, asked.wait)


def _accounts(state: State, names: tuple[str, ...]) -> tuple[bytes, ...]:
    found = (lookup.find_contact(state, name).account_id for name in names)
    return tuple(dict.fromkeys(found))


def _member(state: State, chat_id: bytes, who: str) -> bytes:
    """Return the account of a member; somebody else of that name is not meant."""
    inside = {person.account for person in views.members(state, chat_id)}
    known = [
        contact
        for contact in state.contacts.values()
        if id_to_text(contact.account_id) in inside
    ]
    return lookup.find_contact(state, who, known).account_id


def _changed(
    session: Session, chat_id: bytes, people: tuple[bytes, ...], *, done: bool
) -> results.GroupChanged:
    shown = tuple(views.person(session.state, who) for who in people)
    return results.GroupChanged(chat_view(session, chat_id), shown, done)
