"""Joining a chat: from the admission through the checkpoint to the Welcome.

The joiner reads the newest checkpoint on the road to the commit that added it, which
mostly is that commit's own, applies every commit after it to that public state, and
takes the Welcome only if both lead to the same GroupContext. docs/spec/invitation.md.
"""

import hmac
from hashlib import sha256

from msgspec import structs

from privity import mls
from privity.core import chats, control, counting, moving, outbox, readmission
from privity.core.chat_rules import ChatKindCode, accounts_of, chat_id_hash
from privity.core.commits import meet
from privity.core.effects import Cause
from privity.core.envelopes import (
    CREATION,
    CommitPayload,
    Part,
    open_envelope,
    open_part,
    part_place,
)
from privity.core.errors import CommandRefused, Reason, Refusal
from privity.core.events import Line, Notice
from privity.core.generations import Generation, generation_secret
from privity.core.judging import judge_members
from privity.core.leaves import leaf_identity
from privity.core.lines import write_line
from privity.core.outside import check_is_commit
from privity.core.past import remember
from privity.core.requests import (
    JoinWalk,
    Refused,
    Walked,
)
from privity.core.roads import envelope_on, road
from privity.core.sealed import Admission
from privity.core.state import (
    Chat,
    ChatKind,
    Job,
    Package,
    Request_,
    Status,
)
from privity.core.step import Draft
from privity.errors import PrivityError, ProtocolError
from privity.wire.codes import RETRYABLE
from privity.wire.entry import Kind, chain_of_links, digest_of_links

__all__ = ["go_in", "receive_admission", "walked"]

_OVER = (Status.LEFT, Status.REMOVED)

MAX_WALK = 8_192
"""Entries between a checkpoint and the commit that adds; where that commit brings the
checkpoint, as `committing` has it, there are none."""


def receive_admission(draft: Draft, message: Admission, package: Package) -> None:
    """Begin to join what I accepted; what I did not accept is dropped, by name.

    Into a chat that is stuck here nobody is led without being asked once more.
    """
    request = draft.state.requests.get(package.invite_id)
    if readmission.is_known(request, message):
        return
    if request is None or not _answers(draft, message, request):
        draft.show(Notice("admission_refused", message.invite_id.hex()))
        return
    is_mine = not request.refound and _is_mine(draft, message.chat_id)
    old = draft.state.chats.get(message.chat_id)
    if is_mine and not readmission.can_be_held(old, request):
        draft.show(Notice("admission_into_mine", message.chat_id.hex()))
    elif not _is_free(draft, message, request) or not _is_near(message):
        draft.show(Notice("admission_refused", message.chat_id.hex()))
    elif is_mine:
        readmission.hold(draft, message, request)
    else:
        if not request.refound and not _was_in(draft, message.chat_id):
            draft.set_status(_chat_of(draft, message, request), Status.JOINING)
        _begin(draft, message, request)


def go_in(draft: Draft, request: Request_) -> None:
    """Join what was held, as its owner wants it; raises CommandRefused."""
    message = readmission.accepted(draft, request)
    if not _is_free(draft, message, request):
        raise CommandRefused(Refusal.NOT_NEEDED)
    _begin(draft, message, request)


def _begin(draft: Draft, message: Admission, request: Request_) -> None:
    draft.put(request.invite_id, structs.replace(request, state="joined"))
    walk = JoinWalk(
        log_id=message.log_id,
        generation=message.generation,
        access_seed=Generation(message.secret).access_seed,
        checkpoint_seq=message.checkpoint.seq,
        commit_seq=message.seq,
    )
    draft.send(walk, Cause("join", message.chat_id), message.encode())


