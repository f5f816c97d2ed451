"""Asking somebody: contact links, contact requests, invitations into groups.

Three sealed messages (`sealed`) lead to a chat: the invitation, the acceptance
with a fresh key package, the admission. Nobody is added who has not accepted, and
the log of a direct chat comes into being only then. docs/spec/invitation.md.
"""

from dataclasses import dataclass

from msgspec import structs

from privity import mls
from privity.core import lanes, offers, parting
from privity.core.chat_rules import accounts_of, may_change_members, parse_rules
from privity.core.chats import GROUP_CAP, usable
from privity.core.effects import Cause
from privity.core.errors import CommandRefused, Refusal
from privity.core.events import ContactChanged, Notice
from privity.core.requests import Claimed, ClaimPackages, FindAccount, Found, Refused
from privity.core.state import (
    Chat,
    ChatKind,
    Contact,
    ContactState,
    Invite,
    Job,
    Link,
    Status,
)
from privity.core.step import Draft
from privity.errors import ProtocolError
from privity.identity.device_list import DeviceList, parse_device_list
from privity.identity.handles import parse_handle
from privity.identity.links import (
    ContactLink,
    LinkExpired,
    RelayAddress,
    check_link_usable,
    parse_link,
    render_link,
)
from privity.wire.codes import RETRYABLE, UNPAID, Code

__all__ = [
    "add_members",
    "check_words",
    "claim",
    "claimed",
    "failed",
    "found",
    "make_link",
    "not_delivered",
    "reply_private",
    "request_by_handle",
    "request_by_link",
]

_WAIT_MS = 600_000
"""Strangers cost a token each: the members of a large chat are asked over days."""
MAX_WORDS = 512
"""Bytes (UTF-8) of what may be said with an invitation."""


def make_link(draft: Draft, expiry: int, uses: int) -> str:
    """Make a contact link and return its text."""
    account, random = draft.state.account, draft.context.random
    private, public = mls.suite(account.suite).derive_key_pair(random(32))
    secret = random(16)
    link = Link(
        secret=secret,
        reply_private=private,
        created=draft.context.now,
        expiry=expiry,
        uses=uses,
    )
    draft.put(secret, link)
    address = RelayAddress(
        account.host.encode(), account.url.encode(), account.fingerprint
    )
    return render_link(
        ContactLink(
            relay=address,
            secret=secret,
            expiry=expiry,
            uses=uses,
            account_id=account.account_id,
            identity_key=account.identity_key,
            mailbox_ids=(account.mailbox_id,),
            reply_key=public,
            code=b"",
        )
    )


def request_by_link(draft: Draft, text: str, words: str) -> bytes:
    """Ask the account of a contact link for a chat; returns the invite id.

    Of somebody removed with whom there is a chat still it is the account id: they are a
    contact again.
    """
    check_words(words)
    link = parse_link(text)
    if not isinstance(link, ContactLink):
        raise CommandRefused(Refusal.WRONG_LINK, "register")
    try:
        check_link_usable(link, draft.context.now)
    except LinkExpired:
        raise CommandRefused(Refusal.LINK_EXPIRED) from None
    if link.relay.host != draft.state.account.host.encode():
        raise CommandRefused(Refusal.OTHER_RELAY, link.relay.host.decode())
    target = _Target(link.account_id, link.identity_key)
    if parting.rejoin(draft, target.account_id, target.identity_key):
        return target.account_id
    invite = _new_request(draft, target, words, state="sent")
    for mailbox_id in link.mailbox_ids:
        offers.send_invitation(
            draft, invite, (link.reply_key, mailbox_id, b""), link_secret=link.secret
        )
    return invite.invite_id


def check_words(words: str) -> None:
    """Refuse more than an invitation can say; raises CommandRefused."""
    if len(words.encode()) > MAX_WORDS:
        raise CommandRefused(Refusal.TOO_LARGE)


@dataclass(frozen=True, slots=True)
class _Target:
    account_id: bytes
    identity_key: bytes
    handle: str = ""


