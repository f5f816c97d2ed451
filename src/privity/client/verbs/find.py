"""Messages by what a person types: an id, its beginning, or "last"."""

from collections.abc import Callable

from privity.client.lookup import LEAST, Ambiguous, NotFound
from privity.client.session import Session
from privity.client.timeline import is_visible, view_of
from privity.content.view import View
from privity.core.effects import MessageRow
from privity.core.events import Line
from privity.errors import DecodeError
from privity.identity.ids import ID_TEXT_SIZE, id_from_text, id_to_text

__all__ = ["Fits", "find_message"]

Fits = Callable[[MessageRow, View | Line], bool]
_PAGE = 200
_FARTHEST = 10_000
"""How many rows back the beginning of an id is looked for."""


def find_message(
    session: Session, chat_id: bytes, wanted: str, fits: Fits
) -> MessageRow:
    """Return the message that `wanted` names; "last" is the newest one that fits.

    Raises NotFound, Ambiguous. A whole id is found however old it is.
    """
    name = wanted.strip().lower()
    if len(name) == ID_TEXT_SIZE:
        return _whole(session, chat_id, name)
    if name != "last" and len(name) < LEAST:
        raise NotFound(f"{wanted}: type {LEAST} letters of the message's id, or last")
    found: list[MessageRow] = []
    unheard = session.unheard(chat_id)
    edge = None
    for _ in range(_FARTHEST // _PAGE):
        batch = session.store.history(chat_id, before=edge, limit=_PAGE)
        if not batch:
            break
        edge = batch[0].place
        for kept in reversed(batch):
            view = view_of(kept.row)
            is_heard = kept.row.sender not in unheard
            if name == "last" and is_heard and fits(kept.row, view):
                return kept.row
            if is_visible(view) and id_to_text(kept.row.idem).startswith(name):
                found.append(kept.row)
    if len(found) > 1:
        ids = ", ".join(id_to_text(row.idem) for row in found)
        raise Ambiguous(f"{wanted}: {ids}")
    if not found:
        raise NotFound(wanted)
    return found[0]


def _whole(session: Session, chat_id: bytes, name: str) -> MessageRow:
    try:
        kept = session.store.message(chat_id, id_from_text(name))
    except DecodeError:
        kept = None
    if kept is None:
        raise NotFound(name)
    return kept.row
