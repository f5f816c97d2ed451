"""Reads QR codes in a process of its own, which has next to no rights left by then.

The decoder is native code that a camera feeds, so it runs where nothing can be opened,
started or kept: it has a pipe to be asked by, one to answer by, and some memory.
`privity.client.codes` runs this file by its path; nothing of Privity is imported here,
and nothing native is by whoever imports this.
A request is a head and a body, an answer a length and a text in UTF-8, which is empty
where no code was seen. Whatever is wrong ends the process.
"""

import io
import os
import resource
import struct
import sys
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from PIL import Image

HEAD = struct.Struct(">cIII")
"""`g` (grey pixels) or `p` (a picture as a file), width, height, bytes that follow."""
LENGTH = struct.Struct(">I")
MOST_PIXELS = 32_000_000

_MEMORY = 1024**3
_CPU_SECONDS = 120
_FORMATS = ("JPEG", "PNG", "WEBP")

_CREATE_RULESET, _RESTRICT_SELF = 444, 446
"""Calls of Landlock; their numbers are the same on all machines of today."""
_NO_NEW_PRIVS = 38
_EVERY_ACCESS = struct.pack("=Q", 0x1FFF)
"""All that the first version of Landlock can withhold."""


def serve(asked: BinaryIO, answers: BinaryIO) -> None:
    """Answer requests until there are no more."""
    while len(head := asked.read(HEAD.size)) == HEAD.size:
        kind, width, height, length = HEAD.unpack(head)
        body = asked.read(length)
        text = _text(_picture(body) if kind == b"p" else _grey(body, width, height))
        answers.write(LENGTH.pack(len(text)) + text)
        answers.flush()


def give_up_rights() -> None:
    """Let this process open, start and write nothing more, for good."""
    # Both open files of their own when they are first used, which is over then.
    from PIL import Image

    Image.init()
    _text(_grey(bytes(9), 3, 3))
    if sys.platform == "linux":
        _enter_domain()
    for what, most in (
        (resource.RLIMIT_AS, _MEMORY),
        (resource.RLIMIT_CPU, _CPU_SECONDS),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
        # What is open stays open; no file and no connection can be any more.
        (resource.RLIMIT_NOFILE, 0),
    ):
        resource.setrlimit(what, (most, most))


def _enter_domain() -> None:
    """Let no file be opened, and no memory of a process outside be read or written.

    Reading the memory of another process of the same user takes no descriptor, so
    limits alone don't keep whoever takes this one over from its parent's keys. A
    kernel without Landlock goes on without.
    """
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    long = ctypes.c_long
    size = long(len(_EVERY_ACCESS))
    rules = libc.syscall(long(_CREATE_RULESET), _EVERY_ACCESS, size, long(0))
    if rules < 0:
        return
    none = long(0)
    refused = libc.prctl(_NO_NEW_PRIVS, long(1), none, none, none) or libc.syscall(
        long(_RESTRICT_SELF), long(rules), none
    )
    os.close(rules)
    if refused:
        raise OSError(ctypes.get_errno(), "Landlock refused to withhold anything")


def _grey(pixels: bytes, width: int, height: int) -> memoryview:
    return memoryview(pixels).cast("B", (height, width))


def _picture(data: bytes) -> memoryview:
    from PIL import Image

    with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
        if image.width * image.height > MOST_PIXELS:
            raise ValueError("too many pixels")
        image.draft("L", None)
        grey = _on_white(image).convert("L")
    return _grey(grey.tobytes(), grey.width, grey.height)


def _on_white(image: "Image.Image") -> "Image.Image":
    from PIL import Image

    if not image.has_transparency_data:
        return image
    ground = Image.new("RGBA", image.size, "white")
    ground.alpha_composite(image.convert("RGBA"))
    return ground


def _text(image: memoryview) -> bytes:
    import zxingcpp

    wanted = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCodeModel2)
    found = zxingcpp.read_barcode(image, wanted)
    return found.text.encode() if found is not None and found.valid else b""


if __name__ == "__main__":
    give_up_rights()
    serve(sys.stdin.buffer, sys.stdout.buffer)