def request_by_handle(draft: Draft, handle: str, words: str) -> bytes:
    """Ask the account behind a handle for a chat; returns the invite id."""
    check_words(words)
    account = draft.state.account
    full = handle if "@" in handle else f"{handle}@{account.host}"
    parsed = parse_handle(full)
    if parsed.host != account.host:
        raise CommandRefused(Refusal.OTHER_RELAY, parsed.host)
    if parsed.name == account.handle.partition("@")[0]:
        raise CommandRefused(Refusal.OWN_LINK)
    invite = Invite(
        invite_id=draft.context.random(16),
        account_id=b"",
        kind=ChatKind.DIRECT,
        chat_id=b"",
        reply_private=reply_private(draft),
        created=draft.context.now,
        state="finding",
        text=words,
    )
    draft.put(invite.invite_id, invite)
    request = FindAccount(parsed.name)
    cause = Cause("find", invite.invite_id)
    draft.send(request, cause, invite.invite_id)
    return invite.invite_id


def found(draft: Draft, job: Job, answer: Found | Refused) -> None:
    """The directory knows the handle, or does not."""
    invite = draft.state.invites.get(job.context)
    draft.end_job(job.number)
    if invite is None:
        return
    if isinstance(answer, Refused):
        failed(draft, invite, answer.code)
        return
    try:
        own = parse_device_list(answer.device_list).device_list
        target = _Target(own.account_id, own.identity_key)
        if parting.rejoin(draft, target.account_id, target.identity_key):
            offers.forget(draft, invite)
            return
        _check_target(draft, target)
        _remember(draft, target, own, answer.device_list)
    except (ProtocolError, CommandRefused) as error:
        failed(draft, invite, str(error))
        return
    named = structs.replace(invite, account_id=own.account_id, state="claiming")
    draft.put(invite.invite_id, named)
    claim(draft, named, b"")


def add_members(
    draft: Draft, chat_id: bytes, members: tuple[bytes, ...], words: str
) -> tuple[bytes, ...]:
    """Invite contacts into a group; returns the invite ids. Raises CommandRefused."""
    check_words(words)
    chat = usable(draft, chat_id)
    if chat.kind is not ChatKind.GROUP:
        raise CommandRefused(Refusal.NOT_A_GROUP)
    group = draft.state.groups[chat_id]
    _check_suite(draft, group)
    accounts = accounts_of(group.members())
    rules = parse_rules(group.context)
    me = draft.state.account.account_id
    if not rules.members_add and not may_change_members(rules, accounts, me):
        raise CommandRefused(Refusal.NOT_ALLOWED, "add")
    waiting = _waiting(draft, chat)
    if len(group.members()) + len(waiting | set(members)) > GROUP_CAP:
        raise CommandRefused(Refusal.GROUP_FULL, str(GROUP_CAP))
    # Who was asked along with a refound and did not come can be asked once more.
    asked = waiting - {i.account_id for i in _calls(draft, chat)}
    contacts = [_invitable(draft, accounts, asked, m) for m in members]
    return tuple(_invite_into(draft, chat, c, words) for c in contacts)


def _check_suite(draft: Draft, group: mls.Group) -> None:
    """Refuse where an invitation would have to say for which suite a package is."""
    if group.suite.code != draft.state.account.suite:
        raise CommandRefused(Refusal.OLDER_SUITE)


def _waiting(draft: Draft, chat: Chat) -> set[bytes]:
    invites = draft.state.invites.values()
    return {
        i.account_id
        for i in invites
        if i.chat_id == chat.chat_id and i.state in ("claiming", "sent", "accepted")
    }


def _calls(draft: Draft, chat: Chat) -> list[Invite]:
    """Return my invitations into the log of a chat that nobody has accepted yet."""
    return [
        invite
        for invite in draft.state.invites.values()
        if invite.chat_id == chat.chat_id
        and invite.refound
        and invite.state in ("claiming", "sent")
    ]


