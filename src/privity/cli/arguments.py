"""Arguments and options that several commands share."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from privity.cli.options import CommandFailed
from privity.client.verbs.params import WAIT

__all__ = [
    "Chat",
    "MessageId",
    "People",
    "Picture",
    "Wait",
    "Who",
    "absolute",
    "code_or_text",
    "text_or_stdin",
]

_MOST = 16 * 1024

Who = Annotated[str, typer.Argument(metavar="WHO", help="A name, handle or id.")]
People = Annotated[list[str], typer.Argument(metavar="WHO...", help="Names or ids.")]
Chat = Annotated[
    str, typer.Argument(metavar="CHAT", help="A person, a title or an id.")
]
MessageId = Annotated[
    str, typer.Argument(metavar="MESSAGE", help="The beginning of its id, or: last.")
]
Wait = Annotated[
    float, typer.Option(help="Seconds to wait for the relay.", min=0, max=3600)
]
Picture = Annotated[
    Path | None,
    typer.Option("--qr", metavar="PICTURE", help="Read it from a code in a picture."),
]
DEFAULT_WAIT = WAIT


def absolute(path: Path) -> str:
    """Return a path as another process understands it."""
    return str(path.expanduser().absolute())


def code_or_text(picture: Path | None, text: str) -> str:
    """Return the text of the QR code in a picture, or `text` where there is none.

    Raises CommandFailed: both were given, or no code can be read there.
    """
    if picture is None:
        return text
    if text:
        raise CommandFailed("usage", "a text or a picture, not both")
    from privity.client.codes import CodeUnread, read_picture

    try:
        return read_picture(picture)
    except CodeUnread as error:
        raise CommandFailed(error.code, error.detail) from None
    except OSError as error:
        raise CommandFailed("not_a_file", error.strerror or "") from None


def text_or_stdin(text: str) -> str:
    """Return the text, or what stands on standard input for "-"."""
    if text != "-":
        return text
    data = sys.stdin.buffer.read(_MOST + 1)
    if len(data) > _MOST:
        raise CommandFailed("too_large", "a text has up to 16 KiB; send it as a file")
    try:
        return data.decode().rstrip("\n")
    except UnicodeDecodeError:
        raise CommandFailed("malformed_input", "standard input is not text") from None
