"""A chat as it is read: rows of the store folded into visible lines.

Edits, deletions and reactions are messages of their own; here they change what they
name. Only the account that sent a message may replace it: anything else is shown to
nobody and changes nothing. Pure; rows come in the order of the chat.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import msgspec

from privity.client.link_safety import links_in
from privity.client.verbs import results
from privity.content.filenames import safe_filename
from privity.content.files import FileOffer
from privity.content.mentions import mentions_in, spoken
from privity.content.message import Expiration, MimiContent
from privity.content.status import Status
from privity.content.view import (
    Control,
    Delete,
    Edit,
    File,
    Reaction,
    Reply,
    Report,
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

_HIDDEN = Reaction | Unreaction | Edit | Delete | Control | Report
QUOTE = 80
"""Characters of an answered message that are shown with the answer."""
_STATES = {Status.READ: "read", Status.DELIVERED: "delivered"}


@dataclass(frozen=True, slots=True)
class Scene:
    """What a projection needs to know beside the rows.

    `find` returns the row with a MIMI message id of the same chat, if it is stored.
    """

    me: bytes
    person: Callable[[bytes], results.Person]
    find: Callable[[bytes], MessageRow | None]
    receipts: bool = False
    """Whether what others report is shown."""
    unheard: frozenset[bytes] = frozenset()
    """Accounts whose messages are folded away, and whose reactions are not shown."""
    ends: Callable[[MessageRow], int] = lambda _: 0
    """When a message that has an end is deleted (Unix seconds); 0: not known yet."""


@dataclass(slots=True)
class _Shown:
    row: MessageRow
    view: View | Line
    text: str
    plain: bool = False
    edited: bool = False
    deleted: bool = False
    reactions: dict[bytes, tuple[str, bytes]] = field(default_factory=dict)
    """(emoji, account) by the message id of the reaction."""
    reports: dict[bytes, Status] = field(default_factory=dict)
    """How far it came, as each account says of itself."""


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
    return not isinstance(view, _HIDDEN)


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
            one = _Shown(row, view, _text(view), plain=_is_plain(view))
            shown[row.message_id or row.idem] = one
        elif row.state is not MessageState.FAILED:
            _change(shown, row, view)
    return tuple(_message(one, shown, scene) for one in shown.values())


def _change(shown: dict[bytes, _Shown], row: MessageRow, view: View | Line) -> None:
    match view:
        case Edit(original=original):
            _edit(shown.get(original), row, view)
        case Delete(original=original):
            _delete(shown, original, row)
        case Reaction(to=to, emoji=emoji):
            target = shown.get(to)
            if target and not target.deleted:
                target.reactions[row.message_id] = (emoji, row.sender)
        case Unreaction(reaction=reaction):
            _take_back(shown, reaction, row.sender)
        case Report(reported=reported):
            for one in reported:
                _report(shown.get(one.message_id), row.sender, one.status)


def _edit(target: _Shown | None, row: MessageRow, new: Edit) -> None:
    if target and _may_replace(target, row) and not target.deleted:
        target.text, target.edited, target.plain = new.text, True, new.plain


def _delete(shown: dict[bytes, _Shown], original: bytes, row: MessageRow) -> None:
    target = shown.get(original)
    if target is None:
        _take_back(shown, original, row.sender)
    elif _may_replace(target, row):
        target.deleted, target.text = True, ""
        target.reactions.clear()


def _report(target: _Shown | None, who: bytes, status: Status) -> None:
    """Keep the farthest that a reader reports; other news of it is not shown."""
    if target and target.row.sender != who and status in _STATES:
        before = target.reports.get(who, Status.UNREAD)
        target.reports[who] = max(before, status)


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


def _is_plain(view: View | Line) -> bool:
    return isinstance(view, Text | Reply) and view.plain


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
        state=_state(one, scene),
        text=one.text,
        edited=one.edited and not one.deleted,
        reply_to=id_to_text(answered.idem) if answered else "",
        quote=_quote(shown.get(target), scene) if target else "",
        reactions=_reactions(one, scene),
        file=_file(view) if isinstance(view, File) and not one.deleted else None,
        what=view.what if isinstance(view, Line) else "",
        about=scene.person(view.who) if isinstance(view, Line) and view.who else None,
        links=_links(one),
        mentions=_mentions(one, scene),
        expires=scene.ends(row) if _expires(view) else 0,
        lasts=_lasts(view),
        delivered=_count(one, scene, Status.DELIVERED),
        read=_count(one, scene, Status.READ),
        folded=_is_folded(one, scene),
    )


def _is_folded(one: _Shown, scene: Scene) -> bool:
    return one.row.sender in scene.unheard and not isinstance(one.view, Line)


def _state(one: _Shown, scene: Scene) -> str:
    """Return how far a message came: of an own one, with any of its readers."""
    if one.row.state is not MessageState.SENT:
        return one.row.state.value
    for status, word in _STATES.items():
        if _count(one, scene, status):
            return word
    return one.row.state.value


def _count(one: _Shown, scene: Scene, least: Status) -> int:
    """Count the accounts that say that an own message came so far with them."""
    if not scene.receipts or one.row.sender != scene.me:
        return 0
    return sum(1 for status in one.reports.values() if status >= least)


def _expires(view: View | Line) -> Expiration | None:
    return view.expires if isinstance(view, Text | Reply | File) else None


def _lasts(view: View | Line) -> int:
    expires = _expires(view)
    return expires.time if expires is not None and expires.relative else 0


def _mentions(one: _Shown, scene: Scene) -> tuple[results.Mention, ...]:
    if one.plain or not isinstance(one.view, Text | Reply | File):
        return ()
    return tuple(
        results.Mention(m.start, m.end, scene.person(m.account_id), m.name)
        for m in mentions_in(one.text)
    )


def _links(one: _Shown) -> tuple[results.Link, ...]:
    if not isinstance(one.view, Text | Reply | File):
        return ()
    return tuple(
        results.Link(
            start=link.start,
            end=link.end,
            shown=link.text,
            target=link.target,
            host=link.host,
            opens=link.opens,
            warnings=tuple(map(str, link.warnings)),
        )
        for link in links_in(one.text, markdown=not one.plain)
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


def _quote(target: "_Shown | None", scene: Scene) -> str:
    """Return the beginning of an answered message as it is now.

    Empty if it is deleted, or folded away.
    """
    if target is None or target.deleted or _is_folded(target, scene):
        return ""
    words = target.text if target.plain else spoken(target.text)
    if isinstance(target.view, File):
        words = words or safe_filename(target.view.offer.filename)
    return words if len(words) <= QUOTE else words[: QUOTE - 1] + "…"


def _reactions(one: _Shown, scene: Scene) -> tuple[results.Reaction, ...]:
    by_emoji: dict[str, dict[bytes, None]] = {}
    for emoji, sender in one.reactions.values():
        if sender in scene.unheard:
            continue
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
