"""Refounding a chat: a new group in a new log, and everybody asked to come along.

docs/spec/refound.md. The last repair, for a chat that no other one brings back; always
a person's decision, of who does it and of each who follows.
"""

from msgspec import structs

from privity.core import chats, invites, offers
from privity.core.chat_rules import ChatKindCode, ChatRules, Role
from privity.core.errors import CommandRefused, RefoundDoubted, Refusal
from privity.core.events import ChatChanged, Line
from privity.core.inputs import Refound
from privity.core.lines import write_line
from privity.core.moved import Moved
from privity.core.moving import ground_of, move_out, place_in
from privity.core.refounds import (
    MOST_WITHOUT,
    PATIENCE,
    VERSION,
    Ground,
    Refounding,
    lacking,
    rank,
)
from privity.core.state import Chat, Invite, Request_, Status
from privity.core.step import Draft
from privity.core.suites import is_not_weaker, is_taken, stated

__all__ = ["refound"]


def refound(draft: Draft, command: Refound) -> bytes:
    """Leave a chat's log for a new one and ask the members; returns the new log's id.

    Raises CommandRefused.
    """
    old, ground = _place(draft, command)
    late = _late(draft, old)
    without = _without(draft, old, ground, command)
    invites.check_words(command.text)
    account = draft.state.account
    suite = _suite(draft, old, ground, without, command.suite)
    statement = Refounding(
        version=VERSION,
        log_hash=ground.log_hash,
        seq=old.parent,
        authenticator=ground.authenticator,
        host=account.host.encode(),
        log_id=draft.context.random(16),
        suite=suite,
        without=without,
    )
    me = account.account_id
    _check_standing(draft, ground, statement, late)
    stated, now = statement.encode(), draft.context.now
    old = _let_go(draft, old, late)
    _go(draft, old, Moved(old.chat_id, ground, me, stated, now), statement)
    _ask(draft, old, ground, statement, command.text)
    return statement.log_id


def _place(draft: Draft, command: Refound) -> tuple[Chat, Ground]:
    old = chats.known(draft, command.chat_id)
    if old.status not in (Status.ACTIVE, Status.STUCK):
        raise CommandRefused(Refusal.CHAT_NOT_USABLE, old.cause or old.status.value)
    if old.leaving:
        raise CommandRefused(Refusal.ALREADY_LEFT)
    is_behind = old.chat_id not in draft.state.session.synced
    if old.status is Status.ACTIVE and is_behind:
        # What I have not read by now, I would never read.
        raise CommandRefused(Refusal.NOT_SYNCED)
    try:
        ground = ground_of(draft, old)
    except RefoundDoubted:
        raise CommandRefused(Refusal.NOTHING_AGREED) from None
    waiting = _late(draft, old) - {*command.without}
    if len(ground.accounts) == 1 or waiting:
        # Nobody else, or not everybody, could judge a statement about this log.
        raise CommandRefused(Refusal.NOTHING_AGREED, _names(draft, waiting))
    return old, ground


def _calls(draft: Draft, old: Chat) -> list[Invite]:
    """Return my calls into this very log that have not led anybody here yet."""
    return [
        invite
        for invite in draft.state.invites.values()
        if invite.chat_id == old.chat_id
        and invite.refound
        and invite.state in ("claiming", "sent", "accepted")
    ]


def _late(draft: Draft, old: Chat) -> set[bytes]:
    """Return whom I asked into this very log and who has not come yet."""
    return {invite.account_id for invite in _calls(draft, old)}


def _let_go(draft: Draft, old: Chat, late: set[bytes]) -> Chat:
    """Wait no more for who has not come: what they accept opens nothing."""
    for invite in _calls(draft, old):
        offers.forget(draft, invite)
    kept = tuple(i for i in old.intents if i.account_id not in late)
    return structs.replace(old, intents=kept)


def _without(
    draft: Draft, old: Chat, ground: Ground, command: Refound
) -> tuple[bytes, ...]:
    """Return who is not asked: the unticked, and whom I was about to remove."""
    queued = [i.account_id for i in old.intents if i.what == "remove"]
    # Who was asked into this log and did not come is no member whom it could name.
    named = {*command.without} - (_late(draft, old) - ground.accounts.keys())
    without = tuple(sorted({*named, *queued}))
    if draft.state.account.account_id in without:
        raise CommandRefused(Refusal.NOT_ALLOWED, "leave")
    if any(account_id not in ground.accounts for account_id in without):
        raise CommandRefused(Refusal.NO_SUCH_MEMBER)
    if without and ChatRules.decode(ground.rules).kind is ChatKindCode.DIRECT:
        raise CommandRefused(Refusal.NOT_A_GROUP)
    if len(without) > MOST_WITHOUT:
        raise CommandRefused(Refusal.TOO_LARGE)
    return without


