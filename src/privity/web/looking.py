"""Whether a message's file is shown by the browser, or lies there as a file only.

A page gets the bytes of a picture, sound or film to show once they were looked at
here: that they are of the type they were sent as, and that a picture's head asks for
no more memory than one from a camera. A few kilobytes can state gigabytes of pixels.
"""

from enum import StrEnum
from typing import Final

from privity.client.errors import ClientError
from privity.content.image_headers import ImageHeader, Source, read_header
from privity.content.images import MAX_PIXELS
from privity.errors import DecodeError

__all__ = ["PICTURES", "SOUNDS_AND_FILMS", "NotShown", "Unshown", "check"]

LONGEST_SIDE: Final = 32_767
ANIMATION: Final = 4 * 1024 * 1024
"""Pixels of a moving picture: each frame is decoded again and again."""
MOST_FRAMES: Final = 1000

PICTURES: Final = frozenset({"image/gif", "image/jpeg", "image/png", "image/webp"})
"""SVG is a document with scripts, and AVIF's head does not bind it to a size."""

_MATROSKA, _OGG, _BOXES = (0, b"\x1a\x45\xdf\xa3"), (0, b"OggS"), (4, b"ftyp")
SOUNDS_AND_FILMS: Final = {
    "audio/flac": ((0, b"fLaC"),),
    "audio/mp4": (_BOXES,),
    "audio/mpeg": ((0, b"ID3"), *((0, bytes([0xFF, x])) for x in range(0xE2, 0x100))),
    "audio/ogg": (_OGG,),
    "audio/wav": ((8, b"WAVE"),),
    "audio/webm": (_MATROSKA,),
    "video/mp4": (_BOXES,),
    "video/webm": (_MATROSKA,),
}
"""With what the files of a type begin, and where."""


class Unshown(StrEnum):
    """Why a file stays a file."""

    KIND = "file_not_shown"
    MISLABELLED = "file_mislabelled"
    DAMAGED = "picture_damaged"
    TOO_LARGE = "picture_too_large"
    MOVES = "animation_too_large"


class NotShown(ClientError):
    """A file that the browser does not get to show; it can be saved."""

    code = "file_not_shown"

    def __init__(self, reason: Unshown, detail: str = "") -> None:
        super().__init__(detail)
        self.reason = reason


def check(source: Source, media_type: str) -> None:
    """Look at a file's head; raises NotShown where it stays a file."""
    if media_type in PICTURES:
        _check_picture(source, media_type)
    elif media_type in SOUNDS_AND_FILMS:
        start = source.read(12)
        if not any(start[at:].startswith(b) for at, b in SOUNDS_AND_FILMS[media_type]):
            raise NotShown(Unshown.MISLABELLED, media_type)
    else:
        raise NotShown(Unshown.KIND, media_type)


def _check_picture(source: Source, media_type: str) -> None:
    try:
        header = read_header(source)
    except DecodeError as error:
        raise NotShown(Unshown.DAMAGED, str(error)) from None
    if header.media_type != media_type:
        raise NotShown(Unshown.MISLABELLED, f"{media_type} is {header.media_type}")
    size = f"{header.width} × {header.height}, {header.frames}"
    if header.pixels > MAX_PIXELS or max(header.width, header.height) > LONGEST_SIDE:
        raise NotShown(Unshown.TOO_LARGE, size)
    if header.frames > 1 and _is_heavy(header):
        raise NotShown(Unshown.MOVES, size)


def _is_heavy(header: ImageHeader) -> bool:
    return header.pixels > ANIMATION or header.frames > MOST_FRAMES
