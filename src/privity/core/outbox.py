"""The outbox of each chat: what is queued, attempted, answered, sent again.

Content, idem and franking salt are fixed when a message is queued; the MLS message
and its envelope are made per attempt, and their exact bytes are saved (as a job)
in the transaction that advances the ratchet. So a message that the relay already
has is recognised by its digest, and no key is ever used for two plaintexts.
"""

from dataclasses import replace

from msgspec import structs

from privity import mls
from privity.content.franking import AppPayload, FrankPlace, seal_franked
from privity.content.mimi import MimiContent, check_place, message_id
from privity.core import committing, moving, pleading, transcripts, turns
from privity.core.effects import Cause, Forget, MessageRow, MessageState
from privity.core.emptying import empty_out, is_empty
from privity.core.envelopes import seal_envelope
from privity.core.errors import CommandRefused, Reason, Refusal
from privity.core.events import MessageFailed, MessageSent
from privity.core.generations import Generation
from privity.core.leaving import make_leave
from privity.core.queues import IN_FLIGHT, front
from privity.core.requests import Appended, AppendEntry, Refused
from privity.core.state import NEVER, STALE_MS, Chat, Job, Outgoing, Status
from privity.core.step import Draft
from privity.wire.codes import RETRYABLE, Code
from privity.wire.entry import NO_TAG, VERSION, Header, Kind, digest

__all__ = [
    "answered",
    "ask_again",
    "compose",
    "drop_failed",
    "give_up",
    "hold_for_next_epoch",
    "leave_again",
    "note_sent",
    "propose_leave",
    "pump",
    "queue_leave",
    "resend",
    "said_upto",
    "take_back",
]

MAX_CONTENT = 40 * 1024
"""Bytes of MIMI content that surely fit an application entry."""
_QUEUE_AGAIN_MS = 250


def compose(draft: Draft, chat: Chat, content: bytes) -> bytes:
    """Queue a message durably; returns its idem. Raises CommandRefused."""
    waits = (Status.ACTIVE, Status.CREATING, Status.JOINING)
    if chat.status not in waits and not pleading.is_hopeful(draft, chat.chat_id):
        raise CommandRefused(Refusal.CHAT_NOT_USABLE, chat.cause or chat.status.value)
    if len(content) > MAX_CONTENT:
        raise CommandRefused(Refusal.TOO_LARGE)
    parsed = MimiContent.decode(content)
    check_place(parsed, draft.state.account.account_id, chat.chat_id)
    random = draft.context.random
    item = Outgoing(
        chat_id=chat.chat_id,
        idem=random(16),
        counter=chat.counter + 1,
        content=content,
        frank_salt=random(32),
        message_id=message_id(content, parsed.sender, parsed.room, parsed.salt),
    )
    draft.put_chat(structs.replace(chat, counter=item.counter))
    draft.put_outgoing(item)
    draft.put_message(_row(draft, item, MessageState.QUEUED))
    _move(draft, chat.chat_id)
    return item.idem


def _move(draft: Draft, chat_id: bytes) -> None:
    """Send what was queued, behind the commit that it may need first."""
    committing.drive(draft, chat_id)
    pump(draft, chat_id)


def queue_leave(draft: Draft, chat: Chat) -> None:
    """Queue the self-Remove proposal behind everything that is queued already."""
    item = Outgoing(
        chat_id=chat.chat_id,
        idem=draft.context.random(16),
        counter=chat.counter + 1,
        content=b"",
        frank_salt=b"",
        message_id=b"",
        proposal=True,
    )
    since = chat.leaving_since if chat.leaving else draft.context.now
    changed = structs.replace(
        chat, counter=item.counter, leaving=True, leaving_since=since
    )
    draft.put_chat(changed)
    draft.put_outgoing(item)
    _move(draft, chat.chat_id)


def leave_again(draft: Draft, chat_id: bytes) -> None:
    """Propose my leave anew: a commit that had not seen it began another epoch."""
    chat = draft.state.chats[chat_id]
    queued = any(i.proposal for i in draft.state.outgoing.get(chat_id, ()))
    if chat.leaving and not queued:
        queue_leave(draft, chat)


def take_back(draft: Draft, chat: Chat, idem: bytes) -> None:
    """Forget a queued message that can't have left; raises CommandRefused."""
    for item in draft.state.outgoing.get(chat.chat_id, ()):
        if item.idem == idem:
            if item.job:
                raise CommandRefused(Refusal.ALREADY_SENT)
            draft.writes.append(Forget(chat.chat_id, idem))
            empty_out(draft, item)
            _move(draft, chat.chat_id)
            return
    raise CommandRefused(Refusal.NO_SUCH_MESSAGE)


def drop_failed(draft: Draft, chat: Chat, idem: bytes) -> None:
    """Forget a message that was given up; raises CommandRefused for one that waits."""
    if any(i.idem == idem for i in draft.state.outgoing.get(chat.chat_id, ())):
        raise CommandRefused(Refusal.ALREADY_SENT)
    draft.writes.append(Forget(chat.chat_id, idem))


