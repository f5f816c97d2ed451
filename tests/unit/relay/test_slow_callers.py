"""Connections that say nothing, or never end what they say, don't stay."""

import asyncio
from urllib.parse import urlsplit

import pytest
from websockets.asyncio.client import connect

from privity.relay import patience
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
    writer.close()


async def test_a_second_request_has_no_more_time_than_the_first(relay):
    reader, writer = await call(relay)
    for _ in range(2):
        writer.write(REQUEST)
        await reader.readuntil(b"ok\n")
        await asyncio.sleep(0.5)
    writer.write(b"GET /healthz HT")
    async with asyncio.timeout(5):
        assert await reader.read() == b""
    writer.close()


async def test_a_websocket_stays_however_quiet(relay):
    url = relay.url.replace("http", "ws") + "/v1/anonymous"
    async with connect(url, proxy=None) as socket:
        await socket.recv()
        await asyncio.sleep(0.7)
        await socket.send(frames.encode([frames.Sync(1, [])]))
        (answer,) = frames.decode_relay(await socket.recv())
        assert answer == frames.Synced(1)
