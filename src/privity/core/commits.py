"""Commits as they arrive in the log: judged, applied, written down for people.

Applying a commit deletes the old epoch's secrets in the same transaction.
"""

from hashlib import sha256

from msgspec import structs

from privity import mls
from privity.core import (
    admitting,
    big_commits,
    committing,
    control,
    counting,
    departed,
    helping,
    outbox,
    placing,
    transcripts,
    turns,
)
from privity.core.chat_rules import accounts_of, certificate_of, invalid
from privity.core.effects import Cause, Follow, Unfollow
from privity.core.envelopes import CommitPayload, part_place, seal_checkpoint
from privity.core.errors import Outcome, OutcomeError, Reason
from privity.core.events import Line
from privity.core.generations import (
    NEXT_KEYS,
    Generation,
    NextKeys,
    generation_secret,
)
from privity.core.judging import account_behind, judge_commit
from privity.core.leaves import leaf_identity
from privity.core.leaving import verify_leave
from privity.core.lines import write_line
from privity.core.outside import check_is_commit, seen_from_outside
from privity.core.past import forget, remember
from privity.core.reading import group_event, leaf_of, open_content
from privity.core.state import Chat, ChatKind, Contact, ContactState, Pending, Status
from privity.core.step import Draft
from privity.errors import DecodeError, PrivityError, ProtocolError
from privity.wire.entry import Header, digest
from privity.wire.frames import Entry

__all__ = ["end_if_all_leave", "meet", "note_invalid", "receive", "receive_leave"]


def receive(draft: Draft, chat: Chat, entry: Entry, header: Header) -> None:
    """Apply a child of my epoch's commit; raises OutcomeError, then nothing changed.

    Who is removed by it has no keys of what follows, and checks all that is public.
    """
    pending = draft.state.pending.get(chat.chat_id)
    if pending is not None and pending.idem == header.idem:
        _receive_own(draft, chat, entry, pending)
        return
    before = draft.state.groups[chat.chat_id]
    payload = _payload(draft, chat, entry, header)
    staged = _staged(before, payload, header)
    judge_commit(before, staged, header)
    by = account_behind(before, staged)
    if staged.next is None:
        _, after = seen_from_outside(before.public, payload.message)
        _check_info(after, header, payload)
        _leave_behind(draft, chat, entry, by, replaced=staged.joins)
        return
    secret = _check_keys(draft, chat, header, payload, staged.next)
    _advance(draft, chat, (entry, header), staged.next, secret)
    _write_changes(draft, chat, entry, (before, staged.next), by)
    if staged.joins and staged.path_leaf is not None:
        transcripts.begin_anew(draft, chat, entry.seq)
        helping.note_rejoin(draft, chat, staged.path_leaf.credential.identity)
        write_line(
            draft, Line(chat.chat_id, entry.seq, "rejoined", by, by), entry.minute
        )
    _greet(draft, chat, (before, staged.next))
    _go_on(draft, chat.chat_id)


def _staged(
    before: mls.Group, payload: CommitPayload, header: Header
) -> mls.StagedCommit:
    """Return what a commit does; raises OutcomeError.

    Where only my path slot fails, everything that others judge is judged first: a
    commit that they skip must not stop me, else one poisoned slot would fork a chat.
    """
    try:
        check_is_commit(payload.message)
        staged = group_event(before, payload.message)
    except OutcomeError as error:
        if error.reason is Reason.PATH and error.outcome is Outcome.UNAPPLIABLE:
            seen, after = seen_from_outside(before.public, payload.message)
            judge_commit(before, seen, header)
            _check_info(after, header, payload)
        raise
    if not isinstance(staged, mls.StagedCommit):
        raise invalid(Reason.KIND)
    return staged


def receive_leave(draft: Draft, chat: Chat, entry: Entry, event: mls.Proposed) -> None:
    """Keep a self-Remove for the next commit; raises OutcomeError."""
    group = draft.state.groups[chat.chat_id]
    proposal = event.proposal
    by_member = event.sender_type is mls.SenderType.MEMBER
    if not (
        by_member
        and isinstance(proposal, mls.Remove)
        and proposal.removed == event.sender
    ):
        raise invalid(Reason.NOT_A_LEAVE)
    try:
        verify_leave(group, event.sender, event.authenticated_data)
    except ProtocolError as error:
        raise invalid(Reason.NOT_A_LEAVE, str(error)) from None
    draft.put_group(chat.chat_id, event.next, epoch=False)
    end_if_all_leave(draft, chat.chat_id, entry)
    committing.drive(draft, chat.chat_id)


