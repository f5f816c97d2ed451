"""What the verbs about people do: links, requests, contacts, safety numbers."""

import time

from privity.client import links, lookup, recovery, views
from privity.client.errors import ClientError
from privity.client.session import Session
from privity.client.socket import Report
from privity.client.verbs import (
    local_params,
    local_results,
    params,
    results,
    working,
)
from privity.core import inputs
from privity.core.requests import SetRequestsLane
from privity.core.state import Contact, State
from privity.errors import RuleViolation
from privity.identity.ids import id_to_text
from privity.identity.safety_number import (
    AccountKey,
    check_scanned,
    parse_qr,
    render_qr,
    safety_number,
)

__all__ = [
    "accept",
    "account",
    "block",
    "close_requests",
    "contacts",
    "decline",
    "invite",
    "join",
    "open_requests",
    "remove",
    "rename",
    "requests",
    "verify",
]


class NotVerified(ClientError):
    """A safety number that does not agree."""

    code = "not_verified"


async def account(session: Session, _asked: params.Nothing) -> results.Account:
    """Return this profile's own account."""
    return views.account(session.state, recovery.last(session.store))


async def invite(session: Session, asked: params.Invite) -> results.InviteLink:
    """Make a contact link."""
    expires = int(time.time()) + asked.expires_in if asked.expires_in else 0
    made = await session.do(inputs.MakeLink(expires, asked.uses))
    if session.state.account.requests_closed:
        # The relay has to know the door before somebody comes to it.
        await session.settle(params.WAIT)
    return results.InviteLink(str(made), expires, asked.uses)


async def join(session: Session, asked: params.Join, report: Report) -> results.Asked:
    """Ask the person behind a contact link or a handle for a chat."""
    command = _request(asked)
    before = session.state
    with session.driver.subscribe() as events:
        made = await session.do(command)
        invite_id = made if isinstance(made, bytes) else b""
        await working.settle(session, asked.wait, report)
        working.check_asked(session.state, invite_id, events)
    if again := _again(before, session.state):
        person = views.person(session.state, again.account_id)
        chat = id_to_text(again.chat_id)
        return results.Asked(chat, person.account, person.name, again=True)
    invitation = session.state.invites.get(invite_id)
    account_id = invitation.account_id if invitation else b""
    if not account_id:
        return results.Asked(id_to_text(invite_id), "", "")
    person = views.person(session.state, account_id)
    return results.Asked(id_to_text(invite_id), person.account, person.name)


def _again(before: State, now: State) -> Contact | None:
    """Return who was removed and is a contact again since, without being asked."""
    for account_id, contact in now.contacts.items():
        was = before.contacts.get(account_id)
        if was is not None and was.parted and not contact.parted:
            return contact
    return None


def _request(asked: params.Join) -> inputs.RequestByHandle | inputs.RequestByLink:
    target = asked.target.strip()
    if "@" in target and not target.startswith("privity:"):
        return inputs.RequestByHandle(target, asked.text)
    return inputs.RequestByLink(links.of_a_person(target), asked.text)


async def contacts(session: Session, _asked: params.Nothing) -> results.ContactList:
    """Return everybody that this account knows."""
    return results.ContactList(views.known_contacts(session.state))


async def rename(
    session: Session, asked: local_params.Rename
) -> local_results.ContactRenamed:
    """Give a person a name of one's own, or take it away."""
    contact = lookup.find_contact(session.state, asked.who)
    name = " ".join(asked.name.split())
    await session.do(inputs.SetNickname(contact.account_id, name))
    known = session.state.contacts[contact.account_id]
    return local_results.ContactRenamed(views.contact(session.state, known))


