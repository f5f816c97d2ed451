"""How a chat begins, and what its owner does with it."""

from hashlib import sha256

from msgspec import structs

from privity import mls
from privity.content.build import control_message, origin
from privity.content.control import ChatTimer, ChatTitle
from privity.core import committing, offers, outbox
from privity.core.chat_rules import accounts_of, may_change_members, parse_rules
from privity.core.effects import Cause, Follow, Unfollow
from privity.core.envelopes import CREATION, Part, part_place, seal_part
from privity.core.errors import CommandRefused, Reason, Refusal
from privity.core.events import ChatChanged, Line
from privity.core.generations import Generation, generation_secret
from privity.core.leaves import chat_extensions, leaf_identity
from privity.core.lines import write_line
from privity.core.past import forget, remember
from privity.core.requests import CreateLog, Refused
from privity.core.state import Chat, ChatKind, Intent, Job, Pending, Status
from privity.core.step import Draft
from privity.wire.codes import RETRYABLE, UNPAID

__all__ = [
    "GROUP_CAP",
    "begin",
    "create_group",
    "created",
    "end",
    "follow",
    "found",
    "known",
    "leave",
    "let_go",
    "remove_member",
    "set_timer",
    "set_title",
    "usable",
]

MAX_TITLE = 256
"""Bytes of a title in UTF-8."""
GROUP_CAP = 200
"""Leaves with which nobody more is added: 50 places are left for members' devices."""

CONFIRM_SECONDS = 86_400
"""After this a leave that nobody has confirmed can be ended by its owner alone."""


def known(draft: Draft, chat_id: bytes) -> Chat:
    """Return a chat in whatever state it is, or raise CommandRefused."""
    chat = draft.state.chats.get(chat_id)
    if chat is None:
        raise CommandRefused(Refusal.NO_SUCH_CHAT)
    return chat


def usable(draft: Draft, chat_id: bytes) -> Chat:
    """Return a chat that can be used, or raise CommandRefused."""
    chat = known(draft, chat_id)
    if chat.status not in (Status.ACTIVE, Status.CREATING):
        raise CommandRefused(Refusal.CHAT_NOT_USABLE, chat.cause or chat.status.value)
    if chat.leaving:
        # A change that waits would hold up the leave, which it could never follow.
        raise CommandRefused(Refusal.ALREADY_LEFT)
    return chat


def begin(
    draft: Draft, kind: ChatKind, title: str, peer: bytes = b"", invite_id: bytes = b""
) -> Chat:
    """Make a group with me alone in it, and ask the relay for its log."""
    me, random = draft.state.account.account_id, draft.context.random
    chat_id, log_id = random(16), random(16)
    owners = (me,) if kind is ChatKind.GROUP else ()
    bare = Chat(
        chat_id=chat_id,
        log_id=log_id,
        kind=kind,
        title=title,
        status=Status.CREATING,
        peer=peer,
        invite_id=invite_id,
        minute=draft.context.minute,
        opened=draft.context.minute,
    )
    chat = found(draft, bare, chat_extensions(chat_id, kind, owners))
    write_line(draft, Line(chat_id, 0, "created", me), chat.minute)
    draft.show(ChatChanged(chat_id, chat.status.value))
    return chat


def found(
    draft: Draft, bare: Chat, extensions: tuple[mls.Extension, ...], suite: int = 0
) -> Chat:
    """Put a new group with me alone in it behind a chat, and ask for its log.

    `suite` is the group's; 0: the account's own.
    """
    account, random = draft.state.account, draft.context.random
    chat_id, log_id = bare.chat_id, bare.log_id
    group = mls.Group.create(
        mls.suite(suite or account.suite),
        random(16),
        leaf_identity(account),
        random=random,
        extensions=extensions,
    )
    secret = generation_secret(group, log_id, account.host)
    generation = Generation(secret)
    place = part_place(log_id, 0, CREATION)
    state = group.public.encode()
    checkpoint = seal_part(generation, Part.CHECKPOINT, place, state, random(32))
    chat = structs.replace(
        bare,
        group_id=group.group_id,
        secret=secret,
        checkpoint_hash=sha256(checkpoint).digest(),
    )
    remember(draft, draft.put_chat(chat))
    draft.put_group(chat_id, group, epoch=True)
    keys = generation.next_keys
    request = CreateLog(log_id, keys.access_pk, keys.lobby_pk, checkpoint)
    draft.send(request, Cause("create_chat", chat_id), chat_id)
    return chat


def create_group(draft: Draft, title: str) -> Chat:
    """Create a group with a title and nobody else in it yet."""
    _check_title(title)
    return begin(draft, ChatKind.GROUP, title)


def _check_title(title: str) -> None:
    if len(title.encode()) > MAX_TITLE:
        raise CommandRefused(Refusal.TOO_LARGE)


def created(draft: Draft, job: Job, answer: object) -> None:
    """The relay made the log, or won't."""
    chat = draft.state.chats[job.context]
    if isinstance(answer, Refused):
        code = answer.named
        if code in RETRYABLE or code in UNPAID:
            draft.again_in(job.number, answer.pause_ms(1_000))
            return
        draft.end_job(job.number)
        draft.set_status(chat, Status.STUCK, Reason.ACCESS_REFUSED.value)
        return
    draft.end_job(job.number)
    if chat.status is Status.CREATING:
        follow(draft, draft.set_status(chat, Status.ACTIVE))


