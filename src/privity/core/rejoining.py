"""Coming back: from an answer through the log to a commit of one's own.

docs/spec/plea.md. The answer names an epoch; the log leads there from a checkpoint, in
public. From there this device takes its own place anew by an external commit, and is
back when it has read that commit in the log, in its place.
"""

import hmac
from dataclasses import replace
from hashlib import sha256

from msgspec import structs

from privity import mls
from privity.core import (
    chats,
    committing,
    counting,
    departed,
    offers,
    outbox,
    placing,
    pleading,
)
from privity.core.chat_rules import (
    ChatKindCode,
    CommitStatement,
    accounts_of,
    chat_id_hash,
)
from privity.core.effects import Cause
from privity.core.envelopes import CREATION, Part, open_envelope, open_part, part_place
from privity.core.envelopes import CommitPayload as Payload
from privity.core.errors import Reason
from privity.core.events import Line, Notice
from privity.core.generations import Generation, generation_secret
from privity.core.judging import judge_members
from privity.core.leaves import leaf_identity
from privity.core.lines import write_line
from privity.core.outside import check_is_commit
from privity.core.past import forget_contexts, led_by, remember, remember_gap
from privity.core.pleas import Answer
from privity.core.repairs import Repair, Stage
from privity.core.requests import (
    Appended,
    AppendEntry,
    DropPlea,
    Refused,
    RejoinWalk,
    Walked,
    WalkedEntry,
)
from privity.core.roads import envelope_on, road
from privity.core.state import Chat, ChatKind, Job, Pending, Status
from privity.core.step import Draft
from privity.core.straight import Way, is_straight
from privity.errors import PrivityError, ProtocolError
from privity.wire.codes import RETRYABLE, UNPAID, Code
from privity.wire.entry import Header, Kind, chain_of_links, digest, digest_of_links
from privity.wire.heads import Fork

__all__ = ["appended", "name_of", "walk", "walked"]

MAX_FAILED = 64
_OVERTAKEN = (Code.STALE, Code.WRONG_GENERATION)


def walk(draft: Draft, repair: Repair) -> None:
    """Read what an answer names; `repair` holds it."""
    answer = Answer.decode(repair.answer)
    chat = draft.state.chats[repair.chat_id]
    draft.put(repair.chat_id, structs.replace(repair, stage=Stage.ANSWERED))
    needs_road = not repair.sure and repair.chat_id not in draft.state.pending
    request = RejoinWalk(
        log_id=chat.log_id,
        generation=answer.generation,
        access_seed=Generation(answer.secret).access_seed,
        checkpoint_seq=answer.checkpoint.seq,
        commit_seq=answer.seq,
        lobbies=_lobbies(chat, answer) if needs_road else (),
        head=answer.head,
        lobby_seed=Generation(answer.secret).lobby_seed,
    )
    draft.send(request, Cause("rejoin", repair.chat_id), repair.chat_id)


def _lobbies(chat: Chat, answer: Answer) -> tuple[tuple[int, bytes], ...]:
    """Return what reads the commits from where this device stood to the answer's."""
    own = chat.generation, Generation(chat.secret).lobby_seed
    given = ((key.generation, key.lobby_seed) for key in answer.road)
    return (own, *given)


def walked(draft: Draft, job: Job, answer: Walked | Refused) -> None:
    """Go on with what the log shows: commit, or be back, or take another answer."""
    repair = draft.state.repairs.get(job.context)
    if isinstance(answer, Refused) and answer.named in RETRYABLE:
        draft.again_in(job.number, answer.pause_ms(1_000))
        return
    draft.end_job(job.number)
    if repair is None or not repair.answer:
        return
    if isinstance(answer, Refused):
        _failed(draft, repair, answer.code)
        return
    mark = draft.mark()
    try:
        _go_on(draft, repair, answer)
    except PrivityError as error:
        draft.back_to(mark)
        _failed(draft, repair, str(error))


def _failed(draft: Draft, repair: Repair, detail: str) -> None:
    """Look for another answer than this one, and say why."""
    _wait_for_another(draft, repair)
    draft.show(Notice("answer_refused", detail))
    pleading.look_due(draft, repair.chat_id)


