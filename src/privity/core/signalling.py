"""Telling that somebody types, and hearing it of others: of this moment, never stored.

docs/spec/signal.md. A signal changes nothing but the session: what it shows fades by
itself, and no chat, message, key or count depends on it. One that is ignored is ignored
by name, as the result of its step; people are not told.
"""

from dataclasses import replace
from types import MappingProxyType

from privity import mls
from privity.core import silence
from privity.core.effects import Cause, SendSignal
from privity.core.events import Typing
from privity.core.reading import account_of
from privity.core.signals import (
    NONCE,
    VERSION,
    Hearing,
    Ignored,
    SignalBody,
    SignalIgnored,
    SignalKind,
    SignalPlace,
    open_signal,
    seal_signal,
    signal_key,
)
from privity.core.state import Chat, Status
from privity.core.step import Draft
from privity.wire.frames import Signal

__all__ = ["EVERY_MS", "FADE_MS", "due", "fallen_silent", "hear", "said", "tell"]

EVERY_MS = 3_000
"""A device tells of one chat at most this often."""
FADE_MS = 6_000
"""So long after its last signal somebody counts as typing."""
AGE_MS = 30_000
"""How far a sender's clock may be from mine; a signal that was kept is older."""
WINDOW_MS = 10_000
MOST = 60
"""So many signals of a chat are looked at within a window."""
MOST_KEYS = 6_000
"""So many keys are tried within a window, over all chats: a look costs one a leaf."""


def tell(draft: Draft, chat: Chat) -> bool:
    """Tell who is there that I type, if that can be told now; returns whether it is."""
    session, now = draft.state.session, draft.context.now_ms
    is_ready = session.online and chat.chat_id in session.synced
    if not is_ready or chat.status is not Status.ACTIVE:
        return False
    if silence.is_closed(draft.state, chat):
        return False
    last = session.signalled.get(chat.chat_id)
    if last is not None and last <= now < last + EVERY_MS:
        return False
    group = draft.state.groups[chat.chat_id]
    place = SignalPlace(chat.log_id, chat.generation)
    key = signal_key(group, group.own_leaf)
    body = SignalBody(VERSION, SignalKind.TYPING, now)
    sealed = seal_signal(key, place, body, draft.context.random(NONCE))
    draft.set_session(signalled={**session.signalled, chat.chat_id: now})
    signal = Signal(chat.log_id, chat.generation, sealed)
    draft.effects.append(SendSignal(signal, Cause("typing")))
    return True


def hear(draft: Draft, signal: Signal) -> Ignored | None:
    """Show what a signal tells, or return why it is ignored."""
    chat = draft.state.chat_of_log(signal.log_id)
    if chat is None or chat.status is not Status.ACTIVE:
        return Ignored.NO_CHAT
    if signal.generation != chat.generation:
        return Ignored.NOT_OPENED
    group = draft.state.groups[chat.chat_id]
    try:
        _count(draft, chat, group)
        place = SignalPlace(chat.log_id, chat.generation)
        leaf, body = open_signal(group, place, signal.body)
        account = account_of(group, leaf)
        _check(draft, account, body)
        _check_newer(draft, chat, leaf, body)
    except SignalIgnored as ignored:
        return ignored.why
    _show(draft, chat, account)
    return None


def _count(draft: Draft, chat: Chat, group: mls.Group) -> None:
    """Bound the work that a flood can make; what was heard belongs to one epoch."""
    now = draft.context.now_ms
    kept = draft.state.session.hearing.get(chat.chat_id) or Hearing()
    if kept.epoch != group.epoch:
        kept = replace(kept, epoch=group.epoch, newest=MappingProxyType({}))
    if not kept.since <= now < kept.since + WINDOW_MS:
        kept = replace(kept, since=now, tried=0, keys=0)
    keys = sum(1 for _ in group.members())
    if kept.tried >= MOST or _keys_tried(draft) + keys > MOST_KEYS:
        raise SignalIgnored(Ignored.TOO_MANY)
    _remember(draft, chat, replace(kept, tried=kept.tried + 1, keys=kept.keys + keys))


def _keys_tried(draft: Draft) -> int:
    """Count the keys that signals of any chat cost within their chats' windows."""
    now = draft.context.now_ms
    heard = draft.state.session.hearing.values()
    return sum(one.keys for one in heard if one.since <= now < one.since + WINDOW_MS)


def _check(draft: Draft, account: bytes, body: SignalBody) -> None:
    if account == draft.state.account.account_id:
        raise SignalIgnored(Ignored.OWN)
    if silence.has_blocked(draft.state, account):
        raise SignalIgnored(Ignored.BLOCKED)
    if abs(draft.context.now_ms - body.sent) > AGE_MS:
        raise SignalIgnored(Ignored.STALE)


def _check_newer(draft: Draft, chat: Chat, leaf: int, body: SignalBody) -> None:
    """Let a leaf's signals go forward only."""
    kept = draft.state.session.hearing[chat.chat_id]
    if body.sent <= kept.newest.get(leaf, 0):
        raise SignalIgnored(Ignored.REPLAYED)
    newest = MappingProxyType({**kept.newest, leaf: body.sent})
    _remember(draft, chat, replace(kept, newest=newest))


def _remember(draft: Draft, chat: Chat, hearing: Hearing) -> None:
    known = draft.state.session.hearing
    draft.set_session(hearing={**known, chat.chat_id: hearing})


def _show(draft: Draft, chat: Chat, account: bytes) -> None:
    until = draft.context.now_ms + FADE_MS
    typing = draft.state.session.typing
    if (chat.chat_id, account) not in typing:
        draft.show(Typing(chat.chat_id, account, typing=True))
    draft.set_session(typing={**typing, (chat.chat_id, account): until})
    draft.wake(until)


def due(draft: Draft) -> None:
    """Let those fade who have not been heard of for a while."""
    now = draft.context.now_ms
    for who, until in draft.state.session.typing.items():
        if not now < until <= now + FADE_MS:
            _fade(draft, who)


def said(draft: Draft, chat_id: bytes, account: bytes) -> None:
    """Note that somebody said what they were typing."""
    if (chat_id, account) in draft.state.session.typing:
        _fade(draft, (chat_id, account))


def fallen_silent(draft: Draft) -> None:
    """Let all fade: nothing is heard without a connection."""
    for who in draft.state.session.typing:
        _fade(draft, who)


def _fade(draft: Draft, who: tuple[bytes, bytes]) -> None:
    left = {k: v for k, v in draft.state.session.typing.items() if k != who}
    draft.set_session(typing=left)
    draft.show(Typing(*who, typing=False))
