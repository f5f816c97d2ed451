"""What this device alone calls somebody."""

from msgspec import structs

from privity.core.errors import CommandRefused, Refusal
from privity.core.events import ContactChanged
from privity.core.step import Draft

__all__ = ["MAX_NICKNAME", "rename"]

MAX_NICKNAME = 128
"""Bytes in UTF-8, as for the names that people give themselves."""


def rename(draft: Draft, account_id: bytes, nickname: str) -> None:
    """Keep a nickname, or none; raises CommandRefused."""
    contact = draft.state.contacts.get(account_id)
    if contact is None:
        raise CommandRefused(Refusal.NO_SUCH_CONTACT)
    if len(nickname.encode()) > MAX_NICKNAME:
        raise CommandRefused(Refusal.TOO_LARGE)
    if contact.nickname == nickname:
        return
    draft.put(account_id, structs.replace(contact, nickname=nickname))
    shown = nickname or contact.name
    draft.show(ContactChanged(account_id, contact.state.value, shown))
