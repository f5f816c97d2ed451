"""What may stand as a reaction: short, visible, and no trick on the line around it.

Which sequences are one emoji changes with every Unicode version, so this does not
try to tell; it refuses what could not be one in any.
"""

import unicodedata

from privity.content import limits

__all__ = ["is_reaction"]

_JOINER = "\u200d"
_TAGS = range(0xE0020, 0xE0080)
_INVISIBLE = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs"})


def is_reaction(text: str) -> bool:
    """Whether `text` has 1 to 64 bytes, all of them of visible characters.

    The joiner and the tag characters, which emoji are composed with, are allowed;
    every other format character, those that turn direction among them, is not.
    """
    return 0 < len(text.encode()) <= limits.REACTION and all(map(_is_allowed, text))


def _is_allowed(character: str) -> bool:
    if character == _JOINER or ord(character) in _TAGS:
        return True
    return unicodedata.category(character) not in _INVISIBLE
