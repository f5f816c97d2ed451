"""A sender that is meant to be killed: `python message_sender.py DB KEY CHAT`.

Counts its own messages in the store and goes on with the next number, one after the
other, each durable before the next; prints a line for each.
"""

import asyncio
import os
import sys
from pathlib import Path

from privity.client.driver import Driver
from privity.client.store import Store
from privity.client.words import said_of, words_of
from privity.content import build
from privity.core.inputs import SendContent
from privity.identity.secret import Secret


async def send_for_ever(path: Path, key: bytes, chat_id: bytes) -> None:
    """Send message after message until killed."""
    driver = Driver(Store(path, Secret(key), said_of))
    driver.start()
    me = driver.account.account_id
    kept = driver.store.history(chat_id, limit=100_000)
    number = sum(1 for one in kept if one.row.sender == me and words_of(one.row))
    while True:
        origin = build.origin(me, chat_id, os.urandom)
        content = build.text_message(origin, f"m{number}").encode()
        await driver.do(SendContent(chat_id, content))
        print(f"m{number}", flush=True)  # noqa: T201
        number += 1
        await asyncio.sleep(0.005)


if __name__ == "__main__":
    database, secret, chat = sys.argv[1:]
    asyncio.run(
        send_for_ever(Path(database), bytes.fromhex(secret), bytes.fromhex(chat))
    )
