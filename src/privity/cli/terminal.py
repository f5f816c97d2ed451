"""Text from other people, made harmless for a terminal."""

import unicodedata

__all__ = ["one_line", "visible"]

_KEPT = frozenset("\n\t")
_JOINERS = frozenset("\u200c\u200d")
"""Zero-width joiners: many scripts and emoji need them, and they move nothing."""


def visible(text: str) -> str:
    """Return `text` without what could move the cursor, recolour or reorder a line.

    Control and format characters become U+FFFD, so that something is seen there.
    """
    return "".join(c if _is_harmless(c) else "\ufffd" for c in text)


def one_line(text: str) -> str:
    """Return `text` harmless and on one line: for names and titles."""
    return visible(" ".join(text.split()))


def _is_harmless(character: str) -> bool:
    if character in _KEPT or character in _JOINERS:
        return True
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
