"""What is chosen or looked for on a device: not a byte leaves for it."""

import asyncio

from privity.client.ledger import read_lines

CHOICES = (
    ("chats.pin", "Ben"),
    ("chats.mute", "Ben"),
    ("chats.archive", "Ben"),
    ("chats.unread", "Ben"),
    ("draft", "Ben", "half a thou"),
    ("contacts.rename", "Ben", "Benny"),
    ("search", "hello"),
    ("history", "Benny"),
)


def left(who):
    """Count the lines of everything that left, written or about to be."""
    ledger = who.session.driver.ledger
    waiting = ledger.take()
    for line in waiting:
        ledger.note(line)
    return len(list(read_lines(who.session.store.database))) + len(waiting)


async def quiet(who):
    """Wait until nothing has left for a moment; returns the count."""
    while True:
        before = left(who)
        await asyncio.sleep(0.3)
        if left(who) == before:
            return before


async def test_choosing_naming_drafting_and_searching_send_nothing(pair):
    ana, ben = pair
    await ana.do("send", "Ben", "hello")
    await ben.has_text("Ana", "hello")
    before = await quiet(ana)
    for verb, *asked in CHOICES:
        await ana.do(verb, *asked)
    assert await quiet(ana) == before
    await ana.do("react", "Benny", "last", "👍")
    assert await quiet(ana) > before
