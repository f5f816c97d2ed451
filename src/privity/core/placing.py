"""How my commit gets its place: what the relay says of it, and what it costs.

Its bytes stay the same whatever happens, so that it stands in the log once at most;
the log, not the relay's answer, says whether it counts.
"""

from msgspec import structs

from privity.core import turns
from privity.core.events import Notice
from privity.core.requests import Appended, AppendEntry, Refused
from privity.core.state import STALE_MS, Chat, Intent, Invite, Job, Pending
from privity.core.step import Draft
from privity.wire.codes import RETRYABLE, UNPAID, Code

__all__ = [
    "AGAIN",
    "answered",
    "forget_intents",
    "is_behind",
    "resend",
    "send_paid",
    "served_by",
]

_WAIT_MS = 250
AGAIN = frozenset({Code.AFTER_REFUSED, Code.WRONG_OFFSET, Code.NO_SUCH_BLOB})
"""Said of a commit that is good: sent again, it brings its blob again where needed."""


def answered(draft: Draft, job: Job, answer: Appended | Refused) -> None:
    """Deal with the relay's answer to my commit; the log says whether it counts."""
    chat_id = job.context
    pending = draft.state.pending.get(chat_id)
    if pending is None or pending.job != job.number:
        draft.end_job(job.number)
        return
    if isinstance(answer, Appended):
        draft.end_job(job.number)
        draft.put(chat_id, structs.replace(pending, seq=answer.seq))
        return
    _refused(draft, chat_id, (job, pending), answer)


def _refused(
    draft: Draft, chat_id: bytes, mine: tuple[Job, Pending], refused: Refused
) -> None:
    job, pending = mine
    chat, code = draft.state.chats[chat_id], refused.named
    if code is Code.TOKEN_NEEDED and not _is_paid(job):
        send_paid(draft, job, chat.failed)
    elif code in RETRYABLE or code in AGAIN or code in UNPAID:
        draft.again_in(job.number, refused.pause_ms(_WAIT_MS))
    elif code in (Code.STALE, Code.WRONG_GENERATION):
        draft.again_in(job.number, STALE_MS)
    else:
        draft.end_job(job.number)
        draft.drop(Pending, chat_id)
        forget_intents(draft, chat_id, served_by(pending, chat))
        turns.hold(draft, chat_id)
        draft.show(Notice("commit_refused", code.value))


def send_paid(draft: Draft, job: Job, after: int) -> None:
    """Send a commit's exact bytes with a token, behind the siblings up to `after`."""
    if isinstance(job.request, AppendEntry):
        request = structs.replace(job.request, paid=True, after=after)
        paid = structs.replace(job, request=request)
        draft.change_job(paid)
        draft.send_again(paid)


def _is_paid(job: Job) -> bool:
    return isinstance(job.request, AppendEntry) and job.request.paid


def is_behind(draft: Draft, pending: Pending, failed: int) -> bool:
    """Tell whether my commit was refused for siblings that I have judged since.

    One that is stale although it names the newest that I know waits until I have read
    what came behind that, or until it is due: asking again before changes nothing.
    """
    job, waits = draft.state.jobs.get(pending.job), draft.state.session.retry_at
    if job is None or not isinstance(job.request, AppendEntry):
        return False
    return job.number in waits and job.request.after < failed


def served_by(pending: Pending, chat: Chat) -> list[Intent]:
    """Return the intents of a chat that a commit of mine carries out."""
    return [
        i
        for i in chat.intents
        if (i.what == "add" and i.invite_id in pending.admits)
        or (i.what == "remove" and i.account_id in pending.removes)
    ]


def resend(draft: Draft, chat_id: bytes) -> None:
    """Send my commit's exact bytes again when the relay put it off and it is due."""
    pending = draft.state.pending.get(chat_id)
    if pending is None or pending.job in draft.state.session.sent:
        return
    job = draft.state.jobs.get(pending.job)
    due = draft.state.session.retry_at.get(pending.job, 0)
    if job is not None and due <= draft.context.now_ms:
        draft.send_again(job)


def forget_intents(draft: Draft, chat_id: bytes, dropped: list[Intent]) -> None:
    """Drop intents, and the invitations that they served: who wants can ask again."""
    chat = draft.state.chats[chat_id]
    left = tuple(i for i in chat.intents if i not in dropped)
    draft.put_chat(structs.replace(chat, intents=left))
    for intent in dropped:
        draft.drop(Invite, intent.invite_id)