def _chat_of(draft: Draft, message: Admission, request: Request_) -> Chat:
    old = draft.state.chats.get(message.chat_id)
    # Who was stuck may have been removed meanwhile, as it never read.
    goes_on = old is not None and old.status in (Status.REMOVED, Status.STUCK)
    return Chat(
        chat_id=message.chat_id,
        log_id=message.log_id,
        kind=request.kind,
        title=message.title.decode(errors="replace") or request.title,
        status=Status.JOINING,
        peer=request.account_id if request.kind is ChatKind.DIRECT else b"",
        generation=message.generation,
        secret=message.secret,
        counter=outbox.said_upto(draft, old) if old and goes_on else 0,
        read=old.read if old else 0,
        base=_base(old, message.log_id),
        invite_id=request.invite_id,
        minute=draft.context.minute,
        opened=draft.context.minute,
    )


def _base(old: Chat | None, log_id: bytes) -> int:
    """Return what is added to the seqs of a log: another one's stand behind the old."""
    if old is None:
        return 0
    return old.base if old.log_id == log_id else old.base + old.cursor + 1


def _answers(draft: Draft, message: Admission, request: Request_) -> bool:
    """Tell whether an admission is what I accepted, from whom I accepted it."""
    claim = message.certificate.claim
    return (
        request.state == "accepted"
        and message.invite_id == request.invite_id
        and claim.account_id == request.account_id
        and claim.identity_key == request.identity_key
        and message.host == draft.state.account.host.encode()
    )


def _is_mine(draft: Draft, chat_id: bytes) -> bool:
    """Tell whether I am in a chat, even if it is stuck.

    Who invites says nothing of the chat before the admission, and may be out of it: a
    chat that goes on here, or may, is not handed to whom it names.
    """
    chat = draft.state.chats.get(chat_id)
    return chat is not None and _is_in(draft, chat)


def _is_in(draft: Draft, chat: Chat) -> bool:
    """Tell whether I am in a chat: not where no join ever came to an end."""
    if chat.status in _OVER:
        return False
    was_in = chat.group_id or chat.chat_id in draft.state.repairs
    return chat.status is not Status.STUCK or bool(was_in)


def _was_in(draft: Draft, chat_id: bytes) -> bool:
    """Tell whether I was in a chat and am not: it stays as it is until I am again."""
    chat = draft.state.chats.get(chat_id)
    return chat is not None and chat.status in _OVER


def _is_free(draft: Draft, message: Admission, request: Request_) -> bool:
    """Tell whether no other chat that I am in has this log.

    A refound has the id of the chat that it is about, and the log that it stated.
    """
    chats = draft.state.chats.values()
    same = (c for c in chats if message.log_id == c.log_id and _is_in(draft, c))
    if any(request.refound or c.chat_id != message.chat_id for c in same):
        return False
    here = (message.chat_id, message.log_id)
    return not request.refound or moving.is_meant(draft, request, *here)


def _is_near(message: Admission) -> bool:
    """Tell whether the way from the checkpoint to the commit can be walked."""
    is_commit = message.seq > 0
    return is_commit and 0 <= message.seq - message.checkpoint.seq <= MAX_WALK


def walked(draft: Draft, job: Job, answer: Walked | Refused) -> None:
    """Join with what the relay gave; a failure stops the chat, by name."""
    admission = Admission.decode(job.context)
    chat = _joining(draft, admission)
    if chat is None:
        draft.end_job(job.number)
        return
    if isinstance(answer, Refused):
        if answer.named in RETRYABLE:
            draft.again_in(job.number, answer.pause_ms(1_000))
            return
        draft.end_job(job.number)
        _failed(draft, chat, Reason.ACCESS_REFUSED)
        draft.show(Notice("join_failed", answer.code))
        return
    draft.end_job(job.number)
    try:
        group = _join(draft, chat, admission, answer)
    except PrivityError as error:
        _failed(draft, chat, Reason.JOIN)
        draft.show(Notice("join_failed", str(error)))
        return
    _joined(draft, chat, admission, group)


