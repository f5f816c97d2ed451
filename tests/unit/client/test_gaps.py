"""A relay that leaves entries out is caught, and what it left out is read again."""

import asyncio

from privity.client.errors import Misbehaved
from privity.client.transport.sockets import FrameSocket
from privity.core.events import Notice
from privity.wire.frames import Entries


async def test_entries_that_were_left_out_are_read_again(pair, eventually, monkeypatch):
    """One batch is lost between the relay and the engine; nothing of it is missed."""
    ana, ben, chat = pair
    dispatch = FrameSocket._dispatch
    leaky = ben.driver.network.connection.chats.socket
    lost = []

    def lose_one(socket, frame):
        if isinstance(frame, Entries) and socket is leaky and not lost:
            lost.append(frame)
        else:
            dispatch(socket, frame)

    monkeypatch.setattr(FrameSocket, "_dispatch", lose_one)
    with ben.driver.subscribe() as events:
        await ana.send(chat, "lost on its way")
        await eventually(lambda: lost)
        await ana.send(chat, "behind the gap")
        await eventually(lambda: len(ben.texts(chat)) == 2)
    assert ben.texts(chat) == ["lost on its way", "behind the gap"]
    codes = [event.code async for event in events if isinstance(event, Notice)]
    assert codes == [Misbehaved.code]


async def test_entries_that_come_twice_are_shown_once(pair, eventually, monkeypatch):
    ana, ben, chat = pair
    dispatch = FrameSocket._dispatch

    def double(socket, frame):
        dispatch(socket, frame)
        if isinstance(frame, Entries):
            dispatch(socket, frame)

    monkeypatch.setattr(FrameSocket, "_dispatch", double)
    for number in range(5):
        await ana.send(chat, f"m{number}")
    await eventually(lambda: len(ben.texts(chat)) == 5)
    await asyncio.sleep(0.1)
    assert ben.texts(chat) == [f"m{number}" for number in range(5)] == ana.texts(chat)
