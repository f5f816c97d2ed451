"""Control messages: titles, names and mailbox keys, inside the encryption.

They travel as messages like any other; what they say is applied by each reader.
"""

from collections.abc import Iterator

from msgspec import structs

from privity.content.build import control_message, origin
from privity.content.control import (
    ChatTimer,
    ChatTitle,
    ControlItem,
    MailboxKey,
    Profile,
    ProfilePicture,
)
from privity.content.mimi import MimiContent
from privity.content.view import Control, read
from privity.core import lanes, outbox, silence
from privity.core.chat_rules import accounts_of, may_change_members, parse_rules
from privity.core.events import ChatChanged, ContactChanged, Line
from privity.core.lines import write_line
from privity.core.state import Account, Chat, ChatKind, Contact, ContactState, Status
from privity.core.step import Draft

__all__ = [
    "announce",
    "introduce",
    "receive",
    "renew_mailbox_key",
    "said",
    "tell_changes",
    "tell_mailbox_key",
]

_LOOK_BACK = 16
"""Messages of the outbox that are looked at before something is said again."""


def receive(draft: Draft, chat: Chat, sender: bytes, content: MimiContent) -> None:
    """Apply what a control message says; anything else is left alone."""
    view = read(content)
    if not isinstance(view, Control):
        return
    for item in view.items:
        if _is_unheard(draft, chat, sender, item):
            continue
        match item:
            case ChatTitle():
                _retitle(draft, chat.chat_id, sender, item.title)
            case Profile():
                _change(draft, sender, name=item.display_name)
            case ProfilePicture():
                _change(draft, sender, picture=item.data)
            case MailboxKey():
                _keep_key(draft, chat, sender, item.key)
            case ChatTimer():
                _set_timer(draft, chat.chat_id, sender, item.seconds)


def _is_unheard(draft: Draft, chat: Chat, sender: bytes, item: ControlItem) -> bool:
    """Tell whether somebody blocked shows something of themselves, or sets our timer.

    Keys are taken on: whoever is let in again can be reached.
    """
    if not silence.has_blocked(draft.state, sender):
        return False
    is_own = isinstance(item, ChatTimer) and chat.kind is ChatKind.DIRECT
    return is_own or isinstance(item, Profile | ProfilePicture)


def said(draft: Draft, chat: Chat, content: bytes) -> None:
    """Apply what I said myself, now that it has its place among what others say."""
    view = read(MimiContent.decode(content))
    me = draft.state.account.account_id
    for item in view.items if isinstance(view, Control) else ():
        if isinstance(item, ChatTimer):
            _set_timer(draft, chat.chat_id, me, item.seconds)


def _set_timer(draft: Draft, chat_id: bytes, by: bytes, seconds: int) -> None:
    chat = draft.state.chats[chat_id]
    if seconds != chat.timer:
        draft.put_chat(structs.replace(chat, timer=seconds))
        draft.show(ChatChanged(chat_id, chat.status.value))
        line = Line(chat_id, chat.cursor, "timer", by, text=str(seconds))
        write_line(draft, line, chat.minute)


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


def _change(draft: Draft, sender: bytes, **shown: str | bytes) -> None:
    """Keep what somebody shows of themselves."""
    contact = draft.state.contacts.get(sender)
    if contact is None:
        return
    changed = structs.replace(contact, **shown)
    if changed != contact:
        draft.put(sender, changed)
        draft.show(ContactChanged(sender, contact.state.value, changed.name))


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
    if silence.is_closed(draft.state, chat):
        # It would learn the mailbox key that replaced the one it had.
        return
    account = draft.state.account
    items: list[ControlItem] = [*first, *_myself(account)]
    peer = draft.state.contacts.get(chat.peer)
    # Somebody removed learns it when they are a contact again.
    is_mine = peer is not None and peer.state is ContactState.ACCEPTED
    if chat.kind is ChatKind.DIRECT and is_mine:
        items.append(MailboxKey(account.mailbox_key))
    if items and not _says_it_already(draft, chat_id, Control(tuple(items))):
        announce(draft, chat, *items)
    _told(draft, chat_id)


def tell_changes(draft: Draft, chat_id: bytes) -> None:
    """Tell a new name or picture in front of what is said in a chat anyhow.

    Told everywhere at once, it would show a relay which chats are one account's.
    """
    chat, account = draft.state.chats[chat_id], draft.state.account
    if chat.profile < account.profile:
        name = [Profile(account.name)] if account.name else []
        announce(draft, chat, *name, ProfilePicture(account.picture))
        _told(draft, chat_id)


def _told(draft: Draft, chat_id: bytes) -> None:
    chat, now = draft.state.chats[chat_id], draft.state.account.profile
    if chat.profile != now:
        draft.put_chat(structs.replace(chat, profile=now))


def _myself(account: Account) -> Iterator[ControlItem]:
    if account.name:
        yield Profile(account.name)
    if account.picture:
        yield ProfilePicture(account.picture)


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
    for contact in tuple(draft.state.contacts.values()):
        tell_mailbox_key(draft, contact)


def tell_mailbox_key(draft: Draft, contact: Contact) -> None:
    """Tell a contact the mailbox access key, in the chat with them if there is one."""
    chat = draft.state.chats.get(contact.chat_id)
    usable = chat is not None and chat.status is Status.ACTIVE
    if chat is not None and usable and contact.state is ContactState.ACCEPTED:
        announce(draft, chat, MailboxKey(draft.state.account.mailbox_key))
