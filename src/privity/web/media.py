"""A message's file for the page: opened as it is sent, never in the clear on disk.

To be saved, every file is bytes; to be shown, it is looked at first.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse

from privity.client.sealed_files import OpenFile
from privity.client.verbs.media_results import Media
from privity.web.looking import check

__all__ = ["respond", "type_shown"]

_BYTES = "application/octet-stream"
_PIECE = 256 * 1024
_RANGE = re.compile(r"bytes=(\d{1,15})-(\d{0,15})")


def type_shown(media: Media) -> str:
    """Return as what the browser may show a file; raises NotShown, after a look at it.

    Reads no more than the head of it, but for a GIF, whose frames it counts.
    """
    kind = media.media_type.partition(";")[0].strip().lower()
    with Path(media.path).open("rb") as file:
        check(OpenFile(file, bytes.fromhex(media.key), media.length), kind)
    return kind


def respond(media: Media, wanted: str, kind: str = _BYTES) -> Response:
    """Return a file, or the `wanted` part of it (an HTTP Range, or nothing)."""
    headers = {
        "content-type": kind,
        "content-disposition": f"attachment; filename*=UTF-8''{quote(media.name)}",
        "accept-ranges": "bytes",
    }
    first, end = 0, media.length
    asked = _RANGE.fullmatch(wanted)
    if asked:
        first = int(asked[1])
        end = min(int(asked[2] or media.length) + 1, media.length)
        if first >= end:
            headers["content-range"] = f"bytes */{media.length}"
            return Response(status_code=416, headers=headers)
        headers["content-range"] = f"bytes {first}-{end - 1}/{media.length}"
    headers["content-length"] = str(end - first)
    body = _pieces(media, first, end)
    return StreamingResponse(body, 206 if asked else 200, headers)


async def _pieces(media: Media, first: int, end: int) -> AsyncIterator[bytes]:
    with await asyncio.to_thread(Path(media.path).open, "rb") as file:
        opened = OpenFile(file, bytes.fromhex(media.key), media.length)
        opened.seek(first)
        while first < end:
            size = min(_PIECE, end - first)
            piece = await asyncio.to_thread(opened.read, size)
            first += len(piece)
            yield piece
