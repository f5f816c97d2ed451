"""My own commits: when one is due, how it is made, what the relay says of it.

A commit is made only when every attempt of mine in this epoch is answered, saved
whole, and applied when it comes back in the log, never before.
"""

from collections.abc import Callable
from hashlib import sha256

from msgspec import structs

from privity import mls
from privity.core.chat_rules import CommitStatement, accounts_of
from privity.core.effects import Cause
from privity.core.envelopes import (
    CommitPayload,
    Part,
    part_place,
    seal_envelope,
    seal_part,
)
from privity.core.events import Notice
from privity.core.generations import NEXT_KEYS, Generation, generation_secret
from privity.core.requests import Appended, AppendEntry, Refused
from privity.core.state import NEVER, Chat, Intent, Invite, Job, Pending, Status
from privity.core.step import Draft
from privity.errors import PrivityError
from privity.identity import labels
from privity.identity.signing import sign_with_label
from privity.wire.codes import RETRYABLE, Code
from privity.wire.entry import NO_TAG, VERSION, Header, Kind, digest
from privity.wire.limits import ADDS_PER_COMMIT, COMMIT_ENVELOPE

__all__ = ["answered", "drive", "resend", "served_by"]

CHECKPOINT_EVERY = 64
"""Commits on a road after which a commit brings a checkpoint."""
CHECKPOINT_DISTANCE = 4_096
"""Entries after which it does: a joiner has to walk them (`joining.MAX_WALK`)."""
RANK_MS = 1_000
_WAIT_MS = 250

_Extensions = Callable[[mls.Group], tuple[mls.Extension, ...]]


def drive(draft: Draft, chat_id: bytes) -> None:
    """Make the commit that is due in a chat, if one is and this is the moment."""
    chat = draft.state.chats[chat_id]
    session = draft.state.session
    if not session.online or chat_id not in session.synced:
        return
    if chat.status is not Status.ACTIVE or chat.leaving:
        return
    if chat_id in draft.state.pending:
        return
    if any(i.job for i in draft.state.outgoing.get(chat_id, ())):
        return
    group = draft.state.groups[chat_id]
    leaves = _leaves_due(draft, chat, group)
    if chat.intents or leaves:
        _commit(draft, chat, group)


def _leaves_due(draft: Draft, chat: Chat, group: mls.Group) -> bool:
    """Tell whether it is my turn to commit the leaves that others proposed.

    The lowest leaf that stays goes first, each further one a second later.
    """
    leaving = {sent.sender for _, sent in group.pending_proposals}
    if not leaving:
        return False
    seen = draft.state.session.proposals
    if chat.chat_id not in seen:
        seen = {**seen, chat.chat_id: draft.context.now_ms}
        draft.set_session(proposals=seen)
    staying = [index for index, _ in group.members() if index not in leaving]
    due = seen[chat.chat_id] + staying.index(group.own_leaf) * RANK_MS
    if due <= draft.context.now_ms:
        return True
    draft.wake(due)
    return False


def _commit(draft: Draft, chat: Chat, group: mls.Group) -> None:
    """Commit what is due; what can't be committed is dropped, and nothing with it.

    Who accepts chooses the key package: a bad one must not hold up anybody else's
    Add or a removal. So a batch that fails is tried again with its first Add only,
    and if that fails, without it.
    """
    adds, removes = _due(draft, chat)
    if not (adds or removes or group.pending_proposals):
        return
    error = None
    for batch in (adds, adds[:1]) if len(adds) > 1 else (adds,):
        try:
            made = _make(draft, chat, group, (batch, removes))
        except PrivityError as failed:
            error = failed
        else:
            draft.put(chat.chat_id, made)
            return
    dropped = adds[:1] or removes
    _give_up(draft, chat.chat_id, dropped, str(error))
    if dropped:
        drive(draft, chat.chat_id)


def _due(draft: Draft, chat: Chat) -> tuple[list[Intent], list[Intent]]:
    """Return the Adds and removals to commit; Adds that are too late are dropped."""
    adds: list[Intent] = []
    for intent in [i for i in chat.intents if i.what == "add"]:
        package = mls.KeyPackage.decode(intent.package)
        try:
            mls.check_lifetime(package.leaf_node, draft.context.now)
        except PrivityError as error:
            _give_up(draft, chat.chat_id, [intent], str(error))
        else:
            adds.append(intent)
    removes = [i for i in chat.intents if i.what == "remove"]
    return adds[:ADDS_PER_COMMIT], removes


def _make(
    draft: Draft,
    chat: Chat,
    group: mls.Group,
    intents: tuple[list[Intent], list[Intent]],
) -> Pending:
    adds, removes = intents
    leaves = _leaves_of(group, removes)
    opens = bool(leaves or group.pending_proposals)
    log_id, host = chat.log_id, draft.state.account.host
    options = mls.CommitOptions(
        add=tuple(mls.KeyPackage.decode(i.package) for i in adds),
        remove=leaves,
        path=True,
        authenticated_data=CommitStatement(1, opens, device_list=None).encode(),
        group_info_extensions=_next_keys(log_id, host) if opens else _no_keys,
    )
    result = group.commit(options, draft.context.random)
    secret = generation_secret(result.next, log_id, host) if opens else b""
    request = _request(draft, chat, result, secret)
    cause = Cause("commit", chat.chat_id)
    header = Header.parse(request.header)
    return Pending(
        idem=header.idem,
        digest=digest(request.header, request.envelope),
        parent=chat.parent,
        job=draft.send(request, cause, chat.chat_id),
        tree=result.next.dump_tree(),
        ratchet=result.next.dump_ratchet(),
        secret=secret,
        welcome_hash=header.welcome_hash or b"",
        admits=tuple(i.invite_id for i in adds),
        removes=tuple(i.account_id for i in removes),
    )


