"""The verb that finds messages by their words, in the index of this device."""

from privity.client import lookup, notes, views
from privity.client.index import Find, Hit
from privity.client.rows import Kept
from privity.client.session import Session
from privity.client.snippets import snippet, words_in
from privity.client.verbs import local_params, local_results
from privity.core import silence
from privity.core.state import ChatKind, State
from privity.identity.ids import id_to_text

__all__ = ["search"]


async def search(
    session: Session, asked: local_params.Search
) -> local_results.FoundList:
    """Return the newest messages that have the words, in one chat or in all."""
    only = lookup.find_chat(session.state, asked.chat).chat_id if asked.chat else None
    before = int(asked.before or "0")
    wanted = Find(
        asked.text,
        only,
        before,
        asked.limit + 1,
        without=tuple(silence.silenced(session.state)),
        direct=_chats_of_two(session.state),
    )
    hits = await session.driver.disk.read(session.store.search, wanted)
    page = hits[: asked.limit]
    words = words_in(asked.text)
    found = tuple(
        _found(session, kept, hit, words)
        for kept, hit in page
        if notes.chat_of(session.state, kept.row.chat_id)
    )
    more = str(page[-1][1].entry) if len(hits) > asked.limit else ""
    return local_results.FoundList(found, more)


def _chats_of_two(state: State) -> tuple[bytes, ...]:
    """Return where whoever is blocked is found: in what was said before."""
    direct = (one for one in state.chats.values() if one.kind is ChatKind.DIRECT)
    return tuple(chat.chat_id for chat in direct)


def _found(
    session: Session, kept: Kept, hit: Hit, words: list[str]
) -> local_results.Found:
    row, state = kept.row, session.state
    chat = notes.chat_of(state, row.chat_id)
    return local_results.Found(
        message=id_to_text(row.idem),
        chat=id_to_text(row.chat_id),
        title=views.title_of(state, chat) if chat else "",
        seq=row.seq,
        time=row.minute * 60,
        sender=views.person(state, row.sender),
        snippet=tuple(
            local_results.Piece(piece.text, piece.found)
            for piece in snippet(hit.text, words)
        ),
    )
