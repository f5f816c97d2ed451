"""Removing a contact: what was between us is taken back, but for the chat of two.

That goes on as it is, since it can't be left; whoever wants to hear nothing more
blocks. Asked again, by link or handle, they are a contact again in that chat. ADR 42.
"""

from msgspec import structs

from privity.core import control, offers
from privity.core.chat_rules import accounts_of
from privity.core.errors import CommandRefused, Refusal
from privity.core.events import ContactChanged
from privity.core.state import Contact, ContactState, Invite, Status
from privity.core.step import Draft

__all__ = ["part", "rejoin"]

_OVER = (Status.LEFT, Status.REMOVED)


def part(draft: Draft, account_id: bytes) -> None:
    """Forget a contact; raises CommandRefused.

    The mailbox access key changes, as they have it: they come as strangers do. Somebody
    blocked is not removed, or nothing would keep them out.
    """
    contact = draft.state.contacts.get(account_id)
    if contact is None:
        raise CommandRefused(Refusal.NO_SUCH_CONTACT)
    if contact.state is ContactState.BLOCKED:
        raise CommandRefused(Refusal.BLOCKED)
    for invite in tuple(draft.state.invites.values()):
        if invite.account_id == account_id and not _is_under_way(invite):
            offers.forget(draft, invite)
    if _is_met(draft, account_id):
        known = structs.replace(
            contact,
            state=ContactState.KNOWN,
            nickname="",
            verified=False,
            parted=contact.parted or contact.state is ContactState.ACCEPTED,
        )
        draft.put(account_id, known)
    else:
        draft.drop(Contact, account_id)
    draft.show(ContactChanged(account_id, ContactState.KNOWN.value, contact.name))
    if contact.state is ContactState.ACCEPTED:
        control.renew_mailbox_key(draft)


def _is_under_way(invite: Invite) -> bool:
    """Tell whether an invitation has to come to its end by itself.

    Its Add is queued, or moves a chat that goes on: without an admission they would be
    in a group that they can't read.
    """
    return invite.state == "accepted" or invite.refound != b""


def _is_met(draft: Draft, account_id: bytes) -> bool:
    """Tell whether somebody may be seen in a chat, also one that is over or begins."""
    state = draft.state
    if any(i.account_id == account_id for i in state.invites.values()):
        return True
    answered = (r for r in state.requests.values() if r.state == "accepted")
    if any(request.account_id == account_id for request in answered):
        return True
    for chat in draft.state.chats.values():
        group = draft.state.groups.get(chat.chat_id)
        members = accounts_of(group.members()) if group is not None else {}
        is_unknown = group is None and not chat.peer
        if chat.peer == account_id or account_id in members or is_unknown:
            return True
    return False


def rejoin(draft: Draft, account_id: bytes, identity_key: bytes) -> bool:
    """Make somebody removed a contact again, where the chat of two goes on."""
    contact = draft.state.contacts.get(account_id)
    if contact is None or not contact.parted or contact.identity_key != identity_key:
        return False
    chat = draft.state.chats.get(contact.chat_id)
    is_there = chat is not None and chat.status not in _OVER
    if not is_there or contact.state is not ContactState.KNOWN:
        return False
    back = structs.replace(contact, state=ContactState.ACCEPTED, parted=False)
    draft.put(account_id, back)
    draft.show(ContactChanged(account_id, back.state.value, back.name))
    control.tell_mailbox_key(draft, back)
    return True
