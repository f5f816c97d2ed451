"""The engine: one input in, the next state and its effects out.

A step raises (`CommandRefused` for a command that can't be done) or returns; when
it raises, the state before it stands.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from privity import mls
from privity.core import (
    big_commits,
    chats,
    choosing,
    commands,
    committing,
    fetching,
    forgetting,
    handing,
    heads,
    helping,
    inbox,
    invites,
    joining,
    lanes,
    mailbox,
    outbox,
    packages,
    placing,
    pleading,
    rejoining,
    restoring,
    signalling,
)
from privity.core import inputs as i
from privity.core.effects import Kind
from privity.core.errors import Reason
from privity.core.events import Notice
from privity.core.leaves import leaf_identity
from privity.core.requests import (
    AnswersRead,
    Appended,
    AppendEntry,
    Claimed,
    ClaimPackages,
    CreateLog,
    DropPlea,
    FetchBlob,
    Fetched,
    FindAccount,
    Found,
    JoinWalk,
    ListPleas,
    Pleas,
    PostAnswer,
    PostPlea,
    PostSealed,
    ReadAnswers,
    Refused,
    RejoinWalk,
    SetMailboxKey,
    SetRequestsLane,
    Walked,
    known_code,
)
from privity.core.signals import Ignored
from privity.core.state import STORED, Account, Chat, Job, Outgoing, State, Status
from privity.core.step import JOBS, Context, Draft, Step
from privity.core.values import decode
from privity.errors import UsageError
from privity.wire.codes import RETRYABLE, UNPAID, Code
from privity.wire.entry import Header, chain_of_links
from privity.wire.frames import Entries

__all__ = ["Context", "Step", "load", "step"]

_LATER = {Code.MAILBOX_FULL, Code.WORK_NEEDED}
_AWAITED = ("acceptance", "admission")
"""Whom these go to waits for them, and may not have told its relay by which door."""
_DOOR_WAIT_MS = 60_000
MOST_DOUBTS = 3
"""How often a contradictory batch of a chat is read again on one connection."""


def step(state: State, event: i.Input, context: Context) -> Step:
    """Take one input; raises CommandRefused, or UsageError for input that can't be."""
    draft = Draft(state, context)
    result = _take(draft, event)
    forgetting.keep(draft)
    lanes.keep(draft, state)
    return draft.finish(result)


def _take(draft: Draft, event: i.Input) -> object | None:
    outside = _OUTSIDE.get(type(event))
    if outside is not None:
        return outside(draft, event)
    return commands.perform(draft, event)


def _nothing(_: Draft, __: i.Start) -> None:
    """A profile that was opened waits for its connection."""


def _signal(draft: Draft, event: i.SignalArrived) -> Ignored | None:
    return signalling.hear(draft, event.signal)


def _disconnected(draft: Draft, _: i.Disconnected) -> None:
    signalling.fallen_silent(draft)
    draft.reset_session()


def _recalled(draft: Draft, event: i.Recalled) -> None:
    handing.recalled(draft, event.ask_id, event.rows)


def _mailbox(draft: Draft, event: i.MailboxArrived) -> None:
    mailbox.receive(draft, event.entry)


def _mailbox_lost(draft: Draft, _: i.MailboxLost) -> None:
    mailbox.lost(draft)


def _connected(draft: Draft, event: i.Connected) -> None:
    draft.set_session(online=True)
    heads.pin(draft, event.head_key)
    restoring.logged_in(draft)
    for chat in draft.state.chats.values():
        if chat.status is Status.ACTIVE:
            chats.follow(draft, chat)
    for number in sorted(draft.state.jobs):
        draft.send_again(draft.state.jobs[number])
    pleading.connected(draft)
    packages.upkeep(draft, event.key_packages)


def _went_back(draft: Draft, _: i.DiskWentBack) -> None:
    restoring.went_back(draft)


def _following(draft: Draft, event: i.Following) -> None:
    chat = draft.state.chat_of_log(event.log_id)
    if chat is None or chat.generation != event.generation:
        return
    if not heads.attached(draft, chat, event.end, event.signed):
        return
    ends = {**draft.state.session.heads, event.log_id: event.end}
    draft.set_session(heads=ends)
    _catch_up(draft, chat.chat_id)


def _rings(draft: Draft, event: i.PleaRings) -> None:
    chat = draft.state.chat_of_log(event.log_id)
    if chat is not None:
        helping.ring(draft, chat.chat_id)


def _catch_up(draft: Draft, chat_id: bytes) -> None:
    """Unlock sending once a chat is read up to the head that the relay named."""
    chat = draft.state.chats[chat_id]
    session = draft.state.session
    head = session.heads.get(chat.log_id)
    if head is None or chat.cursor < head or chat.status is not Status.ACTIVE:
        return
    if chat_id not in session.synced:
        draft.set_session(synced=session.synced | {chat_id})
    committing.drive(draft, chat_id)
    outbox.pump(draft, chat_id)
    fetching.notice(draft, chat_id)


