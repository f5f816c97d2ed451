"""Being asked: requests as they arrive, accepting, declining, blocking.

And the other half of it: what an acceptance does at the one who asked.
"""

import hmac

from msgspec import structs

from privity import mls
from privity.content.mimi import MimiContent
from privity.content.view import Delete, Unreaction, read
from privity.core import (
    chats,
    committing,
    control,
    moving,
    offers,
    outbox,
    placing,
    readmission,
    silence,
)
from privity.core.chat_rules import certificate_of
from privity.core.effects import Cause
from privity.core.emptying import empty_out, is_empty
from privity.core.errors import CommandRefused, RefoundDoubted, Refusal
from privity.core.events import (
    ChatChanged,
    ContactChanged,
    Line,
    Notice,
    RefoundOffered,
    RequestArrived,
)
from privity.core.leaves import leaf_identity
from privity.core.lines import write_line
from privity.core.refounds import Refounding
from privity.core.sealed import Acceptance, Invitation, InvitationKind, recipient_of
from privity.core.state import (
    Account,
    Chat,
    ChatKind,
    Contact,
    ContactState,
    Intent,
    Invite,
    Link,
    Package,
    Request_,
    Status,
)
from privity.core.step import Draft
from privity.core.vouching import is_omitted
from privity.errors import ProtocolError
from privity.identity.certificates import DeviceClaim
from privity.wire.limits import KEY_PACKAGE_LIFETIME

__all__ = [
    "accept",
    "block",
    "decline",
    "may_ask",
    "may_offer",
    "receive_acceptance",
    "receive_invitation",
    "request_of",
]

MAX_UNDECIDED = 256
"""Requests that wait for their owner; what comes on top of them is dropped."""
_CLOCK_SKEW = 3600
_UNDECIDED = ("pending", readmission.HELD)
_OVER = (Status.LEFT, Status.REMOVED)


def receive_invitation(draft: Draft, message: Invitation, link: Link | None) -> None:
    """Keep a request for its owner to decide; junk and the blocked are dropped."""
    if not may_ask(draft, message):
        return
    if link is not None:
        if not _through_link(draft, message, link):
            return
    elif message.link_secret is not None:
        return
    request = request_of(draft, message, by_link=link is not None)
    draft.put(request.invite_id, request)
    if request.kind is ChatKind.DIRECT and _crosses(draft, request):
        return
    who, what = request.account_id, request.kind.value
    draft.show(
        RequestArrived(request.invite_id, who, what, request.name, request.title)
    )


def request_of(draft: Draft, message: Invitation, *, by_link: bool) -> Request_:
    """Return an invitation as the request that its owner decides on."""
    claim = message.certificate.claim
    direct = message.kind is InvitationKind.DIRECT
    return Request_(
        invite_id=message.invite_id,
        account_id=claim.account_id,
        identity_key=claim.identity_key,
        signature_key=claim.signature_key,
        kind=ChatKind.DIRECT if direct else ChatKind.GROUP,
        name=message.name.decode(errors="replace"),
        handle=message.handle.decode(errors="replace"),
        title=message.title.decode(errors="replace"),
        text=message.text.decode(errors="replace"),
        mailboxes=tuple(m.mailbox_id for m in message.mailboxes),
        reply_key=message.reply_key,
        received=draft.context.now,
        state="pending",
        by_link=by_link,
    )


def may_ask(draft: Draft, message: Invitation) -> bool:
    """Tell whether an invitation is to be kept for its owner."""
    claim = message.certificate.claim
    # Who talks with me already may have lost our chat, and ask for another one.
    is_blocked = silence.has_blocked(draft.state, claim.account_id)
    return not is_blocked and may_offer(draft, message)


def may_offer(draft: Draft, message: Invitation) -> bool:
    """Tell whether an invitation is to be kept, also one of somebody blocked."""
    claim = message.certificate.claim
    if message.invite_id in draft.state.requests or not _welcome(draft, message, claim):
        return False
    if _undecided(draft) >= MAX_UNDECIDED:
        draft.show(Notice("requests_full"))
        return False
    return True


