"""Handing messages on to a member's device that misses them.

docs/spec/transcript.md. Who asks gets only what was said while this device knew it as a
member. The lowest leaf answers first; whoever hears that all was given stays silent.
What is planned lives only while the process runs: who gets no answer asks again.
"""

from dataclasses import replace

from privity import mls
from privity.content.build import control_message, origin
from privity.content.control import PIECE, HandedOn
from privity.content.franking import AppPayload
from privity.core import outbox
from privity.core.counting import tally_of
from privity.core.effects import MessageRow, MessageState, Recall, Wanted
from privity.core.events import Notice
from privity.core.handed import (
    SPARE_MS,
    Frame,
    Given,
    OwnWords,
    Plan,
    Span,
    decode_ask,
    seal_given,
)
from privity.core.state import NEVER, Chat, Status
from privity.core.step import Draft
from privity.core.tallies import Epoch
from privity.errors import PrivityError, UsageError

__all__ = ["asked", "due", "keep_context", "other_gave", "recalled"]

MAX_EPOCHS = 256
MAX_PLANS = 16
MAX_ROWS = 256
_ROOM = 36 * 1024
"""Bytes that are handed on in one message; further ones when they are asked for."""
_RANK_MS = 4_000
_JITTER_MS = 3_000


def keep_context(draft: Draft, chat: Chat, group: mls.Group) -> None:
    """Keep what a signature of this epoch covers, to show it to others later."""
    key = chat.chat_id + group.epoch.to_bytes(8, "big")
    if key in draft.state.epochs:
        return
    kept = sorted(k for k in draft.state.epochs if k.startswith(chat.chat_id))
    for old in kept[: max(0, len(kept) - MAX_EPOCHS + 1)]:
        draft.drop(Epoch, old)
    draft.put(key, Epoch(group.context.encode()))


def asked(draft: Draft, chat: Chat, leaf: mls.LeafNode, body: bytes) -> None:
    """Plan to answer a member's request, each device's once in a while."""
    session, now = draft.state.session, draft.context.now_ms
    credential = leaf.credential.identity
    try:
        ask = decode_ask(body)
    except PrivityError as error:
        draft.show(Notice("ask_refused", str(error)))
        return
    spared = session.given.get(chat.chat_id + credential, 0) > now
    if spared or len(session.plans) >= MAX_PLANS or ask.ask_id in session.plans:
        return
    group = draft.state.groups[chat.chat_id]
    ranked = [i for i, one in group.members() if one.credential.identity != credential]
    jitter = int.from_bytes(draft.context.random(4), "big") % _JITTER_MS
    at = now + ranked.index(group.own_leaf) * _RANK_MS + jitter
    plan = Plan(chat.chat_id, credential, ask, at)
    draft.set_session(
        plans={**session.plans, ask.ask_id: plan},
        given={**session.given, chat.chat_id + credential: now + SPARE_MS},
    )
    draft.wake(at)


def other_gave(draft: Draft, ask_id: bytes, giver: bytes) -> None:
    """Stay silent if another member says that it has handed on all that was asked for.

    Only the asker can see whether it did. If that asks again, the same member is not
    believed a second time: one that hands on nothing can't silence those who would.
    """
    session = draft.state.session
    plan = session.plans.get(ask_id)
    if plan is None:
        return
    asker = plan.chat_id + plan.credential
    claimed = session.claimed.get(asker, frozenset())
    if giver not in claimed:
        draft.set_session(claimed={**session.claimed, asker: claimed | {giver}})
        _forget_plan(draft, ask_id)


def _forget_plan(draft: Draft, ask_id: bytes) -> None:
    plans = {k: v for k, v in draft.state.session.plans.items() if k != ask_id}
    draft.set_session(plans=plans)


def due(draft: Draft) -> None:
    """Look up what was asked for, once its moment has come."""
    plans, now = draft.state.session.plans, draft.context.now_ms
    for ask_id, plan in plans.items():
        if plan.at > now:
            continue
        chat = draft.state.chats[plan.chat_id]
        wanted = tuple(_wanted(chat, span) for span in plan.ask.spans)
        draft.effects.append(Recall(plan.chat_id, ask_id, wanted, MAX_ROWS))
    looked = {k: replace(p, at=NEVER) for k, p in plans.items() if p.at <= now}
    draft.set_session(plans={**plans, **looked})


