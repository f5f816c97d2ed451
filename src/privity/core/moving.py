"""Out of one log and into another: what a chat keeps when it is refounded.

docs/spec/refound.md. The move is one step: in front of it the old log stands as it did,
behind it nothing of the old log is left but its messages and what judges a statement.
"""

from msgspec import structs

from privity import mls
from privity.core import offers, turns
from privity.core.effects import Unfollow
from privity.core.errors import Doubt, RefoundDoubted
from privity.core.moved import Moved
from privity.core.past import forget, past_of
from privity.core.pleas import log_hash
from privity.core.refounds import (
    Ground,
    Refounding,
    Signer,
    check_group,
    check_statement,
    ground_of_group,
)
from privity.core.seen import SeenHead
from privity.core.state import Chat, Outgoing, Pending, Request_, Status
from privity.core.step import Draft
from privity.core.suites import is_taken
from privity.core.tallies import Tally

__all__ = [
    "check_new",
    "follow",
    "ground_of",
    "is_gathering",
    "is_meant",
    "judge",
    "judged",
    "move_out",
    "place_in",
]

GATHERING = 3_600
"""Seconds for which who begins a log anew waits for all, before it says anything."""


def ground_of(draft: Draft, chat: Chat) -> Ground:
    """Return where I stand in a chat's log; raises RefoundDoubted without a group."""
    group = draft.state.groups.get(chat.chat_id)
    if group is None:
        raise RefoundDoubted(Doubt.OTHER_LOG)
    road = (*past_of(draft, chat.chat_id).road, chat.parent)
    since = chat.stopped if chat.status is Status.STUCK else 0
    host = draft.state.account.host
    return ground_of_group(group, log_hash(chat.log_id, host), road, since)


def _target(draft: Draft, signer: Signer, statement: Refounding) -> tuple[Chat, Ground]:
    """Return my chat that a statement is about, and the ground to judge it on.

    That is the chat's log, or the one that it was moved out of: a better statement
    about that may come for a while, of who is not out. Raises RefoundDoubted.
    """
    host = draft.state.account.host
    for chat in draft.state.chats.values():
        if chat.status in (Status.LEFT, Status.REMOVED):
            continue
        moved = draft.state.moved.get(chat.chat_id)
        if moved is not None and moved.ground.log_hash == statement.log_hash:
            _check_moved(draft, moved, signer, statement)
            return chat, moved.ground
        here = log_hash(chat.log_id, host) == statement.log_hash
        if here and chat.status in (Status.ACTIVE, Status.STUCK):
            return chat, ground_of(draft, chat)
    raise RefoundDoubted(Doubt.OTHER_LOG)


def _check_moved(
    draft: Draft, moved: Moved, signer: Signer, statement: Refounding
) -> None:
    if moved.is_over(draft.context.now):
        raise RefoundDoubted(Doubt.OTHER_LOG)
    if moved.is_out(signer):
        raise RefoundDoubted(Doubt.SIGNER)
    if moved.stands_before(signer.account_id, statement):
        raise RefoundDoubted(Doubt.OVERTAKEN)


def judge(draft: Draft, signer: Signer, statement: Refounding) -> tuple[Chat, Ground]:
    """Return what a statement is about if it holds where I stand now.

    Raises RefoundDoubted.
    """
    account = draft.state.account
    chat, ground = _target(draft, signer, statement)
    if statement.host != account.host.encode():
        raise RefoundDoubted(Doubt.OTHER_RELAY)
    check_statement(ground, signer, statement, draft.context.now)
    if account.account_id in statement.without:
        raise RefoundDoubted(Doubt.LEFT_OUT)
    if not is_taken(account.device_list, statement.suite):
        raise RefoundDoubted(Doubt.SUITE_NOT_TAKEN)
    return chat, ground


def judged(draft: Draft, request: Request_) -> tuple[Chat, Ground]:
    """Return what a request is about if it still holds; raises RefoundDoubted."""
    signer = Signer(request.account_id, request.identity_key, request.signature_key)
    return judge(draft, signer, Refounding.decode(request.refound))


def is_meant(draft: Draft, request: Request_, chat_id: bytes, log_id: bytes) -> bool:
    """Tell whether an admission leads where a refound said, and it still holds."""
    try:
        chat, _ = judged(draft, request)
    except RefoundDoubted:
        return False
    stated = Refounding.decode(request.refound).log_id
    return (chat.chat_id, stated) == (chat_id, log_id)


