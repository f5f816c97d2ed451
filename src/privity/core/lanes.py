"""Who may write to my mailbox: the access key, the lane of strangers and its doors.

A message for me is sealed to a key that I gave away: with a link, an invitation, an
acceptance. Whoever knows such a key has a *door*, derived from it, by which a lane that
is closed still takes what I wait for. The relay hears of doors only while the lane is
closed. docs/spec/work.md.
"""

from hashlib import sha256

from msgspec import structs

from privity import mls
from privity.core.effects import Cause
from privity.core.requests import (
    ClaimPackages,
    PostSealed,
    SetMailboxKey,
    SetRequestsLane,
)
from privity.core.state import Contact, Job, State
from privity.core.step import Draft
from privity.identity.kdf import expand
from privity.wire.limits import KEY_PACKAGE_LIFETIME, MAILBOX_DOORS

__all__ = [
    "close",
    "door_of",
    "is_first_refusal",
    "is_worth_waiting",
    "keep",
    "refused",
    "retry_otherwise",
    "tell_again",
    "tell_key",
    "told",
]

_AWAITING = ("claiming", "sent")


def door_of(public: bytes) -> bytes:
    """Return what lets a message in that is sealed to this key of mine (32 bytes)."""
    return expand(sha256(public).digest(), b"door")


def close(draft: Draft, *, closed: bool) -> None:
    """Let strangers ask by my links only, or let all ask."""
    account = structs.replace(draft.state.account, requests_closed=closed)
    draft.put_account(account)
    _tell(draft)


def keep(draft: Draft, before: State) -> None:
    """Tell the relay which doors came and went in a step, while the lane is closed."""
    state = draft.state
    if not state.account.requests_closed:
        return
    tables = ("links", "invites", "packages")
    if any(getattr(state, name) is not getattr(before, name) for name in tables):
        _tell(draft)


def told(draft: Draft, job: Job) -> None:
    """End what told the relay of my lane or key, and tell it what came since."""
    draft.end_job(job.number)
    match job.request:
        case SetRequestsLane():
            _tell(draft)
        case SetMailboxKey(key_hash) if key_hash != _key_hash(draft):
            tell_key(draft)
        case _:
            return


def refused(draft: Draft, job: Job) -> None:
    """End what the relay would not hear of my lane; the next change tells it again."""
    account = structs.replace(draft.state.account, lane_told=None)
    draft.put_account(account)
    draft.end_job(job.number)


def tell_again(draft: Draft) -> None:
    """Tell the relay of my lane whatever it was told: the disk went back.

    Not of my key: a newer one may have replaced it, for somebody whom I blocked.
    """
    account = structs.replace(draft.state.account, lane_told=None)
    draft.put_account(account)
    _tell(draft)


def tell_key(draft: Draft) -> None:
    """Tell the relay of my newest mailbox access key; never of two at once.

    What is sent later could arrive earlier, and an old key would open again.
    """
    if not _is_telling(draft, SetMailboxKey):
        cause = Cause("mailbox_key", draft.state.account.mailbox_id)
        draft.send(SetMailboxKey(_key_hash(draft)), cause)


def retry_otherwise(draft: Draft, job: Job) -> bool:
    """Send what was refused for its mailbox access key by the newest one, or by none.

    Tells whether there was such a key. Without one it costs what strangers pay, and
    whoever gets it sees by the signature inside that a contact wrote it.
    """
    request = job.request
    if not isinstance(request, PostSealed | ClaimPackages) or not request.mailbox_key:
        return False
    contact = _contact_of(draft, request)
    newest = contact.mailbox_key if contact else b""
    key = b"" if newest == request.mailbox_key else newest
    again = structs.replace(request, mailbox_key=key)
    if isinstance(again, PostSealed):
        again = structs.replace(again, idem=draft.context.random(16))
    changed = structs.replace(job, request=again)
    draft.change_job(changed)
    draft.send_again(changed)
    return True


def is_first_refusal(draft: Draft, job: Job) -> bool:
    """Tell whether a letter was never refused before, and note when it was."""
    if job.context:
        return False
    noted = draft.context.now.to_bytes(8, "big")
    draft.change_job(structs.replace(job, context=noted))
    return True


def is_worth_waiting(draft: Draft, job: Job) -> bool:
    """Tell whether a closed lane may still open its door to a letter.

    The keys that open it are gone after the life of a key package. A clock that was
    set back makes it wait longer, never shorter.
    """
    if is_first_refusal(draft, job):
        return True
    since = int.from_bytes(job.context, "big")
    return draft.context.now < since + KEY_PACKAGE_LIFETIME


def _contact_of(draft: Draft, request: PostSealed | ClaimPackages) -> Contact | None:
    contacts = draft.state.contacts
    if isinstance(request, ClaimPackages):
        return contacts.get(request.account_id)
    where = request.mailbox_id
    return next(
        (c for c in contacts.values() if where in dict(c.mailboxes).values()), None
    )


def _tell(draft: Draft) -> None:
    account = draft.state.account
    closed = account.requests_closed
    wanted = SetRequestsLane(closed, _doors(draft) if closed else ())
    if wanted == account.lane_told or _is_telling(draft, SetRequestsLane):
        return
    draft.put_account(structs.replace(account, lane_told=wanted))
    draft.send(wanted, Cause("requests_lane", account.mailbox_id))


def _is_telling(
    draft: Draft, kind: type[SetMailboxKey] | type[SetRequestsLane]
) -> bool:
    return any(isinstance(job.request, kind) for job in draft.state.jobs.values())


def _key_hash(draft: Draft) -> bytes:
    return sha256(draft.state.account.mailbox_key).digest()


def _doors(draft: Draft) -> tuple[bytes, ...]:
    """Return the doors to all that is awaited; of too many links, then the newest."""
    awaited = sorted(_awaited(draft), reverse=True)[:MAILBOX_DOORS]
    return tuple(sorted(sha256(door_of(public)).digest() for *_, public in awaited))


def _awaited(draft: Draft) -> list[tuple[bool, int, bytes]]:
    """Return (whether a link, when given away, public key) of all that may be answered.

    Whoever holds a link has nothing else; who was invited mostly has my mailbox key.
    """
    state, now = draft.state, draft.context.now
    kem = mls.suite(state.account.suite).kem
    keys = [
        (True, link.created, kem.public_of(link.reply_private))
        for link in state.links.values()
        if not (link.expiry and now >= link.expiry)
        and not (link.uses and link.used >= link.uses)
    ]
    keys += [
        (False, invite.created, kem.public_of(invite.reply_private))
        for invite in state.invites.values()
        if invite.state in _AWAITING
    ]
    keys += [
        (False, package.created, _init_key(package.bundle))
        for package in state.packages.values()
        if package.invite_id
    ]
    return keys


def _init_key(bundle: bytes) -> bytes:
    return mls.KeyPackageBundle.decode(bundle).key_package.init_key
