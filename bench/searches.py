"""How long a search over a long history takes, for `bench_client`.

`python -m bench.searches COUNT` measures another length than the table's.
"""

import os
import random
import sys
import tempfile
import time
from pathlib import Path

from privity.client.index import Find
from privity.client.store import Store
from privity.client.words import Said
from privity.core.effects import MessageRow, MessageState, PutMessage
from privity.identity.secret import Secret

__all__ = ["fill", "times"]

_KEY = Secret(bytes(range(32)))
_BATCH = 2_000
_CHATS = 50
_WORDS = 20_000
_COMMON = "hello"
"""Stands in every third message; the other words are as rare as words are."""


def fill(path: Path, count: int) -> None:
    """Make a store with `count` messages in some chats."""
    rnd = random.Random(1)  # noqa: S311  no secret
    words = [
        "".join(rnd.choices("abcdefghijklmnop", k=k % 7 + 3)) for k in range(_WORDS)
    ]
    store = _open(path, create=True)
    try:
        for first in range(1, count + 1, _BATCH):
            numbers = range(first, min(first + _BATCH, count + 1))
            store.apply([PutMessage(_row(rnd, words, n)) for n in numbers])
    finally:
        store.close()


def times(path: Path) -> list[tuple[str, float]]:
    """Return the milliseconds of searches whose pages are full."""
    store = _open(path)
    try:
        one = _chat(0)
        return [
            ("search, in all chats", _took(store, Find(_COMMON))),
            ("search, in one chat", _took(store, Find(_COMMON, one))),
            ("search, one letter", _took(store, Find("h"))),
        ]
    finally:
        store.close()


def _took(store: Store, wanted: Find) -> float:
    began = time.perf_counter()
    hits = store.search(wanted)
    took = time.perf_counter() - began
    if len(hits) != wanted.limit:
        raise RuntimeError("the page is not full")
    return took * 1e3


def _open(path: Path, *, create: bool = False) -> Store:
    return Store(
        path, _KEY, lambda row: Said(row.content.decode(), is_news=True), create=create
    )


def _chat(number: int) -> bytes:
    return number.to_bytes(16, "big")


def _row(rnd: random.Random, words: list[str], number: int) -> MessageRow:
    said = [words[int(rnd.paretovariate(0.5)) % _WORDS] for _ in range(10)]
    if number % 3 == 0:
        said.append(_COMMON)
    return MessageRow(
        chat_id=_chat(min(_CHATS - 1, int(rnd.expovariate(0.2)))),
        idem=os.urandom(16),
        sender=b"s" * 16,
        message_id=os.urandom(32),
        seq=number,
        minute=29_000_000 + number // 10,
        state=MessageState.RECEIVED,
        content=" ".join(said).encode(),
    )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        place = Path(name) / "searched.db"
        fill(place, int(sys.argv[1]))
        for what, milliseconds in times(place) + times(place):
            print(f"{what:24}{milliseconds:8.1f} ms")
