"""Control messages: titles, names and mailbox keys, inside the encryption.

They travel as messages like any other; what they say is applied by each reader.
"""

from msgspec import structs

from privity.content.build import control_message, origin
from privity.content.control import ChatTitle, ControlItem, MailboxKey, Profile
from privity.content.mimi import MimiContent
from privity.content.view import Control, read
from privity.core import lanes, outbox
from privity.core.chat_rules import accounts_of, may_change_members, parse_rules
from privity.core.events import ChatChanged, ContactChanged, Line
from privity.core.lines import write_line
from privity.core.state import Chat, ChatKind, Contact, ContactState, Status
from privity.core.step import Draft

__all__ = ["announce", "introduce", "receive", "renew_mailbox_key"]

_LOOK_BACK = 16
"""Messages of the outbox that are looked at before something is said again."""


def receive(draft: Draft, chat: Chat, sender: bytes, content: MimiContent) -> None:
    """Apply what a control message says; anything else is left alone."""
    view = read(content)
    if not isinstance(view, Control):
        return
    for item in view.items:
        match item:
            case ChatTitle():
                _retitle(draft, chat.chat_id, sender, item.title)
            case Profile():
                _rename(draft, sender, item.display_name)
            case MailboxKey():
                _keep_key(draft, chat, sender, item.key)


def _retitle(draft: Draft, chat_id: bytes, sender: bytes, title: str) -> None:
    chat = draft.state.chats[chat_id]
    group = draft.state.groups[chat_id]
    accounts = accounts_of(group.members())
    rules = parse_rules(group.context)
    if chat.kind is not ChatKind.GROUP:
        return
    if may_change_members(rules, accounts, sender) and title != chat.title:
        draft.put_chat(structs.replace(chat, title=title))
        draft.show(ChatChanged(chat_id, chat.status.value))
        line = Line(chat_id, chat.cursor, "title", sender, text=title)
        write_line(draft, line, chat.minute)


def _rename(draft: Draft, sender: bytes, name: str) -> None:
    contact = draft.state.contacts.get(sender)
    if contact is None or contact.name == name:
        return
    draft.put(sender, structs.replace(contact, name=name))
    draft.show(ContactChanged(sender, contact.state.value, name))


def _keep_key(draft: Draft, chat: Chat, sender: bytes, key: bytes) -> None:
    contact = draft.state.contacts.get(sender)
    if contact is None or chat.kind is not ChatKind.DIRECT or chat.peer != sender:
        return
    draft.put(sender, structs.replace(contact, mailbox_key=key))


def announce(draft: Draft, chat: Chat, *items: ControlItem) -> None:
    """Send control items to a chat."""
    me = draft.state.account.account_id
    where = origin(me, chat.chat_id, draft.context.random)
    outbox.compose(draft, chat, control_message(where, *items).encode())


def introduce(draft: Draft, chat_id: bytes, *first: ControlItem) -> None:
    """Tell a chat how I am called; in a direct chat also how to reach my mailbox.

    Once for all who came while it waits: it is protected when it leaves.
    """
    chat = draft.state.chats[chat_id]
    account = draft.state.account
    items: list[ControlItem] = [*first]
    if account.name:
        items.append(Profile(account.name))
    if chat.kind is ChatKind.DIRECT:
        items.append(MailboxKey(account.mailbox_key))
    if items and not _says_it_already(draft, chat_id, Control(tuple(items))):
        announce(draft, chat, *items)


def _says_it_already(draft: Draft, chat_id: bytes, wanted: Control) -> bool:
    """Tell whether the last control message that waits to be attempted is the same."""
    for item in draft.state.outgoing.get(chat_id, ())[: -_LOOK_BACK - 1 : -1]:
        if item.job or item.seq or item.proposal:
            return False
        said = read(MimiContent.decode(item.content))
        if isinstance(said, Control):
            return said == wanted
    return False


def renew_mailbox_key(draft: Draft) -> None:
    """Replace the mailbox access key; the contacts learn the new one in their chats."""
    key = draft.context.random(32)
    account = structs.replace(draft.state.account, mailbox_key=key)
    draft.put_account(account)
    lanes.tell_key(draft)
    for contact in _reachable(draft):
        chat = draft.state.chats[contact.chat_id]
        announce(draft, chat, MailboxKey(key))


def _reachable(draft: Draft) -> list[Contact]:
    found: list[Contact] = []
    for contact in draft.state.contacts.values():
        chat = draft.state.chats.get(contact.chat_id)
        usable = chat is not None and chat.status is Status.ACTIVE
        if usable and contact.state is ContactState.ACCEPTED:
            found.append(contact)
    return found
