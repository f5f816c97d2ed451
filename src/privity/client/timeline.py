"""A chat as it is read: rows of the store folded into visible lines.

Edits, deletions and reactions are messages of their own; here they change what they
name. Only the account that sent a message may replace it: anything else is shown to
nobody and changes nothing. Pure; rows come in the order of the chat.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import msgspec

from privity.client.verbs import results
from privity.content.filenames import safe_filename
from privity.content.files import FileOffer
from privity.content.message import MimiContent
from privity.content.view import (
    Control,
    Delete,
    Edit,
    File,
    Reaction,
    Reply,
    Text,
    Unknown,
    Unreaction,
    View,
    read,
)
from privity.core.effects import MessageRow, MessageState
from privity.core.events import Line
from privity.errors import DecodeError
from privity.identity.ids import id_to_text

__all__ = [
    "Scene",
    "answers",
    "is_visible",
    "offer_of",
    "project",
    "view_of",
]

QUOTE = 80
"""Characters of an answered message that are shown with the answer."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What a projection needs to know beside the rows.

    `find` returns the row with a MIMI message id of the same chat, if it is stored.
    """

    person: Callable[[bytes], results.Person]
    find: Callable[[bytes], MessageRow | None]


@dataclass(slots=True)
class _Shown:
    row: MessageRow
    view: View | Line
    text: str
    edited: bool = False
    deleted: bool = False
    reactions: dict[bytes, tuple[str, bytes]] = field(default_factory=dict)
    """(emoji, account) by the message id of the reaction."""


def view_of(row: MessageRow) -> View | Line:
    """Return what a row says; what can't be read is an `Unknown`, never an error."""
    try:
        if row.state is MessageState.LINE:
            return msgspec.json.decode(row.content, type=Line)
        return read(MimiContent.decode(row.content))
    except (msgspec.MsgspecError, DecodeError) as error:
        return Unknown(str(error))


def is_visible(view: View | Line) -> bool:
    """Whether something has a line of its own in a chat."""
    return not isinstance(view, Reaction | Unreaction | Edit | Delete | Control)


def offer_of(row: MessageRow) -> FileOffer | None:
    """Return the file that a row offers."""
    view = view_of(row)
    return view.offer if isinstance(view, File) else None


def project(rows: Iterable[MessageRow], scene: Scene) -> tuple[results.Message, ...]:
    """Return the visible lines of `rows`, in their order.

    A change counts only for what is among the rows: give all rows from the oldest
    wanted one to the end of the chat. Linear in the number of rows.
    """
    shown: dict[bytes, _Shown] = {}
    for row in rows:
        view = view_of(row)
        if is_visible(view):
            shown[row.message_id or row.idem] = _Shown(row, view, _text(view))
        elif row.state is not MessageState.FAILED:
            _change(shown, row, view)
    return tuple(_message(one, shown, scene) for one in shown.values())


def _change(shown: dict[bytes, _Shown], row: MessageRow, view: View | Line) -> None:
    match view:
        case Edit(original=original, text=text):
            target = shown.get(original)
            if target and _may_replace(target, row) and not target.deleted:
                target.text, target.edited = text, True
        case Delete(original=original):
            target = shown.get(original)
            if target and _may_replace(target, row):
                target.deleted, target.text = True, ""
                target.reactions.clear()
            elif target is None:
                _take_back(shown, original, row.sender)
        case Reaction(to=to, emoji=emoji):
            target = shown.get(to)
            if target and not target.deleted:
                target.reactions[row.message_id] = (emoji, row.sender)
        case Unreaction(reaction=reaction):
            _take_back(shown, reaction, row.sender)


def _may_replace(target: _Shown, row: MessageRow) -> bool:
    return target.row.sender == row.sender and not isinstance(target.view, Line)


def _take_back(shown: dict[bytes, _Shown], reaction: bytes, sender: bytes) -> None:
    for one in shown.values():
        given = one.reactions.get(reaction)
        if given and given[1] == sender:
            del one.reactions[reaction]
            return


def _text(view: View | Line) -> str:
    match view:
        case Text(text=text) | Reply(text=text) | Line(text=text):
            return text
        case File(caption=caption):
            return caption
        case Unknown(what=what):
            return what
    return ""


def _message(one: _Shown, shown: dict[bytes, _Shown], scene: Scene) -> results.Message:
    row, view = one.row, one.view
    target = None if one.deleted else answers(view)
    answered = scene.find(target) if target else None
    return results.Message(
        message=id_to_text(row.idem),
        chat=id_to_text(row.chat_id),
        seq=row.seq,
        time=row.minute * 60,
        sender=scene.person(row.sender),
        kind="deleted" if one.deleted else _kind(view),
        state=row.state.value,
        text=one.text,
        edited=one.edited and not one.deleted,
        reply_to=id_to_text(answered.idem) if answered else "",
        quote=_quote(shown.get(target)) if target else "",
        reactions=_reactions(one, scene),
        file=_file(view) if isinstance(view, File) and not one.deleted else None,
        what=view.what if isinstance(view, Line) else "",
        about=scene.person(view.who) if isinstance(view, Line) and view.who else None,
    )


def _kind(view: View | Line) -> str:
    match view:
        case Line():
            return "line"
        case File():
            return "file"
        case Unknown():
            return "unknown"
    return "text"


def answers(view: View | Line) -> bytes | None:
    """Return the message id that something answers, if it does."""
    match view:
        case Reply(to=to):
            return to
        case File(reply_to=to):
            return to
    return None


def _quote(target: "_Shown | None") -> str:
    """Return the beginning of an answered message as it is now: empty if deleted."""
    if target is None or target.deleted:
        return ""
    words = target.text
    if isinstance(target.view, File):
        words = words or safe_filename(target.view.offer.filename)
    return words if len(words) <= QUOTE else words[: QUOTE - 1] + "…"


def _reactions(one: _Shown, scene: Scene) -> tuple[results.Reaction, ...]:
    by_emoji: dict[str, dict[bytes, None]] = {}
    for emoji, sender in one.reactions.values():
        by_emoji.setdefault(emoji, {})[sender] = None
    return tuple(
        results.Reaction(emoji, tuple(scene.person(who) for who in people))
        for emoji, people in by_emoji.items()
    )


def _file(view: File) -> results.FileInfo:
    return results.FileInfo(
        name=safe_filename(view.offer.filename),
        media_type=view.offer.media_type,
        size=view.offer.sealed.length,
    )