def _joining(draft: Draft, admission: Admission) -> Chat | None:
    """Return the chat that is being joined, if there still is a place for it.

    What takes the place of a chat that I was in, or am, is not there yet.
    """
    request = draft.state.requests.get(admission.invite_id)
    old = draft.state.chats.get(admission.chat_id)
    if old is None or old.status is Status.JOINING:
        return old
    if request is None or (request.refound and old.status in _OVER):
        return None
    if request.refound:
        return moving.place_in(_chat_of(draft, admission, request), old)
    is_agreed = readmission.is_accepted(request, admission)
    if old.status in _OVER or (old.status is Status.STUCK and is_agreed):
        return _chat_of(draft, admission, request)
    return None


def _failed(draft: Draft, chat: Chat, reason: Reason) -> None:
    """Stop a chat that could not be joined; what was there before stays as it was."""
    if draft.state.chats[chat.chat_id].status is Status.JOINING:
        draft.set_status(chat, Status.STUCK, reason.value)
        # Another admission could take them elsewhere.
        for item in draft.state.outgoing.get(chat.chat_id, ()):
            outbox.give_up(draft, item)


def _join(draft: Draft, chat: Chat, admission: Admission, walk: Walked) -> mls.Group:
    account = draft.state.account
    _check_chain(admission, walk)
    _same(sha256(walk.checkpoint).digest(), admission.checkpoint.sha256, "checkpoint")
    _same(sha256(walk.welcome).digest(), admission.welcome.sha256, "welcome")
    generation = Generation(admission.secret)
    public = _follow(admission, walk, generation)
    package = _accepted_package(draft, chat.invite_id)
    place = part_place(admission.log_id, admission.welcome.parent)
    welcome = open_part(generation, Part.WELCOME, place, walk.welcome)
    group = mls.Group.join(
        welcome,
        mls.KeyPackageBundle.decode(package.bundle),
        leaf_identity(account),
        tree=public.tree_bytes(),
    ).group
    if group.context.encode() != public.context.encode():
        raise ProtocolError("the Welcome leads to another state than the log")
    if admission.generation == admission.seq:
        secret = generation_secret(group, admission.log_id, account.host)
        _same(secret, admission.secret, "generation secret")
    _check_chat(draft, chat, public)
    request = draft.state.requests.get(admission.invite_id)
    if request is not None and request.refound:
        moving.check_new(draft, request, public)
    return group


def _accepted_package(draft: Draft, invite_id: bytes) -> Package:
    for package in draft.state.packages.values():
        if package.invite_id == invite_id:
            return package
    raise ProtocolError("the key package of the acceptance is gone")


def _follow(
    admission: Admission, walk: Walked, generation: Generation
) -> mls.PublicGroup:
    """Apply the road from the checkpoint to my commit, in public."""
    kind = Kind.COMMIT if admission.checkpoint.seq else CREATION
    place = part_place(admission.log_id, admission.checkpoint.parent, kind)
    public = mls.PublicGroup.decode(
        open_part(generation, Part.CHECKPOINT, place, walk.checkpoint)
    )
    log_id, first, last = admission.log_id, admission.checkpoint.seq, admission.seq
    for entry in road(walk.entries, log_id, first, last):
        content = open_envelope(generation, entry.header, envelope_on(entry))
        message = CommitPayload.decode(content).message
        check_is_commit(message)
        public = public.follow(message)
    return public


def _check_chain(admission: Admission, walk: Walked) -> None:
    """See that the relay has for me the log that the admission tells of.

    The commit's own entry is enough for that: whoever gives another value in front of
    it, or other hashes, finds none under which the chain value behind it is the same.
    """
    value, seq = walk.before, min(admission.checkpoint.seq, admission.seq - 1)
    for entry in walk.entries:
        seq += 1
        if entry.seq != seq:
            raise ProtocolError("a gap in the log")
        value = chain_of_links(value, entry.links)
    if seq != admission.seq or not walk.entries:
        raise ProtocolError("the log ends before the commit")
    last = walk.entries[-1]
    _same(digest_of_links(last.links), admission.digest, "commit")
    _same(value, admission.chain, "chain")


