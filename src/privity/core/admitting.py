"""The admission: what opens a log to somebody whose Add stands in it.

It leaves only when the commit was seen in the log, in its place.
"""

from privity import mls
from privity.content.control import ChatTimer, ChatTitle, ControlItem
from privity.core import control, offers
from privity.core.effects import Cause
from privity.core.sealed import Admission, Locator, recipient_of
from privity.core.state import Chat, ChatKind, Invite
from privity.core.step import Draft
from privity.wire.entry import Header, digest
from privity.wire.frames import Entry

__all__ = ["admit"]


def admit(draft: Draft, chat: Chat, entry: Entry, invite_id: bytes) -> None:
    """Send the admission of one who accepted, and end the invitation."""
    invite = draft.state.invites.get(invite_id)
    if invite is None:
        return
    package = mls.KeyPackage.decode(invite.package)
    message = _admission(draft, chat, entry, invite, package.init_key)
    contact = draft.state.contacts[invite.account_id]
    where = dict(contact.mailboxes).get(invite.device_id)
    if where is not None:
        mailbox_key = contact.mailbox_key or invite.mailbox_key
        cause = Cause("admission", invite_id)
        key = offers.HPKEKey(package.cipher_suite, package.init_key)
        offers.post(draft, message, key, (where, mailbox_key), cause)
    offers.forget(draft, invite)
    is_titled = chat.kind is ChatKind.GROUP and chat.title
    first: list[ControlItem] = [ChatTitle(chat.title)] if is_titled else []
    if chat.timer:
        first.append(ChatTimer(chat.timer))
    control.introduce(draft, chat.chat_id, *first)


def _admission(
    draft: Draft, chat: Chat, entry: Entry, invite: Invite, public: bytes
) -> Admission:
    header = Header.parse(entry.header)
    account = draft.state.account
    welcome = Locator(entry.seq, header.parent, header.welcome_hash or bytes(32))
    checkpoint = Locator(
        chat.checkpoint_seq, chat.checkpoint_parent, chat.checkpoint_hash
    )
    return Admission(
        version=1,
        recipient=recipient_of(public),
        certificate=offers.certificate(account),
        invite_id=invite.invite_id,
        chat_id=chat.chat_id,
        host=account.host.encode(),
        log_id=chat.log_id,
        generation=chat.generation,
        secret=chat.secret,
        seq=entry.seq,
        digest=digest(entry.header, entry.envelope),
        chain=chat.chain,
        welcome=welcome,
        checkpoint=checkpoint,
        title=offers.short(chat.title, 256),
    )