def _go_on(draft: Draft, repair: Repair, walk: Walked) -> None:
    answer = Answer.decode(repair.answer)
    chat = draft.state.chats[repair.chat_id]
    _check_head(answer, walk)
    pending = draft.state.pending.get(repair.chat_id)
    child = _child(chat, answer, walk)
    if child is not None:
        if pending is not None and pending.digest == digest_of_links(child.links):
            led_by(draft, repair.chat_id, _way(chat, answer, walk))
            behind = chain_of_links(walk.in_front, child.links)
            _back(draft, repair, pending, (child, behind))
        else:
            # A commit that the answer did not know: whether it counts, members say.
            _wait_for_another(draft, repair)
        return
    if pending is None and not _may_lead(chat, repair, answer, walk):
        _needs_another(draft, repair)
    elif pending is None:
        there = _place(chat, answer, walk)
        public = _public(draft, chat, answer, walk)
        if repair.witness and not _is_in(public, Answer.decode(repair.witness)):
            _without_witness(draft, repair)
        else:
            _commit(draft, there, repair, (answer, public))


def _child(chat: Chat, answer: Answer, walk: Walked) -> WalkedEntry | None:
    """Return the first child of the answer's commit that its giver had not read."""
    if walk.children is None:
        raise ProtocolError("the relay does not tell what stands under the commit")
    seq = min((one for one in walk.children if one > answer.head), default=0)
    if not seq:
        return None
    child = walk.child
    if child is None or child.seq != seq or not _is_child(chat, answer, child):
        raise ProtocolError("the relay does not show what stands under the commit")
    return child


def _way(chat: Chat, answer: Answer, walk: Walked) -> tuple[int, ...]:
    """Return the commits from the answer's checkpoint to its epoch, both with it."""
    first = answer.checkpoint.seq
    behind = road(walk.road, chat.log_id, first, answer.seq)
    return (first, *(entry.seq for entry in behind))


def _may_lead(chat: Chat, repair: Repair, answer: Answer, walk: Walked) -> bool:
    """Tell whether an answer may be followed: not one account's word at a fork.

    There its giver may have been removed, and want company on a branch of its own, or
    in an epoch that has ended. Its commit has to be the last one by what its own
    generation's key reads, whatever keys it gave for those on the way.
    """
    if repair.sure:
        return True
    way = Way(start=chat.parent, judged=chat.failed, goal=answer.seq)
    behind = [(seq, answer.seq) for seq in walk.children or ()]
    return is_straight(way, (*walk.commits, *behind))


def _needs_another(draft: Draft, repair: Repair) -> None:
    """Keep an answer only as one of two that agree, and tell the owner of it once."""
    alone = (*repair.alone, name_of(Answer.decode(repair.answer)))
    waiting = structs.replace(
        repair, stage=Stage.PLEADING, answer=b"", alone=alone[-MAX_FAILED:]
    )
    draft.put(repair.chat_id, waiting)
    if not repair.alone:
        draft.show(Notice("answer_alone", repair.chat_id.hex()))
    pleading.look_due(draft, repair.chat_id)


def _without_witness(draft: Draft, repair: Repair) -> None:
    """Never count the second account's answer again; the first may lead by itself."""
    name = name_of(Answer.decode(repair.witness))
    failed = (*repair.failed, name)[-MAX_FAILED:]
    waiting = structs.replace(
        repair, stage=Stage.PLEADING, answer=b"", witness=b"", failed=failed
    )
    draft.put(repair.chat_id, waiting)
    draft.show(Notice("answer_refused", "a second answer by somebody who is no member"))
    pleading.look_due(draft, repair.chat_id)


def _is_in(public: mls.PublicGroup, answer: Answer) -> bool:
    """Tell whether the device that answers has the place in the tree that it names."""
    leaf = public.member(answer.leaf)
    key = answer.certificate.claim.signature_key
    return leaf is not None and leaf.signature_key == key


def _place(chat: Chat, answer: Answer, walk: Walked) -> Chat:
    """Return the chat as it stands at the answer's commit.

    Children of it which the answerer has read are invalid: it did not follow them.
    """
    failed = [seq for seq in walk.children or () if seq <= answer.head]
    return structs.replace(
        chat,
        parent=answer.seq,
        generation=answer.generation,
        secret=answer.secret,
        cursor=answer.head,
        failed=max(failed, default=0),
    )


def _is_child(chat: Chat, answer: Answer, entry: WalkedEntry) -> bool:
    header = Header.parse(entry.header)
    return (
        header.is_commit
        and header.parent == answer.seq
        and header.log_id == chat.log_id
    )


def _wait_for_another(draft: Draft, repair: Repair) -> None:
    """Never use this answer again; a commit that was made from it counts no more."""
    pending = draft.state.pending.get(repair.chat_id)
    if pending is not None:
        draft.end_job(pending.job)
        draft.drop(Pending, repair.chat_id)
    failed = (*repair.failed, name_of(Answer.decode(repair.answer)))
    waiting = structs.replace(
        repair, stage=Stage.PLEADING, answer=b"", failed=failed[-MAX_FAILED:]
    )
    draft.put(repair.chat_id, waiting)


