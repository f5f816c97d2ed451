"""A long past in a client's store: what people say, answer, react to and change.

Written by the store's own way in, `apply`, with content of the real kinds and frames of
the real size; what was never on its way has no valid signature, which nobody looks at
again. The chat's `base` says that all of it was said in a log before this one, so what
comes now stands behind it.
"""

import os
import random
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from msgspec import structs

from bench.client_pair import Client
from bench.full_group import state_of
from privity.content import build
from privity.content.mimi import MimiContent
from privity.core.effects import Kind, MessageRow, MessageState, Put, PutMessage
from privity.core.state import Contact, ContactState
from privity.core.values import encode

__all__ = ["COMMON", "NEEDLE", "Talk", "fill", "needle_at", "pages", "strangers"]

COMMON, NEEDLE = "hello", "heliotrope"
"""A word of every third message, and one that stands in a single one, far back."""
_BATCH = 1_000
_VOCABULARY = 20_000
_YEARS = 3 * 365 * 24 * 60
"""Minutes over which all was said."""
_FRAME, _HEADER, _STAMP = 496, 87, 32
"""Bytes that stay with a message of 30 characters."""
_SHA256 = b"\x01"
"""How an id begins that says by which hash it was made."""
_REACTIONS, _EDITS, _REPLIES = 0.08, 0.02, 0.05


@dataclass(frozen=True, slots=True)
class Talk:
    """What was said in a chat: by whom, how much, and how much of it is unread."""

    chat_id: bytes
    people: tuple[bytes, ...]
    """The first is the owner of the store."""
    count: int
    unread: int = 0


def fill(client: Client, talks: list[Talk], people: list[Contact]) -> None:
    """Put all that was said into the store of a client that does not run."""
    state = state_of(client)
    rnd = random.Random(1)  # noqa: S311  no secret
    words = _vocabulary(rnd)
    store = client.store()
    try:
        store.apply([Put(Kind.CONTACT, one.account_id, encode(one)) for one in people])
        for talk in talks:
            rows = list(_Pen(rnd, words, talk).rows())
            for first in range(0, len(rows), _BATCH):
                store.apply([PutMessage(row) for row in rows[first : first + _BATCH]])
            chat = structs.replace(
                state.chats[talk.chat_id],
                base=talk.count,
                read=talk.count - talk.unread,
            )
            store.apply([Put(Kind.CHAT, chat.chat_id, encode(chat))])
    finally:
        store.close()


def pages(
    chat_id: bytes, people: tuple[bytes, ...], count: int, size: int
) -> Iterator[list[MessageRow]]:
    """Yield what was said in one chat, so many messages at a time."""
    rnd = random.Random(1)  # noqa: S311  no secret
    rows = _Pen(rnd, _vocabulary(rnd), Talk(chat_id, people, count)).rows()
    while page := list(islice(rows, size)):
        yield page


def needle_at(count: int) -> int:
    """Return where in a chat of so many the rare word stands."""
    return max(1, count // 100)


def strangers(count: int) -> list[Contact]:
    """Return people whom one knows and who are nowhere."""
    return [
        Contact(
            account_id=os.urandom(16),
            identity_key=os.urandom(32),
            state=ContactState.KNOWN,
            name=f"Somebody {number}",
            handle=f"somebody{number}",
        )
        for number in range(count)
    ]


class _Pen:
    """Writes what was said in one chat, in its order."""

    def __init__(self, rnd: random.Random, words: list[str], talk: Talk) -> None:
        self._rnd = rnd
        self._words = words
        self._talk = talk
        self._lately: deque[tuple[bytes, bytes]] = deque(maxlen=20)
        """Message and sender of texts that somebody may still react to."""

    def rows(self) -> Iterator[MessageRow]:
        now, count = int(time.time()) // 60, self._talk.count
        every = max(1, _YEARS // count)
        for seq in range(1, count + 1):
            yield self._row(seq, now - (count - seq) * every)

    def _row(self, seq: int, minute: int) -> MessageRow:
        sender = self._rnd.choice(self._talk.people)
        mine = sender == self._talk.people[0]
        message_id = _SHA256 + os.urandom(31)
        return MessageRow(
            chat_id=self._talk.chat_id,
            idem=os.urandom(16),
            sender=sender,
            message_id=message_id,
            seq=seq,
            minute=minute,
            state=MessageState.SENT if mine else MessageState.RECEIVED,
            content=self._content(seq, sender, message_id).encode(),
            frame=os.urandom(_FRAME),
            header=os.urandom(_HEADER),
            stamp_key=1,
            stamp=os.urandom(_STAMP),
        )

    def _content(self, seq: int, sender: bytes, message_id: bytes) -> MimiContent:
        origin = build.origin(sender, self._talk.chat_id, os.urandom)
        # A log ends with a text, and the rare word stands in one.
        is_text = seq in (self._talk.count, needle_at(self._talk.count))
        kind = 1.0 if is_text else self._rnd.random()
        before = self._rnd.choice(self._lately) if self._lately else None
        if before and kind < _REACTIONS:
            return build.reaction(origin, before[0], "👍")
        if before and kind < _REACTIONS + _EDITS and before[1] == sender:
            return build.edit(origin, before[0], self._text(seq))
        self._lately.append((message_id, sender))
        if before and kind < _REACTIONS + _EDITS + _REPLIES:
            return build.reply(origin, before[0], self._text(seq))
        return build.text_message(origin, self._text(seq))

    def _text(self, seq: int) -> str:
        said = [
            self._words[int(self._rnd.paretovariate(0.5)) % _VOCABULARY]
            for _ in range(self._rnd.randint(2, 16))
        ]
        if seq % 3 == 0:
            said.append(COMMON)
        if seq == needle_at(self._talk.count):
            said.append(NEEDLE)
        return " ".join(said)


def _vocabulary(rnd: random.Random) -> list[str]:
    return [
        "".join(rnd.choices("abcdefghijklmnop", k=number % 7 + 3))
        for number in range(_VOCABULARY)
    ]