def _follow_refused(draft: Draft, event: i.FollowRefused) -> None:
    chat = draft.state.chat_of_log(event.log_id)
    if chat is None or chat.generation != event.generation:
        return
    if known_code(event.code) not in RETRYABLE and chat.status is Status.ACTIVE:
        pleading.stop(draft, chat, Reason.ACCESS_REFUSED)


def _entries(draft: Draft, event: i.EntriesArrived) -> None:
    batch = event.entries
    chat = draft.state.chat_of_log(batch.log_id)
    if chat is None or chat.status is not Status.ACTIVE:
        return
    if batch.generation != chat.generation:
        return
    is_chained = _is_chained(batch)
    if is_chained and not heads.read(draft, chat, batch):
        return
    first = batch.entries[0].seq if batch.entries else 0
    if first == chat.cursor + 1 and batch.before != chat.chain:
        pleading.stop(draft, chat, Reason.CHAIN)
        return
    if not is_chained:
        _read_again(draft, chat)
        return
    for entry in batch.entries:
        current = draft.state.chats[chat.chat_id]
        if current.generation != batch.generation:
            # What is behind an opening is hidden from the old key.
            break
        if big_commits.waits(draft, current, entry):
            break
        inbox.receive(draft, current, entry)
        big_commits.done(draft, current, entry.seq)
    _catch_up(draft, chat.chat_id)


def _is_chained(batch: Entries) -> bool:
    """Tell whether a batch is what its own chain value says."""
    value = batch.before
    for entry in batch.entries:
        value = chain_of_links(value, entry.links)
    return value == batch.chain


def _read_again(draft: Draft, chat: Chat) -> None:
    """Read on from the cursor once more; a relay that keeps lying stops the chat."""
    doubts = draft.state.session.doubts
    count = doubts.get(chat.chat_id, 0) + 1
    draft.set_session(doubts={**doubts, chat.chat_id: count})
    if count > MOST_DOUBTS:
        pleading.stop(draft, chat, Reason.CHAIN)
    else:
        chats.follow(draft, chat)


def _tick(draft: Draft, _: i.Tick) -> None:
    for chat_id, chat in tuple(draft.state.chats.items()):
        if chat.status is not Status.ACTIVE:
            continue
        outbox.resend(draft, chat_id)
        placing.resend(draft, chat_id)
        committing.drive(draft, chat_id)
        outbox.pump(draft, chat_id)
        helping.ring_due(draft, chat_id)
        fetching.due(draft, chat_id)
    handing.due(draft)
    signalling.due(draft)
    for chat_id in tuple(draft.state.repairs):
        pleading.look_due(draft, chat_id)
        placing.resend(draft, chat_id)
    now, session = draft.context.now_ms, draft.state.session
    for number, due in sorted(session.retry_at.items()):
        job = draft.state.jobs.get(number)
        if job is not None and due <= now and not isinstance(job.request, AppendEntry):
            draft.send_again(job)


def _answered(draft: Draft, event: i.Answered) -> None:
    job = draft.state.jobs.get(event.job)
    if job is None:
        return
    sent = draft.state.session.sent - {event.job}
    draft.set_session(sent=sent)
    match job.request, event.answer:
        case AppendEntry(), Appended() | Refused() as answer:
            _append_answered(draft, job, answer)
        case CreateLog(), answer:
            chats.created(draft, job, answer)
        case FindAccount(), Found() | Refused() as answer:
            invites.found(draft, job, answer)
        case ClaimPackages(), Claimed() | Refused() as answer:
            invites.claimed(draft, job, answer)
        case FetchBlob(), Fetched() | Refused() as answer:
            big_commits.fetched(draft, job, answer)
        case JoinWalk(), Walked() | Refused() as answer:
            joining.walked(draft, job, answer)
        case _, answer:
            _repair_answered(draft, job, answer)


def _repair_answered(draft: Draft, job: Job, answer: object) -> None:
    match job.request, answer:
        case PostPlea(), answer:
            pleading.posted(draft, job, answer)
        case ReadAnswers(), AnswersRead() | Refused() as answer:
            choosing.answers_read(draft, job, answer)
        case ListPleas(), Pleas() | Refused() as answer:
            helping.listed(draft, job, answer)
        case RejoinWalk(), Walked() | Refused() as answer:
            rejoining.walked(draft, job, answer)
        case _, answer:
            _plain_answered(draft, job, answer)


def _append_answered(draft: Draft, job: Job, answer: Appended | Refused) -> None:
    request = job.request
    if not isinstance(request, AppendEntry):
        raise UsageError("an answer to another request")
    chat = draft.state.chats.get(job.context)
    if isinstance(answer, Appended) and chat is not None:
        heads.appended(draft, chat, answer)
    pending = draft.state.pending.get(job.context)
    is_pending = pending is not None and pending.job == job.number
    if is_pending and job.context in draft.state.repairs:
        rejoining.appended(draft, job, answer)
    elif Header.parse(request.header).is_commit:
        placing.answered(draft, job, answer)
    else:
        outbox.answered(draft, job, answer)
    committing.drive(draft, job.context)