def name_of(answer: Answer) -> bytes:
    """Return the name under which an answer that led nowhere is remembered."""
    return sha256(answer.encode()).digest()


def _check_head(answer: Answer, walk: Walked) -> None:
    """See that the log is the answerer's, up to where it had read.

    The entry at `head` is enough for that: whoever gives another value in front of it
    finds none under which the one behind it is the same.
    """
    value = bytes(32)
    if answer.head:
        (entry,) = walk.entries[:1] or (None,)
        if entry is None or entry.seq != answer.head:
            raise ProtocolError("the log ends before what the answer tells of")
        value = chain_of_links(walk.before, entry.links)
    if not hmac.compare_digest(value, answer.chain):
        raise ProtocolError("the log is not the one that the answer tells of")


def _public(draft: Draft, chat: Chat, answer: Answer, walk: Walked) -> mls.PublicGroup:
    """Return the group of the answer's epoch, as the log shows it to everybody."""
    generation, where = Generation(answer.secret), answer.checkpoint
    if sha256(walk.checkpoint).digest() != where.sha256:
        raise ProtocolError("the checkpoint is not the one that was named")
    kind = Kind.COMMIT if where.seq else CREATION
    place = part_place(chat.log_id, where.parent, kind)
    sealed = open_part(generation, Part.CHECKPOINT, place, walk.checkpoint)
    public = mls.PublicGroup.decode(sealed)
    for entry in road(walk.road, chat.log_id, where.seq, answer.seq):
        if Header.parse(entry.header).opens:
            # What stands under it another key reads, and this answer gives none.
            raise ProtocolError("a road into another generation")
        content = open_envelope(generation, entry.header, envelope_on(entry))
        message = Payload.decode(content).message
        check_is_commit(message)
        public = public.follow(message)
    mls.verify_group_info(public, mls.GroupInfo.decode(answer.group_info))
    if not _is_in(public, answer):
        raise ProtocolError("an answer by somebody who is no member")
    _check_chat(draft, chat, public)
    return public


def _check_chat(draft: Draft, chat: Chat, public: mls.PublicGroup) -> None:
    rules = judge_members(public)
    if not hmac.compare_digest(rules.chat_hash, chat_id_hash(chat.chat_id)):
        raise ProtocolError("the group of another chat")
    direct = rules.kind is ChatKindCode.DIRECT
    if direct is not (chat.kind is ChatKind.DIRECT):
        raise ProtocolError("another kind of chat")
    expected = {chat.peer, draft.state.account.account_id}
    if direct and set(accounts_of(public.members())) != expected:
        raise ProtocolError("a direct chat with somebody else in it")


def _commit(
    draft: Draft,
    chat: Chat,
    repair: Repair,
    found: tuple[Answer, mls.PublicGroup],
) -> None:
    """Make the commit by which this device takes its own place again, and send it.

    `chat` stands where the answer says, for this alone.
    """
    answer, public = found
    made = _made(draft, chat, answer, public)
    secret = generation_secret(made.next, chat.log_id, draft.state.account.host)
    request = committing.request(draft, chat, made, secret)
    header = Header.parse(request.header)
    pending = Pending(
        idem=header.idem,
        digest=digest(request.header, request.envelope),
        parent=answer.seq,
        job=draft.send(request, Cause("rejoin", chat.chat_id), chat.chat_id),
        tree=made.next.dump_tree(),
        ratchet=made.next.dump_ratchet(),
        secret=secret,
        welcome_hash=b"",
        admits=(),
        removes=(),
    )
    draft.put(chat.chat_id, pending)
    draft.put(chat.chat_id, structs.replace(repair, stage=Stage.REJOINING))


def _made(
    draft: Draft, chat: Chat, answer: Answer, public: mls.PublicGroup
) -> mls.PendingCommit:
    account = draft.state.account
    statement = CommitStatement(1, opens=True, device_list=None)
    options = mls.ExternalJoin(
        tree=public.tree_bytes(),
        replaces=_my_place(draft, public),
        authenticated_data=statement.encode(),
    )
    info, me = mls.GroupInfo.decode(answer.group_info), leaf_identity(account)
    made = mls.Group.join_externally(info, me, options, draft.context.random)
    extensions = committing.next_keys(chat.log_id, account.host)(made.next)
    return replace(made, group_info=made.next.group_info(extensions))


