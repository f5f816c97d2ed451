"""Content as a person or an app takes it: one type for each thing that can be said.

`read` never fails on decoded content: what this version cannot show becomes
`Unknown`, which a person sees as a message that needs a newer version, never as
nothing. Who may replace what is judged by the chat's rules, with the sender known.
"""

from dataclasses import dataclass, field
from typing import TypeAlias, TypeGuard

from privity.content.control import (
    CONTENT_TYPE,
    ControlItem,
    control_from_part,
)
from privity.content.emoji import is_reaction
from privity.content.files import FileOffer, file_from_part
from privity.content.message import ENC_ALG_STREAM, Expiration, MimiContent
from privity.content.parts import (
    Disposition,
    ExternalPart,
    MultiPart,
    NestedPart,
    NullPart,
    PartSemantics,
    SinglePart,
)
from privity.content.status import CONTENT_TYPE as STATUS_TYPE
from privity.content.status import Reported, status_from_part
from privity.errors import DecodeError

__all__ = [
    "Control",
    "Delete",
    "Edit",
    "File",
    "Reaction",
    "Reply",
    "Report",
    "Text",
    "Unknown",
    "Unreaction",
    "View",
    "read",
]


@dataclass(frozen=True, slots=True)
class Text:
    """A text; Markdown (GFM-MIMI) unless `plain`."""

    text: str = field(repr=False)
    plain: bool
    expires: Expiration | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """A text that answers the message `to`."""

    to: bytes
    text: str = field(repr=False)
    plain: bool
    expires: Expiration | None = None


@dataclass(frozen=True, slots=True)
class Reaction:
    """An emoji on the message `to`."""

    to: bytes
    emoji: str


@dataclass(frozen=True, slots=True)
class Unreaction:
    """The reaction `reaction` to the message `to` is taken back."""

    reaction: bytes
    to: bytes | None


@dataclass(frozen=True, slots=True)
class Edit:
    """A new text for the message whose first version is `original`."""

    original: bytes
    text: str = field(repr=False)
    plain: bool


@dataclass(frozen=True, slots=True)
class Delete:
    """The message whose first version is `original` is taken back."""

    original: bytes


@dataclass(frozen=True, slots=True)
class File:
    """A file on offer, with what stands beside it in the message."""

    offer: FileOffer
    thumbnail: bytes = field(repr=False)
    caption: str = field(repr=False)
    reply_to: bytes | None
    expires: Expiration | None = None


@dataclass(frozen=True, slots=True)
class Control:
    """What apps tell each other: titles, names, keys."""

    items: tuple[ControlItem, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """What became of messages at the sender of this one."""

    reported: tuple[Reported, ...]


@dataclass(frozen=True, slots=True)
class Unknown:
    """Well-formed content that this version cannot show; `what` says why, in short."""

    what: str


View: TypeAlias = (
    Text
    | Reply
    | Reaction
    | Unreaction
    | Edit
    | Delete
    | File
    | Control
    | Report
    | Unknown
)


def read(content: MimiContent) -> View:
    """Return what `content` says."""
    body = content.body
    if isinstance(body, NullPart):
        return _taken_back(content, body)
    if isinstance(body, SinglePart):
        return _single(content, body)
    if isinstance(body, ExternalPart):
        return _file(content, (body,))
    return _multi(content, body)


def _taken_back(content: MimiContent, body: NullPart) -> View:
    if content.replaces is None:
        return Unknown("an empty message")
    if body.disposition == Disposition.REACTION:
        return Unreaction(content.replaces, content.in_reply_to)
    return Delete(content.replaces)


def _single(content: MimiContent, part: SinglePart) -> View:
    if part.content_type == CONTENT_TYPE:
        return _control(content, (part,))
    if part.content_type == STATUS_TYPE:
        return _report(content, part)
    text = _text_of(part)
    if text is None:
        return Unknown(f"content of the type {part.content_type}")
    return _said(content, part, text)


def _said(content: MimiContent, part: SinglePart, text: str) -> View:
    if part.disposition == Disposition.REACTION:
        return _reaction(content, text)
    plain = not part.content_type.startswith("text/markdown")
    if content.replaces is not None:
        return Edit(content.replaces, text, plain)
    if content.in_reply_to is not None:
        return Reply(content.in_reply_to, text, plain, content.expires)
    return Text(text, plain, content.expires)


def _reaction(content: MimiContent, emoji: str) -> View:
    if (
        content.in_reply_to is None
        or content.replaces is not None
        or not is_reaction(emoji)
    ):
        return Unknown("a reaction that is not one emoji on one message")
    return Reaction(content.in_reply_to, emoji)


def _multi(content: MimiContent, body: MultiPart) -> View:
    if body.semantics is PartSemantics.PROCESS_ALL:
        if any(isinstance(part, ExternalPart) for part in body.parts):
            return _file(content, body.parts)
        if all(_is_control(part) for part in body.parts):
            return _control(content, body.parts)
    return Unknown("a message of several parts")


def _is_control(part: NestedPart) -> bool:
    return isinstance(part, SinglePart) and part.content_type == CONTENT_TYPE


def _control(content: MimiContent, parts: tuple[NestedPart, ...]) -> View:
    if content.replaces is not None or content.in_reply_to is not None:
        return Unknown("a control message that replaces or answers")
    try:
        items = tuple(
            control_from_part(part) for part in parts if isinstance(part, SinglePart)
        )
    except DecodeError as error:
        return Unknown(str(error))
    return Control(items)


def _report(content: MimiContent, part: SinglePart) -> View:
    if content.replaces is not None or content.in_reply_to is not None:
        return Unknown("a report that replaces or answers")
    try:
        return Report(status_from_part(part))
    except DecodeError as error:
        return Unknown(str(error))


def _file(content: MimiContent, parts: tuple[NestedPart, ...]) -> View:
    first, *beside = parts
    if not isinstance(first, ExternalPart) or first.enc_alg != ENC_ALG_STREAM:
        return Unknown("content that is kept elsewhere")
    if content.replaces is not None:
        return Unknown("a file in place of another message")
    thumbnail, caption = b"", ""
    for part in beside:
        text = _text_of(part) if isinstance(part, SinglePart) else None
        if text is not None and not caption:
            caption = text
        elif _is_thumbnail(part) and not thumbnail:
            thumbnail = part.content
        else:
            return Unknown("a file with parts that are not known here")
    return File(
        offer=file_from_part(first, content.files[0]),
        thumbnail=thumbnail,
        caption=caption,
        reply_to=content.in_reply_to,
        expires=content.expires,
    )


def _is_thumbnail(part: NestedPart) -> TypeGuard[SinglePart]:
    return (
        isinstance(part, SinglePart)
        and part.disposition == Disposition.PREVIEW
        and part.content_type.startswith("image/")
    )


def _text_of(part: SinglePart) -> str | None:
    kind, *parameters = part.content_type.split(";")
    if kind not in ("text/plain", "text/markdown"):
        return None
    charsets = {p.strip().lower() for p in parameters if "charset" in p.lower()}
    if not charsets <= {"charset=utf-8"}:
        # Who believes the parameter would read another text than we show.
        return None
    try:
        return part.content.decode()
    except UnicodeDecodeError:
        return None
