"""Words as the search sees them, and the piece of a text in which they were found.

A word is a run of letters and digits, without case and diacritics; in scripts that
put no spaces between words every character is one. The full-text index cuts alike:
`spaced` puts a zero-width space between such characters, which nobody sees.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

__all__ = ["Piece", "phrases_in", "plain", "snippet", "spaced", "words_in"]

BEFORE = 40
LENGTH = 160
"""Characters of a snippet in front of the first word that was found, and in all."""
_SPACE = "\u200b"
_UNSPACED = ((0x3040, 0x30FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF))
_UNSPACED_FAR = (0x20000, 0x323AF)


class Piece(NamedTuple):
    """A part of a snippet, and whether it is a word that was searched for."""

    text: str
    found: bool


class _Word(NamedTuple):
    start: int
    end: int
    folded: str


def spaced(text: str) -> str:
    """Return a text as it is indexed."""
    if text.isascii():
        return text
    bare = text.replace(_SPACE, "")
    return "".join(f"{_SPACE}{c}{_SPACE}" if _is_alone(c) else c for c in bare)


def plain(text: str) -> str:
    """Return an indexed text as it was."""
    return text.replace(_SPACE, "")


def words_in(text: str) -> list[str]:
    """Return the words of a text, folded."""
    return [word.folded for word in _cut(text)]


def phrases_in(text: str) -> list[str]:
    """Return the words of a text, those that touch each other in one phrase."""
    phrases: list[str] = []
    end = -1
    for word in _cut(text):
        if word.start == end:
            phrases[-1] += f" {word.folded}"
        else:
            phrases.append(word.folded)
        end = word.end
    return phrases


def snippet(text: str, words: Sequence[str]) -> tuple[Piece, ...]:
    """Return the place in `text` where folded `words` are; the last may be begun."""
    hits = [word for word in _cut(text) if _is_hit(word.folded, words)]
    first = hits[0].start if hits else 0
    start = max(0, first - BEFORE) if len(text) > LENGTH else 0
    end = min(len(text), start + LENGTH)
    pieces = [Piece("…", found=False)] if start else []
    at = start
    for hit in hits:
        if hit.end > end:
            break
        pieces += [Piece(text[at : hit.start], found=False)]
        pieces += [Piece(text[hit.start : hit.end], found=True)]
        at = hit.end
    rest = text[at:end] + ("…" if end < len(text) else "")
    return tuple(piece for piece in (*pieces, Piece(rest, found=False)) if piece.text)


def _is_hit(folded: str, words: Sequence[str]) -> bool:
    return folded in words[:-1] or folded.startswith(words[-1])


def _cut(text: str) -> Iterator[_Word]:
    start = None
    for at, character in enumerate(text):
        alone = _is_alone(character)
        if start is not None and (alone or not _is_of_word(character)):
            yield _Word(start, at, _folded(text[start:at]))
            start = None
        if alone:
            yield _Word(at, at + 1, character)
        elif start is None and _is_of_word(character):
            start = at
    if start is not None:
        yield _Word(start, len(text), _folded(text[start:]))


def _is_of_word(character: str) -> bool:
    if character.isascii():
        return character.isalnum()
    return unicodedata.category(character)[0] in "LNM"


def _is_alone(character: str) -> bool:
    code = ord(character)
    if code < _UNSPACED[0][0]:
        return False
    low, high = _UNSPACED_FAR
    return low <= code <= high or any(low <= code <= high for low, high in _UNSPACED)


def _folded(word: str) -> str:
    if word.isascii():
        return word.lower()
    parts = unicodedata.normalize("NFD", word)
    return "".join(c for c in parts if not unicodedata.combining(c)).lower()
