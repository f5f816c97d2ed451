"""Links in a text: where they stand, where they lead, what is odd about them.

Pure, and nothing is ever fetched: who shows a text decides with this what to make of
a link. Places are counted in characters (Unicode code points) of the text. Linear in
the text, whatever a sender wrote.
"""

import re
import unicodedata
from dataclasses import dataclass

from privity.client.hosts import ascii_host, host_warnings, readable_host
from privity.client.link_warnings import Warn

__all__ = ["MOST_LINKS", "FoundLink", "links_in"]

MOST_LINKS = 100
"""So many of a text are looked at; what comes behind them is only text."""
_LONGEST = 2048
_OPENED = ("http", "https", "mailto", "privity")
_BIDI = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
_CLOSED_BY = {")": "(", "]": "["}

_FIND = re.compile(
    # [text](target "title"), <target>, https://… or www.…
    r"\[(?P<text>(?:[^\[\]\\]|\\.){0,1000}+)\]"
    r"\(\s*+<?(?P<to>[^\s<>()]*+(?:\([^\s()]*+\)[^\s<>()]*+)*+)>?"
    r"(?:\s++(?:\"[^\"]{0,500}+\"|'[^']{0,500}+')\s*+|\s*+)\)"
    r"|<(?P<auto>[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*+)>"
    r"|(?<![^\W_])(?P<bare>(?:https?://|www\.)[^\s<>\"`|]++)",
    re.IGNORECASE,
)
_BARE = re.compile(
    r"(?<![^\W_])(?P<bare>(?:https?://|www\.)[^\s<>\"`|]++)", re.IGNORECASE
)
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_LOOKS_LIKE_ADDRESS = re.compile(r"(?:https?://)?[^\s/@]+\.[^\W\d_]{2,}(?:[/:?#].*)?$")


@dataclass(frozen=True, slots=True)
class FoundLink:
    """One link: `start` to `end` in the text, what it shows, and where it leads.

    `target` has its host in ASCII, as it is asked for; `host` is the same for people.
    `opens` is false where nothing should offer to open it.
    """

    start: int
    end: int
    text: str
    target: str
    host: str
    opens: bool
    warnings: tuple[Warn, ...]


def links_in(text: str, *, markdown: bool = True) -> tuple[FoundLink, ...]:
    """Return the links of a text in their order, mentions not among them."""
    found: list[FoundLink] = []
    for match in (_FIND if markdown else _BARE).finditer(text):
        link = _bare(match) if match["bare"] else _written(match)
        if link is not None:
            found.append(link)
        if len(found) == MOST_LINKS:
            break
    return tuple(found)


def _bare(match: re.Match[str]) -> FoundLink:
    shown = _without_tail(match["bare"])
    start = match.start("bare")
    return _judged(start, start + len(shown), shown, shown)


def _written(match: re.Match[str]) -> FoundLink | None:
    target = match["auto"] or match["to"] or ""
    if not target or target.startswith("privity:a/"):
        return None
    shown = target if match["auto"] else re.sub(r"\\(.)", r"\1", match["text"])
    return _judged(match.start(), match.end(), shown, target)


def _without_tail(bare: str) -> str:
    """Leave out the marks of the sentence that a bare link stands in."""
    end = len(bare)
    open_left = {c: bare.count(o) - bare.count(c) for c, o in _CLOSED_BY.items()}
    while end:
        last = bare[end - 1]
        if open_left.get(last, 0) < 0:
            open_left[last] += 1
        elif last not in ".,;:!?'*_~…":
            break
        end -= 1
    return bare[:end]


def _judged(start: int, end: int, shown: str, written: str) -> FoundLink:
    scheme, rest = _parted(written)
    found = _hidden(shown + written)
    if scheme not in _OPENED or len(written) > _LONGEST:
        found.append(Warn.SCHEME if scheme not in _OPENED else Warn.MALFORMED)
        return _link((start, end, shown), written, "", found)
    if scheme not in ("http", "https"):
        found += _of_text(shown, written, "")
        return _link((start, end, shown), written, "", found)
    user, host, port, tail = _authority(rest)
    name = ascii_host(host)
    target = f"{scheme}://{name}{port}{tail}" if name else written
    found += host_warnings(host) if name else [Warn.MALFORMED]
    found += _of_address(scheme, user, rest)
    found += _of_text(shown, target, readable_host(host)) if name else []
    return _link((start, end, shown), target, readable_host(host), found)


def _link(
    where: tuple[int, int, str], target: str, host: str, found: list[Warn]
) -> FoundLink:
    warnings = tuple(warn for warn in Warn if warn in found)
    closed = {Warn.SCHEME, Warn.MALFORMED, Warn.DIRECTION, Warn.INVISIBLE}
    start, end, shown = where
    return FoundLink(start, end, shown, target, host, not closed & {*found}, warnings)


def _parted(written: str) -> tuple[str, str]:
    if written[:4].lower() == "www.":
        return "https", "//" + written
    match = _SCHEME.match(written)
    return (match[1].lower(), written[match.end() :]) if match else ("", written)


def _authority(rest: str) -> tuple[str, str, str, str]:
    r"""Part user, host, port and what follows, as browsers do: `\` is a slash."""
    place = rest.lstrip("/\\")
    end = next((at for at, c in enumerate(place) if c in "/\\?#"), len(place))
    front, tail = place[:end], place[end:]
    user, at, host = front.rpartition("@")
    name, colon, port = host.rpartition(":")
    if colon and port.isascii() and port.isdecimal() and not host.endswith("]"):
        return user + at, name, colon + port, tail
    return user + at, host, "", tail


def _of_address(scheme: str, user: str, rest: str) -> list[Warn]:
    found = [Warn.INSECURE] if scheme == "http" else []
    if user:
        found.append(Warn.USER_INFO)
    if not rest.startswith("//") or rest.startswith("///") or "\\" in rest:
        found.append(Warn.MALFORMED)
    return found


def _of_text(shown: str, target: str, host: str) -> list[Warn]:
    """Hold what a link shows against where it leads."""
    scheme, rest = _parted(shown.strip())
    said, led = shown.strip(), target
    if scheme in ("http", "https"):
        _, name, port, tail = _authority(rest)
        said = f"{scheme}://{ascii_host(name)}{port}{tail}"
    if _plain(said) == _plain(led):
        return []
    words = shown.strip().lower()
    if not _LOOKS_LIKE_ADDRESS.match(words):
        return [Warn.TEXT_DIFFERS]
    _, name, _, _ = _authority(words.partition("://")[2] or words)
    same = readable_host(name).removeprefix("www.") == host.removeprefix("www.")
    return [Warn.TEXT_DIFFERS] if same and host else [Warn.POSES]


def _plain(address: str) -> str:
    """Leave out what makes no other address: https, its port, a closing slash."""
    bare = address.removeprefix("mailto:").removeprefix("https://")
    bare = bare.removeprefix("www.")
    host, slash, tail = bare.partition("/")
    return (host.removesuffix(":443").lower() + slash + tail).removesuffix("/")


def _hidden(text: str) -> list[Warn]:
    found: list[Warn] = []
    if any(c in _BIDI for c in text):
        found.append(Warn.DIRECTION)
    hidden = (c for c in text if c not in _BIDI)
    if any(unicodedata.category(c) in ("Cf", "Cc", "Co", "Cn") for c in hidden):
        found.append(Warn.INVISIBLE)
    return found