def _along(draft: Draft, chat: Chat, account_id: bytes) -> bytes:
    """Return my statement if I made this log and somebody may come along still."""
    moved, me = draft.state.moved.get(chat.chat_id), draft.state.account.account_id
    if moved is None or moved.signer != me or moved.is_over(draft.context.now):
        return b""
    is_out = account_id in moved.gone or account_id in moved.left_out
    return b"" if is_out or account_id not in moved.ground.accounts else moved.statement


def _invitable(
    draft: Draft,
    accounts: dict[bytes, list[int]],
    waiting: set[bytes],
    account_id: bytes,
) -> Contact:
    contact = draft.state.contacts.get(account_id)
    if contact is None:
        raise CommandRefused(Refusal.NO_SUCH_CONTACT)
    if contact.state is ContactState.BLOCKED:
        raise CommandRefused(Refusal.BLOCKED)
    if contact.state is not ContactState.ACCEPTED:
        raise CommandRefused(Refusal.NOT_A_CONTACT)
    if not contact.mailbox_key:
        # Who asked tells it in the chat, which their device begins.
        raise CommandRefused(Refusal.NO_KEY_YET)
    if account_id in accounts:
        raise CommandRefused(Refusal.ALREADY_MEMBER)
    if account_id in waiting:
        raise CommandRefused(Refusal.ALREADY_ASKED)
    return contact


def _invite_into(draft: Draft, chat: Chat, contact: Contact, words: str) -> bytes:
    for call in _calls(draft, chat):
        if call.account_id == contact.account_id:
            offers.forget(draft, call)
    invite = Invite(
        invite_id=draft.context.random(16),
        account_id=contact.account_id,
        kind=ChatKind.GROUP,
        chat_id=chat.chat_id,
        reply_private=reply_private(draft),
        created=draft.context.now,
        state="claiming",
        text=words,
        refound=_along(draft, chat, contact.account_id),
    )
    draft.put(invite.invite_id, invite)
    claim(draft, invite, contact.mailbox_key)
    return invite.invite_id


def claim(draft: Draft, invite: Invite, mailbox_key: bytes) -> None:
    """Ask for key packages of whom an invitation is for, to seal it to them."""
    suite = draft.state.account.suite
    request = ClaimPackages(invite.account_id, suite, mailbox_key)
    cause = Cause("claim", invite.invite_id)
    draft.send(request, cause, invite.invite_id)


def claimed(draft: Draft, job: Job, answer: Claimed | Refused) -> None:
    """Key packages came: seal the invitation to each of the account's devices."""
    invite = draft.state.invites.get(job.context)
    refused = answer.named if isinstance(answer, Refused) else None
    if refused is Code.ACCESS_KEY_NEEDED and lanes.retry_otherwise(draft, job):
        return
    patient = invite is not None and invite.refound
    if patient and isinstance(answer, Refused) and _may_come_yet(answer):
        draft.again_in(job.number, answer.pause_ms(_WAIT_MS))
        return
    draft.end_job(job.number)
    if invite is None:
        return
    if isinstance(answer, Refused):
        failed(draft, invite, answer.code)
        return
    try:
        _offer(draft, invite, answer)
    except ProtocolError as error:
        failed(draft, invite, str(error))
        return
    if invite.state == "telling":
        # Nobody is asked: what could be accepted opens nothing.
        offers.forget(draft, invite)
        return
    sent = structs.replace(invite, state="sent")
    draft.put(invite.invite_id, sent)


def _may_come_yet(refused: Refused) -> bool:
    return refused.named in RETRYABLE | UNPAID | {Code.REQUESTS_CLOSED}


def _offer(draft: Draft, invite: Invite, answer: Claimed) -> None:
    own = parse_device_list(answer.device_list).device_list
    contact = draft.state.contacts[invite.account_id]
    if (own.account_id, own.identity_key) != (
        contact.account_id,
        contact.identity_key,
    ):
        raise ProtocolError("the relay answered with another identity key")
    target = _Target(own.account_id, own.identity_key)
    _remember(draft, target, own, answer.device_list, asks=not invite.refound)
    chat = draft.state.chats.get(invite.chat_id)
    title = chat.title if chat else ""
    packages = dict(answer.packages)
    if len(packages) != len(answer.packages):
        raise ProtocolError("two key packages of one device")
    reachable = 0
    for device_id, data in packages.items():
        package = offers.checked_package(draft.state.account, own, device_id, data)
        device = own.device(device_id)
        if device is None:
            continue
        where = (package.init_key, device.mailbox_id, contact.mailbox_key)
        offers.send_invitation(draft, invite, where, title=title)
        reachable += 1
    if not reachable:
        raise ProtocolError("the account has no key package to invite it with")


