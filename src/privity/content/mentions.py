"""People named in a text: Markdown links to their account (MIMI content §5.4).

    Thanks, [@Ana](privity:a/kdokszqfhhktrjeg3sajhrergu)!

The address says who is meant, the words between the brackets are only a hint: a
reader shows whoever it is by the name that it knows.
"""

import re
from dataclasses import dataclass

from privity.content.uris import account_uri, parse_account_uri
from privity.errors import DecodeError

__all__ = ["MOST_MENTIONS", "Mentioned", "mention", "mentions_in", "spoken"]

MOST_MENTIONS = 100
"""So many of a text count; what comes behind them is only text."""
_MOST_NAME = 64
_FIND = re.compile(
    r"\[(?P<name>(?:[^\[\]\\]|\\.){1,300}+)\]\((?P<to>privity:a/[a-z2-7]{26})\)"
    r"|<(?P<auto>privity:a/[a-z2-7]{26})>"
)


@dataclass(frozen=True, slots=True)
class Mentioned:
    """An account named from `start` to `end` of a text, as its writer called it."""

    start: int
    end: int
    account_id: bytes
    name: str


def mention(account_id: bytes, name: str) -> str:
    """Return the Markdown that names an account by the name `name`."""
    plain = " ".join(name.split())[:_MOST_NAME]
    written = re.sub(r"([\[\]\\])", r"\\\1", plain)
    uri = account_uri(account_id)
    return f"[@{written}]({uri})" if plain else f"<{uri}>"


def mentions_in(text: str) -> tuple[Mentioned, ...]:
    """Return who is named in a Markdown text, in order; linear in the text."""
    found: list[Mentioned] = []
    for match in _FIND.finditer(text):
        try:
            account_id = parse_account_uri(match["to"] or match["auto"])
        except DecodeError:
            continue
        name = re.sub(r"\\(.)", r"\1", match["name"] or "").removeprefix("@")
        found.append(Mentioned(*match.span(), account_id, name))
        if len(found) == MOST_MENTIONS:
            break
    return tuple(found)


def spoken(text: str) -> str:
    """Return a text with its mentions as their writer called them: `@Ana`."""
    parts: list[str] = []
    end = 0
    for one in mentions_in(text):
        parts += [text[end : one.start], f"@{one.name}"]
        end = one.end
    return "".join((*parts, text[end:]))