def follow(draft: Draft, chat: Chat) -> None:
    """Subscribe to a chat's log behind what is processed."""
    access_seed = Generation(chat.secret).access_seed
    cause = Cause("follow", chat.chat_id)
    draft.effects.append(
        Follow(chat.log_id, chat.generation, access_seed, chat.cursor, cause)
    )


def remove_member(draft: Draft, chat_id: bytes, account_id: bytes) -> None:
    """Queue the removal of all devices of an account; raises CommandRefused."""
    chat = usable(draft, chat_id)
    if chat.kind is not ChatKind.GROUP:
        raise CommandRefused(Refusal.NOT_A_GROUP)
    group = draft.state.groups[chat_id]
    accounts = accounts_of(group.members())
    if account_id not in accounts:
        raise CommandRefused(Refusal.NO_SUCH_MEMBER)
    me = draft.state.account.account_id
    if account_id == me:
        raise CommandRefused(Refusal.NOT_ALLOWED, "leave")
    if not may_change_members(parse_rules(group.context), accounts, me):
        raise CommandRefused(Refusal.NOT_ALLOWED, "remove")
    intent = Intent(what="remove", account_id=account_id)
    if intent not in chat.intents:
        draft.put_chat(structs.replace(chat, intents=(*chat.intents, intent)))
    committing.drive(draft, chat_id)


def leave(draft: Draft, chat_id: bytes) -> None:
    """Leave a chat; who is alone in it or stuck just stops. Raises CommandRefused.

    A chat of two can be left where it is stuck: else one blocks the other.

    Who is stuck can tell nobody: its leaf stays until somebody removes it. So it does
    where nobody has confirmed a leave for a day and its owner leaves once more.
    """
    chat = known(draft, chat_id)
    is_stuck = chat.status is Status.STUCK or _is_deserted(draft, chat)
    if not is_stuck:
        usable(draft, chat_id)
    if chat.kind is ChatKind.DIRECT and chat.status is not Status.STUCK:
        raise CommandRefused(Refusal.DIRECT_GOES_ON)
    if is_stuck or _is_alone(draft, chat_id):
        end(draft, chat)
    else:
        _forget_invites(draft, chat_id)
        outbox.queue_leave(draft, structs.replace(chat, intents=()))


def _is_deserted(draft: Draft, chat: Chat) -> bool:
    """Tell whether my leave has stood in the log for a day and nobody commits it."""
    queued = draft.state.outgoing.get(chat.chat_id, ())
    is_said = not any(item.proposal and not item.seq for item in queued)
    waited = draft.context.now - chat.leaving_since
    return chat.leaving and is_said and waited >= CONFIRM_SECONDS


def _is_alone(draft: Draft, chat_id: bytes) -> bool:
    members = draft.state.groups[chat_id].members()
    return len(members) == 1 and chat_id not in draft.state.pending


def end(draft: Draft, chat: Chat) -> None:
    """Be out of a chat from now on; what waits in it is marked as not sent."""
    let_go(draft, chat)
    over = structs.replace(chat, secret=b"", intents=(), leaving=False)
    draft.set_status(over, Status.LEFT)


def _forget_invites(draft: Draft, chat_id: bytes) -> None:
    for invite in tuple(draft.state.invites.values()):
        if invite.chat_id == chat_id:
            offers.forget(draft, invite)


def let_go(draft: Draft, chat: Chat) -> None:
    """Forget all of a chat but its messages, and what is asked of the relay for it.

    What waits to be sent is marked as not sent.
    """
    chat_id = chat.chat_id
    _forget_invites(draft, chat_id)
    for item in draft.state.outgoing.get(chat_id, ()):
        outbox.give_up(draft, item)
    for job in tuple(draft.state.jobs.values()):
        if getattr(job.request, "log_id", b"") == chat.log_id:
            draft.end_job(job.number)
    draft.drop(Pending, chat_id)
    draft.drop_group(chat_id)
    forget(draft, chat_id)
    synced = draft.state.session.synced - {chat_id}
    draft.set_session(synced=synced)
    draft.effects.append(Unfollow(chat.log_id))


def set_timer(draft: Draft, chat_id: bytes, seconds: int) -> bytes:
    """Ask all to let new messages disappear after a time; raises CommandRefused."""
    chat = usable(draft, chat_id)
    me = draft.state.account.account_id
    where = origin(me, chat_id, draft.context.random)
    content = control_message(where, ChatTimer(seconds))
    return outbox.compose(draft, chat, content.encode())


def set_title(draft: Draft, chat_id: bytes, title: str) -> bytes:
    """Give a group another title, for everybody; raises CommandRefused."""
    chat = usable(draft, chat_id)
    if chat.kind is not ChatKind.GROUP:
        raise CommandRefused(Refusal.NOT_A_GROUP)
    group = draft.state.groups[chat_id]
    me = draft.state.account.account_id
    accounts = accounts_of(group.members())
    if not may_change_members(parse_rules(group.context), accounts, me):
        raise CommandRefused(Refusal.NOT_ALLOWED, "title")
    _check_title(title)
    chat = draft.put_chat(structs.replace(chat, title=title))
    line = Line(chat_id, chat.cursor, "title", me, text=title)
    write_line(draft, line, draft.context.minute)
    content = control_message(
        origin(me, chat_id, draft.context.random), ChatTitle(title)
    )
    return outbox.compose(draft, chat, content.encode())
