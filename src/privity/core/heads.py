"""Signed heads at a client: which relay signs, how new they are, whether two agree.

docs/spec/head.md. The relay's head key is pinned at the first login. The newest head of
each chat is kept; a history that it is not part of, signed by the same key, is a proof
that the relay showed two, and the proof is kept too. A head that is missing or does not
hold is told of, and stops nothing: a relay could as well leave all of them out.
"""

from dataclasses import dataclass

from msgspec import structs

from privity.core import pleading
from privity.core.errors import Reason
from privity.core.events import Line, Notice
from privity.core.lines import write_line
from privity.core.requests import Appended
from privity.core.seen import KnownFork, SeenHead
from privity.core.state import Chat, Status
from privity.core.step import Draft
from privity.errors import PrivityError
from privity.wire.entry import chain_of_links
from privity.wire.frames import Entries
from privity.wire.heads import Fork, SignedHead, log_hash, open_head

__all__ = ["appended", "attached", "pin", "read"]

FUTURE_MINUTES = 5
"""How far ahead of mine a relay's clock may be."""


@dataclass(frozen=True, slots=True)
class _Span:
    """A stretch of a log as the relay shows it: behind `after`, `links` follow."""

    after: int
    before: bytes
    links: tuple[bytes, ...]

    @property
    def end(self) -> int:
        return self.after + len(self.links)

    def chain_at(self, seq: int) -> bytes:
        value = self.before
        for one in self.links[: seq - self.after]:
            value = chain_of_links(value, one)
        return value


def pin(draft: Draft, key: bytes) -> None:
    """Believe the first head key that the relay states, and name another one."""
    account = draft.state.account
    if key and not account.head_key:
        draft.put_account(structs.replace(account, head_key=key))
    elif key != account.head_key:
        draft.show(Notice("head_key_changed", key.hex()))


def attached(draft: Draft, chat: Chat, end: int, data: bytes) -> bool:
    """Take the head that came with an attach; tell whether the chat goes on."""
    signed = _opened(draft, chat, data)
    if signed is None or signed.head.seq != end:
        return True
    span = _Span(end, signed.head.chain, ())
    if _take(draft, chat, signed, span):
        _note_time(draft, chat, signed)
    return draft.state.chats[chat.chat_id].status is Status.ACTIVE


def read(draft: Draft, chat: Chat, batch: Entries) -> bool:
    """Take the head behind a batch that is chained; tell whether the chat goes on."""
    if not batch.entries:
        return True
    first = batch.entries[0].seq
    links = tuple(entry.links for entry in batch.entries)
    span = _Span(first - 1, batch.before, links)
    signed = _opened(draft, chat, batch.head)
    if signed is None:
        return True
    if (signed.head.seq, signed.head.chain) != (span.end, batch.chain):
        _doubt(draft, chat)
    elif _take(draft, chat, signed, span) and span.end >= batch.end:
        _note_time(draft, chat, signed)
    return draft.state.chats[chat.chat_id].status is Status.ACTIVE


def appended(draft: Draft, chat: Chat, answer: Appended) -> None:
    """Take the head that came with the answer to an append."""
    signed = _opened(draft, chat, answer.head)
    if signed is None:
        return
    if (signed.head.seq, signed.head.chain) != (answer.seq, answer.chain):
        _doubt(draft, chat)
    else:
        _take(draft, chat, signed, _Span(answer.seq, answer.chain, ()))


def _opened(draft: Draft, chat: Chat, data: bytes) -> SignedHead | None:
    """Return a head of this log that the pinned key signed, if it is one."""
    account = draft.state.account
    if not data or not account.head_key:
        return None
    try:
        signed = open_head(account.head_key, data)
    except PrivityError:
        _doubt(draft, chat)
        return None
    if signed.head.log_hash != log_hash(chat.log_id, account.host):
        _doubt(draft, chat)
        return None
    return signed


def _doubt(draft: Draft, chat: Chat) -> None:
    """Say once a connection that a head does not hold."""
    if chat.chat_id not in draft.state.session.unsigned:
        unsigned = draft.state.session.unsigned | {chat.chat_id}
        draft.set_session(unsigned=unsigned)
        draft.show(Notice("head_invalid", chat.chat_id.hex()))


def _take(draft: Draft, chat: Chat, signed: SignedHead, span: _Span) -> bool:
    """Compare a head with those that I know, then keep it; tell whether they agree.

    One in front of my cursor is kept beside the one that my own reading led to: it is
    compared when I come there, and must not hide what I have read.
    """
    known = draft.state.heads.get(chat.chat_id) or SeenHead(chat.log_id)
    if known.log_id != chat.log_id:
        known = SeenHead(chat.log_id)
    for mine in (known.signed, known.ahead):
        if mine and _disagree(SignedHead.decode(mine), span):
            _prove(draft, chat, (SignedHead.decode(mine), signed), span)
            return False
    draft.put(chat.chat_id, _kept(known, chat, signed, span))
    return True


def _disagree(mine: SignedHead, span: _Span) -> bool:
    at = mine.head.seq
    return span.after <= at <= span.end and span.chain_at(at) != mine.head.chain


def _kept(known: SeenHead, chat: Chat, signed: SignedHead, span: _Span) -> SeenHead:
    """Return what to remember: the newest head that I read up to, and one ahead."""
    is_read = span.after <= chat.cursor and span.chain_at(chat.cursor) == chat.chain
    ahead = _seq(known.ahead)
    if not is_read:
        further = signed.head.seq > max(ahead, chat.cursor)
        return structs.replace(known, ahead=signed.encode()) if further else known
    newest = known.signed if _seq(known.signed) > span.end else signed.encode()
    left = known.ahead if ahead > span.end else b""
    return structs.replace(known, signed=newest, ahead=left)


def _seq(signed: bytes) -> int:
    return SignedHead.decode(signed).head.seq if signed else -1


def _prove(
    draft: Draft, chat: Chat, heads: tuple[SignedHead, SignedHead], span: _Span
) -> None:
    """Keep the proof, write the line, and stop: a person decides whom to believe."""
    at, key = heads[0].head.seq, draft.state.account.head_key
    links = list(span.links[at - span.after :])
    fork = Fork.of(key, heads, span.chain_at(at), links)
    fork.check()
    draft.put(chat.chat_id, KnownFork(chat.log_id, draft.context.now, fork.encode()))
    me = draft.state.account.account_id
    line = Line(chat.chat_id, chat.cursor, "forked", me, text=str(at))
    write_line(draft, line, draft.context.minute)
    pleading.stop(draft, chat, Reason.EQUIVOCATION)


def _note_time(draft: Draft, chat: Chat, signed: SignedHead) -> None:
    """Note when the relay signed the head to which this device is or will be synced."""
    minute = signed.head.minute
    if minute <= draft.context.minute + FUTURE_MINUTES:
        at = min(minute * 60_000, draft.context.now_ms)
        fresh = draft.state.session.fresh
        if fresh.get(chat.log_id, 0) < at:
            draft.set_session(fresh={**fresh, chat.log_id: at})