def check_new(draft: Draft, request: Request_, group: mls.PublicGroup) -> None:
    """See that the new group is what was stated; raises RefoundDoubted."""
    _, ground = judged(draft, request)
    statement = Refounding.decode(request.refound)
    check_group(ground, request.account_id, statement, group)


def follow(draft: Draft, old: Chat, request: Request_) -> None:
    """Leave a log as somebody's refound says; Adds that I had queued stay behind."""
    _, ground = judged(draft, request)
    for invite in tuple(draft.state.invites.values()):
        if invite.chat_id == old.chat_id:
            offers.forget(draft, invite)
    signer, stated = request.account_id, request.refound
    moved = Moved(old.chat_id, ground, signer, stated, draft.context.now)
    move_out(draft, old, _carried(draft.state.moved.get(old.chat_id), moved))


def _carried(before: Moved | None, moved: Moved) -> Moved:
    """Return a move with what was learned since an earlier one out of the same log.

    Who is out has no say by a better statement either, nor does its time begin anew.
    """
    if before is None or before.ground.log_hash != moved.ground.log_hash:
        return moved
    return structs.replace(
        moved, at=before.at, gone=before.gone, replaced=before.replaced
    )


def move_out(draft: Draft, old: Chat, moved: Moved) -> None:
    """Let go of a chat's log: its keys, its requests, its pleas; never its messages.

    What I wrote and did not see in the log waits to be said again.
    """
    chat_id = old.chat_id
    for item in draft.state.outgoing.get(chat_id, ()):
        if item.proposal:
            draft.drop_outgoing(item)
        else:
            draft.put_outgoing(_said_again(draft, item))
    for job in tuple(draft.state.jobs.values()):
        if getattr(job.request, "log_id", b"") == old.log_id:
            draft.end_job(job.number)
    draft.drop(Pending, chat_id)
    known = _known_devices(draft, chat_id)
    forget(draft, chat_id)
    draft.drop(SeenHead, chat_id)
    for key in known:
        # It counts on in the new log: what it says first there tells where it stands.
        draft.put(key, Tally())
    draft.put(chat_id, moved)
    draft.effects.append(Unfollow(old.log_id))
    turns.over(draft, chat_id)
    synced = draft.state.session.synced - {chat_id}
    looks = {k: v for k, v in draft.state.session.looks.items() if k != chat_id}
    draft.set_session(synced=synced, looks=looks)


def _said_again(draft: Draft, item: Outgoing) -> Outgoing:
    """Return a message as it waits for the new log, under an idem that nobody knows.

    A reader could else put the old one there first, and its author would take its own
    disk for an old one.
    """
    return structs.replace(
        item,
        job=0,
        digest=b"",
        seq=0,
        old=False,
        again=False,
        anew=draft.context.random(16),
    )


def _known_devices(draft: Draft, chat_id: bytes) -> list[bytes]:
    """Return the keys of the tallies of all whom I knew in the old log."""
    heard = [key for key in draft.state.tallies if key.startswith(chat_id)]
    group = draft.state.groups.get(chat_id)
    members = group.members() if group is not None else ()
    inside = [chat_id + leaf.credential.identity for _, leaf in members]
    return list(dict.fromkeys((*heard, *inside)))


def is_gathering(draft: Draft, chat_id: bytes) -> bool:
    """Tell whether what I say in a log that I began waits for those who were asked.

    Who comes later can't read it: while I am alone, and else for an hour.
    """
    moved = draft.state.moved.get(chat_id)
    if moved is None or moved.signer != draft.state.account.account_id:
        return False
    calls = (i for i in draft.state.invites.values() if i.state != "telling")
    if not any(i.chat_id == chat_id and i.refound for i in calls):
        return False
    end = (moved.at + GATHERING) * 1_000
    if draft.context.now_ms < end:
        draft.wake(end)
        return True
    return len(draft.state.groups[chat_id].members()) == 1


def place_in(new: Chat, old: Chat) -> Chat:
    """Return a chat as it goes on in a new log: its messages stand behind the old."""
    return structs.replace(
        new,
        base=old.base + old.cursor + 1,
        counter=old.counter,
        read=old.read,
        title=new.title or old.title,
        peer=old.peer,
        timer=old.timer,
        profile=old.profile,
    )
