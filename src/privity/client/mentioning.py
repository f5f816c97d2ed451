"""From `@name`, as a person types it, to the account that is meant.

Whoever is named learns no nickname: what goes out is the name that they gave
themselves. A name that two members have names nobody.
"""

import re
from collections.abc import Iterator

from privity.content import limits
from privity.content.mentions import mention, mentions_in
from privity.core.chat_rules import accounts_of
from privity.core.state import Chat, State
from privity.identity.ids import id_to_text

__all__ = ["with_mentions"]

_AT = re.compile(r"(?<![\w@\\/.])@(?=\S)")


def with_mentions(state: State, chat: Chat, text: str) -> str:
    r"""Return the text with each `@name` of a member as a mention; `\@` is none.

    Where the text would grow too long it stays as it was typed.
    """
    names = _names(state, chat)
    if "@" not in text or not names:
        return text
    standing = [(one.start, one.end) for one in mentions_in(text)]
    parts: list[str] = []
    end = 0
    for match in _AT.finditer(text):
        at = match.start()
        inside = any(first <= at < last for first, last in standing)
        name = "" if at < end or inside else _begins(text[match.end() :], names)
        if name:
            account, called = names[name]
            parts += [text[end:at], mention(account, called)]
            end = match.end() + len(name)
    made = "".join((*parts, text[end:]))
    return made if len(made.encode()) <= limits.TEXT else text


def _begins(rest: str, names: dict[str, tuple[bytes, str]]) -> str:
    """Return the longest name that a text begins with, as a whole word."""
    for name in sorted(names, key=len, reverse=True):
        said, behind = rest[: len(name)], rest[len(name) : len(name) + 1]
        if said.casefold() == name and not (behind.isalnum() or behind == "_"):
            return name
    return ""


def _names(state: State, chat: Chat) -> dict[str, tuple[bytes, str]]:
    """Return whom each name means, and how it is written for others."""
    found: dict[str, tuple[bytes, str]] = {}
    twice: set[str] = set()
    for account in _others(state, chat):
        for name in {one.casefold() for one in _called(state, account) if one}:
            if name in found:
                twice.add(name)
            found[name] = (account, _public(state, account))
    # A name whose small letters are of another length would be cut in the wrong place.
    return {n: who for n, who in found.items() if n not in twice and n.lower() == n}


def _others(state: State, chat: Chat) -> Iterator[bytes]:
    group = state.groups.get(chat.chat_id)
    if group is not None:
        me = state.account.account_id
        yield from (one for one in accounts_of(group.members()) if one != me)


def _called(state: State, account: bytes) -> tuple[str, ...]:
    known = state.contacts.get(account)
    if known is None:
        return (id_to_text(account),)
    return (known.nickname, known.name, known.handle, id_to_text(account))


def _public(state: State, account: bytes) -> str:
    known = state.contacts.get(account)
    return (known.name or known.handle) if known else ""