def _welcome(draft: Draft, message: Invitation, claim: DeviceClaim) -> bool:
    account = draft.state.account
    if message.host != account.host.encode() or claim.account_id == account.account_id:
        return False
    contact = draft.state.contacts.get(claim.account_id)
    if contact is None:
        return True
    if contact.identity_key != claim.identity_key:
        draft.show(Notice("identity_changed", claim.account_id.hex()))
        return False
    return True


def _undecided(draft: Draft) -> int:
    return sum(r.state == "pending" for r in draft.state.requests.values())


def _through_link(draft: Draft, message: Invitation, link: Link) -> bool:
    """Tell whether a link still serves, and count its use."""
    secret = message.link_secret or b""
    if not hmac.compare_digest(secret, link.secret):
        return False
    if link.expiry and draft.context.now >= link.expiry:
        return False
    if link.uses and link.used >= link.uses:
        return False
    draft.put(link.secret, structs.replace(link, used=link.used + 1))
    return True


def _crosses(draft: Draft, request: Request_) -> bool:
    """Deal with two who asked each other: the lower account id's request stands.

    Both wanted the chat, so the one that stands is accepted without asking. Tells
    whether there was such a crossing.
    """
    mine = next(
        (
            i
            for i in draft.state.invites.values()
            if i.account_id == request.account_id
            and i.kind is ChatKind.DIRECT
            and i.state in ("claiming", "sent")
        ),
        None,
    )
    if mine is None:
        return False
    if request.account_id < draft.state.account.account_id:
        offers.forget(draft, mine)
        accept(draft, request.invite_id)
    else:
        draft.drop(Request_, request.invite_id)
    return True


def accept(draft: Draft, invite_id: bytes) -> None:
    """Answer a request with a fresh key package; raises CommandRefused."""
    request = _pending(draft, invite_id)
    contact = _met(draft, request)
    package = _fresh_package(draft, request)
    account = draft.state.account
    direct = request.kind is ChatKind.DIRECT and not request.refound
    message = Acceptance(
        version=1,
        recipient=recipient_of(request.reply_key),
        certificate=offers.certificate(account),
        invite_id=invite_id,
        key_package=package.key_package.encode(),
        name=offers.short(account.name, 128),
        handle=account.handle.encode(),
        mailboxes=offers.my_mailboxes(account),
        mailbox_key=account.mailbox_key if direct else b"",
    )
    cause = Cause("acceptance", invite_id)
    key = offers.HPKEKey(account.suite, request.reply_key)
    for mailbox_id in dict.fromkeys(request.mailboxes):
        where = (mailbox_id, contact.mailbox_key)
        offers.post(draft, message, key, where, cause)
    draft.put(invite_id, structs.replace(request, state="accepted"))


def _pending(draft: Draft, invite_id: bytes) -> Request_:
    request = draft.state.requests.get(invite_id)
    if request is None:
        raise CommandRefused(Refusal.NO_SUCH_REQUEST)
    if request.state != "pending":
        raise CommandRefused(Refusal.ALREADY_DECIDED, request.state)
    return request


def _fresh_package(draft: Draft, request: Request_) -> mls.KeyPackageBundle:
    account, now = draft.state.account, draft.context.now
    invite_id = request.invite_id
    suite = mls.suite(_suite_of(account, request))
    bundle = mls.make_key_package(
        suite,
        leaf_identity(account),
        random=draft.context.random,
        not_before=now - _CLOCK_SKEW,
        not_after=now + KEY_PACKAGE_LIFETIME,
    )
    ref = bundle.reference(suite)
    draft.put(
        ref, Package(ref=ref, bundle=bundle.encode(), created=now, invite_id=invite_id)
    )
    return bundle


def _suite_of(account: Account, request: Request_) -> int:
    """Return the suite of the group that a request leads into.

    A refound states it; what else anybody is invited to has the suite of all that is
    sealed.
    """
    if not request.refound:
        return account.suite
    return Refounding.decode(request.refound).suite


