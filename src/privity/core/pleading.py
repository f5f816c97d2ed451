"""Asking for help: how a chat stops at this device, and what it then asks its members.

docs/spec/plea.md. A device that can't follow keeps what it has, posts a plea into the
log's lobby and looks for answers; `rejoining` goes on from a good one.
"""

from msgspec import structs

from privity import mls
from privity.core import offers
from privity.core.chat_rules import accounts_of
from privity.core.effects import Cause, Unfollow
from privity.core.errors import Reason
from privity.core.events import Notice
from privity.core.past import past_of
from privity.core.pleas import (
    Plea,
    PleaCause,
    PleaPlace,
    log_hash,
    plea_hash,
    seal_plea,
)
from privity.core.repairs import LobbyKey, Repair, Stage
from privity.core.requests import (
    DropPlea,
    ListPleas,
    PostAnswer,
    PostPlea,
    ReadAnswers,
    Refused,
    RejoinWalk,
)
from privity.core.state import Chat, Job, Pending, Status
from privity.core.step import Draft
from privity.wire.codes import RETRYABLE, UNPAID

__all__ = [
    "connected",
    "has_job",
    "is_hopeful",
    "look_due",
    "plead",
    "posted",
    "renew",
    "stop",
]

CAUSES = {
    Reason.PATH: PleaCause.PATH,
    Reason.BLOB: PleaCause.BLOB,
    Reason.OWN_LEAF: PleaCause.ROLLED_BACK,
    Reason.GONE: PleaCause.GONE,
    Reason.ACCESS_REFUSED: PleaCause.ACCESS_REFUSED,
    Reason.CHAIN: PleaCause.CHAIN,
    Reason.EQUIVOCATION: PleaCause.CHAIN,
}
"""Stops for which the members can be asked."""
BY_ITSELF = CAUSES.keys() - {Reason.CHAIN, Reason.EQUIVOCATION}
"""Where a relay shows two histories, a person decides whom to believe."""
UNANSWERED_SECONDS = 86_400
"""After this the owner is told that nobody answers."""
RENEW_SECONDS = 3_600
"""A plea that is gone is made anew no sooner than this after it was made,"""
RENEW_AT_LEAST = 86_400
"""and as rarely as this in the end."""
_WAIT_MS = 60_000
_FIRST_LOOK_MS = 1_000
_SLOWEST_LOOK_MS = 600_000
_OF_LOBBIES = (PostPlea, ReadAnswers, ListPleas, PostAnswer, DropPlea, RejoinWalk)


def stop(draft: Draft, chat: Chat, reason: Reason) -> None:
    """Stop a chat that this device can't follow, and ask for help where that helps.

    The secrets of its epoch stay, unless its disk went back: then two copies could use
    one key twice. Messages and what waits to be sent always stay.
    """
    _drop_pending(draft, chat.chat_id)
    chat = structs.replace(chat, stopped=draft.context.now)
    stopped = draft.set_status(chat, Status.STUCK, reason.value)
    draft.effects.append(Unfollow(chat.log_id))
    if reason in BY_ITSELF and chat.chat_id not in draft.state.repairs:
        plead(draft, stopped, reason)
    if reason is Reason.OWN_LEAF:
        # Behind the plea, which notes who the members were.
        draft.drop_group(chat.chat_id)
        _expect_again(draft, chat.chat_id)


def _expect_again(draft: Draft, chat_id: bytes) -> None:
    """Note that a later state of this disk may have sent what waits here."""
    for item in draft.state.outgoing.get(chat_id, ()):
        draft.put_outgoing(structs.replace(item, again=True))


def _drop_pending(draft: Draft, chat_id: bytes) -> None:
    pending = draft.state.pending.get(chat_id)
    if pending is not None:
        draft.end_job(pending.job)
        draft.drop(Pending, chat_id)


def plead(draft: Draft, chat: Chat, reason: Reason) -> None:
    """Post a plea to the newest lobby that this device can speak in, if any."""
    lobbies = past_of(draft, chat.chat_id).lobbies
    if not lobbies:
        return
    _plead(draft, chat, lobbies[-1], reason, chat.cursor)


def renew(draft: Draft, repair: Repair) -> None:
    """Plead again under another id, with another key."""
    chat = draft.state.chats[repair.chat_id]
    lobby = past_of(draft, chat.chat_id).lobbies[-1]
    _plead(draft, chat, lobby, Reason(repair.cause), repair.seq)
    made = draft.state.repairs[chat.chat_id]
    told = {"since": repair.since, "confirmed": repair.confirmed, "told": repair.told}
    draft.put(chat.chat_id, structs.replace(made, **told))


def _members(draft: Draft, chat_id: bytes) -> tuple[bytes, ...]:
    """Return the accounts of a chat as I know them, or knew them at the last plea."""
    group = draft.state.groups.get(chat_id)
    if group is not None:
        return tuple(sorted(accounts_of(group.members())))
    before = draft.state.repairs.get(chat_id)
    return before.members if before is not None else ()


