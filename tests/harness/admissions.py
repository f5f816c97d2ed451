"""Admissions that a member signs and never meant: into any chat, to any log."""

from dataclasses import replace

from privity import mls
from privity.core import inputs as i
from privity.core import offers
from privity.core.sealed import Admission, Locator, recipient_of, seal_message
from privity.wire.frames import MailboxEntry

__all__ = ["accepted", "admission", "deliver"]


def accepted(person):
    """Return what a person has accepted and not joined, and its key package."""
    requests = person.state.requests.values()
    request = next(r for r in requests if r.state == "accepted")
    packages = person.state.packages.values()
    return request, next(p for p in packages if p.invite_id == request.invite_id)


def admission(inviter, request, package, **changes):
    """Return an admission that who invited signs for an open request."""
    account = inviter.state.account
    suite = mls.suite(account.suite)
    public = mls.KeyPackageBundle.decode(package.bundle).key_package.init_key
    message = Admission(
        version=1,
        recipient=recipient_of(public),
        certificate=offers.certificate(account),
        invite_id=request.invite_id,
        chat_id=bytes(16),
        host=account.host.encode(),
        log_id=bytes(16),
        generation=0,
        secret=bytes(32),
        seq=1,
        digest=bytes(32),
        chain=bytes(32),
        welcome=Locator(1, 0, bytes(32)),
        checkpoint=Locator(0, 0, bytes(32)),
        title=b"",
    )
    message = replace(message, **changes)
    return seal_message(suite, public, message, account.signature_seed)


def deliver(person, body):
    """Put a sealed message in front of a person, behind its mailbox cursor."""
    seq = person.state.mailbox_cursor + 1
    person.mailbox_seen = seq
    person.take(i.MailboxArrived(MailboxEntry(seq, "requests", body)))