def pump(draft: Draft, chat_id: bytes) -> None:
    """Attempt what is queued, where the chat allows it.

    Nothing is protected before login and before the chat is read up to its head,
    nor while a commit of mine is on its way or due, or all children of my parent are
    invalid.
    """
    chat = draft.state.chats[chat_id]
    session = draft.state.session
    if not session.online or chat_id not in session.synced:
        return
    if chat.status is not Status.ACTIVE or chat.intents or chat.failed:
        return
    group = draft.state.groups[chat_id]
    is_changing = chat_id in draft.state.pending or group.commit_required
    if is_changing or moving.is_gathering(draft, chat_id):
        return
    if not chat.leaving and turns.is_old(draft, chat, group):
        return
    items = front(draft.state.outgoing.get(chat_id, ()))
    if any(i.old or (i.proposal and (i.job or i.seq)) for i in items):
        return
    waiting = [i for i in items if not i.job and not i.seq]
    room = IN_FLIGHT - sum(1 for i in items if i.job)
    for item in waiting[: max(room, 0)]:
        _attempt(draft, chat, item)
        if item.proposal:
            # Until somebody has committed my leave, nothing more can be said.
            return


def _attempt(draft: Draft, chat: Chat, item: Outgoing) -> None:
    group = draft.state.groups[chat.chat_id]
    generation = Generation(chat.secret)
    if item.proposal:
        # It is pending only once the log has it: an attempt may come too late.
        tag, (message, after) = NO_TAG, (propose_leave(draft, group)[0], group)
    else:
        tag, (message, after) = _protect(draft, chat, group, item)
    kind = Kind.PROPOSAL if item.proposal else Kind.APP
    header = _header(chat, item, kind, tag)
    envelope = seal_envelope(generation, header, message, draft.context.random(32))
    in_flight = any(i.job for i in front(draft.state.outgoing.get(chat.chat_id, ())))
    request = AppendEntry(
        log_id=chat.log_id,
        generation=chat.generation,
        access_seed=generation.access_seed,
        header=header,
        envelope=envelope,
        resume=not in_flight,
    )
    cause = Cause("leave" if item.proposal else "message", item.idem)
    draft.put_group(chat.chat_id, after, epoch=False)
    number = draft.send(request, cause, chat.chat_id)
    attempted = structs.replace(item, job=number, digest=digest(header, envelope))
    draft.put_outgoing(attempted)


def _protect(
    draft: Draft, chat: Chat, group: mls.Group, item: Outgoing
) -> tuple[bytes, tuple[bytes, mls.Group]]:
    payload = AppPayload(
        version=1,
        frank_salt=item.frank_salt,
        counter=item.counter,
        seen_seq=chat.cursor,
        seen_chain=chat.chain,
        gap_root=transcripts.root(draft, chat),
        app_data=item.content,
    )
    place = FrankPlace(chat.log_id, group.group_id, item.entry_idem)
    franked = seal_franked(payload, place)
    return franked.tag, group.protect(
        payload.encode(),
        random=draft.context.random,
        authenticated_data=franked.encode(),
    )


def propose_leave(draft: Draft, group: mls.Group) -> tuple[bytes, mls.Group]:
    """Return my self-Remove, and the group in which it waits.

    Of one epoch always the same: nothing in it is random.
    """
    statement = make_leave(group, draft.state.account.signature_seed)
    return group.propose_remove(group.own_leaf, authenticated_data=statement)


def _header(chat: Chat, item: Outgoing, kind: Kind, tag: bytes) -> bytes:
    return Header(
        version=VERSION,
        log_id=chat.log_id,
        kind=kind,
        parent=chat.parent,
        generation=chat.generation,
        idem=item.entry_idem,
        tag=tag,
        opens=False,
        next_access_pk=None,
        next_lobby_pk=None,
        welcome_hash=None,
        checkpoint_hash=None,
    ).encode()


def answered(draft: Draft, job: Job, answer: Appended | Refused) -> None:
    """Deal with the relay's answer to an attempt."""
    chat = draft.state.chats[job.context]
    items = draft.state.outgoing.get(chat.chat_id, ())
    item = next((i for i in items if i.job == job.number), None)
    if item is None:
        draft.end_job(job.number)
    elif isinstance(answer, Refused):
        _refused(draft, chat, item, answer)
    elif answer.digest != item.digest and not (item.old or item.again):
        pleading.stop(draft, chat, Reason.OWN_LEAF)
    else:
        draft.end_job(job.number)
        sent = structs.replace(item, job=0, seq=answer.seq, old=False)
        draft.put_outgoing(sent)
        note_sent(draft, sent, answer)
        if answer.seq <= chat.cursor:
            draft.drop_outgoing(sent)
        pump(draft, chat.chat_id)


