"""What a client does for one reaction that somebody watches, and for a page far back.

`python -m bench.telling COUNT REACTIONS` measures another length than the table's of
`bench_client`. Processor time of the real session on the real store; the engine has no
part in it, and nothing is at the relay but the account.
"""

import asyncio
import os
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

from bench.client_pair import Client, registered, running_relay
from bench.window.past import pages
from privity.client.driver import Driver
from privity.client.profile import Profile
from privity.client.session import Session
from privity.client.store import Store
from privity.client.verbs import params
from privity.client.verbs.watch import watch
from privity.client.verbs.watch_results import WatchItem, WatchMessage
from privity.content import build
from privity.core.effects import MessageRow, MessageState, PutMessage
from privity.core.events import MessageArrived

__all__ = ["CHAT", "fill", "times"]

CHAT, ANA, BEN = b"c" * 16, b"a" * 16, b"b" * 16
_BATCH = 1_000
_PAGE = 50
_PAGES = 10


def fill(client: Client, count: int) -> None:
    """Put so many messages of one chat into a client's store."""
    store = client.store()
    try:
        for rows in pages(CHAT, (ANA, BEN), count, _BATCH):
            store.apply([PutMessage(row) for row in rows])
    finally:
        store.close()


def times(client: Client, count: int, reactions: int) -> list[tuple[str, float]]:
    """Return CPU-milliseconds of a page far back, and of one reaction of so many."""
    store = client.store()
    try:
        session = Session(Profile(client.path.parent), Driver(store))
        began = time.process_time()
        for _ in range(_PAGES):
            shown, _more = session.page(CHAT, _PAGE, max(2 * _PAGE, count // 100))
            if len(shown) != _PAGE:
                raise RuntimeError("the page is not full")
        page = (time.process_time() - began) / _PAGES
        told = asyncio.run(_told(session, store, count, reactions))
    finally:
        store.close()
    return [("page far back", page * 1e3), ("told of a reaction", told * 1e3)]


async def _told(session: Session, store: Store, count: int, reactions: int) -> float:
    """Return the seconds that a watcher costs for each reaction that comes alone."""
    rnd = random.Random(2)  # noqa: S311  no secret
    old = [kept.row for kept in store.lines(CHAT, None, count)][-count // 2 :]
    first = 1 + max(kept.row.seq for kept in store.history(CHAT))
    spent = 0.0
    items = watch(session, params.Watch())
    await anext(items)
    for seq in range(first, first + reactions):
        row = _reaction(seq, rnd.choice(old))
        store.apply([PutMessage(row)])
        began = time.process_time()
        session.driver.show(MessageArrived(CHAT, row.idem, seq))
        await _next(items)
        spent += time.process_time() - began
    return spent / reactions


async def _next(
    items: AsyncIterator[WatchItem],
) -> None:
    item = await anext(items)
    if not isinstance(item, WatchMessage) or item.change != "reaction":
        raise RuntimeError("somebody was told of something else")


def _reaction(seq: int, target: MessageRow) -> MessageRow:
    origin = build.origin(BEN, CHAT, os.urandom)
    return MessageRow(
        chat_id=CHAT,
        idem=os.urandom(16),
        sender=BEN,
        message_id=b"\x01" + os.urandom(31),
        seq=seq,
        minute=30_000_000,
        state=MessageState.RECEIVED,
        content=build.reaction(origin, target.message_id, "👍").encode(),
        frame=os.urandom(496),
        header=os.urandom(87),
        stamp_key=1,
        stamp=os.urandom(32),
    )


def _main(folder: Path) -> None:
    count, reactions = map(int, sys.argv[1:])
    with running_relay(folder / "relay") as relay:
        ana = asyncio.run(registered(folder / "ana", relay))
    fill(ana, count)
    for what, milliseconds in times(ana, count, reactions):
        print(f"{what:24}{milliseconds:8.2f} CPU-ms")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        _main(Path(name))