def _my_place(draft: Draft, public: mls.PublicGroup) -> int:
    """Return the leaf that is mine, or that my certificate says it replaces."""
    account = draft.state.account
    me = leaf_identity(account)
    claim = offers.certificate(account).claim
    former = account.account_id + (claim.replaces or account.device_id)
    for wanted in (me.credential.identity, former):
        for index, leaf in public.members():
            if leaf.credential.identity == wanted:
                return index
    raise ProtocolError("this device is no member any more")


def appended(draft: Draft, job: Job, answer: Appended | Refused) -> None:
    """Read the log after my commit was answered: what stands there is what counts."""
    repair = draft.state.repairs[job.context]
    if isinstance(answer, Refused) and _goes_again(draft, job, answer):
        return
    draft.end_job(job.number)
    if isinstance(answer, Refused) and answer.named not in _OVERTAKEN:
        _failed(draft, repair, answer.code)
        return
    walk(draft, repair)


def _goes_again(draft: Draft, job: Job, refused: Refused) -> bool:
    """Send my commit again, paid or later, where the relay's answer allows it."""
    request, code = job.request, refused.named
    if not isinstance(request, AppendEntry):
        return False
    if code is Code.TOKEN_NEEDED and not request.paid:
        placing.send_paid(draft, job, request.after)
        return True
    if code in RETRYABLE or code in placing.AGAIN or code in UNPAID:
        draft.again_in(job.number, refused.pause_ms(1_000))
        return True
    return False


def _back(
    draft: Draft, repair: Repair, pending: Pending, place: tuple[WalkedEntry, bytes]
) -> None:
    """Stand in the epoch that my commit began; what I had queued leaves from there."""
    entry, behind = place
    chat = draft.state.chats[repair.chat_id]
    account = draft.state.account
    group = mls.Group.load(pending.tree, pending.ratchet, leaf_identity(account))
    header = Header.parse(entry.header)
    back = structs.replace(
        chat,
        group_id=group.group_id,
        cursor=entry.seq,
        chain=behind,
        parent=entry.seq,
        generation=entry.seq,
        secret=pending.secret,
        commits=0,
        failed=0,
        opened=draft.context.minute,
        checkpoint_seq=entry.seq,
        checkpoint_parent=header.parent,
        checkpoint_hash=header.checkpoint_hash or b"",
    )
    draft.put_group(chat.chat_id, group, epoch=True)
    draft.drop(Pending, chat.chat_id)
    draft.drop(Repair, chat.chat_id)
    forget_contexts(draft, chat.chat_id)
    _write_lines(draft, chat, _shared(draft, chat, repair), entry.seq)
    back = draft.set_status(back, Status.ACTIVE)
    remember(draft, back)
    counting.came_unseen(draft, chat.chat_id, group, repair.seq)
    counting.came_back(draft, chat.chat_id, group, entry.seq)
    departed.note_absent(draft, chat.chat_id, group)
    _leave_lobby(draft, back, repair.plea_id)
    outbox.ask_again(draft, chat.chat_id)
    chats.follow(draft, back)


def _shared(draft: Draft, chat: Chat, repair: Repair) -> int:
    """Return up to where I have read the log that led me back.

    Behind a fork what I read stands in the other history. The gap begins with the entry
    at which the two heads disagree: the histories may have parted before, and what was
    hidden there is missed only by its sender's count.
    """
    known = draft.state.forks.get(chat.chat_id)
    if known is None or repair.cause != Reason.EQUIVOCATION:
        return repair.seq
    return min(repair.seq, Fork.decode(known.fork).first.head.seq - 1)


def _leave_lobby(draft: Draft, chat: Chat, plea_id: bytes) -> None:
    seed = Generation(chat.secret).access_seed
    request = DropPlea(chat.log_id, chat.generation, seed, plea_id)
    draft.send(request, Cause("plea", chat.chat_id), chat.chat_id)


def _write_lines(draft: Draft, chat: Chat, stood: int, seq: int) -> None:
    """Say that this device is back, and what it can't read of the time between."""
    me = draft.state.account.account_id
    line = Line(chat.chat_id, seq, "rejoined", me, me)
    write_line(draft, line, draft.context.minute)
    missed = seq - stood - 1
    if missed > 0:
        remember_gap(draft, chat.chat_id, stood + 1, seq - 1)
        gap = Line(chat.chat_id, seq, "gap", me, text=str(missed))
        write_line(draft, gap, draft.context.minute)