def note_sent(draft: Draft, item: Outgoing, place: Appended) -> None:
    """Store that an own message is durable at the relay, and say so."""
    if item.proposal or item.forgotten:
        return
    row = _row(draft, item, MessageState.SENT)
    row = _placed(row, place)
    draft.put_message(row)
    draft.show(MessageSent(item.chat_id, item.idem, place.seq))


def _refused(draft: Draft, chat: Chat, item: Outgoing, refused: Refused) -> None:
    code = refused.named
    if code in (Code.STALE, Code.WRONG_GENERATION) and item.old:
        _attempt_anew(draft, item)
        pump(draft, chat.chat_id)
    elif code in (Code.STALE, Code.WRONG_GENERATION):
        draft.again_in(item.job, STALE_MS)
    elif code is Code.AFTER_REFUSED:
        due = _time_of_those_before(draft, item)
        draft.put_off(item.job, due)
        if due < NEVER:
            draft.wake(due)
    elif code in RETRYABLE:
        draft.again_in(item.job, refused.pause_ms(_QUEUE_AGAIN_MS))
    elif code in (Code.NO_SUCH_LOG, Code.GONE):
        draft.put_off(item.job, NEVER)
        pleading.stop(draft, chat, Reason.GONE)
    elif item.proposal or is_empty(item):
        give_up(draft, item)
    else:
        give_up(draft, item)
        empty_out(draft, item)
        _move(draft, chat.chat_id)


def said_upto(draft: Draft, chat: Chat) -> int:
    """Return the highest number of mine in front of those that still wait."""
    items = draft.state.outgoing.get(chat.chat_id, ())
    waiting = (item.counter for item in items if not item.seq)
    return min(waiting, default=chat.counter + 1) - 1


def give_up(draft: Draft, item: Outgoing) -> None:
    """Take a message out of the outbox for good; its owner sees that it failed."""
    draft.drop_outgoing(item)
    if not (item.proposal or item.seq or item.forgotten):
        draft.put_message(_row(draft, item, MessageState.FAILED))
        draft.show(MessageFailed(item.chat_id, item.idem))


def _time_of_those_before(draft: Draft, item: Outgoing) -> int:
    waits = draft.state.session.retry_at
    earlier = [
        waits[i.job]
        for i in front(draft.state.outgoing.get(item.chat_id, ()))
        if i.counter < item.counter and i.job in waits
    ]
    return max(earlier, default=draft.context.now_ms + _QUEUE_AGAIN_MS)


def resend(draft: Draft, chat_id: bytes) -> None:
    """Send the exact bytes again of what the relay put off and is due now.

    Nothing resumes while something said before is in flight: if that is refused, what
    comes behind it must be too.
    """
    session = draft.state.session
    first = True
    for item in draft.state.outgoing.get(chat_id, ()):
        if not item.job:
            continue
        if item.job in session.sent:
            first = False
            continue
        if session.retry_at.get(item.job, 0) > draft.context.now_ms:
            return
        job = draft.state.jobs[item.job]
        request = structs.replace(job.request, resume=first)
        draft.send_again(structs.replace(job, request=request))
        first = False


def hold_for_next_epoch(draft: Draft, chat_id: bytes) -> None:
    """Take back every unanswered attempt: a commit ended the epoch it was made in.

    What the relay had taken stands before that commit in the log and has left the
    outbox already; the rest is attempted anew with the same content and idem.
    """
    for item in draft.state.outgoing.get(chat_id, ()):
        if not item.seq and not item.old:
            _attempt_anew(draft, item)


def _attempt_anew(draft: Draft, item: Outgoing) -> None:
    """Forget an attempt that was not stored; content and idem stay."""
    if item.job:
        draft.end_job(item.job)
    if item.job or item.digest:
        draft.put_outgoing(structs.replace(item, job=0, digest=b"", old=False))


def ask_again(draft: Draft, chat_id: bytes) -> None:
    """Learn what became of each attempt that was made before this device came back.

    The relay knows an idem for good: what is stored is sent, even if other bytes stand
    there (an older copy of this disk sends what a newer one has sent); what is not is
    attempted anew. Nothing else is attempted before all of it is known.
    """
    first = True
    for item in draft.state.outgoing.get(chat_id, ()):
        if item.seq:
            draft.drop_outgoing(item)
        elif item.job:
            draft.put_outgoing(structs.replace(item, old=True))
            job = draft.state.jobs[item.job]
            request = structs.replace(job.request, resume=first)
            draft.send_again(structs.replace(job, request=request))
            first = False
    leave_again(draft, chat_id)


def _row(draft: Draft, item: Outgoing, state: MessageState) -> MessageRow:
    return MessageRow(
        chat_id=item.chat_id,
        idem=item.idem,
        sender=draft.state.account.account_id,
        message_id=item.message_id,
        seq=item.seq,
        minute=draft.context.minute,
        state=state,
        content=item.content,
        order=item.counter,
    )


def _placed(row: MessageRow, place: Appended) -> MessageRow:
    return replace(
        row,
        seq=place.seq,
        minute=place.minute,
        stamp_key=place.stamp_key,
        stamp=place.stamp,
    )
