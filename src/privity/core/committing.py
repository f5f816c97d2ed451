"""My own commits: when one is due, how it is made, what the relay says of it.

A commit is made only when every attempt of mine in this epoch is answered, saved
whole, and applied when it comes back in the log, never before.
"""

from collections.abc import Callable
from hashlib import sha256

from privity import mls
from privity.core import placing, turns
from privity.core.chat_rules import (
    LEAF_CAP,
    CommitStatement,
    accounts_of,
    claim_of,
    may_change_members,
    parse_rules,
)
from privity.core.effects import Cause
from privity.core.envelopes import (
    CommitPayload,
    Part,
    envelope_size,
    part_place,
    seal_checkpoint,
    seal_envelope,
    seal_part,
)
from privity.core.events import Notice
from privity.core.generations import NEXT_KEYS, Generation, generation_secret
from privity.core.queues import front
from privity.core.requests import AppendEntry
from privity.core.state import Chat, Intent, Pending, Status
from privity.core.step import Draft
from privity.core.vouching import is_omitted
from privity.errors import PrivityError, ProtocolError
from privity.identity import labels
from privity.identity.signing import sign_with_label
from privity.wire.entry import NO_TAG, VERSION, BlobRef, Header, Kind, digest
from privity.wire.limits import (
    ADDS_PER_COMMIT,
    BIG_COMMIT,
    COMMIT_ENVELOPE,
    FIRST_ADDS,
)

__all__ = ["drive", "next_keys", "request"]

CHECKPOINT_EVERY = 64
"""Commits on a road after which a commit brings a checkpoint."""

_Extensions = Callable[[mls.Group], tuple[mls.Extension, ...]]


def drive(draft: Draft, chat_id: bytes) -> None:
    """Make the commit that is due in a chat, if one is and this is the moment."""
    chat = draft.state.chats[chat_id]
    session = draft.state.session
    if not session.online or chat_id not in session.synced:
        return
    if chat.status is not Status.ACTIVE or turns.is_held(draft, chat_id):
        return
    group = draft.state.groups[chat_id]
    pending = draft.state.pending.get(chat_id)
    if pending is not None:
        if placing.is_behind(draft, pending, chat.failed):
            _pay(draft, chat, group, pending)
    elif not _waits_for_answers(draft, chat) and _is_due(draft, chat, group):
        _commit(draft, chat, group)


def _waits_for_answers(draft: Draft, chat: Chat) -> bool:
    """Tell whether an attempt of mine may still get a place in this epoch.

    What the relay put off while my parent has children never does.
    """
    waits = draft.state.session.retry_at
    return any(
        i.job and not (chat.failed and i.job in waits)
        for i in front(draft.state.outgoing.get(chat.chat_id, ()))
    )


def _is_due(draft: Draft, chat: Chat, group: mls.Group) -> bool:
    unsent = any(not i.seq for i in draft.state.outgoing.get(chat.chat_id, ()))
    if chat.failed:
        # Whoever wants to go on makes the further child that others can follow.
        wanted = unsent or chat.intents or group.pending_proposals
        return bool(wanted) and turns.is_mine(draft, chat.chat_id, group)
    if chat.leaving:
        # While others' leaves wait, mine can't be proposed: they go first.
        return bool(group.pending_proposals) and turns.is_mine(
            draft, chat.chat_id, group
        )
    if chat.intents or (unsent and turns.is_old(draft, chat, group)):
        return True
    is_wanted = bool(group.pending_proposals)
    return is_wanted and turns.is_mine(draft, chat.chat_id, group)


def _pay(draft: Draft, chat: Chat, group: mls.Group, pending: Pending) -> None:
    """Bring my commit in behind siblings that are all invalid: the same bytes, paid.

    It is made anew where one of them opens a generation and it does not: the relay
    counts the old one as closed.
    """
    if not turns.is_mine(draft, chat.chat_id, group):
        return
    if turns.may_open(draft, chat) and not pending.secret:
        draft.end_job(pending.job)
        draft.drop(Pending, chat.chat_id)
        _commit(draft, chat, group)
        return
    placing.send_paid(draft, draft.state.jobs[pending.job], chat.failed)


def _commit(draft: Draft, chat: Chat, group: mls.Group) -> None:
    """Commit what is due; what can't be committed is dropped, and nothing with it.

    An opening or a further child may be a path and no more. Who accepts chooses the
    key package: a bad one must not hold up anybody else's Add or a removal. So a batch
    that fails is tried again with its first Add only, and if that fails, without it.
    """
    adds, removes = _due(draft, chat)
    is_bare = chat.failed or turns.may_open(draft, chat)
    if not (adds or removes or group.pending_proposals or is_bare):
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
    else:
        turns.hold(draft, chat.chat_id)