def _met(draft: Draft, request: Request_) -> Contact:
    contact = draft.state.contacts.get(request.account_id) or Contact(
        account_id=request.account_id,
        identity_key=request.identity_key,
        state=ContactState.KNOWN,
    )
    if contact.identity_key != request.identity_key:
        raise CommandRefused(Refusal.NOT_ALLOWED, "identity_changed")
    state = contact.state
    if request.kind is ChatKind.DIRECT and not request.refound:
        state = ContactState.ACCEPTED
    contact = structs.replace(
        contact,
        state=state,
        name=request.name or contact.name,
        handle=request.handle or contact.handle,
        parted=contact.parted and state is not ContactState.ACCEPTED,
    )
    draft.put(contact.account_id, contact)
    draft.show(ContactChanged(contact.account_id, contact.state.value, contact.name))
    return contact


def decline(draft: Draft, invite_id: bytes) -> None:
    """Drop a request; who asked is told nothing. Raises CommandRefused."""
    held = draft.state.requests.get(invite_id)
    if held is not None and held.state == readmission.HELD:
        readmission.drop(draft, held)
        return
    request = _pending(draft, invite_id)
    draft.put(invite_id, structs.replace(request, state="declined", text=""))


def block(draft: Draft, account_id: bytes, *, blocked: bool) -> None:
    """Block an account, or let it in again; raises CommandRefused.

    Blocking replaces the mailbox access key at once; the other contacts get the new
    one in their chats.
    """
    contact = draft.state.contacts.get(account_id) or _asking(draft, account_id)
    if contact is None:
        raise CommandRefused(Refusal.NO_SUCH_CONTACT)
    if not blocked:
        is_mine = contact.chat_id and not contact.parted
        state = ContactState.ACCEPTED if is_mine else ContactState.KNOWN
    else:
        state = ContactState.BLOCKED
    if contact.state is state:
        return
    draft.put(account_id, structs.replace(contact, state=state))
    draft.show(ContactChanged(account_id, state.value, contact.name))
    _note(draft, account_id, "blocked" if blocked else "unblocked")
    if blocked:
        for request in tuple(draft.state.requests.values()):
            if request.account_id == account_id and request.state in _UNDECIDED:
                _silence(draft, request)
        _take_back(draft, account_id)
        control.renew_mailbox_key(draft)
    else:
        control.tell_mailbox_key(draft, draft.state.contacts[account_id])
        _offer_again(draft, account_id)


def _silence(draft: Draft, request: Request_) -> None:
    """Take a request out of sight; one that moves a chat waits until they are heard."""
    if request.refound:
        unheard = structs.replace(request, state=silence.UNHEARD)
        draft.put(request.invite_id, unheard)
    else:
        decline(draft, request.invite_id)


def _offer_again(draft: Draft, account_id: bytes) -> None:
    """Show by what somebody who is let in again moves a chat, if it still holds.

    They are in the new log, and nothing that is said in the old one reaches them.
    """
    for request in tuple(draft.state.requests.values()):
        if request.account_id != account_id or request.state != silence.UNHEARD:
            continue
        try:
            chat, _ = moving.judged(draft, request)
        except RefoundDoubted:
            draft.drop(Request_, request.invite_id)
            continue
        draft.put(request.invite_id, structs.replace(request, state="pending"))
        draft.show(RefoundOffered(chat.chat_id, request.invite_id, account_id))


def _take_back(draft: Draft, account_id: bytes) -> None:
    """Forget whereto somebody was asked, but for what can't be taken back any more.

    The chat of two goes on, and nobody is to be in it who can't read it. An Add into a
    group is dropped unless its commit is made.
    """
    for invite in tuple(draft.state.invites.values()):
        if invite.account_id != account_id or invite.refound:
            continue
        chat = draft.state.chats.get(invite.chat_id)
        if invite.state != "accepted":
            offers.forget(draft, invite)
        elif chat is not None and chat.chat_id not in draft.state.pending:
            mine = [i for i in chat.intents if i.invite_id == invite.invite_id]
            placing.forget_intents(draft, chat.chat_id, mine)


def _note(draft: Draft, account_id: bytes, what: str) -> None:
    """Write into the chats with somebody from where on they were not heard."""
    me, now = draft.state.account.account_id, draft.context
    for chat in tuple(draft.state.chats.values()):
        if chat.peer == account_id and chat.status not in _OVER:
            line = Line(chat.chat_id, chat.cursor, what, me, account_id, str(now.now))
            write_line(draft, line, now.minute, behind=True)
            draft.show(ChatChanged(chat.chat_id, chat.status.value, chat.cause))
            if what == "blocked":
                _hold_back(draft, chat)