def _check_chat(draft: Draft, chat: Chat, public: mls.PublicGroup) -> None:
    """See that the group is the chat that I accepted."""
    rules = judge_members(public)
    if not hmac.compare_digest(rules.chat_hash, chat_id_hash(chat.chat_id)):
        raise ProtocolError("the group of another chat")
    direct = rules.kind is ChatKindCode.DIRECT
    if direct is not (chat.kind is ChatKind.DIRECT):
        raise ProtocolError("another kind of chat than was accepted")
    if direct:
        expected = {chat.peer, draft.state.account.account_id}
        if set(accounts_of(public.members())) != expected:
            raise ProtocolError("a direct chat with somebody else in it")


def _joined(draft: Draft, chat: Chat, admission: Admission, group: mls.Group) -> None:
    commits = 0 if admission.checkpoint.seq == admission.seq else 1
    active = structs.replace(
        chat,
        group_id=group.group_id,
        cursor=admission.seq,
        parent=admission.seq,
        chain=admission.chain,
        commits=commits,
        checkpoint_seq=admission.checkpoint.seq,
        checkpoint_parent=admission.checkpoint.parent,
        checkpoint_hash=admission.checkpoint.sha256,
    )
    old = draft.state.chats[chat.chat_id]
    is_moved = _make_room(draft, chat, old)
    draft.put_chat(active)
    draft.put_group(chat.chat_id, group, epoch=True)
    remember(draft, active)
    counting.came_back(draft, chat.chat_id, group, admission.seq)
    _forget_package(draft, chat.invite_id)
    by = _remember_joined(draft, chat.invite_id)
    me = draft.state.account.account_id
    for index, _ in group.members():
        meet(draft, group, index)
    if chat.kind is ChatKind.DIRECT:
        contact = draft.state.contacts[chat.peer]
        draft.put(chat.peer, structs.replace(contact, chat_id=chat.chat_id))
    what = "refounded" if is_moved else "joined"
    line = Line(chat.chat_id, admission.seq, what, by, me)
    write_line(draft, line, draft.context.minute)
    active = draft.set_status(active, Status.ACTIVE)
    chats.follow(draft, active)
    if chat.kind is ChatKind.GROUP:
        control.introduce(draft, chat.chat_id)


def _make_room(draft: Draft, chat: Chat, old: Chat) -> bool:
    """Let go of what a chat takes the place of; tell whether it was refounded."""
    request = draft.state.requests.get(chat.invite_id)
    is_moved = request is not None and request.refound != b""
    if request is not None and is_moved:
        moving.follow(draft, old, request)
    elif old.status is Status.STUCK:
        # Before the new group is there: nothing that waited is ever read in it.
        chats.let_go(draft, old)
    if chat.kind is ChatKind.DIRECT:
        _end_former(draft, chat)
    return is_moved


def _end_former(draft: Draft, chat: Chat) -> None:
    """End the chat that I had with the same person: there is one of two people."""
    contact = draft.state.contacts.get(chat.peer)
    # Older versions could forget somebody between the acceptance and the join.
    former = draft.state.chats.get(contact.chat_id) if contact else None
    if former is None or former.chat_id == chat.chat_id or former.status in _OVER:
        return
    line = Line(former.chat_id, former.cursor, "left", chat.peer, chat.peer)
    write_line(draft, line, draft.context.minute)
    chats.end(draft, former)


def _remember_joined(draft: Draft, invite_id: bytes) -> bytes:
    """Keep the bare id of an invitation that was used; returns who invited."""
    request = draft.state.requests.get(invite_id)
    if request is None:
        return b""
    bare = structs.replace(
        request, name="", handle="", title="", text="", admission=b""
    )
    draft.put(invite_id, bare)
    return request.account_id


def _forget_package(draft: Draft, invite_id: bytes) -> None:
    for package in tuple(draft.state.packages.values()):
        if package.invite_id == invite_id:
            draft.drop(Package, package.ref)


def _same(one: bytes, other: bytes, what: str) -> None:
    if not hmac.compare_digest(one, other):
        raise ProtocolError(f"the {what} is not the one that was named")
