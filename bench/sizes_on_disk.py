"""What a chat takes on the disk, at its members' and at its relay's."""

import os
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from bench.client_pair import Client
from bench.timing import per_call, timed
from privity.client.driver import Driver
from privity.client.index import Find
from privity.client.store import Store
from privity.client.words import words_of
from privity.core.effects import Kind, MessageRow, MessageState, Put, PutMessage

__all__ = ["History", "of_a_chat", "of_the_relay"]

_BATCH = 1_000
_PAGE = 50
_LOOK = 1_000
_TIMES = 20
_WORD = "message"
"""Stands in each message, as a word that a search costs most for."""


def of_a_chat(client: Client, chat_id: bytes) -> Iterator[tuple[str, float]]:
    """Yield (what, bytes) of what a client that does not run keeps of a chat."""
    store = client.store()
    try:
        rows = store.load()
    finally:
        store.close()
    own = [(kind, body) for kind, key, body in rows if key.startswith(chat_id)]
    tree = sum(len(body) for kind, body in own if kind is Kind.TREE)
    ratchet = sum(len(body) for kind, body in own if kind is Kind.RATCHET)
    yield "state: tree", tree
    yield "state: ratchets", ratchet
    yield "state: all else", sum(len(body) for _, body in own) - tree - ratchet


def of_the_relay(data: Path) -> int:
    """Return the bytes of a relay's databases and blobs, whether it runs or not."""
    total = 0
    for path in data.rglob("*"):
        if path.suffix == ".sqlite":
            database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
            used, size = (
                int(database.execute(f"PRAGMA {name}").fetchone()[0])
                for name in ("page_count", "page_size")
            )
            free = int(database.execute("PRAGMA freelist_count").fetchone()[0])
            database.close()
            total += (used - free) * size
        elif path.is_file() and not path.name.endswith(("-wal", "-shm")):
            total += path.stat().st_size
    return total


class History:
    """A client's store whose history grows by copies of one real message."""

    def __init__(self, client: Client, path: Path, chat_id: bytes) -> None:
        """Begin with the state of `client`, and no message."""
        self._client, self._chat_id = Client(path, os.urandom(32)), chat_id
        self.count = 0
        source = client.store()
        try:
            kept = source.history(chat_id, limit=_LOOK)
            rows = [one.row for one in kept]
            state = source.load()
        finally:
            source.close()
        self._row = next(
            r for r in rows if r.state is MessageState.RECEIVED and words_of(r)
        )
        store = self._client.store(create=True)
        store.apply([Put(*row) for row in state])
        store.close()
        self._empty = self._size()

    def grow(self, count: int) -> None:
        """Let it have `count` messages."""
        store = self._client.store()
        for first in range(self.count, count, _BATCH):
            seqs = range(first, min(first + _BATCH, count))
            store.apply([PutMessage(self._copy(1_000 + seq)) for seq in seqs])
        store.close()
        self.count = count

    def bytes_each(self) -> float:
        """Return by how many bytes the closed file has grown for each message."""
        return (self._size() - self._empty) / self.count

    def times(self) -> Iterator[tuple[str, float]]:
        """Yield (what, milliseconds of the processor) at the present length."""
        took, (store, _) = timed(self._open)
        yield "open the client", took * 1e3
        try:
            yield "show the last page", self._page(store) * 1e3
            yield (
                "find a word",
                per_call(lambda: store.search(Find(_WORD)), _TIMES) * 1e3,
            )
            last = iter(range(1_000 + self.count, 1_000_000_000))
            yield (
                "keep one more message",
                per_call(
                    lambda: store.apply([PutMessage(self._copy(next(last)))]), _TIMES
                )
                * 1e3,
            )
        finally:
            store.close()

    def _open(self) -> tuple[Store, Driver]:
        store = self._client.store()
        return store, Driver(store)

    def _page(self, store: Store) -> float:
        return per_call(lambda: store.history(self._chat_id, limit=_PAGE), _TIMES)

    def _copy(self, seq: int) -> MessageRow:
        return replace(
            self._row,
            seq=seq,
            idem=os.urandom(16),
            message_id=os.urandom(32),
            frame=os.urandom(len(self._row.frame)),
            header=os.urandom(len(self._row.header)),
            stamp=os.urandom(32),
        )

    def _size(self) -> int:
        return self._client.path.stat().st_size