def _wanted(chat: Chat, span: Span) -> Wanted:
    """Return what a span means among my rows: they stand behind all older logs'."""
    end = min(span.below, chat.cursor + 1)
    places = chat.base + span.above, chat.base + end
    return Wanted(span.credential[:16], span.first, span.last, *places)


def recalled(draft: Draft, ask_id: bytes, rows: tuple[MessageRow, ...]) -> None:
    """Hand on what was found, if there is anything."""
    plan = draft.state.session.plans.get(ask_id)
    if plan is None:
        return
    _forget_plan(draft, ask_id)
    chat = draft.state.chats[plan.chat_id]
    if chat.status is not Status.ACTIVE or not _is_member(draft, plan):
        return
    # An older log's rows were said in front of other people, at places of their own.
    here = [replace(r, seq=r.seq - chat.base) for r in rows if r.seq > chat.base]
    given = _given(draft, plan, here)
    if given.frames or given.own:
        _send(draft, chat, plan, given)


def _is_member(draft: Draft, plan: Plan) -> bool:
    members = draft.state.groups[plan.chat_id].members()
    return any(leaf.credential.identity == plan.credential for _, leaf in members)


def _given(draft: Draft, plan: Plan, rows: list[MessageRow]) -> Given:
    since = tally_of(draft, plan.chat_id, plan.credential).since
    found: list[Frame | OwnWords] = []
    room = _ROOM
    for row in rows:
        one = _found(draft, plan, row) if row.seq > since else None
        if one is not None and len(one.encode()) <= room:
            found.append(one)
            room -= len(one.encode())
    frames = tuple(one for one in found if isinstance(one, Frame))
    own = tuple(one for one in found if isinstance(one, OwnWords))
    return Given(1, frames, own)


def _found(draft: Draft, plan: Plan, row: MessageRow) -> Frame | OwnWords | None:
    """Return a row as it is handed on, if it is one of those that were asked for."""
    account = draft.state.account
    me = account.account_id + account.device_id
    for span in plan.ask.spans:
        if span.credential[:16] != row.sender or not span.has(row.order, row.seq):
            continue
        if row.state is not MessageState.SENT:
            one = _framed(draft, plan, span.credential, row)
            if one is not None:
                return one
        elif span.credential == me:
            return OwnWords(row.order, row.seq, row.minute, row.content)
    return None


def _framed(
    draft: Draft, plan: Plan, credential: bytes, row: MessageRow
) -> Frame | None:
    """Return a message of another device, if that device signed it, by this number."""
    key = tally_of(draft, plan.chat_id, credential).key
    if not key or not row.frame:
        return None
    try:
        epoch = mls.epoch_of_frame(row.frame)
        context = draft.state.epochs.get(plan.chat_id + epoch.to_bytes(8, "big"))
        if context is None:
            return None
        said = mls.open_frame(row.frame, context.context, key)
        if AppPayload.decode(said.data).counter != row.order:
            return None
    except PrivityError:
        return None
    return Frame(
        credential, row.seq, row.minute, row.header, context.context, row.frame
    )


def _send(draft: Draft, chat: Chat, plan: Plan, given: Given) -> None:
    suite = draft.state.groups[chat.chat_id].suite
    try:
        sealed = seal_given(suite, plan.ask, given)
    except (PrivityError, UsageError) as error:
        draft.show(Notice("ask_refused", str(error)))
        return
    count = len(given.frames) + len(given.own)
    wanted = sum(s.last - s.first + 1 for s in plan.ask.spans)
    where = origin(draft.state.account.account_id, chat.chat_id, draft.context.random)
    parts = [
        HandedOn(plan.ask.ask_id, count >= wanted, sealed[at : at + PIECE])
        for at in range(0, len(sealed), PIECE)
    ]
    outbox.compose(draft, chat, control_message(where, *parts).encode())