def _next_keys(log_id: bytes, host: str) -> _Extensions:
    """State, in the GroupInfo of an opening, the keys that its epoch gives the log."""

    def extensions(after: mls.Group) -> tuple[mls.Extension, ...]:
        keys = Generation(generation_secret(after, log_id, host)).next_keys
        return (mls.Extension(NEXT_KEYS, keys.encode()),)

    return extensions


def _no_keys(_after: mls.Group) -> tuple[mls.Extension, ...]:
    return ()


def _leaves_of(group: mls.Group, removes: list[Intent]) -> tuple[int, ...]:
    accounts = accounts_of(group.members())
    leaving = {sent.sender for _, sent in group.pending_proposals}
    wanted = [leaf for i in removes for leaf in accounts.get(i.account_id, [])]
    return tuple(leaf for leaf in wanted if leaf not in leaving)


def _request(
    draft: Draft, chat: Chat, result: mls.PendingCommit, secret: bytes
) -> AppendEntry:
    random = draft.context.random
    current = Generation(chat.secret)
    opened = Generation(secret) if secret else None
    welcome, checkpoint = _parts(draft, chat, result, opened)
    header = _header(chat, opened, (welcome, checkpoint), random(16)).encode()
    payload = CommitPayload(1, result.message, result.group_info).encode()
    envelope = seal_envelope(current, header, payload, random(32))
    if len(envelope) > COMMIT_ENVELOPE:
        raise PrivityError("a commit of this group needs more than 48 KiB")
    signature = b""
    if opened is not None:
        signature = sign_with_label(opened.access_seed, labels.OPENING, header)
    return AppendEntry(
        log_id=chat.log_id,
        generation=chat.generation,
        access_seed=current.access_seed,
        header=header,
        envelope=envelope,
        welcome=welcome,
        checkpoint=checkpoint,
        signature=signature,
        resume=True,
    )


def _parts(
    draft: Draft, chat: Chat, result: mls.PendingCommit, opened: Generation | None
) -> tuple[bytes, bytes]:
    """Seal the Welcome and the checkpoint, empty where there is none."""
    random = draft.context.random
    behind = opened or Generation(chat.secret)
    place = part_place(chat.log_id, chat.parent)
    welcome = checkpoint = b""
    if result.welcome is not None:
        welcome = seal_part(behind, Part.WELCOME, place, result.welcome, random(32))
    if opened or _is_far_from_checkpoint(chat):
        state = result.next.public.encode()
        checkpoint = seal_part(behind, Part.CHECKPOINT, place, state, random(32))
    return welcome, checkpoint


def _is_far_from_checkpoint(chat: Chat) -> bool:
    return (
        chat.commits + 1 >= CHECKPOINT_EVERY
        or chat.cursor - chat.checkpoint_seq >= CHECKPOINT_DISTANCE
    )


def _header(
    chat: Chat, opened: Generation | None, parts: tuple[bytes, bytes], idem: bytes
) -> Header:
    welcome, checkpoint = parts
    keys = opened.next_keys if opened else None
    return Header(
        version=VERSION,
        log_id=chat.log_id,
        kind=Kind.COMMIT,
        parent=chat.parent,
        generation=chat.generation,
        idem=idem,
        tag=NO_TAG,
        opens=opened is not None,
        next_access_pk=keys.access_pk if keys else None,
        next_lobby_pk=keys.lobby_pk if keys else None,
        welcome_hash=sha256(welcome).digest() if welcome else None,
        checkpoint_hash=sha256(checkpoint).digest() if checkpoint else None,
    )


def _give_up(draft: Draft, chat_id: bytes, dropped: list[Intent], detail: str) -> None:
    """Drop changes that can't be committed (a bad package), and say so."""
    _forget_intents(draft, chat_id, dropped)
    draft.show(Notice("commit_impossible", detail))


def _forget_intents(draft: Draft, chat_id: bytes, dropped: list[Intent]) -> None:
    """Drop intents, and the invitations that they served: who wants can ask again."""
    chat = draft.state.chats[chat_id]
    left = tuple(i for i in chat.intents if i not in dropped)
    draft.put_chat(structs.replace(chat, intents=left))
    for intent in dropped:
        draft.drop(Invite, intent.invite_id)


def answered(draft: Draft, job: Job, answer: Appended | Refused) -> None:
    """Deal with the relay's answer to my commit; the log says whether it counts."""
    chat_id = job.context
    pending = draft.state.pending.get(chat_id)
    if pending is None or pending.job != job.number:
        draft.end_job(job.number)
        return
    if isinstance(answer, Appended):
        draft.end_job(job.number)
        return
    code = answer.named
    if code in RETRYABLE or code is Code.AFTER_REFUSED:
        wait = max(answer.wait_ms, _WAIT_MS)
        draft.put_off(job.number, draft.context.now_ms + wait)
        draft.wake(draft.context.now_ms + wait)
    elif code in (Code.STALE, Code.WRONG_GENERATION):
        draft.put_off(job.number, NEVER)
    else:
        draft.end_job(job.number)
        draft.drop(Pending, chat_id)
        chat = draft.state.chats[chat_id]
        _forget_intents(draft, chat_id, served_by(pending, chat))
        draft.show(Notice("commit_refused", code.value))


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