async def remove(
    session: Session, asked: local_params.ContactRemove
) -> local_results.ContactRemoved:
    """Forget a contact, and wait until their key opens nothing any more."""
    account_id = lookup.find_contact(session.state, asked.who).account_id
    person = views.person(session.state, account_id)
    await session.do(inputs.RemoveContact(account_id))
    done = await session.settle(asked.wait)
    known = session.state.contacts.get(account_id)
    chat = session.state.chats.get(known.chat_id) if known else None
    stays = id_to_text(chat.chat_id) if chat is not None else ""
    if known is not None:
        person = views.person(session.state, account_id)
    return local_results.ContactRemoved(person, stays, done)


async def requests(session: Session, _asked: params.Nothing) -> results.RequestList:
    """Return the requests that wait for a decision, and who may ask."""
    closed = session.state.account.requests_closed
    return results.RequestList(views.pending_requests(session.state), closed)


async def close_requests(session: Session, asked: params.SetLane) -> results.Lane:
    """Let strangers ask by links of this account only."""
    return await _set_lane(session, asked.wait, closed=True)


async def open_requests(session: Session, asked: params.SetLane) -> results.Lane:
    """Let everybody ask."""
    return await _set_lane(session, asked.wait, closed=False)


async def _set_lane(session: Session, wait: float, *, closed: bool) -> results.Lane:
    await session.do(inputs.CloseRequests(closed))
    await session.settle(wait)
    account = session.state.account
    waits = any(
        isinstance(job.request, SetRequestsLane) for job in session.state.jobs.values()
    )
    is_told = not waits and account.lane_told is not None
    return results.Lane(account.requests_closed, done=is_told)


async def accept(
    session: Session, asked: params.Accept, report: Report
) -> results.Decided:
    """Accept a request, and wait until the acceptance has left."""
    request = lookup.find_request(session.state, asked.request)
    await session.do(inputs.Accept(request.invite_id))
    await working.settle(session, asked.wait, report)
    return _decided(session.state, request.invite_id, "accepted")


async def decline(session: Session, asked: params.Decline) -> results.Decided:
    """Decline a request."""
    request = lookup.find_request(session.state, asked.request)
    await session.do(inputs.Decline(request.invite_id))
    return _decided(session.state, request.invite_id, "declined")


def _decided(state: State, invite_id: bytes, decision: str) -> results.Decided:
    info = views.request(state, state.requests[invite_id])
    return results.Decided(info.request, info.sender, info.kind, info.title, decision)


async def block(session: Session, asked: params.Block) -> results.Blocked:
    """Block a person or stop blocking them; who only asks can be blocked too."""
    account_id = _somebody(session.state, asked.who)
    await session.do(inputs.Block(account_id, asked.blocked))
    await session.settle(asked.wait)
    return results.Blocked(views.person(session.state, account_id), asked.blocked)


def _somebody(state: State, who: str) -> bytes:
    try:
        return lookup.find_contact(state, who).account_id
    except lookup.NotFound:
        return lookup.find_request(state, who).account_id


async def verify(session: Session, asked: params.Verify) -> results.Verification:
    """Show the safety number, or note that it was compared."""
    contact = lookup.find_contact(session.state, asked.who)
    if asked.scanned:
        _check_code(session.state, contact, asked.scanned)
    if asked.doubt or asked.confirm or asked.scanned:
        verified = not asked.doubt
        await session.do(inputs.MarkVerified(contact.account_id, verified))
    return _verification(session.state, contact.account_id)


def _check_code(state: State, contact: Contact, scanned: str) -> None:
    me, other = _keys(state, contact)
    try:
        check_scanned(parse_qr(scanned), me, other)
    except RuleViolation as error:
        raise NotVerified(error.rule.value) from None


def _verification(state: State, account_id: bytes) -> results.Verification:
    contact = state.contacts[account_id]
    me, other = _keys(state, contact)
    return results.Verification(
        person=views.person(state, account_id),
        number=safety_number(me, other),
        qr=render_qr(me, other),
        verified=contact.verified,
    )


def _keys(state: State, contact: Contact) -> tuple[AccountKey, AccountKey]:
    mine = state.account
    return (
        AccountKey(mine.account_id, mine.identity_key),
        AccountKey(contact.account_id, contact.identity_key),
    )
