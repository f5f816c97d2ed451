"""The own mailbox: sealed messages are tried on every key that could open them."""

from collections.abc import Iterator

from privity import mls
from privity.core import answers, joining, offered
from privity.core.effects import AckMailbox, Cause, Kind, Put
from privity.core.events import Notice
from privity.core.sealed import (
    Acceptance,
    Admission,
    Invitation,
    RefoundCall,
    open_message,
)
from privity.core.state import Invite, Link, Package
from privity.core.step import Draft
from privity.errors import PrivityError, ProtocolError
from privity.wire.frames import MailboxEntry

__all__ = ["CURSOR", "lost", "receive"]

CURSOR = b"mailbox"
"""The id under which the mailbox cursor is stored, as eight bytes."""

_Message = Invitation | Acceptance | Admission | RefoundCall
_Key = tuple[mls.CipherSuite, bytes, type[_Message], Link | Package | Invite]


def receive(draft: Draft, entry: MailboxEntry) -> None:
    """Process one mailbox message; the relay may delete it once that is durable.

    Costs one HPKE opening for each private key that this device holds for its
    mailbox, two for a published package: about a hundred at most, plus one per open
    invitation and link.
    """
    if entry.seq > draft.state.mailbox_cursor:
        _open(draft, entry.body)
        draft.set_mailbox_cursor(entry.seq)
        draft.writes.append(Put(Kind.CURSOR, CURSOR, entry.seq.to_bytes(8, "big")))
    cause = Cause("mailbox_ack", entry.seq.to_bytes(8, "big"))
    draft.effects.append(AckMailbox(entry.seq, cause))


def lost(draft: Draft) -> None:
    """Read the mailbox from its beginning: the relay was restored, or lied before.

    What comes a second time changes nothing: keys that served once are gone, and
    requests, acceptances and admissions are known by their ids.
    """
    if draft.state.mailbox_cursor:
        draft.set_mailbox_cursor(0)
        draft.writes.append(Put(Kind.CURSOR, CURSOR, bytes(8)))
        draft.show(Notice("mailbox_restored"))


def _open(draft: Draft, body: bytes) -> None:
    for suite, private, kind, owner in _keys(draft):
        try:
            message = _try(suite, private, kind, body)
        except ProtocolError:
            continue
        _dispatch(draft, message, owner)
        return
    draft.show(Notice("mailbox_unreadable"))


def _try(
    suite: mls.CipherSuite, private: bytes, kind: type[_Message], body: bytes
) -> _Message:
    if kind is Invitation:
        return open_message(suite, private, Invitation, body)
    if kind is RefoundCall:
        return open_message(suite, private, RefoundCall, body)
    if kind is Acceptance:
        return open_message(suite, private, Acceptance, body)
    return open_message(suite, private, Admission, body)


def _keys(draft: Draft) -> Iterator[_Key]:
    own = mls.suite(draft.state.account.suite)
    for link in draft.state.links.values():
        yield own, link.reply_private, Invitation, link
    for package in draft.state.packages.values():
        bundle = mls.KeyPackageBundle.decode(package.bundle)
        # A fresh package is of the suite of the group that it leads into.
        suite = mls.suite(bundle.key_package.cipher_suite)
        if package.invite_id:
            yield suite, bundle.init_private, Admission, package
        else:
            yield suite, bundle.init_private, Invitation, package
            yield suite, bundle.init_private, RefoundCall, package
    for invite in draft.state.invites.values():
        yield own, invite.reply_private, Acceptance, invite


def _dispatch(
    draft: Draft,
    message: _Message,
    owner: Link | Package | Invite,
) -> None:
    calls = isinstance(message, Invitation | RefoundCall)
    if calls and isinstance(owner, Package):
        _use_up(draft, owner)
    mark = draft.mark()
    try:
        match message, owner:
            case Invitation(), Link():
                answers.receive_invitation(draft, message, owner)
            case Invitation(), Package():
                answers.receive_invitation(draft, message, None)
            case RefoundCall(), Package():
                offered.receive(draft, message)
            case Acceptance(), Invite():
                if message.invite_id == owner.invite_id:
                    answers.receive_acceptance(draft, message, owner)
            case Admission(), Package():
                joining.receive_admission(draft, message, owner)
            case _:
                draft.show(Notice("mailbox_unreadable"))
    except PrivityError as error:
        draft.back_to(mark)
        draft.show(Notice("mailbox_refused", str(error)))


def _use_up(draft: Draft, package: Package) -> None:
    """Delete a one-time key that opened its invitation, whatever that said."""
    if package.last_resort:
        draft.show(Notice("last_resort_used"))
    else:
        draft.drop(Package, package.ref)
