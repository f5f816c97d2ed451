"""What a client has in the end, as its reader would find it: whole, and read late.

Everything is asked of the store and the durable state; nothing that the client told
while it ran is in here.
"""

from typing import Any

import msgspec

from privity.client.driver import Driver
from privity.client.rows import Kept, Place
from privity.client.words import words_of
from privity.core.effects import MessageState
from privity.core.events import Line

__all__ = ["report"]

PAGE = 1000
_FIRST = Place(0, -(1 << 63), 0)


def report(driver: Driver) -> dict[str, Any]:
    """Return all chats of an account with every message and line, in their order."""
    state = driver.state
    chats: dict[str, Any] = {}
    for chat in state.chats.values():
        group = state.groups.get(chat.chat_id)
        chats[chat.chat_id.hex()] = {
            "status": chat.status.value,
            "cause": chat.cause,
            "cursor": chat.cursor,
            "chain": chat.chain.hex(),
            "authenticator": group.epoch_authenticator.hex() if group else "",
            "waiting": len(state.outgoing.get(chat.chat_id, ())),
            **_read(driver, chat.chat_id),
        }
    account = driver.account.account_id.hex()
    return {"account": account, "jobs": len(state.jobs), "chats": chats}


def _read(driver: Driver, chat_id: bytes) -> dict[str, Any]:
    """Return `said` (seq, account, text) and `lines` (seq, what, account) of a chat."""
    said: list[Any] = []
    lines: list[Any] = []
    after = _FIRST
    while page := driver.store.history(chat_id, after=after, limit=PAGE):
        for kept in page:
            _sort(kept, said, lines)
        after = page[-1].place
    return {"said": said, "lines": lines}


def _sort(kept: Kept, said: list[Any], lines: list[Any]) -> None:
    row = kept.row
    if row.state is MessageState.LINE:
        line = msgspec.json.decode(row.content, type=Line)
        lines.append([row.seq, line.what, line.who.hex()])
    elif text := words_of(row):
        said.append([row.seq, row.sender.hex(), text, row.state.value])
