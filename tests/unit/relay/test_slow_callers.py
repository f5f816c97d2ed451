"""Connections that say nothing, or never end what they say, don't stay."""

import asyncio
import contextlib
from urllib.parse import urlsplit

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from privity.relay import patience, websocket
from privity.wire import frames

REQUEST = b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n"


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(patience, "HEAD_SECONDS", 0.3)


async def call(relay):
    place = urlsplit(relay.url)
    return await asyncio.open_connection(place.hostname, place.port)


@pytest.mark.parametrize("begin", [b"", b"GET /healthz HTTP/1.1\r\nx: y"])
async def test_who_never_ends_a_request_s_head_is_cut_off(relay, begin):
    reader, writer = await call(relay)
    writer.write(begin)
    async with asyncio.timeout(5):
        assert await reader.read() == b""
    await closed(writer)


async def test_a_second_request_has_no_more_time_than_the_first(relay):
    reader, writer = await call(relay)
    for _ in range(2):
        writer.write(REQUEST)
        await reader.readuntil(b"ok\n")
        await asyncio.sleep(0.5)
    writer.write(b"GET /healthz HT")
    async with asyncio.timeout(5):
        assert await reader.read() == b""
    await closed(writer)


async def test_a_body_that_drips_on_behind_its_answer_is_cut_off(relay):
    reader, writer = await call(relay)
    writer.write(b"GET /healthz HTTP/1.1\r\nhost: x\r\ncontent-length: 9999\r\n\r\n")
    await reader.readuntil(b"ok\n")
    async with asyncio.timeout(5):
        with contextlib.suppress(ConnectionError):
            while not reader.at_eof():
                writer.write(b"x")
                await asyncio.sleep(0.05)
    await closed(writer)


async def test_a_websocket_stays_however_quiet(relay):
    url = relay.url.replace("http", "ws") + "/v1/anonymous"
    async with connect(url, proxy=None) as socket:
        await socket.recv()
        await asyncio.sleep(0.7)
        await socket.send(frames.encode([frames.Sync(1, [])]))
        (answer,) = frames.decode_relay(await socket.recv())
        assert answer == frames.Synced(1)


async def in_pieces(relay, count):
    """Send one message in so many empty pieces; return how the relay ends it."""
    url = relay.url.replace("http", "ws") + "/v1/anonymous"
    async with connect(url, proxy=None) as socket:
        await socket.recv()
        whole = frames.encode([frames.Sync(1, [])])
        with contextlib.suppress(ConnectionClosed):
            await socket.send([b""] * (count - 1) + [whole])
            (answer,) = frames.decode_relay(await socket.recv())
            assert answer == frames.Synced(1)
        await socket.close()
        return socket.close_code


async def test_a_message_in_endless_pieces_ends_the_connection(relay, monkeypatch):
    monkeypatch.setattr(patience, "HEAD_SECONDS", 30)
    assert await in_pieces(relay, 3) == 1000
    assert await in_pieces(relay, websocket.PIECES + 9) == 1008


@pytest.mark.parametrize("begun", [b"", b"\x82\xff\0\0\0\0\0\x20\0\0\1\2\3\4abc"])
async def test_who_answers_no_ping_is_cut_off_also_within_a_frame(
    relay, monkeypatch, begun
):
    monkeypatch.setattr(patience, "HEAD_SECONDS", 30)
    for setting in ("ws_ping_interval", "ws_ping_timeout"):
        monkeypatch.setattr(relay._server.config, setting, 0.3)
    reader, writer = await greeted(relay)
    writer.write(begun)
    async with asyncio.timeout(10):
        while await reader.read(4096):
            pass
    await closed(writer)


async def test_a_thousand_idle_connections_harm_nobody(relay, monkeypatch):
    # How long a busy machine takes to let them in, or to answer a ping, is not asked.
    monkeypatch.setattr(patience, "HEAD_SECONDS", 600)
    for setting in ("ws_ping_interval", "ws_ping_timeout"):
        monkeypatch.setattr(relay._server.config, setting, 600)
    url = relay.url.replace("http", "ws") + "/v1/anonymous"
    async with connect(url, proxy=None, open_timeout=None, ping_interval=None) as own:
        await own.recv()
        idle = []
        try:
            while len(idle) < 1_000:
                some = [greeted(relay) for _ in range(50)]
                idle += [writer for _, writer in await asyncio.gather(*some)]
            await own.send(frames.encode([frames.Sync(1, [])]))
            (answer,) = frames.decode_relay(await own.recv())
            assert answer == frames.Synced(1)
        finally:
            for writer in idle:
                await closed(writer)


async def closed(writer):
    """Close a connection, and wait until it is: the next test may count them."""
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


async def greeted(relay):
    """Open a WebSocket and say nothing; returns it once the relay has greeted."""
    reader, writer = await call(relay)
    writer.write(
        b"GET /v1/anonymous HTTP/1.1\r\nhost: localhost\r\nupgrade: websocket\r\n"
        b"connection: Upgrade\r\nsec-websocket-version: 13\r\n"
        b"sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    head = await reader.readuntil(b"\r\n\r\n")
    assert b" 101 " in head
    await reader.readexactly(2)
    return reader, writer