def _plain_answered(draft: Draft, job: Job, answer: object) -> None:
    """End a job whose success needs nothing more; name one that failed for good."""
    if isinstance(answer, Refused):
        if _comes_again(draft, job, answer):
            return
        code = answer.named
        if isinstance(job.request, PostSealed):
            invites.not_delivered(draft, job, code)
        elif not isinstance(job.request, PostAnswer | DropPlea):
            # A plea that is gone needs nothing; nobody here waits for it.
            draft.show(Notice("request_refused", code.value))
    if isinstance(answer, Refused) and isinstance(job.request, SetRequestsLane):
        lanes.refused(draft, job)
    elif isinstance(job.request, SetMailboxKey | SetRequestsLane):
        lanes.told(draft, job)
    else:
        draft.end_job(job.number)


def _comes_again(draft: Draft, job: Job, refused: Refused) -> bool:
    """Put off what can succeed later, or send it at once in another way."""
    code, wait_ms = refused.named, refused.pause_ms(1_000)
    if code is Code.ACCESS_KEY_NEEDED and lanes.retry_otherwise(draft, job):
        return True
    if code is Code.REQUESTS_CLOSED and _is_awaited(draft, job):
        if not lanes.is_worth_waiting(draft, job):
            return False
        wait_ms = _DOOR_WAIT_MS
    elif code is Code.WORK_NEEDED:
        if lanes.is_first_refusal(draft, job):
            draft.show(Notice("request_refused", code.value))
        wait_ms = max(wait_ms, _DOOR_WAIT_MS)
    elif code not in RETRYABLE | UNPAID | _LATER:
        return False
    draft.again_in(job.number, wait_ms)
    return True


def _is_awaited(draft: Draft, job: Job) -> bool:
    """Tell whether who closed a lane may wait for this; an acceptance has an end."""
    if job.reason == "acceptance":
        packages = draft.state.packages.values()
        return any(package.invite_id == job.reason_id for package in packages)
    return job.reason in _AWAITED


_OUTSIDE: dict[type[Any], Callable[[Draft, Any], object | None]] = {
    i.Start: _nothing,
    i.Connected: _connected,
    i.Disconnected: _disconnected,
    i.Tick: _tick,
    i.Following: _following,
    i.FollowRefused: _follow_refused,
    i.EntriesArrived: _entries,
    i.MailboxArrived: _mailbox,
    i.MailboxLost: _mailbox_lost,
    i.Answered: _answered,
    i.PleaRings: _rings,
    i.SignalArrived: _signal,
    i.Recalled: _recalled,
    i.DiskWentBack: _went_back,
}


def load(rows: Iterable[tuple[Kind, bytes, bytes]]) -> State:
    """Return the state that a profile stores; raises DecodeError, UsageError."""
    tables: dict[Kind, dict[bytes, Any]] = {kind: {} for kind in Kind}
    for kind, key, body in rows:
        stored = STORED.get(kind)
        tables[kind][key] = body if stored is None else decode(stored, body)
    account = tables[Kind.ACCOUNT].get(b"")
    if not isinstance(account, Account):
        raise UsageError("a profile without an account")
    jobs = {int.from_bytes(k, "big"): j for k, j in tables[Kind.JOB].items()}
    state = State(
        account=account,
        chats=tables[Kind.CHAT],
        groups=_groups(account, tables),
        pending=tables[Kind.PENDING],
        outgoing=_outgoing(tables[Kind.OUTGOING]),
        contacts=tables[Kind.CONTACT],
        invites=tables[Kind.INVITE],
        requests=tables[Kind.REQUEST],
        links=tables[Kind.LINK],
        packages=tables[Kind.PACKAGE],
        pasts=tables[Kind.PAST],
        repairs=tables[Kind.REPAIR],
        plights=tables[Kind.PLIGHT],
        heads=tables[Kind.HEAD],
        forks=tables[Kind.FORK],
        tallies=tables[Kind.TALLY],
        epochs=tables[Kind.EPOCH],
        fetches=tables[Kind.FETCH],
        transcripts=tables[Kind.TRANSCRIPT],
        rollbacks=tables[Kind.ROLLBACK],
        moved=tables[Kind.MOVED],
        jobs=jobs,
        next_job=max(_cursor(tables, JOBS), max(jobs, default=0) + 1),
    )
    return replace(state, mailbox_cursor=_cursor(tables, mailbox.CURSOR))


def _cursor(tables: dict[Kind, dict[bytes, Any]], name: bytes) -> int:
    return int.from_bytes(tables[Kind.CURSOR].get(name, b""), "big")


def _groups(
    account: Account, tables: dict[Kind, dict[bytes, Any]]
) -> dict[bytes, mls.Group]:
    me = leaf_identity(account)
    ratchets = tables[Kind.RATCHET]
    return {
        chat_id: mls.Group.load(tree, ratchets[chat_id], me)
        for chat_id, tree in tables[Kind.TREE].items()
    }


def _outgoing(rows: dict[bytes, Any]) -> dict[bytes, tuple[Outgoing, ...]]:
    found: dict[bytes, list[Outgoing]] = {}
    for key in sorted(rows):
        item: Outgoing = rows[key]
        found.setdefault(item.chat_id, []).append(item)
    return {chat_id: tuple(items) for chat_id, items in found.items()}
