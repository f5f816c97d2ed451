"""One step in the making: the next state, what it writes, what it wants done.

A `Draft` belongs to one call of `engine.step` and is thrown away when it raises,
so that a refused input changes nothing.
"""

from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import Any

from msgspec import structs

from privity import mls
from privity.core.effects import (
    Cause,
    Delete,
    Effect,
    Kind,
    MessageRow,
    MessageState,
    Put,
    PutMessage,
    Save,
    Send,
    Show,
    Wake,
    Write,
)
from privity.core.events import ChatChanged, Event
from privity.core.moved import Moved
from privity.core.repairs import Past, Plight, Repair
from privity.core.requests import Request
from privity.core.rollbacks import Rollback
from privity.core.seen import KnownFork, SeenHead
from privity.core.state import (
    Account,
    Chat,
    Contact,
    Invite,
    Job,
    Link,
    Outgoing,
    Package,
    Pending,
    Request_,
    Session,
    State,
    Status,
    outgoing_id,
)
from privity.core.tallies import Epoch, Fetch, Tally, Transcript
from privity.core.values import encode

__all__ = ["JOBS", "Context", "Draft", "Mark", "Step"]


JOBS = b"jobs"
"""The id under which the next job's number is stored, as eight bytes."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a step may know of the world: the time (Unix ms), and randomness."""

    now_ms: int
    random: Callable[[int], bytes]

    @property
    def now(self) -> int:
        """Unix time in seconds."""
        return self.now_ms // 1000

    @property
    def minute(self) -> int:
        """Unix time in minutes."""
        return self.now_ms // 60_000


