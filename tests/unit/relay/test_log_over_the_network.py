"""The whole way once: a token, the creation over HTTP, then the WebSocket of logs."""

import asyncio
from contextlib import suppress

import pytest
from log_plane import CHECKPOINT, Chat
from msgspec import structs
from relay_clients import anonymous
from websockets.exceptions import ConnectionClosed

from privity.wire import frames, limits
from privity.wire.codes import Code, Refusal


async def test_a_log_is_made_written_and_followed(relay, chat):
    async with anonymous(relay) as (writer, hello), anonymous(relay) as (reader, there):
        await reader.send(chat.attach(there))
        await reader.send(frames.Subscribe(2, [chat.cursor()]))
        await reader.send(frames.Fetch(3, chat.log_id, 0, 0, "checkpoint"))
        answers = [await reader.receive() for _ in range(3)]
        assert structs.replace(answers[0], signed=b"") == frames.Attached(0, 0, False)
        assert answers[1] == frames.Subscribed(2)
        assert answers[2] == frames.Part(3, CHECKPOINT)
        append = structs.replace(chat.app(envelope=b"sealed"), id=1)
        await writer.send(chat.attach(hello), append)
        assert isinstance(await writer.receive(), frames.Attached)
        stored = await writer.receive()
        followed = await reader.receive()
        assert (stored.seq, followed.chain) == (1, stored.chain)
        (entry,) = followed.entries
        assert (entry.header, entry.envelope) == (append.header, b"sealed")


async def test_a_log_s_id_is_used_once(chat, caller):
    other = chat.creation(bytes(84), checkpoint=b"another")
    with pytest.raises(Refusal) as caught:
        await caller.call("POST", "/v1/logs", other)
    assert caught.value.code is Code.LOG_EXISTS


async def test_a_checkpoint_that_is_too_large_is_refused(caller):
    large = Chat().creation(bytes(84), checkpoint=bytes(limits.CHECKPOINT + 1))
    with pytest.raises(Refusal) as caught:
        await caller.call("POST", "/v1/logs", large)
    assert caught.value.code is Code.MALFORMED


async def test_what_is_malformed_is_named_before_the_close(relay):
    async with anonymous(relay) as (plane, _):
        await plane.socket.send(b"\xc1")
        assert (await plane.receive()).code is Code.MALFORMED
        with pytest.raises(ConnectionClosed):
            await plane.receive()
        assert plane.socket.close_code == 1008


async def test_a_message_above_the_limit_ends_the_connection(relay):
    async with anonymous(relay) as (plane, _):
        # It may be closed before all of it is sent.
        with suppress(ConnectionClosed):
            await plane.socket.send(bytes(limits.FRAME + 1))
        with pytest.raises(ConnectionClosed):
            async with asyncio.timeout(10):
                await plane.receive()
        assert plane.socket.close_code in (1006, 1008, 1009)


async def test_an_opening_with_the_largest_checkpoint_fits_one_message(relay, chat):
    opening, _ = chat.opening(checkpoint=bytes(limits.CHECKPOINT))
    async with anonymous(relay) as (plane, hello):
        await plane.send(chat.attach(hello), structs.replace(opening, id=1))
        assert isinstance(await plane.receive(), frames.Attached)
        assert (await plane.receive()).seq == 1