def _hold_back(draft: Draft, chat: Chat) -> None:
    """Take back what waits for somebody blocked; what takes back one's words goes."""
    for item in draft.state.outgoing.get(chat.chat_id, ()):
        if item.job or item.seq or item.proposal:
            continue
        said = read(MimiContent.decode(item.content))
        if not isinstance(said, Delete | Unreaction) and not is_empty(item):
            outbox.give_up(draft, item)
            empty_out(draft, item)


def _asking(draft: Draft, account_id: bytes) -> Contact | None:
    """Return somebody who only asks, as the contact to be blocked."""
    for request in draft.state.requests.values():
        if request.account_id == account_id:
            return Contact(
                account_id=account_id,
                identity_key=request.identity_key,
                state=ContactState.KNOWN,
                name=request.name,
                handle=request.handle,
            )
    return None


def receive_acceptance(draft: Draft, message: Acceptance, invite: Invite) -> None:
    """Add who accepted: begin the direct chat, or queue the Add into the group."""
    if invite.state != "sent":
        return
    try:
        _check_acceptance(draft, message, invite)
    except ProtocolError as error:
        draft.show(Notice("acceptance_refused", str(error)))
        return
    accepted = structs.replace(
        invite,
        state="accepted",
        package=message.key_package,
        mailbox_key=message.mailbox_key,
        device_id=message.certificate.claim.device_id,
    )
    draft.put(invite.invite_id, accepted)
    contact = _accepted_contact(draft, message, invite)
    if invite.kind is ChatKind.DIRECT and not invite.refound:
        chat = chats.begin(
            draft, ChatKind.DIRECT, "", contact.account_id, invite.invite_id
        )
        draft.put(contact.account_id, structs.replace(contact, chat_id=chat.chat_id))
        _queue_add(draft, chat, accepted)
        return
    chat_or_none = draft.state.chats.get(invite.chat_id)
    # An acceptance can be here before the relay's answer that the log is made.
    alive = (Status.ACTIVE, Status.CREATING)
    if chat_or_none is None or chat_or_none.status not in alive:
        offers.forget(draft, invite)
        return
    _queue_add(draft, chat_or_none, accepted)
    committing.drive(draft, invite.chat_id)


def _check_acceptance(draft: Draft, message: Acceptance, invite: Invite) -> None:
    claim = message.certificate.claim
    contact = draft.state.contacts[invite.account_id]
    if (claim.account_id, claim.identity_key) != (
        contact.account_id,
        contact.identity_key,
    ):
        raise ProtocolError("accepted by another account than was invited")
    group = draft.state.groups.get(invite.chat_id)
    suite = group.suite if group else mls.suite(draft.state.account.suite)
    package = mls.KeyPackage.decode(message.key_package)
    mls.validate_key_package(suite, package)
    if certificate_of(package.leaf_node).claim != claim:
        raise ProtocolError("the key package of another device")
    if is_omitted(draft, claim):
        raise ProtocolError("a device that its account's newest list omits")


def _accepted_contact(draft: Draft, message: Acceptance, invite: Invite) -> Contact:
    contact = draft.state.contacts[invite.account_id]
    contact = structs.replace(
        contact,
        state=contact.state if invite.refound else ContactState.ACCEPTED,
        parted=contact.parted and invite.refound != b"",
        name=message.name.decode(errors="replace") or contact.name,
        handle=message.handle.decode(errors="replace") or contact.handle,
        mailboxes=tuple((m.device_id, m.mailbox_id) for m in message.mailboxes),
        mailbox_key=message.mailbox_key or contact.mailbox_key,
    )
    draft.put(contact.account_id, contact)
    draft.show(ContactChanged(contact.account_id, contact.state.value, contact.name))
    return contact


def _queue_add(draft: Draft, chat: Chat, invite: Invite) -> None:
    intent = Intent(
        what="add",
        account_id=invite.account_id,
        invite_id=invite.invite_id,
        package=invite.package,
    )
    draft.put_chat(structs.replace(chat, intents=(*chat.intents, intent)))
