"""`send` and `save`: texts and files, pictures cleaned of what their camera wrote."""

import asyncio
import mimetypes
import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from privity.client import lookup, notes
from privity.client.downloads import Target, fetch_file
from privity.client.errors import ClientError, TransferFailed
from privity.client.mentioning import with_mentions
from privity.client.session import Session
from privity.client.socket import Report
from privity.client.timeline import offer_of
from privity.client.transfers import Reason
from privity.client.uploads import Sealed, Source, send_file
from privity.client.verbs import media_results, params, results
from privity.client.verbs.find import find_message
from privity.client.verbs.talk import is_answerable, queue, send_text, sent
from privity.content import build
from privity.content.filenames import safe_filename
from privity.content.files import FileOffer
from privity.content.images import clean_image, thumbnail
from privity.content.message import Expiration
from privity.core import silence
from privity.core.state import Chat
from privity.errors import DecodeError, Unsupported

__all__ = ["media", "save", "send"]

_IMAGES = {"image/jpeg", "image/png", "image/webp"}
_LARGEST_IMAGE = 64 * 1024 * 1024
_UNKNOWN = "application/octet-stream"
_SAME_EVERYWHERE = {
    ".flac": "audio/flac",
    ".m4a": "audio/mp4",
    ".ogg": "audio/ogg",
    ".wav": "audio/wav",
    ".weba": "audio/webm",
    ".webp": "image/webp",
}
"""Of these, systems say different things or nothing."""


class NothingToSend(ClientError):
    """Neither a text nor a file."""

    code = "nothing_to_send"


class NoFile(ClientError):
    """A message without a file."""

    code = "no_file"


class ImageRefused(ClientError):
    """A picture whose metadata can't be removed; it was not sent."""

    code = "image_refused"


@dataclass(frozen=True, slots=True)
class _Prepared:
    source: Source
    media_type: str
    name: str
    thumbnail: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class _Said:
    """What goes with a file: words, what it answers, when it disappears."""

    caption: str
    reply_to: str
    expires: Expiration | None


async def send(
    session: Session, asked: params.Send, report: Report
) -> results.SentList:
    """Send a text and files, in this order; a lone file carries the text with it."""
    chat = lookup.find_chat(session.state, asked.chat)
    text = asked.text.strip("\n")
    sources = [
        *map(_named, asked.files),
        *(_waiting(session, u) for u in asked.uploads),
    ]
    if not text.strip() and not sources:
        raise NothingToSend
    if notes.is_note(chat) and sources:
        raise notes.NoteHasNone("files")
    # Before a file is uploaded for nobody.
    silence.check_open(session.state, chat)
    # Everything is looked at before anything is sent.
    prepared = [
        await asyncio.to_thread(_prepare, source, name, as_is=asked.as_is)
        for source, name in sources
    ]
    named = with_mentions(session.state, chat, text)
    caption = named if len(prepared) == 1 else ""
    idems: list[bytes] = []
    if text.strip() and not caption:
        idems.append(
            await send_text(session, chat, text, asked.reply_to, _end(chat, asked))
        )
    for one in prepared:
        answered = asked.reply_to if not idems else ""
        said = _Said(caption, answered, _end(chat, asked))
        idems.append(await _send_file(session, chat, one, said, report))
    waited = [await sent(session, chat.chat_id, idem, asked.wait) for idem in idems]
    return results.SentList(tuple(waited))


async def media(
    session: Session, asked: params.Media, report: Report
) -> media_results.Media:
    """Fetch the file of a message, check it, and leave it sealed where it is."""
    offer = _offered(session, asked.chat, asked.message)
    name = safe_filename(offer.filename)
    path = await session.media.fetch(offer, _telling(report, name))
    sealed = offer.sealed
    return media_results.Media(
        name, offer.media_type, sealed.length, str(path), sealed.key.hex()
    )


async def save(session: Session, asked: params.Save, report: Report) -> results.Saved:
    """Fetch the file of a message, check it, and write it where it is wanted."""
    offer = _offered(session, asked.chat, asked.message)
    name = safe_filename(offer.filename)
    path = Path(asked.to)
    if await asyncio.to_thread(path.is_dir):
        path /= name
    await fetch_file(
        session.driver,
        offer,
        Target(path, session.profile.transfers),
        _telling(report, name),
    )
    return results.Saved(str(path), offer.sealed.length)


def _offered(session: Session, chat: str, message: str) -> FileOffer:
    found = lookup.find_chat(session.state, chat)
    row = find_message(
        session, found.chat_id, message, lambda row, _view: offer_of(row) is not None
    )
    offer = offer_of(row)
    if offer is None:
        raise NoFile
    return offer


def _end(chat: Chat, asked: params.Send) -> Expiration | None:
    """Return when what is sent shall disappear: as asked, else as the chat says."""
    lasts = chat.timer if asked.expires is None else asked.expires
    return Expiration(relative=True, time=lasts) if lasts else None


async def _send_file(
    session: Session,
    chat: Chat,
    prepared: _Prepared,
    said: _Said,
    report: Report,
) -> bytes:
    answered = (
        find_message(session, chat.chat_id, said.reply_to, is_answerable).message_id
        if said.reply_to
        else None
    )
    offer = await send_file(
        session.driver,
        prepared.source,
        (prepared.media_type, prepared.name),
        _telling(report, prepared.name),
    )
    where = build.origin(session.state.account.account_id, chat.chat_id, os.urandom)
    content = build.file_message(
        where, offer, thumbnail=prepared.thumbnail, caption=said.caption
    )
    return await queue(
        session, chat, replace(content, in_reply_to=answered, expires=said.expires)
    )


def _named(path: str) -> tuple[Source, str]:
    return Source(Path(path)), Path(path).name


def _waiting(session: Session, upload: params.Upload) -> tuple[Source, str]:
    """Return what waits sealed in the profile's own folder, and nowhere else."""
    path = Path(upload.path)
    if path.parent != session.profile.transfers:
        raise TransferFailed(Reason.VANISHED, upload.name)
    sealed = Sealed(
        bytes.fromhex(upload.key), upload.length, bytes.fromhex(upload.root)
    )
    return Source(path, sealed=sealed), upload.name


def _prepare(source: Source, called: str, *, as_is: bool) -> _Prepared:
    """Return what to send of a file; raises TransferFailed, ImageRefused."""
    length = source.length()
    if not source.path.is_file():
        raise TransferFailed(Reason.UNREADABLE, called)
    name = safe_filename(called)
    media_type = _type_of(name)
    if media_type not in _IMAGES:
        return _Prepared(source, media_type, name)
    if length > _LARGEST_IMAGE:
        raise ImageRefused(f"{name} is too large")
    return _picture(source, (media_type, name), as_is=as_is)


def _type_of(name: str) -> str:
    known = _SAME_EVERYWHERE.get(Path(name).suffix.lower())
    return known or mimetypes.guess_type(name)[0] or _UNKNOWN


def _picture(source: Source, labels: tuple[str, str], *, as_is: bool) -> _Prepared:
    media_type, name = labels
    try:
        with source.opened() as file:
            data = file.read(_LARGEST_IMAGE)
        small = thumbnail(data)
        if as_is:
            return _Prepared(source, media_type, name, small)
        clean = clean_image(data)
    except (DecodeError, Unsupported) as error:
        if as_is:
            return _Prepared(source, media_type, name)
        raise ImageRefused(f"{name}: {error}") from None
    return _Prepared(Source(source.path, clean.data), clean.media_type, name, small)


def _telling(report: Report, name: str) -> Callable[[int, int], None]:
    return lambda done, total: report(results.Progress(name, done, total))
