"""A chat as the verbs show it, with its choices and its newest line."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from privity.client import drafts, lookup, notes, views
from privity.client.marks import FOREVER, Marks, marks_by_chat, marks_of
from privity.client.rows import Kept
from privity.client.session import Session
from privity.client.verbs import marks_results, results
from privity.core.state import Chat
from privity.core.tallies import missing_by_account

__all__ = ["Shelf", "chat_view"]

_BEGINNING = 80
"""Characters of a message or a draft that stand beside a chat."""


@dataclass(frozen=True, slots=True)
class _Beside:
    """What was read for one chat."""

    marks: Marks
    draft: str = field(repr=False)
    line: Kept | None
    is_whole: bool
    """Nothing is missing: there is nothing to count."""


class Shelf:
    """Many chats at once: what stands beside each is read for all of them together.

    A list of a thousand chats is the first thing that a window shows.
    """

    def __init__(self, session: Session) -> None:
        database = session.store.database
        self._session = session
        self._marks = marks_by_chat(database)
        self._drafts = drafts.texts_by_chat(database)
        self._holed = {
            key[:16] for key, tally in session.state.tallies.items() if tally.holes
        }
        self._lines: dict[bytes, Kept | None] = {}

    def marks(self, chat_id: bytes) -> Marks:
        """Return what was chosen for a chat."""
        return self._marks.get(chat_id, Marks())

    def draft(self, chat_id: bytes) -> str:
        """Return what was begun in a chat."""
        return self._drafts.get(chat_id, "")

    def line(self, chat_id: bytes) -> Kept | None:
        """Return the newest line of a chat; it is looked for once."""
        if chat_id not in self._lines:
            self._lines[chat_id] = self._session.newest_line(chat_id)
        return self._lines[chat_id]

    def views(self, chats: Sequence[Chat]) -> tuple[results.Chat, ...]:
        """Return chats as they are shown, in the order that they have."""
        return tuple(_view(self._session, chat, self._beside(chat)) for chat in chats)

    def _beside(self, chat: Chat) -> _Beside:
        chat_id = chat.chat_id
        return _Beside(
            self.marks(chat_id),
            self.draft(chat_id),
            self.line(chat_id),
            is_whole=chat_id not in self._holed,
        )


def chat_view(session: Session, chat_id: bytes) -> results.Chat:
    """Return a chat with all that a list shows of it; raises NotFound."""
    chat = notes.chat_of(session.state, chat_id)
    if chat is None:
        raise lookup.NotFound("the chat is gone")
    database = session.store.database
    beside = _Beside(
        marks_of(database, chat_id),
        drafts.draft_of(database, chat_id).text,
        session.newest_line(chat_id),
        is_whole=False,
    )
    return _view(session, chat, beside)


def _view(session: Session, chat: Chat, beside: _Beside) -> results.Chat:
    chat_id, state = chat.chat_id, session.state
    unread = session.unread(chat_id)
    # Who is named is named in something that can be unread.
    mentions = session.mentions(chat_id) if unread else 0
    missing = {} if beside.is_whole else missing_by_account(state.tallies, chat_id)
    shown = views.Beside(
        unread,
        _marks(beside, mentions),
        _last(session, beside.line),
        sum(missing.values()),
    )
    return views.chat(state, chat, shown)


def _marks(beside: _Beside, mentions: int) -> marks_results.Marks:
    chosen, now = beside.marks, int(time.time())
    is_muted = chosen.muted > now
    return marks_results.Marks(
        pinned=bool(chosen.pinned),
        muted=is_muted,
        muted_until=chosen.muted if is_muted and chosen.muted != FOREVER else 0,
        archived=bool(chosen.archived),
        unread=bool(chosen.unread),
        mentions=mentions,
        draft=_beginning(beside.draft),
    )


def _last(session: Session, kept: Kept | None) -> marks_results.Last | None:
    line = session.shown(kept) if kept else None
    if line is None:
        return None
    return marks_results.Last(
        message=line.message,
        time=line.time,
        sender=line.sender.name,
        mine=line.sender.trust == "me",
        kind=line.kind,
        state=line.state,
        text=_beginning(line.text or (line.file.name if line.file else "")),
        what=line.what,
        about=line.about.name if line.about else "",
        about_me=line.about is not None and line.about.trust == "me",
    )


def _beginning(text: str) -> str:
    return text if len(text) <= _BEGINNING else text[: _BEGINNING - 1] + "…"
