"""What the store derives from a message; nothing else reads content there."""

from dataclasses import dataclass, field

from privity.content.mentions import mentions_in, spoken
from privity.content.message import Expiration
from privity.content.mimi import MimiContent, read
from privity.content.view import (
    Control,
    Delete,
    Edit,
    File,
    Reaction,
    Reply,
    Report,
    Text,
    Unreaction,
    View,
)
from privity.core.effects import MessageRow, MessageState
from privity.errors import PrivityError

__all__ = ["Said", "said_of", "words_of"]


@dataclass(frozen=True, slots=True)
class Said:
    """What a message says, to who searches and counts.

    `text` is what a person would search for. `target` is the MIMI id of the message
    of the same sender that this one changes; a deletion takes its words away.
    `is_news`: it is a line of its own, that somebody may have to read. `mentions` are
    the accounts that it names, `expires` is when it shall be deleted, `changes` the
    MIMI ids of all that it changes, whosever they are, by reacting and reporting too.
    """

    text: str = field(default="", repr=False)
    target: bytes = b""
    is_deletion: bool = False
    is_news: bool = False
    mentions: frozenset[bytes] = frozenset()
    expires: Expiration | None = None
    changes: frozenset[bytes] = frozenset()


def said_of(row: MessageRow) -> Said:
    """Return what is derived of a message; what can't be read says nothing."""
    if row.state is MessageState.LINE:
        return Said()
    try:
        view = read(MimiContent.decode(row.content))
    except PrivityError:
        return Said(is_news=True)
    match view:
        case Edit(original=original):
            named, changes = _named(view), frozenset((original,))
            return Said(_words(view), original, mentions=named, changes=changes)
        case Delete(original=original):
            changes = frozenset((original,))
            return Said(target=original, is_deletion=True, changes=changes)
        case Reaction() | Unreaction() | Control() | Report():
            return Said(changes=_changed_by(view))
    expires = view.expires if isinstance(view, Text | Reply | File) else None
    return Said(_words(view), is_news=True, mentions=_named(view), expires=expires)


def words_of(row: MessageRow) -> str:
    """Return what a person would search for: texts, captions, file names.

    What can't be read has no words: a search never stands in a message's way.
    """
    return said_of(row).text


def _words(view: View) -> str:
    match view:
        case Text() | Reply() | Edit():
            return view.text if view.plain else spoken(view.text)
        case File():
            return f"{view.offer.filename} {spoken(view.caption)}".strip()
    return ""


def _changed_by(view: Reaction | Unreaction | Control | Report) -> frozenset[bytes]:
    match view:
        case Reaction(to=changed) | Unreaction(reaction=changed):
            return frozenset((changed,))
        case Report(reported=reported):
            return frozenset(one.message_id for one in reported)
    return frozenset()


def _named(view: View) -> frozenset[bytes]:
    """Return the accounts that a message names."""
    text = view.caption if isinstance(view, File) else ""
    if isinstance(view, Text | Reply | Edit) and not view.plain:
        text = view.text
    return frozenset(one.account_id for one in mentions_in(text))