def end_if_all_leave(draft: Draft, chat_id: bytes, entry: Entry) -> None:
    """End a chat whose members all leave at once: nobody is left to commit it."""
    chat, group = draft.state.chats[chat_id], draft.state.groups[chat_id]
    waiting = any(i.proposal for i in draft.state.outgoing.get(chat_id, ()))
    leaving = {sent.sender for _, sent in group.pending_proposals}
    if not waiting and all(index in leaving for index, _ in group.members()):
        _leave_behind(draft, chat, entry, draft.state.account.account_id)


def _payload(draft: Draft, chat: Chat, entry: Entry, header: Header) -> CommitPayload:
    envelope = big_commits.envelope_of(draft, chat, entry, header)
    try:
        payload = CommitPayload.decode(open_content(chat, entry.header, envelope))
    except DecodeError as error:
        raise invalid(Reason.ENVELOPE, str(error)) from None
    if payload.version != 1:
        raise invalid(Reason.ENVELOPE, "version")
    return payload


def _check_keys(
    draft: Draft,
    chat: Chat,
    header: Header,
    payload: CommitPayload,
    after: mls.Group,
) -> bytes:
    """Return the secret behind the commit; header, GroupInfo, exporter must agree."""
    _check_info(after.public, header, payload)
    secret = chat.secret
    if header.opens:
        secret = generation_secret(after, chat.log_id, draft.state.account.host)
        if _stated_keys(header) != Generation(secret).next_keys.encode():
            raise invalid(Reason.ACCESS)
    _check_checkpoint(header, after.public, Generation(secret))
    return secret


def _check_checkpoint(
    header: Header, after: mls.PublicGroup, behind: Generation
) -> None:
    """See that joiners and rejoiners will find the state that the commit leads to."""
    if header.checkpoint_hash is None:
        return
    place = part_place(header.log_id, header.parent)
    sealed = seal_checkpoint(behind, place, after.encode())
    if header.checkpoint_hash != sha256(sealed).digest():
        raise invalid(Reason.CHECKPOINT)


def _check_info(after: mls.PublicGroup, header: Header, payload: CommitPayload) -> None:
    """Check what every member can of the GroupInfo, with or without its path slot."""
    try:
        info = mls.GroupInfo.decode(payload.group_info)
        mls.verify_group_info(after, info)
    except PrivityError as error:
        raise invalid(Reason.GROUP_INFO, str(error)) from None
    if mls.find_extension(info.extensions, NEXT_KEYS) != _stated_keys(header):
        raise invalid(Reason.ACCESS)


def _stated_keys(header: Header) -> bytes | None:
    if header.next_access_pk is None or header.next_lobby_pk is None:
        return None
    return NextKeys(header.next_access_pk, header.next_lobby_pk).encode()


def _receive_own(draft: Draft, chat: Chat, entry: Entry, pending: Pending) -> None:
    if pending.digest != digest(entry.header, entry.envelope):
        raise OutcomeError(Outcome.UNAPPLIABLE, Reason.OWN_LEAF)
    account = draft.state.account
    before = draft.state.groups[chat.chat_id]
    after = mls.Group.load(pending.tree, pending.ratchet, leaf_identity(account))
    header = Header.parse(entry.header)
    secret = pending.secret or chat.secret
    served = placing.served_by(pending, chat)
    left = tuple(i for i in chat.intents if i not in served)
    chat = structs.replace(chat, intents=left)
    chat = _advance(draft, chat, (entry, header), after, secret)
    _write_changes(draft, chat, entry, (before, after), account.account_id)
    for invite_id in pending.admits:
        admitting.admit(draft, chat, entry, invite_id)
    _go_on(draft, chat.chat_id)


def _advance(
    draft: Draft,
    chat: Chat,
    place: tuple[Entry, Header],
    after: mls.Group,
    secret: bytes,
) -> Chat:
    """Step into the epoch that a commit began; my own losing commit is dropped."""
    entry, header = place
    changed = structs.replace(
        chat,
        parent=entry.seq,
        secret=secret,
        generation=entry.seq if header.opens else chat.generation,
        commits=0 if header.checkpoint_hash else chat.commits + 1,
        failed=0,
    )
    if header.checkpoint_hash:
        changed = structs.replace(
            changed,
            checkpoint_seq=entry.seq,
            checkpoint_parent=header.parent,
            checkpoint_hash=header.checkpoint_hash,
        )
    draft.put_group(chat.chat_id, after, epoch=True)
    draft.put_chat(changed)
    remember(draft, changed)
    helping.went_on(draft, chat.chat_id)
    _drop_pending(draft, chat.chat_id)
    outbox.hold_for_next_epoch(draft, chat.chat_id)
    turns.over(draft, chat.chat_id)
    return _follow_anew(draft, changed) if header.opens else changed


