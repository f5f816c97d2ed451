"""What a host's name shows to a person, and by what it may deceive.

Which letters belong to which script is told by their Unicode names; which of other
scripts pass for Latin ones by a short list. Both err towards a warning too many.
"""

import ipaddress
import unicodedata
from enum import StrEnum, unique

from privity.client.link_warnings import Warn

__all__ = ["ascii_host", "host_warnings", "readable_host"]

_MOST = 253
_POINTS = str.maketrans("。．｡", "...")  # noqa: RUF001  they part labels, too
_TWINS = frozenset(
    # Cyrillic, Greek, Armenian, the rest of Latin: what passes for an ASCII letter.
    "абсԁеһіјӏорԛгѕухѡуԝьѵкмтвнпԍαορνικυτχγεωηιρςϲϳօոսցհզգքյıłøđħŧƙɡɩɑ"
)
_LOCAL = (".local", ".localhost", ".internal", ".home.arpa", ".lan")


@unique
class _Script(StrEnum):
    LATIN = "latin"
    HAN = "cjk"
    HIRAGANA = "hiragana"
    KATAKANA = "katakana"
    HANGUL = "hangul"
    BOPOMOFO = "bopomofo"


_TOGETHER = (
    {_Script.LATIN, _Script.HAN, _Script.HIRAGANA, _Script.KATAKANA},
    {_Script.LATIN, _Script.HAN, _Script.HANGUL},
    {_Script.LATIN, _Script.HAN, _Script.BOPOMOFO},
)
"""Scripts that one writing system mixes (UTS 39, highly restrictive)."""


def readable_host(host: str) -> str:
    """Return a host as its letters, also where it stands as `xn--…`."""
    named = unicodedata.normalize("NFKC", host.translate(_POINTS)).lower()
    return ".".join(_unicode_label(label) for label in named.split("."))


def ascii_host(host: str) -> str:
    """Return a host as it is asked for in the network, or "" where it is none."""
    try:
        labels = [_ascii_label(label) for label in readable_host(host).split(".")]
    except UnicodeError:
        return ""
    joined = ".".join(labels)
    if joined.startswith("[") and joined.endswith("]"):
        return joined if _address(joined) else ""
    fits = all(0 < len(label) <= 63 for label in labels[: -1 or None])
    plain = all(c.isalnum() or c in "-_." for c in joined)
    return joined if joined and fits and plain and len(joined) <= _MOST else ""


def host_warnings(host: str) -> list[Warn]:
    """Return what is odd about a host that leads somewhere."""
    shown = readable_host(host)
    found: list[Warn] = []
    if _address(shown):
        found.append(Warn.ADDRESS)
    if _is_near(shown):
        found.append(Warn.NEAR)
    if not shown.isascii():
        found.append(Warn.PUNYCODE)
    if any(_is_mixed(label) for label in shown.split(".")):
        found.append(Warn.MIXED_SCRIPTS)
    if any(_is_twin(label) for label in shown.split(".")):
        found.append(Warn.LOOKALIKE)
    return found


def _unicode_label(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode").lower()
    except (UnicodeError, ValueError):
        return label


def _ascii_label(label: str) -> str:
    if label.isascii():
        return label
    return "xn--" + label.encode("punycode").decode("ascii")


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the number that a host is, as browsers read it: 0x7f.1 is 127.0.0.1."""
    try:
        if host.startswith("["):
            return ipaddress.IPv6Address(host[1:-1].partition("%")[0])
        parts = [_number(part) for part in host.rstrip(".").split(".")]
        *front, last = parts
        if len(front) > 3 or any(part > 255 for part in front):
            return None
        value = sum(part << 8 * (3 - at) for at, part in enumerate(front))
        return ipaddress.IPv4Address(value + last)
    except ValueError:
        return None


def _number(part: str) -> int:
    if len(part) > 16 or not part.isascii() or "_" in part:
        raise ValueError(part)
    if part.startswith("0x"):
        return int(part[2:] or "0", 16)
    if not part.isdecimal():
        raise ValueError(part)
    return int(part, 8 if part.startswith("0") and len(part) > 1 else 10)


def _is_near(host: str) -> bool:
    """Tell whether it is this device or its own network, where a router answers."""
    address = _address(host)
    if address is not None:
        return not address.is_global
    name = host.rstrip(".")
    return name == "localhost" or name.endswith(_LOCAL) or "." not in name


def _scripts(label: str) -> set[str]:
    found: set[str] = set()
    for letter in label:
        if unicodedata.category(letter)[0] == "L":
            found.add(unicodedata.name(letter, "unknown").split()[0].lower())
    return found


def _is_mixed(label: str) -> bool:
    scripts = _scripts(label)
    return len(scripts) > 1 and not any(scripts <= group for group in _TOGETHER)


def _is_twin(label: str) -> bool:
    """Tell whether every letter of a label beyond ASCII passes for an ASCII one."""
    letters = [c for c in label if not c.isascii() and c.isalpha()]
    return bool(letters) and _TWINS.issuperset(letters)
