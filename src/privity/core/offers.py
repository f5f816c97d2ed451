"""Invitations that I send: made, sealed to a device, put into its mailbox."""

from typing import NamedTuple

from privity import mls
from privity.core.chat_rules import certificate_of
from privity.core.effects import Cause
from privity.core.lanes import door_of
from privity.core.refounds import Refounding
from privity.core.requests import PostSealed
from privity.core.sealed import (
    Invitation,
    InvitationKind,
    MailboxRef,
    Message,
    RefoundCall,
    recipient_of,
    seal_message,
)
from privity.core.state import Account, ChatKind, Invite
from privity.core.step import Draft
from privity.errors import ProtocolError
from privity.identity.certificates import DeviceCertificate
from privity.identity.device_list import (
    DeviceList,
    best_common_suite,
    parse_device_list,
)

__all__ = [
    "HPKEKey",
    "certificate",
    "checked_package",
    "forget",
    "my_mailboxes",
    "post",
    "send_invitation",
    "short",
]


class HPKEKey(NamedTuple):
    """A public key to seal to, and the suite that it is of."""

    suite: int
    public: bytes


def certificate(account: Account) -> DeviceCertificate:
    """Return this device's own certificate."""
    return DeviceCertificate.decode(account.certificate)


def my_mailboxes(account: Account) -> tuple[MailboxRef, ...]:
    """Return where my devices are written to."""
    return (MailboxRef(account.device_id, account.mailbox_id),)


def short(text: str, limit: int) -> bytes:
    """Return text as UTF-8 of at most `limit` bytes, cut between characters."""
    return text.encode()[:limit].decode(errors="ignore").encode()


def send_invitation(
    draft: Draft,
    invite: Invite,
    target: tuple[bytes, bytes, bytes],
    *,
    title: str = "",
    link_secret: bytes | None = None,
) -> None:
    """Seal an invitation to (HPKE key, mailbox id, mailbox key or empty), post it."""
    public, mailbox_id, mailbox_key = target
    account = draft.state.account
    suite = mls.suite(account.suite)
    direct = invite.kind is ChatKind.DIRECT and not invite.refound
    invitation = Invitation(
        version=1,
        recipient=recipient_of(public),
        certificate=certificate(account),
        kind=InvitationKind.DIRECT if direct else InvitationKind.GROUP,
        invite_id=invite.invite_id,
        host=account.host.encode(),
        name=short(account.name, 128),
        handle=account.handle.encode(),
        title=short(title, 256),
        text=short(invite.text, 512),
        mailboxes=my_mailboxes(account),
        reply_key=suite.kem.public_of(invite.reply_private),
        link_secret=link_secret,
    )
    message: Message = invitation
    if invite.refound:
        message = RefoundCall(invitation, Refounding.decode(invite.refound))
    cause = Cause("invitation", invite.invite_id)
    key = HPKEKey(account.suite, public)
    post(draft, message, key, (mailbox_id, mailbox_key), cause)


def post(
    draft: Draft,
    message: Message,
    key: HPKEKey,
    mailbox: tuple[bytes, bytes],
    cause: Cause,
) -> None:
    """Sign and seal a message, and put it into (mailbox id, mailbox key or empty)."""
    seed = draft.state.account.signature_seed
    body = seal_message(mls.suite(key.suite), key.public, message, seed)
    mailbox_id, mailbox_key = mailbox
    idem, door = draft.context.random(16), door_of(key.public)
    request = PostSealed(mailbox_id, body, idem, mailbox_key, door)
    draft.send(request, cause)


def checked_package(
    account: Account, device_list: DeviceList, device_id: bytes, data: bytes
) -> mls.KeyPackage:
    """Return a key package after checking that it is of that device of that account.

    Raises ProtocolError: nobody may put another's package in an account's place, nor
    one of a weaker suite than the two accounts have in common.
    """
    suite = mls.suite(account.suite)
    package = mls.KeyPackage.decode(data)
    mls.validate_key_package(suite, package)
    mine = parse_device_list(account.device_list).device_list
    if package.cipher_suite != best_common_suite(mine, device_list):
        raise ProtocolError("a key package weaker than what both accounts have")
    claim = certificate_of(package.leaf_node).claim
    device = device_list.device(device_id)
    if device is None or device.signature_key != claim.signature_key:
        raise ProtocolError("a key package of a device that is not in the list")
    if (claim.account_id, claim.identity_key, claim.device_id) != (
        device_list.account_id,
        device_list.identity_key,
        device_id,
    ):
        raise ProtocolError("a key package of another account")
    return package


def forget(draft: Draft, invite: Invite) -> None:
    """Drop an invitation of mine; an answer to it opens nothing any more."""
    draft.drop(Invite, invite.invite_id)