def _new_request(draft: Draft, target: _Target, words: str, *, state: str) -> Invite:
    _check_target(draft, target)
    _remember(draft, target, None, b"")
    invite = Invite(
        invite_id=draft.context.random(16),
        account_id=target.account_id,
        kind=ChatKind.DIRECT,
        chat_id=b"",
        reply_private=reply_private(draft),
        created=draft.context.now,
        state=state,
        text=words,
    )
    draft.put(invite.invite_id, invite)
    return invite


def _check_target(draft: Draft, target: _Target) -> None:
    """Refuse to ask oneself, somebody blocked, or somebody twice."""
    if target.account_id == draft.state.account.account_id:
        raise CommandRefused(Refusal.OWN_LINK)
    contact = draft.state.contacts.get(target.account_id)
    if contact is None:
        return
    if contact.identity_key != target.identity_key:
        raise ProtocolError("the account has another identity key than before")
    if contact.state is ContactState.BLOCKED:
        raise CommandRefused(Refusal.BLOCKED)
    if contact.state is ContactState.ACCEPTED and not _is_over(draft, contact):
        raise CommandRefused(Refusal.ALREADY_CONTACT)
    if any(
        i.account_id == target.account_id and i.kind is ChatKind.DIRECT
        for i in draft.state.invites.values()
        if i.state in ("sent", "claiming")
    ):
        raise CommandRefused(Refusal.ALREADY_ASKED)


def _is_over(draft: Draft, contact: Contact) -> bool:
    """Tell whether I have left the chat with a contact, as it was stuck here."""
    chat = draft.state.chats.get(contact.chat_id)
    return chat is not None and chat.status in (Status.LEFT, Status.REMOVED)


def _remember(
    draft: Draft,
    target: _Target,
    own: DeviceList | None,
    device_list: bytes,
    *,
    asks: bool = True,
) -> None:
    contact = draft.state.contacts.get(target.account_id) or Contact(
        account_id=target.account_id,
        identity_key=target.identity_key,
        state=ContactState.REQUESTED,
    )
    if asks and contact.state is ContactState.KNOWN:
        contact = structs.replace(contact, state=ContactState.REQUESTED)
    if own is not None:
        _check_version(contact, own)
        mailboxes = tuple((d.device_id, d.mailbox_id) for d in own.devices)
        contact = structs.replace(contact, mailboxes=mailboxes, device_list=device_list)
    draft.put(contact.account_id, contact)
    draft.show(ContactChanged(contact.account_id, contact.state.value, contact.name))


def _check_version(contact: Contact, own: DeviceList) -> None:
    """Refuse a list older than one that was seen: it would bring devices back."""
    if not contact.device_list:
        return
    seen = parse_device_list(contact.device_list).device_list
    if own.list_version < seen.list_version:
        raise ProtocolError("the relay answered with an older device list")


def failed(draft: Draft, invite: Invite, detail: str) -> None:
    """Forget an invitation that can't arrive, and say so."""
    offers.forget(draft, invite)
    draft.show(Notice("invitation_failed", detail))


def not_delivered(draft: Draft, job: Job, code: Code) -> None:
    """Say that a sealed message did not arrive; an invitation can be made anew."""
    invite = draft.state.invites.get(job.reason_id)
    if job.reason == "invitation" and code is Code.REQUESTS_CLOSED and invite:
        failed(draft, invite, code.value)
    else:
        draft.show(Notice("not_delivered", code.value))


def reply_private(draft: Draft) -> bytes:
    """Make the private half of a reply key."""
    suite = mls.suite(draft.state.account.suite)
    return suite.derive_key_pair(draft.context.random(32))[0]
