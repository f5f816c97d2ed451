"""Messages as people mean them, made into MIMI content.

One function for each thing that can be said; `view` is the way back.
"""

from dataclasses import dataclass, replace

from privity.content import limits
from privity.content.control import ControlItem, control_to_part
from privity.content.emoji import is_reaction
from privity.content.files import FileOffer, file_to_part
from privity.content.message import SALT_SIZE, Expiration, MimiContent
from privity.content.parts import (
    Disposition,
    MultiPart,
    NestedPart,
    NullPart,
    PartSemantics,
    SinglePart,
)
from privity.content.status import Reported, status_to_part
from privity.content.uris import account_uri, chat_uri
from privity.errors import UsageError
from privity.identity.ids import Random

__all__ = [
    "MARKDOWN",
    "PLAIN",
    "THUMBNAIL_TYPE",
    "Origin",
    "control_message",
    "deletion",
    "edit",
    "file_message",
    "origin",
    "reaction",
    "reply",
    "report",
    "text_message",
    "unreaction",
]

MARKDOWN = "text/markdown;variant=GFM-MIMI"
PLAIN = "text/plain;charset=utf-8"
THUMBNAIL_TYPE = "image/jpeg"


@dataclass(frozen=True, slots=True)
class Origin:
    """Who says something, where, and the salt that makes the message one of a kind."""

    sender: str
    room: str
    salt: bytes


def origin(account_id: bytes, chat_id: bytes, random: Random) -> Origin:
    """Return the origin of one new message; each message needs its own."""
    return Origin(account_uri(account_id), chat_uri(chat_id), random(SALT_SIZE))


def text_message(
    origin: Origin,
    text: str,
    *,
    plain: bool = False,
    expires: Expiration | None = None,
) -> MimiContent:
    """Return a message of text, Markdown unless `plain`; at most 16 KiB of UTF-8."""
    return replace(_content(origin, _text_part(text, plain=plain)), expires=expires)


def reply(origin: Origin, to: bytes, text: str, *, plain: bool = False) -> MimiContent:
    """Return a reply to the message with the id `to`."""
    return replace(text_message(origin, text, plain=plain), in_reply_to=to)


def reaction(origin: Origin, to: bytes, emoji: str) -> MimiContent:
    """Return a reaction to the message `to`: one emoji of up to 64 bytes."""
    if not is_reaction(emoji):
        raise UsageError("a reaction is one emoji")
    part = SinglePart(Disposition.REACTION, "", PLAIN, emoji.encode())
    return replace(_content(origin, part), in_reply_to=to)


def unreaction(origin: Origin, taken_back: bytes, to: bytes) -> MimiContent:
    """Return what takes back the reaction `taken_back` to the message `to`."""
    body = NullPart(Disposition.REACTION)
    return replace(_content(origin, body), replaces=taken_back, in_reply_to=to)


def edit(
    origin: Origin, original: bytes, text: str, *, in_reply_to: bytes | None = None
) -> MimiContent:
    """Return a new text for `original`: the first version's id, however often edited.

    `in_reply_to` is what the original has: an edit does not change what is answered.
    """
    content = text_message(origin, text)
    return replace(content, replaces=original, in_reply_to=in_reply_to)


def deletion(origin: Origin, original: bytes) -> MimiContent:
    """Return what takes back `original`: the id of its first version."""
    return replace(_content(origin, NullPart(Disposition.RENDER)), replaces=original)


def file_message(
    origin: Origin, offer: FileOffer, *, thumbnail: bytes = b"", caption: str = ""
) -> MimiContent:
    """Return a message that offers a sealed file; `thumbnail` is JPEG, ≤ 24 KiB."""
    beside: list[NestedPart] = []
    if thumbnail:
        beside.append(SinglePart(Disposition.PREVIEW, "", THUMBNAIL_TYPE, thumbnail))
    if caption:
        beside.append(_text_part(caption, plain=False))
    part, manifest = file_to_part(offer, index=1 if beside else 0)
    body = _together(part, *beside)
    return replace(_content(origin, body), files=(manifest,))


def control_message(origin: Origin, *items: ControlItem) -> MimiContent:
    """Return a message of one or more control parts."""
    if not items:
        raise UsageError("a control message says something")
    return _content(origin, _together(*map(control_to_part, items)))


def report(origin: Origin, *reported: Reported) -> MimiContent:
    """Return a report of what became of messages of others; at most 500."""
    return _content(origin, status_to_part(reported))


def _content(origin: Origin, body: NestedPart) -> MimiContent:
    return MimiContent(
        salt=origin.salt, sender=origin.sender, room=origin.room, body=body
    )


def _text_part(text: str, *, plain: bool) -> SinglePart:
    content = text.encode()
    if not text.strip() or len(content) > limits.TEXT:
        raise UsageError(f"a text has between 1 and {limits.TEXT} bytes")
    content_type = PLAIN if plain else MARKDOWN
    return SinglePart(Disposition.RENDER, "", content_type, content)


def _together(*parts: NestedPart) -> NestedPart:
    if len(parts) == 1:
        return parts[0]
    return MultiPart(Disposition.RENDER, "", PartSemantics.PROCESS_ALL, parts)
