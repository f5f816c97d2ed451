"""Missing messages are named, asked for, and taken from whoever has them.

docs/spec/transcript.md. What is handed on is taken only where it is missed, and only
under the signature of who said it.
"""

from operator import itemgetter

from msgspec import structs

from privity import mls
from privity.content.build import control_message, origin
from privity.content.control import HandedOn, MissingAsked
from privity.content.franking import FrankPlace, open_franked
from privity.content.mimi import MimiContent, check_place, message_id
from privity.core import outbox, silence
from privity.core.counting import tally_of
from privity.core.effects import MessageRow, MessageState
from privity.core.errors import CommandRefused, Refusal
from privity.core.events import Line, Notice
from privity.core.handed import (
    MAX_SPANS,
    SPARE_MS,
    Ask,
    Frame,
    OwnWords,
    Span,
    open_given,
)
from privity.core.handed_rules import Rule
from privity.core.lines import write_line
from privity.core.state import Chat, Status
from privity.core.step import Draft
from privity.core.tallies import Fetch, Hole, Tally, find_hole, heard, missing
from privity.errors import PrivityError, RuleViolation
from privity.wire.entry import Header

__all__ = ["ask", "due", "notice", "received"]

MAX_ASKED = 3
"""How often the members are asked for the same by themselves; a person may again."""
MAX_EARLIER = 3
"""Requests before the newest whose answers are taken still."""
_ANY = 1 << 30
_FIRST_MS = 20_000
_JITTER_MS = 40_000
_AGAIN_MS = 3_600_000


def notice(draft: Draft, chat_id: bytes) -> None:
    """Ask in a while, at a random moment, if anything is missing then.

    No sooner than an hour after the last request that got not everything, whatever
    became of the connection or this process since.
    """
    asks, now = draft.state.session.asks, draft.context.now_ms
    if chat_id in asks or not _holes(draft, chat_id):
        return
    last = draft.state.fetches.get(chat_id)
    rest = last.at_ms + _AGAIN_MS - now if last is not None else 0
    jitter = int.from_bytes(draft.context.random(4), "big") % _JITTER_MS
    # A clock that was set back does not put it off for longer.
    at = now + min(max(rest, _FIRST_MS), _AGAIN_MS) + jitter
    draft.set_session(asks={**asks, chat_id: at})
    draft.wake(at)


def due(draft: Draft, chat_id: bytes) -> None:
    """Ask for what is still missing, once the moment has come."""
    asks = draft.state.session.asks
    if asks.get(chat_id, draft.context.now_ms + 1) > draft.context.now_ms:
        return
    _forget_date(draft, chat_id)
    chat = draft.state.chats[chat_id]
    is_synced = chat_id in draft.state.session.synced
    if chat.status is not Status.ACTIVE or not is_synced:
        # Noticed again once the chat is read up.
        return
    _ask(draft, chat, _holes(draft, chat_id))


def _forget_date(draft: Draft, chat_id: bytes) -> None:
    asks = {k: v for k, v in draft.state.session.asks.items() if k != chat_id}
    draft.set_session(asks=asks)


def ask(draft: Draft, chat: Chat) -> int:
    """Ask at once, because a person wants to; returns for how many messages.

    Those that were asked for least come first. Nobody answers two requests within a
    while, so none is made then; the last one stands. Raises CommandRefused.
    """
    if chat.status is not Status.ACTIVE:
        raise CommandRefused(Refusal.CHAT_NOT_USABLE, chat.cause or chat.status.value)
    holes = _holes(draft, chat.chat_id, most=_ANY)
    if _is_spared(draft, chat.chat_id):
        asked = holes[:MAX_SPANS]
    else:
        asked = _ask(draft, chat, holes)
    return sum(hole.last - hole.first + 1 for _, hole in asked)


def _is_spared(draft: Draft, chat_id: bytes) -> bool:
    last = draft.state.fetches.get(chat_id)
    return last is not None and 0 <= draft.context.now_ms - last.at_ms < SPARE_MS


def _holes(
    draft: Draft, chat_id: bytes, most: int = MAX_ASKED
) -> list[tuple[bytes, Hole]]:
    """Return what is missing and was not asked for too often, with whose it is.

    What was asked for least stands first: one request takes only so many.
    """
    tallies = draft.state.tallies.items()
    mine = [(key, tally) for key, tally in tallies if key.startswith(chat_id)]
    found = [
        (key[len(chat_id) :], hole)
        for key, tally in sorted(mine, key=itemgetter(0))
        for hole in tally.holes
        if hole.asked < most
    ]
    return sorted(found, key=lambda one: one[1].asked)


def _ask(
    draft: Draft, chat: Chat, holes: list[tuple[bytes, Hole]]
) -> list[tuple[bytes, Hole]]:
    """Ask the other members, if there are any; returns what for."""
    asked = holes[:MAX_SPANS]
    if not asked or len(draft.state.groups[chat.chat_id].members()) < 2:
        return []
    for credential in dict.fromkeys(credential for credential, _ in asked):
        _mark_asked(draft, chat, credential, [h for c, h in asked if c == credential])
    suite = draft.state.groups[chat.chat_id].suite
    private = suite.derive_key_pair(draft.context.random(32))[0]
    fetch = Fetch(
        ask_id=draft.context.random(16),
        private=private,
        at_ms=draft.context.now_ms,
        earlier=_earlier(draft, chat.chat_id),
    )
    draft.put(chat.chat_id, fetch)
    spans = tuple(Span(c, h.first, h.last, h.above, h.below) for c, h in asked)
    request = Ask(1, fetch.ask_id, suite.kem.public_of(private), spans)
    where = origin(draft.state.account.account_id, chat.chat_id, draft.context.random)
    content = control_message(where, MissingAsked(request.encode()))
    outbox.compose(draft, chat, content.encode())
    _forget_date(draft, chat.chat_id)
    notice(draft, chat.chat_id)
    return asked


