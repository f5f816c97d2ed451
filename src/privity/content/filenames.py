"""Names under which a received file may be offered for saving.

A name comes from another person: it must not choose a directory, hide its ending,
or mean something to the system it is saved on.
"""

import unicodedata

__all__ = ["safe_filename"]

_MAX_SIZE = 200
_FALLBACK = "file"
_FORBIDDEN = frozenset('/\\:*?"<>|')
_DEVICES = frozenset(
    {"con", "prn", "aux", "nul", "conin$", "conout$"}
    | {f"{port}{number}" for port in ("com", "lpt") for number in "0123456789¹²³"}
)


def safe_filename(name: str) -> str:
    """Return a name like `name` that is safe to create in a directory of one's own.

    Control and direction characters and separators are dropped, leading dots and
    reserved device names avoided, the length kept to 200 bytes with its ending.
    """
    normal = unicodedata.normalize("NFC", name)
    kept = "".join(c for c in normal if c not in _FORBIDDEN and _is_visible(c))
    kept = " ".join(kept.split()).strip(". ")
    if not kept or kept.partition(".")[0].rstrip().lower() in _DEVICES:
        kept = f"{_FALLBACK}-{kept}" if kept else _FALLBACK
    return _shorten(kept)


def _is_visible(character: str) -> bool:
    return character == " " or unicodedata.category(character)[0] not in "CZ"


def _shorten(name: str) -> str:
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending.encode()) > 16:
        stem, dot, ending = name, "", ""
    room = _MAX_SIZE - len((dot + ending).encode())
    return stem.encode()[:room].decode(errors="ignore") + dot + ending
