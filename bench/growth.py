"""What a message costs as chats grow: by members online, and by what is stored.

And the bytes of SQLite's write-ahead log that it takes: they are its wear of a disk.
"""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from bench.pairs import Pair
from bench.relay_under_load import Relay
from privity.relay.paths import LOGS_NAME

__all__ = ["by_members", "log_bytes"]

CHAT = 0


async def by_members(relay: Relay, seconds: float, members: int) -> float:
    """Return the relay's processor time for a message to so many, in microseconds."""
    pair = Pair(relay.chats[CHAT])
    others = [await relay.connect(pair.take) for _ in range(members - 2)]
    for other in others:
        await pair.chat.follow(other, 0)
    await pair.start(relay, 0)
    await asyncio.sleep(seconds / 4)
    cost, before = relay.cpu_seconds(), pair.received
    await asyncio.sleep(seconds)
    spent, deliveries = relay.cpu_seconds() - cost, pair.received - before
    pair.is_stopping = True
    await asyncio.sleep(0.2)
    for other in others:
        other.close()
    pair.close()
    return spent / (deliveries / (members - 1)) * 1e6


async def log_bytes(relay: Relay, messages: int, together: int) -> float:
    """Return bytes of the write-ahead log a message, with so many under way at once.

    A reader holds the log where it is: it only grows meanwhile.
    """
    path = Path(relay.uds).parent / LOGS_NAME
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM logs").fetchone()
        log = path.with_name(f"{LOGS_NAME}-wal")
        chat = relay.chats[CHAT]
        sender = await relay.connect(lambda _socket, _frame: None)
        await chat.attach(sender)
        before = log.stat().st_size
        for _ in range(messages // together):
            asked = [sender.ask(chat.append(sender.number())) for _ in range(together)]
            await asyncio.gather(*asked)
        grown = log.stat().st_size - before
        sender.close()
    return grown / messages