@dataclass(frozen=True, slots=True)
class Step:
    """The next state, the effects in their order, and a command's result."""

    state: State
    effects: tuple[Effect, ...]
    result: object | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment within a step; `writes` and `effects` are how many there were."""

    state: State = field(repr=False)
    writes: int
    effects: int


Stored = (
    Contact
    | Invite
    | Request_
    | Link
    | Package
    | Pending
    | Chat
    | Past
    | Repair
    | Plight
    | SeenHead
    | KnownFork
    | Tally
    | Epoch
    | Fetch
    | Transcript
    | Rollback
    | Moved
)

_COUNTER = attrgetter("counter")
_STORES: dict[type[Any], tuple[str, Kind]] = {
    Contact: ("contacts", Kind.CONTACT),
    Invite: ("invites", Kind.INVITE),
    Request_: ("requests", Kind.REQUEST),
    Link: ("links", Kind.LINK),
    Package: ("packages", Kind.PACKAGE),
    Pending: ("pending", Kind.PENDING),
    Chat: ("chats", Kind.CHAT),
    Past: ("pasts", Kind.PAST),
    Repair: ("repairs", Kind.REPAIR),
    Plight: ("plights", Kind.PLIGHT),
    SeenHead: ("heads", Kind.HEAD),
    KnownFork: ("forks", Kind.FORK),
    Tally: ("tallies", Kind.TALLY),
    Epoch: ("epochs", Kind.EPOCH),
    Fetch: ("fetches", Kind.FETCH),
    Transcript: ("transcripts", Kind.TRANSCRIPT),
    Rollback: ("rollbacks", Kind.ROLLBACK),
    Moved: ("moved", Kind.MOVED),
}


@dataclass(slots=True)
class Draft:
    """Collects what one step does; mutable, and only within that step."""

    state: State
    context: Context
    writes: list[Write] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)

    def finish(self, result: object | None = None) -> Step:
        """Return the step: its one Save first, then everything else."""
        save: tuple[Effect, ...] = ()
        if self.writes:
            save = (Save(tuple(self.writes)),)
        return Step(self.state, (*save, *self.effects), result)

    def mark(self) -> Mark:
        """Return where the step stands, to go back to."""
        return Mark(self.state, len(self.writes), len(self.effects))

    def back_to(self, mark: Mark) -> None:
        """Undo everything since `mark`: a refused part of the input changes nothing."""
        self.state = mark.state
        del self.writes[mark.writes :]
        del self.effects[mark.effects :]

    def put(self, key: bytes, value: Stored) -> None:
        """Keep a value under its id, in the state and in the store."""
        name, kind = _STORES[type(value)]
        self._set_table(name, {**getattr(self.state, name), key: value})
        self.writes.append(Put(kind, key, encode(value)))

    def drop(self, sort: type[Stored], key: bytes) -> None:
        """Forget a value."""
        name, kind = _STORES[sort]
        table = dict(getattr(self.state, name))
        if table.pop(key, None) is not None:
            self._set_table(name, table)
            self.writes.append(Delete(kind, key))

    def _set_table(self, name: str, table: Mapping[bytes, Any]) -> None:
        changes: dict[str, Any] = {name: table}
        self.state = replace(self.state, **changes)

    def put_account(self, account: Account) -> None:
        """Keep a changed account."""
        self.state = replace(self.state, account=account)
        self.writes.append(Put(Kind.ACCOUNT, b"", encode(account)))

    def set_mailbox_cursor(self, seq: int) -> None:
        """Move the mailbox cursor; storing it is the mailbox's business."""
        self.state = replace(self.state, mailbox_cursor=seq)

    def put_chat(self, chat: Chat) -> Chat:
        """Keep a chat."""
        self.put(chat.chat_id, chat)
        return chat

    def put_group(self, chat_id: bytes, group: mls.Group, *, epoch: bool) -> None:
        """Keep a chat's MLS state; `epoch` says that the tree changed as well."""
        groups = {**self.state.groups, chat_id: group}
        self.state = replace(self.state, groups=groups)
        if epoch:
            self.writes.append(Put(Kind.TREE, chat_id, group.dump_tree()))
        self.writes.append(Put(Kind.RATCHET, chat_id, group.dump_ratchet()))

    def drop_group(self, chat_id: bytes) -> None:
        """Forget every group secret of a chat."""
        groups = dict(self.state.groups)
        groups.pop(chat_id, None)
        self.state = replace(self.state, groups=groups)
        self.writes.append(Delete(Kind.TREE, chat_id))
        self.writes.append(Delete(Kind.RATCHET, chat_id))

    def put_outgoing(self, item: Outgoing) -> None:
        """Keep a queued message, in its place in the order of counters."""
        before, behind = self._around(item)
        self._set_outgoing(item.chat_id, (*before, item, *behind))
        self.writes.append(Put(Kind.OUTGOING, outgoing_id(item), encode(item)))

    def drop_outgoing(self, item: Outgoing) -> None:
        """Forget a message that left the outbox, and its request."""
        before, behind = self._around(item)
        self._set_outgoing(item.chat_id, before + behind)
        self.writes.append(Delete(Kind.OUTGOING, outgoing_id(item)))
        if item.job:
            self.end_job(item.job)

    def _around(
        self, item: Outgoing
    ) -> tuple[tuple[Outgoing, ...], tuple[Outgoing, ...]]:
        """Return a chat's queue in front of a counter and behind it."""
        items = self.state.outgoing.get(item.chat_id, ())
        at = bisect_left(items, item.counter, key=_COUNTER)
        is_there = at < len(items) and items[at].counter == item.counter
        return items[:at], items[at + is_there :]

    def _set_outgoing(self, chat_id: bytes, items: tuple[Outgoing, ...]) -> None:
        table = {**self.state.outgoing, chat_id: items}
        self.state = replace(self.state, outgoing=table)

    def put_message(self, row: MessageRow, *, quiet: bool = False) -> None:
        """Store a message or a line, behind all of the logs that came before."""
        chat = self.state.chats.get(row.chat_id)
        if chat is not None and row.seq and row.state is not MessageState.LINE:
            row = replace(row, seq=chat.base + row.seq)
        self.writes.append(PutMessage(row, quiet))

    def send(self, request: Request, cause: Cause, context: bytes = b"") -> int:
        """Save a request as a job and send it, now or when there is a connection."""
        number = self.state.next_job
        job = Job(number, request, cause.reason, cause.id, context)
        self.state = replace(self.state, next_job=number + 1)
        following = (number + 1).to_bytes(8, "big")
        self.writes.append(Put(Kind.CURSOR, JOBS, following))
        self.change_job(job)
        self.send_again(job)
        return number

    def change_job(self, job: Job) -> None:
        """Keep a job whose request is to be made in another way."""
        self.state = replace(self.state, jobs={**self.state.jobs, job.number: job})
        self.writes.append(Put(Kind.JOB, job.number.to_bytes(8, "big"), encode(job)))

    def send_again(self, job: Job) -> None:
        """Send a saved job's request, if there is a connection."""
        session = self.state.session
        if not session.online:
            return
        self.effects.append(Send(job.number, job.request, job.cause))
        waits = {k: v for k, v in session.retry_at.items() if k != job.number}
        self.set_session(sent=session.sent | {job.number}, retry_at=waits)

    def end_job(self, number: int) -> None:
        """Forget a job whose answer was dealt with, or that is of no use any more."""
        jobs = dict(self.state.jobs)
        if jobs.pop(number, None) is None:
            return
        self.state = replace(self.state, jobs=jobs)
        self.writes.append(Delete(Kind.JOB, number.to_bytes(8, "big")))
        session = self.state.session
        waits = {k: v for k, v in session.retry_at.items() if k != number}
        self.set_session(sent=session.sent - {number}, retry_at=waits)

    def put_off(self, number: int, at_ms: int) -> None:
        """Note that a job is not in flight and may go again at a time."""
        session = self.state.session
        waits = {**session.retry_at, number: at_ms}
        self.set_session(sent=session.sent - {number}, retry_at=waits)

    def again_in(self, number: int, wait_ms: int) -> None:
        """Send a job that was answered once more after a time (milliseconds)."""
        at_ms = self.context.now_ms + wait_ms
        self.put_off(number, at_ms)
        self.wake(at_ms)

    def set_session(self, **changes: object) -> None:
        """Change what is not stored."""
        values: dict[str, Any] = dict(changes)
        session = replace(self.state.session, **values)
        self.state = replace(self.state, session=session)

    def reset_session(self) -> None:
        """Forget what was only true while there was a connection."""
        before = self.state.session
        kept = Session(given=before.given, claimed=before.claimed)
        self.state = replace(self.state, session=kept)

    def wake(self, at_ms: int) -> None:
        """Ask for a tick at that time."""
        self.effects.append(Wake(at_ms))

    def show(self, event: Event) -> None:
        """Tell whoever looks."""
        self.effects.append(Show(event))

    def set_status(self, chat: Chat, status: Status, cause: str = "") -> Chat:
        """Give a chat another status, and say so."""
        changed = structs.replace(chat, status=status, cause=cause)
        self.show(ChatChanged(chat.chat_id, status.value, cause))
        return self.put_chat(changed)
