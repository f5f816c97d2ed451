"""Big commits: what stands in the log is a reference, the envelope is a blob.

docs/spec/entry.md. A commit that is mine to judge is judged when its blob is here, and
the log waits for it: nothing behind it is looked at before. A blob that the relay
lacks or altered says nothing of the commit, so such a commit is never invalid: this
device can't follow, and asks.
"""

from hashlib import sha256

from privity.core import chats, pleading
from privity.core.effects import Cause
from privity.core.errors import Outcome, OutcomeError, Reason
from privity.core.requests import FetchBlob, Fetched, Refused
from privity.core.state import Chat, Job, State, Status
from privity.core.step import Draft
from privity.errors import DecodeError
from privity.wire.codes import RETRYABLE
from privity.wire.entry import BlobRef, Header, Kind
from privity.wire.frames import AnyEntry, Entry

__all__ = ["done", "envelope_of", "fetched", "is_waiting", "waits"]

MOST_TRIES = 4
"""How often a blob is asked for that is missing or altered, on one connection."""
_AGAIN_MS = 2_000


def waits(draft: Draft, chat: Chat, entry: AnyEntry) -> bool:
    """Tell whether an entry can't be judged yet; then its blob is on its way."""
    ref = _wanted(draft, chat, entry)
    if ref is None or _body(draft, chat.chat_id, ref) is not None:
        return False
    if not _jobs(draft.state, chat.chat_id):
        asked = FetchBlob(ref.blob_id, ref.size, ref.sha256)
        draft.send(asked, Cause("commit", chat.chat_id), chat.chat_id)
    return True


def is_waiting(state: State, chat_id: bytes) -> bool:
    """Tell whether a chat reads on from its cursor when a blob is here."""
    return chat_id in state.session.bodies or bool(_jobs(state, chat_id))


def done(draft: Draft, before: Chat, seq: int) -> None:
    """Forget the blob of a commit that was judged: the one behind `before`."""
    bodies = draft.state.session.bodies
    if before.chat_id in bodies and seq == before.cursor + 1:
        left = {k: v for k, v in bodies.items() if k != before.chat_id}
        draft.set_session(bodies=left)


def envelope_of(draft: Draft, chat: Chat, entry: Entry, header: Header) -> bytes:
    """Return the envelope of a commit, wherever it is; raises OutcomeError."""
    if header.kind is not Kind.BIG_COMMIT:
        return entry.envelope
    try:
        ref = BlobRef.parse(entry.envelope)
    except DecodeError as error:
        raise OutcomeError(Outcome.INVALID, Reason.ENVELOPE, str(error)) from None
    body = _body(draft, chat.chat_id, ref)
    if body is None:
        raise OutcomeError(Outcome.UNAPPLIABLE, Reason.BLOB)
    return body


def fetched(draft: Draft, job: Job, answer: Fetched | Refused) -> None:
    """Read the log again with the blob in hand; without it the chat stops."""
    chat, asked = draft.state.chats[job.context], job.request
    if chat.status is not Status.ACTIVE or not isinstance(asked, FetchBlob):
        draft.end_job(job.number)
    elif isinstance(answer, Refused) and answer.named in RETRYABLE:
        draft.again_in(job.number, answer.pause_ms(1_000))
    elif isinstance(answer, Fetched) and _is_right(asked, answer.body):
        draft.end_job(job.number)
        held = (asked.sha256, answer.body)
        bodies = {**draft.state.session.bodies, chat.chat_id: held}
        draft.set_session(bodies=bodies)
        chats.follow(draft, chat)
    else:
        _missing(draft, chat, job)


def _is_right(asked: FetchBlob, body: bytes) -> bool:
    return sha256(body).digest() == asked.sha256


def _missing(draft: Draft, chat: Chat, job: Job) -> None:
    doubts = draft.state.session.doubts
    count = doubts.get(chat.chat_id, 0) + 1
    draft.set_session(doubts={**doubts, chat.chat_id: count})
    if count < MOST_TRIES:
        draft.again_in(job.number, _AGAIN_MS)
        return
    draft.end_job(job.number)
    pleading.stop(draft, chat, Reason.BLOB)


def _wanted(draft: Draft, chat: Chat, entry: AnyEntry) -> BlobRef | None:
    """Return the blob that this device needs to judge an entry, if any.

    Not for what is off my road, nor for my own commit: that I have.
    """
    if not isinstance(entry, Entry) or entry.seq != chat.cursor + 1:
        return None
    if chat.status is not Status.ACTIVE:
        return None
    try:
        header = Header.parse(entry.header)
        here = (chat.log_id, chat.parent, chat.generation)
        if (header.log_id, header.parent, header.generation) != here:
            return None
        if header.kind is not Kind.BIG_COMMIT or _is_mine(draft, chat, header):
            return None
        return BlobRef.parse(entry.envelope)
    except DecodeError:
        return None


def _is_mine(draft: Draft, chat: Chat, header: Header) -> bool:
    pending = draft.state.pending.get(chat.chat_id)
    return pending is not None and pending.idem == header.idem


def _body(draft: Draft, chat_id: bytes, ref: BlobRef) -> bytes | None:
    digest, body = draft.state.session.bodies.get(chat_id, (b"", b""))
    return body if digest == ref.sha256 and len(body) == ref.size else None


def _jobs(state: State, chat_id: bytes) -> list[Job]:
    return [
        job
        for job in state.jobs.values()
        if job.context == chat_id and isinstance(job.request, FetchBlob)
    ]