def _due(draft: Draft, chat: Chat) -> tuple[list[Intent], list[Intent]]:
    """Return the Adds and removals to commit; Adds that are too late are dropped."""
    adds: list[Intent] = []
    wanted = [i for i in chat.intents if i.what == "add"]
    if wanted and not _may_add(draft, chat.chat_id):
        _give_up(draft, chat.chat_id, wanted, "role")
        wanted = []
    for intent in wanted:
        leaf = mls.KeyPackage.decode(intent.package).leaf_node
        try:
            mls.check_lifetime(leaf, draft.context.now)
            if is_omitted(draft, claim_of(leaf)):
                raise ProtocolError("a device that its account's newest list omits")
        except PrivityError as error:
            _give_up(draft, chat.chat_id, [intent], str(error))
        else:
            adds.append(intent)
    removes = [i for i in chat.intents if i.what == "remove"]
    room = _room(draft.state.groups[chat.chat_id], removes)
    if adds[room:]:
        _give_up(draft, chat.chat_id, adds[room:], "full")
    most = ADDS_PER_COMMIT if chat.parent else FIRST_ADDS
    return adds[: min(most, room)], removes


def _room(group: mls.Group, removes: list[Intent]) -> int:
    """Return how many leaves may come in beside removals, so that others follow.

    Who invites counts its own invitations only; several can bring in too many.
    """
    gone = {sent.sender for _, sent in group.pending_proposals}
    gone.update(_leaves_of(group, removes))
    return max(0, LEAF_CAP - len(group.members()) + len(gone))


def _may_add(draft: Draft, chat_id: bytes) -> bool:
    """Tell whether I may add still: who began a chat anew acts for an absent owner."""
    group = draft.state.groups[chat_id]
    accounts, rules = accounts_of(group.members()), parse_rules(group.context)
    me = draft.state.account.account_id
    return rules.members_add or may_change_members(rules, accounts, me)


def _make(
    draft: Draft,
    chat: Chat,
    group: mls.Group,
    intents: tuple[list[Intent], list[Intent]],
) -> Pending:
    adds, removes = intents
    leaves = _leaves_of(group, removes)
    opens = bool(leaves or group.pending_proposals) or turns.may_open(draft, chat)
    log_id, host = chat.log_id, draft.state.account.host
    options = mls.CommitOptions(
        add=tuple(mls.KeyPackage.decode(i.package) for i in adds),
        remove=leaves,
        path=True,
        authenticated_data=CommitStatement(1, opens, device_list=None).encode(),
        group_info_extensions=next_keys(log_id, host) if opens else _no_keys,
    )
    result = group.commit(options, draft.context.random)
    secret = generation_secret(result.next, log_id, host) if opens else b""
    asked = request(draft, chat, result, secret)
    cause = Cause("commit", chat.chat_id)
    header = Header.parse(asked.header)
    return Pending(
        idem=header.idem,
        digest=digest(asked.header, asked.envelope),
        parent=chat.parent,
        job=draft.send(asked, cause, chat.chat_id),
        tree=result.next.dump_tree(),
        ratchet=result.next.dump_ratchet(),
        secret=secret,
        welcome_hash=header.welcome_hash or b"",
        admits=tuple(i.invite_id for i in adds),
        removes=tuple(i.account_id for i in removes),
    )


def next_keys(log_id: bytes, host: str) -> _Extensions:
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


def request(
    draft: Draft, chat: Chat, result: mls.PendingCommit, secret: bytes
) -> AppendEntry:
    """Return the append of a commit behind `chat.parent`, which opens if `secret`.

    Raises PrivityError for a commit that is too large.
    """
    random = draft.context.random
    current = Generation(chat.secret)
    opened = Generation(secret) if secret else None
    welcome, checkpoint = _parts(draft, chat, result, opened)
    payload = CommitPayload(1, result.message, result.group_info).encode()
    size = envelope_size(payload)
    if size > BIG_COMMIT:
        raise PrivityError("a commit of this group needs more than 4 MiB")
    kind = Kind.BIG_COMMIT if size > COMMIT_ENVELOPE else Kind.COMMIT
    header = _header(chat, kind, opened, (welcome, checkpoint), random(16)).encode()
    envelope = seal_envelope(current, header, payload, random(32))
    blob = blob_key = b""
    if kind is Kind.BIG_COMMIT:
        blob, blob_key = envelope, random(32)
        envelope = BlobRef(1, random(16), size, sha256(blob).digest()).encode()
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
        paid=chat.failed > 0,
        after=chat.failed,
        blob=blob,
        blob_key=blob_key,
    )


def _parts(
    draft: Draft, chat: Chat, result: mls.PendingCommit, opened: Generation | None
) -> tuple[bytes, bytes]:
    """Seal the Welcome and the checkpoint, empty where there is none.

    Whoever comes in finds the state at its own commit: what may lie in front of that
    one, of dead branches too, nobody here sees before it stands in the log.
    """
    random = draft.context.random
    behind = opened or Generation(chat.secret)
    place = part_place(chat.log_id, chat.parent)
    welcome = checkpoint = b""
    if result.welcome is not None:
        welcome = seal_part(behind, Part.WELCOME, place, result.welcome, random(32))
    if opened or welcome or chat.commits + 1 >= CHECKPOINT_EVERY:
        state = result.next.public.encode()
        checkpoint = seal_checkpoint(behind, place, state)
    return welcome, checkpoint


def _header(
    chat: Chat,
    kind: Kind,
    opened: Generation | None,
    parts: tuple[bytes, bytes],
    idem: bytes,
) -> Header:
    welcome, checkpoint = parts
    keys = opened.next_keys if opened else None
    return Header(
        version=VERSION,
        log_id=chat.log_id,
        kind=kind,
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
    placing.forget_intents(draft, chat_id, dropped)
    draft.show(Notice("commit_impossible", detail))
