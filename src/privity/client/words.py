"""The words of a stored message, for the search; nothing else reads content here."""

from privity.content.mimi import Edit, File, MimiContent, Reply, Text, read
from privity.core.effects import MessageRow, MessageState
from privity.errors import PrivityError

__all__ = ["words_of"]


def words_of(row: MessageRow) -> str:
    """Return what a person would search for: texts, captions, file names.

    What can't be read has no words: a search never stands in a message's way.
    """
    if row.state is MessageState.LINE:
        return ""
    try:
        view = read(MimiContent.decode(row.content))
    except PrivityError:
        return ""
    match view:
        case Text() | Reply() | Edit():
            return view.text
        case File():
            return f"{view.offer.filename} {view.caption}".strip()
    return ""