def _follow_anew(draft: Draft, chat: Chat) -> Chat:
    """Read on with the key of the generation that was just opened.

    What stands behind it there is not known yet, so nothing is protected before the
    relay has said how far that goes.
    """
    session = draft.state.session
    heads = {k: v for k, v in session.heads.items() if k != chat.log_id}
    draft.set_session(heads=heads, synced=session.synced - {chat.chat_id})
    access_seed = Generation(chat.secret).access_seed
    cause = Cause("follow", chat.chat_id)
    seq = chat.generation
    draft.effects.append(Follow(chat.log_id, seq, access_seed, seq, cause))
    return draft.put_chat(structs.replace(chat, opened=draft.context.minute))


def note_invalid(draft: Draft, chat: Chat, seq: int, header: Header) -> None:
    """Remember that the newest child of my parent is one that nobody follows."""
    if not chat.failed:
        turns.over(draft, chat.chat_id)
    chat = draft.put_chat(structs.replace(chat, failed=seq))
    if header.opens:
        turns.age(draft, chat)
    committing.drive(draft, chat.chat_id)


def _drop_pending(draft: Draft, chat_id: bytes) -> None:
    pending = draft.state.pending.get(chat_id)
    if pending is not None:
        draft.end_job(pending.job)
        draft.drop(Pending, chat_id)


def _go_on(draft: Draft, chat_id: bytes) -> None:
    outbox.leave_again(draft, chat_id)
    committing.drive(draft, chat_id)
    outbox.pump(draft, chat_id)


def _leave_behind(
    draft: Draft, chat: Chat, entry: Entry, by: bytes, *, replaced: bool = False
) -> None:
    """This device was removed: forget every secret of the chat, keep its messages.

    `replaced` says that somebody came back in its place, under its own name.
    """
    me = draft.state.account.account_id
    what = "left" if chat.leaving or by == me else "removed"
    what = "replaced" if replaced else what
    status = Status.LEFT if what == "left" else Status.REMOVED
    # Invited again, it counts on behind what left.
    counter = outbox.said_upto(draft, chat)
    _drop_pending(draft, chat.chat_id)
    for item in draft.state.outgoing.get(chat.chat_id, ()):
        outbox.give_up(draft, item)
    draft.drop_group(chat.chat_id)
    forget(draft, chat.chat_id)
    draft.effects.append(Unfollow(chat.log_id))
    gone = structs.replace(chat, secret=b"", intents=(), leaving=False, counter=counter)
    draft.set_status(gone, status)
    line = Line(chat.chat_id, entry.seq, what, by, me)
    write_line(draft, line, entry.minute)


def _write_changes(
    draft: Draft,
    chat: Chat,
    entry: Entry,
    groups: tuple[mls.Group, mls.Group],
    by: bytes,
) -> None:
    if counting.members_changed(draft, chat.chat_id, entry.seq, groups):
        transcripts.begin_anew(draft, chat, entry.seq)
    departed.note(draft, chat.chat_id, *groups)
    before, after = (accounts_of(g.members()) for g in groups)
    for who in before.keys() - after.keys():
        what = "left" if _left_by_itself(groups[0], before[who]) else "removed"
        write_line(draft, Line(chat.chat_id, entry.seq, what, by, who), entry.minute)
    for who in after.keys() - before.keys():
        line = Line(chat.chat_id, entry.seq, "added", by, who)
        write_line(draft, line, entry.minute)
        meet(draft, groups[1], after[who][0])


def _greet(draft: Draft, chat: Chat, groups: tuple[mls.Group, mls.Group]) -> None:
    """Tell newcomers of a group my name; what I said before, they can't read."""
    before, after = (accounts_of(g.members()) for g in groups)
    contacts = draft.state.contacts
    strangers = [
        who
        for who in after.keys() - before.keys()
        if contacts[who].state is not ContactState.ACCEPTED
    ]
    if strangers and chat.kind is ChatKind.GROUP:
        control.introduce(draft, chat.chat_id)


def _left_by_itself(group: mls.Group, leaves: list[int]) -> bool:
    own = {sent.sender for _, sent in group.pending_proposals}
    return any(leaf in own for leaf in leaves)


def meet(draft: Draft, group: mls.Group, index: int) -> None:
    """Keep the account of a leaf as somebody who was seen."""
    claim = certificate_of(leaf_of(group, index)).claim
    if claim.account_id in draft.state.contacts:
        return
    if claim.account_id == draft.state.account.account_id:
        return
    draft.put(
        claim.account_id,
        Contact(
            account_id=claim.account_id,
            identity_key=claim.identity_key,
            state=ContactState.KNOWN,
        ),
    )