def _earlier(draft: Draft, chat_id: bytes) -> tuple[tuple[bytes, bytes], ...]:
    last = draft.state.fetches.get(chat_id)
    if last is None:
        return ()
    return (*last.earlier, (last.ask_id, last.private))[-MAX_EARLIER:]


def _mark_asked(draft: Draft, chat: Chat, credential: bytes, asked: list[Hole]) -> None:
    """Count the request, and write down what is missing the first time."""
    tally = tally_of(draft, chat.chat_id, credential)
    holes = tuple(
        structs.replace(h, asked=h.asked + 1) if h in asked else h for h in tally.holes
    )
    draft.put(chat.chat_id + credential, structs.replace(tally, holes=holes))
    fresh = Tally(holes=tuple(h for h in asked if not h.asked))
    if fresh.holes:
        text, who = str(missing(fresh)), credential[:16]
        line = Line(chat.chat_id, chat.cursor, "missing", who, who, text)
        write_line(draft, line, draft.context.minute)


def received(draft: Draft, chat: Chat, leaf: mls.LeafNode, answer: HandedOn) -> None:
    """Take what a member hands on to me, each message for itself."""
    fetch = draft.state.fetches.get(chat.chat_id)
    private = fetch.private_of(answer.ask_id) if fetch is not None else b""
    if not private:
        return
    group = draft.state.groups[chat.chat_id]
    try:
        given = open_given(group.suite, private, answer.ask_id, answer.sealed)
    except PrivityError as error:
        draft.show(Notice("handed_refused", str(error)))
        return
    giver = leaf.credential.identity
    given_here: list[Frame | OwnWords] = [*given.frames, *given.own]
    taken = [_take(draft, chat, giver, one) for one in given_here]
    for credential in dict.fromkeys(filter(None, taken)):
        who, text = credential[:16], str(taken.count(credential))
        line = Line(chat.chat_id, chat.cursor, "found", giver[:16], who, text)
        write_line(draft, line, draft.context.minute)
    if not _holes(draft, chat.chat_id, most=_ANY):
        # Never because a giver says that it was all: others may have more.
        draft.drop(Fetch, chat.chat_id)


def _take(
    draft: Draft, chat: Chat, giver: bytes, one: Frame | OwnWords
) -> bytes | None:
    """Keep one message; return whose it is, None where it is refused."""
    try:
        if isinstance(one, OwnWords):
            counter, app_data, credential = one.counter, one.content, giver
        else:
            counter, app_data = _opened(draft, chat, one)
            credential = one.credential
        _keep(draft, chat, (credential, counter), one, app_data)
    except PrivityError as error:
        draft.show(Notice("handed_refused", str(error)))
        return None
    return credential


def _opened(draft: Draft, chat: Chat, one: Frame) -> tuple[int, bytes]:
    """Return the number and the content of a frame that its sender signed."""
    key = tally_of(draft, chat.chat_id, one.credential).key
    if not key:
        raise RuleViolation(Rule.NOT_MISSED)
    said = mls.open_frame(one.frame, one.context, key)
    header = Header.parse(one.header)
    if said.group_id != chat.group_id or header.log_id != chat.log_id:
        raise RuleViolation(Rule.OTHER_CHAT)
    place = FrankPlace(header.log_id, said.group_id, header.idem)
    payload = open_franked(header.tag, place, said.authenticated_data, said.data)
    return payload.counter, payload.app_data


def _keep(
    draft: Draft,
    chat: Chat,
    number: tuple[bytes, int],
    one: Frame | OwnWords,
    app_data: bytes,
) -> None:
    credential, counter = number
    tally = tally_of(draft, chat.chat_id, credential)
    hole = find_hole(tally, counter)
    if hole is None:
        raise RuleViolation(Rule.NOT_MISSED)
    if not hole.above < one.seq < hole.below:
        raise RuleViolation(Rule.OTHER_PLACE)
    content = MimiContent.decode(app_data)
    check_place(content, credential[:16], chat.chat_id)
    row = MessageRow(
        chat_id=chat.chat_id,
        # Not the idem that it states, nor one that anybody could use before: a row that
        # is here stays as it is.
        idem=draft.context.random(16),
        sender=credential[:16],
        message_id=message_id(app_data, content.sender, content.room, content.salt),
        seq=one.seq,
        # A giver chooses it; nothing was said after what was read last.
        minute=min(one.minute, chat.minute),
        state=MessageState.RECEIVED,
        content=app_data,
        order=counter,
        frame=one.frame if isinstance(one, Frame) else b"",
        header=one.header if isinstance(one, Frame) else b"",
    )
    silence.keep(draft, chat, row)
    draft.put(chat.chat_id + credential, heard(tally, counter, one.seq))