def is_hopeful(draft: Draft, chat_id: bytes) -> bool:
    """Tell whether a stuck chat may go on: what is written meanwhile waits for it."""
    repair = draft.state.repairs.get(chat_id)
    return repair is not None and repair.stage is not Stage.HOPELESS


def _plead(draft: Draft, chat: Chat, lobby: LobbyKey, reason: Reason, seq: int) -> None:
    account, random = draft.state.account, draft.context.random
    suite = mls.suite(account.suite)
    private = suite.derive_key_pair(random(32))[0]
    plea = Plea(
        version=1,
        plea_id=random(16),
        log_hash=log_hash(chat.log_id, account.host),
        certificate=offers.certificate(account),
        cause=CAUSES[reason],
        seq=seq,
        parent=chat.parent,
        chain=chat.chain,
        key=suite.kem.public_of(private),
    )
    place = PleaPlace(chat.log_id, lobby.generation, plea.plea_id)
    body = seal_plea(lobby.seal, place, plea, account.signature_seed, random(32))
    now = draft.context.now
    repair = Repair(
        chat_id=chat.chat_id,
        plea_id=plea.plea_id,
        generation=lobby.generation,
        private=private,
        digest=plea_hash(body),
        cause=reason.value,
        seq=seq,
        parent=chat.parent,
        since=now,
        posted=now,
        members=_members(draft, chat.chat_id),
    )
    draft.put(chat.chat_id, repair)
    request = PostPlea(chat.log_id, lobby.generation, lobby.seed, plea.plea_id, body)
    draft.send(request, Cause("plea", chat.chat_id), chat.chat_id)


def posted(draft: Draft, job: Job, answer: object) -> None:
    """Look for answers soon after the plea is in the lobby; name a refusal for good."""
    if isinstance(answer, Refused):
        if answer.named in RETRYABLE or answer.named in UNPAID:
            draft.again_in(job.number, answer.pause_ms(_WAIT_MS))
            return
        draft.end_job(job.number)
        _give_up(draft, job.context, answer)
        return
    draft.end_job(job.number)
    _look_at(draft, job.context, draft.context.now_ms + _FIRST_LOOK_MS)


def _give_up(draft: Draft, chat_id: bytes, refused: Refused) -> None:
    """Note that this chat's members can't be reached: its log or lobby is gone."""
    repair = draft.state.repairs.get(chat_id)
    if repair is not None:
        draft.put(chat_id, structs.replace(repair, stage=Stage.HOPELESS))
        draft.show(Notice("plea_refused", refused.code))


def _look_at(draft: Draft, chat_id: bytes, at_ms: int) -> None:
    looks = {**draft.state.session.looks, chat_id: at_ms}
    draft.set_session(looks=looks)
    draft.wake(at_ms)


def look_due(draft: Draft, chat_id: bytes) -> None:
    """Look for answers if it is time; later and later, but every ten minutes."""
    repair, now = draft.state.repairs[chat_id], draft.context.now_ms
    if repair.stage is not Stage.PLEADING or not draft.state.session.online:
        return
    _tell_of_silence(draft, repair)
    due = draft.state.session.looks.get(chat_id, 0)
    if due > now or has_job(draft, chat_id):
        return
    lobby = _lobby_of(draft, repair)
    if lobby is None:
        return
    log_id = draft.state.chats[chat_id].log_id
    request = ReadAnswers(log_id, repair.generation, lobby.seed, repair.plea_id)
    draft.send(request, Cause("plea", chat_id), chat_id)
    waited = now - repair.posted * 1_000
    _look_at(
        draft, chat_id, now + min(max(waited // 4, _FIRST_LOOK_MS), _SLOWEST_LOOK_MS)
    )


def _tell_of_silence(draft: Draft, repair: Repair) -> None:
    """Say once that nobody has answered for a day; then the chat may be refounded."""
    if repair.told or draft.context.now - repair.since < UNANSWERED_SECONDS:
        return
    draft.put(repair.chat_id, structs.replace(repair, told=True))
    draft.show(Notice("plea_unanswered", repair.chat_id.hex()))


def _lobby_of(draft: Draft, repair: Repair) -> LobbyKey | None:
    lobbies = past_of(draft, repair.chat_id).lobbies
    return next((k for k in lobbies if k.generation == repair.generation), None)


def has_job(draft: Draft, chat_id: bytes) -> bool:
    """Tell whether a call to a chat's lobby waits for its answer."""
    return any(
        job.context == chat_id and isinstance(job.request, _OF_LOBBIES)
        for job in draft.state.jobs.values()
    )


def connected(draft: Draft) -> None:
    """Look for answers at once: somebody may have given one while we were away."""
    for chat_id in tuple(draft.state.repairs):
        look_due(draft, chat_id)