def _suite(
    draft: Draft, old: Chat, ground: Ground, without: tuple[bytes, ...], named: int
) -> int:
    """Return the named suite, else the strongest that fits; raises CommandRefused."""
    account = draft.state.account
    better = (s for s in stated(account.device_list) if s != ground.suite)
    stronger = [s for s in better if is_not_weaker(s, ground.suite)]
    refused: list[CommandRefused] = []
    for suite in (named,) if named else (*stronger, ground.suite):
        try:
            _check_suite(draft, old, ground, without, suite)
        except CommandRefused as error:
            refused.append(error)
        else:
            return suite
    raise refused[0]


def _check_suite(
    draft: Draft, old: Chat, ground: Ground, without: tuple[bytes, ...], suite: int
) -> None:
    """See that a suite is not weaker, and shown to be there by all who are asked.

    Leaves show it, so that it is known before anything is sent.
    """
    account = draft.state.account
    if not is_not_weaker(suite, ground.suite):
        raise CommandRefused(Refusal.WEAKER_SUITE)
    if not is_taken(account.device_list, suite):
        raise CommandRefused(Refusal.SUITE_NOT_TAKEN)
    found = lacking(draft.state.groups[old.chat_id], suite)
    behind = found - {*without, account.account_id}
    if behind:
        raise CommandRefused(Refusal.SUITE_LACKING, _names(draft, behind))


def _names(draft: Draft, accounts: set[bytes]) -> str:
    contacts = (draft.state.contacts[account_id] for account_id in accounts)
    return ", ".join(
        sorted(c.nickname or c.name or c.handle or c.account_id.hex() for c in contacts)
    )


def _check_standing(
    draft: Draft, ground: Ground, statement: Refounding, late: set[bytes]
) -> None:
    """Let owners and admins refound at once, others alone after a week, with all."""
    me, now = draft.state.account.account_id, draft.context.now
    if rank(ground, me, statement)[0] != Role.MEMBER:
        return
    if statement.without or late:
        raise CommandRefused(Refusal.NOT_ALLOWED, "remove")
    if not ground.since or now - ground.since < PATIENCE:
        raise CommandRefused(Refusal.TOO_SOON)


def _go(draft: Draft, old: Chat, moved: Moved, statement: Refounding) -> None:
    me, chat_id = draft.state.account.account_id, old.chat_id
    extensions = draft.state.groups[chat_id].context.extensions
    move_out(draft, old, moved)
    bare = Chat(
        chat_id=chat_id,
        log_id=statement.log_id,
        kind=old.kind,
        title=old.title,
        status=Status.CREATING,
        invite_id=old.invite_id,
        minute=draft.context.minute,
        opened=draft.context.minute,
        intents=tuple(i for i in old.intents if i.what == "add"),
    )
    chat = chats.found(draft, place_in(bare, old), extensions, statement.suite)
    write_line(draft, Line(chat_id, 0, "refounded", me), chat.minute)
    for who in statement.without:
        write_line(draft, Line(chat_id, 0, "removed", me, who), chat.minute)
    draft.show(ChatChanged(chat_id, chat.status.value))
    for request in tuple(draft.state.requests.values()):
        is_open = request.refound and request.state in ("pending", "accepted")
        if is_open and _is_behind(request, moved):
            draft.put(request.invite_id, structs.replace(request, state="declined"))


def _is_behind(request: Request_, moved: Moved) -> bool:
    """Tell whether somebody else's offer about the same log is no better than mine."""
    other = Refounding.decode(request.refound)
    is_same = other.log_hash == moved.ground.log_hash
    return is_same and moved.stands_before(request.account_id, other)


def _ask(
    draft: Draft, old: Chat, ground: Ground, statement: Refounding, words: str
) -> None:
    """Invite everybody who was in the old log, and tell who is not to come along."""
    me = draft.state.account.account_id
    for account_id in ground.accounts:
        if account_id == me:
            continue
        told = account_id in statement.without
        contact = draft.state.contacts[account_id]
        invite = Invite(
            invite_id=draft.context.random(16),
            account_id=account_id,
            kind=old.kind,
            chat_id=old.chat_id,
            reply_private=invites.reply_private(draft),
            created=draft.context.now,
            state="telling" if told else "claiming",
            text="" if told else words,
            refound=statement.encode(),
        )
        draft.put(invite.invite_id, invite)
        invites.claim(draft, invite, contact.mailbox_key)
