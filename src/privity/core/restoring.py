"""After the disk went back: drop every key that another copy may have used, and ask.

docs/adr/0014. All of it is one step, so one Save: a device either is as it was, or has
dropped everything and says so at its next login. Messages, contacts and the outbox
stay. Once a day a device does this by itself; more often only with its owner, since
then two copies of it seem to run.
"""

from msgspec import structs

from privity.core import lanes
from privity.core.effects import Unfollow
from privity.core.errors import CommandRefused, Reason, Refusal
from privity.core.events import Line, Notice
from privity.core.lines import write_line
from privity.core.past import remember
from privity.core.pleading import BY_ITSELF, plead
from privity.core.readmission import HELD
from privity.core.repairs import Repair
from privity.core.requests import ClaimPackages, FindAccount, PostSealed, SetMailboxKey
from privity.core.rollbacks import Rollback, RollbackStage
from privity.core.state import Chat, Package, Pending, Status
from privity.core.step import Draft

__all__ = ["confirm", "logged_in", "went_back"]

ONCE_SECONDS = 86_400
"""Within this a second time needs the owner."""
_MOST_TIMES = 16
_STAY = (FindAccount, ClaimPackages, PostSealed, SetMailboxKey)
"""Requests without anything that a chat's or a package's private key has made."""
_OPEN = (Status.ACTIVE, Status.CREATING, Status.JOINING)


def went_back(draft: Draft) -> None:
    """Drop all keys, or ask the owner if that happened within a day; once for both."""
    rollback, now = draft.state.rollback, draft.context.now
    if rollback.stage is not RollbackStage.NONE:
        return
    if any(abs(now - at) < ONCE_SECONDS for at in rollback.times):
        asking = structs.replace(rollback, stage=RollbackStage.ASKING)
        draft.put(b"", asking)
        return
    _drop_keys(draft)


def confirm(draft: Draft) -> None:
    """Drop all keys because the owner says so; raises CommandRefused."""
    if draft.state.rollback.stage is not RollbackStage.ASKING:
        raise CommandRefused(Refusal.NOT_ROLLED_BACK)
    _drop_keys(draft)


def logged_in(draft: Draft) -> None:
    """Note that the relay has let this device in."""
    rollback = draft.state.rollback
    if rollback.stage is not RollbackStage.NONE:
        draft.put(b"", structs.replace(rollback, stage=RollbackStage.NONE))


def _drop_keys(draft: Draft) -> None:
    times = (*draft.state.rollback.times, draft.context.now)[-_MOST_TIMES:]
    draft.put(b"", Rollback(times, RollbackStage.RETURNING))
    _end_jobs(draft)
    _drop_packages(draft)
    lanes.tell_again(draft)
    for chat in tuple(draft.state.chats.values()):
        _forget_attempts(draft, chat.chat_id)
        _stop(draft, chat)
    for chat_id in tuple(draft.state.groups):
        draft.drop_group(chat_id)
    draft.show(Notice("restored"))


def _end_jobs(draft: Draft) -> None:
    """End what was made with a dropped key: acceptances carry a key package."""
    for job in tuple(draft.state.jobs.values()):
        if job.reason == "acceptance" or not isinstance(job.request, _STAY):
            draft.end_job(job.number)


def _drop_packages(draft: Draft) -> None:
    """Drop all private keys of packages; what was accepted has to be so again."""
    for ref in tuple(draft.state.packages):
        draft.drop(Package, ref)
    for request in tuple(draft.state.requests.values()):
        if request.state in ("accepted", HELD):
            fresh = {"state": "pending", "package": b"", "admission": b""}
            pending = structs.replace(request, **fresh)
            draft.put(request.invite_id, pending)


def _forget_attempts(draft: Draft, chat_id: bytes) -> None:
    """Keep what waits to be sent, but none of the bytes that were made of it."""
    for item in draft.state.outgoing.get(chat_id, ()):
        fresh = structs.replace(item, job=0, digest=b"", old=False, again=True)
        draft.put_outgoing(fresh)


def _stop(draft: Draft, chat: Chat) -> None:
    """Stop a chat that goes on, and plead; a person's decision stays a person's."""
    chat_id = chat.chat_id
    draft.drop(Pending, chat_id)
    is_stuck = chat.status is Status.STUCK and chat.cause in BY_ITSELF
    if chat.status not in _OPEN and not is_stuck:
        draft.drop(Repair, chat_id)
        return
    if chat.status is Status.JOINING:
        # The admission has told the generation's secret: enough to plead.
        remember(draft, chat)
    me = draft.state.account.account_id
    at = str(draft.context.now)
    line = Line(chat_id, chat.cursor, "restored", me, me, at)
    write_line(draft, line, draft.context.minute)
    stopped = draft.set_status(chat, Status.STUCK, Reason.OWN_LEAF.value)
    draft.effects.append(Unfollow(chat.log_id))
    # In place of the plea before, from which it learns who the members were.
    plead(draft, stopped, Reason.OWN_LEAF)
