"""QR codes for the page: rows of modules, which it draws itself."""

from typing import Annotated

import msgspec

from privity.client.verbs.params import Params
from privity.client.verbs.results import Result

__all__ = ["MOST", "QR", "Code", "draw"]

MOST = 2048
"""Bytes of a code that cameras still read from a screen."""


class QR(Params, frozen=True):
    """Draw a text as a QR code."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=MOST)]


class Code(Result, frozen=True):
    """Rows of `0` and `1` (dark), without the quiet zone around them."""

    rows: tuple[str, ...]


def draw(asked: QR) -> Code:
    """Return the code of a text."""
    import segno

    made = segno.make(asked.text, error="l", micro=False)
    return Code(tuple("".join("1" if x else "0" for x in row) for row in made.matrix))
