"""`send` and `save`: texts and files, pictures cleaned of what their camera wrote."""

import asyncio
import mimetypes
import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from privity.client import lookup
from privity.client.downloads import Target, fetch_file
from privity.client.errors import ClientError, TransferFailed
from privity.client.session import Session
from privity.client.socket import Report
from privity.client.timeline import offer_of
from privity.client.transfers import Reason
from privity.client.uploads import Source, send_file
from privity.client.verbs import params, results
from privity.client.verbs.find import find_message
from privity.client.verbs.talk import is_answerable, queue, send_text, sent
from privity.content import build
from privity.content.filenames import safe_filename
from privity.content.images import clean_image, thumbnail
from privity.core.state import Chat
from privity.errors import DecodeError, Unsupported

__all__ = ["save", "send"]

_IMAGES = {"image/jpeg", "image/png", "image/webp"}
_LARGEST_IMAGE = 64 * 1024 * 1024
_UNKNOWN = "application/octet-stream"


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


async def send(
    session: Session, asked: params.Send, report: Report
) -> results.SentList:
    """Send a text and files, in this order; a lone file carries the text with it."""
    chat = lookup.find_chat(session.state, asked.chat)
    text = asked.text.strip("\n")
    if not text.strip() and not asked.files:
        raise NothingToSend
    # Everything is looked at before anything is sent.
    prepared = [
        await asyncio.to_thread(_prepare, Path(path), as_is=asked.as_is)
        for path in asked.files
    ]
    caption = text if len(prepared) == 1 else ""
    idems: list[bytes] = []
    if text.strip() and not caption:
        idems.append(await send_text(session, chat, text, asked.reply_to))
    for one in prepared:
        answered = asked.reply_to if not idems else ""
        idems.append(await _send_file(session, chat, one, (caption, answered), report))
    waited = [await sent(session, chat.chat_id, idem, asked.wait) for idem in idems]
    return results.SentList(tuple(waited))


async def save(session: Session, asked: params.Save, report: Report) -> results.Saved:
    """Fetch the file of a message, check it, and write it where it is wanted."""
    chat = lookup.find_chat(session.state, asked.chat)
    row = find_message(
        session,
        chat.chat_id,
        asked.message,
        lambda row, _view: offer_of(row) is not None,
    )
    offer = offer_of(row)
    if offer is None:
        raise NoFile
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


async def _send_file(
    session: Session,
    chat: Chat,
    prepared: _Prepared,
    words: tuple[str, str],
    report: Report,
) -> bytes:
    caption, reply_to = words
    answered = (
        find_message(session, chat.chat_id, reply_to, is_answerable).message_id
        if reply_to
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
        where, offer, thumbnail=prepared.thumbnail, caption=caption
    )
    return await queue(session, chat, replace(content, in_reply_to=answered))


def _prepare(path: Path, *, as_is: bool) -> _Prepared:
    """Return what to send of a file; raises TransferFailed, ImageRefused."""
    source = Source(path)
    length = source.length()
    if not path.is_file():
        raise TransferFailed(Reason.UNREADABLE, path.name)
    name = safe_filename(path.name)
    media_type = mimetypes.guess_type(path.name)[0] or _UNKNOWN
    if media_type not in _IMAGES:
        return _Prepared(source, media_type, name)
    if length > _LARGEST_IMAGE:
        raise ImageRefused(f"{name} is too large")
    return _picture(source, (media_type, name), as_is=as_is)


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
