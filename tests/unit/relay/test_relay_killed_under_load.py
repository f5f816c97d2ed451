"""kill -9 of a relay that several senders write to, over pinned TLS, repeatedly."""

import asyncio
import random
import sqlite3
import ssl
import time
from contextlib import closing

import httpx2
import pytest
from log_plane import Chat
from minted import minted
from msgspec import structs
from relay_process import RelayProcess
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from privity.relay.paths import LOGS_NAME
from privity.relay.tokens import TokenKind
from privity.wire import frames, http, limits
from privity.wire.entry import NO_CHAIN, Header, chain, digest
from privity.wire.tokens import week_of

KILLS = 6
SENDERS = 4
SETTINGS = {
    "LOG__APPENDS_PER_SECOND": "1000000",
    "LOG__APPEND_BURST": "1000000",
}


@pytest.fixture
def relay(tmp_path):
    with RelayProcess(tmp_path / "relay", SETTINGS) as running:
        yield running


class Link:
    """One connection of the anonymous plane over the network."""

    def __init__(self, socket):
        self._socket = socket
        self._frames = []

    async def send(self, *some):
        await self._socket.send(frames.encode(list(some)))

    async def frame(self):
        while not self._frames:
            self._frames = frames.decode_relay(await self._socket.recv())
        return self._frames.pop(0)


def connected(relay):
    context = ssl.create_default_context(cafile=str(relay.data / "tls" / "cert.pem"))
    url = relay.url.replace("https", "wss") + "/v1/anonymous"
    return connect(url, ssl=context, proxy=None, max_size=limits.FRAME)


async def attached(socket, chat):
    link = Link(socket)
    greeting = await link.frame()
    await link.send(chat.attach(greeting))
    assert isinstance(await link.frame(), frames.Attached)
    return link


class Sender:
    """Sends numbered messages, a few in flight; repeats what got no answer."""

    def __init__(self, relay, chat, name):
        self._relay, self._chat, self._name = relay, chat, name
        self._made = 0
        self._waiting = {}
        self.acknowledged = []
        self.is_stopping = False

    async def run(self):
        while not self.is_stopping or self._waiting:
            try:
                async with connected(self._relay) as socket:
                    await self._talk(await attached(socket, self._chat))
            except (OSError, WebSocketException, TimeoutError):
                await asyncio.sleep(0.02)

    async def _talk(self, link):
        if self._waiting:
            await link.send(*self._waiting.values())
        while not self.is_stopping or self._waiting:
            if not self.is_stopping and len(self._waiting) < 8:
                await link.send(self._another())
            else:
                self._take(await link.frame())

    def _another(self):
        self._made += 1
        body = f"{self._name} {self._made}".encode()
        append = structs.replace(self._chat.app(envelope=body), id=self._made)
        self._waiting[self._made] = append
        return append

    def _take(self, answer):
        assert isinstance(answer, frames.Appended), answer
        append = self._waiting.pop(answer.id)
        assert answer.digest == digest(append.header, append.envelope)
        self.acknowledged.append((answer.seq, append))


def give_token(relay):
    week = week_of(int(time.time()))
    with closing(sqlite3.connect(relay.data / LOGS_NAME, timeout=10)) as db, db:
        return minted(db, TokenKind.LOG, week)


async def create(relay, chat):
    request = chat.creation(give_token(relay))
    context = ssl.create_default_context(cafile=str(relay.data / "tls" / "cert.pem"))
    async with httpx2.AsyncClient(verify=context, trust_env=False) as client:
        answer = await client.post(
            relay.url + "/v1/logs",
            content=http.encode(request),
            headers={"Content-Type": "application/msgpack"},
        )
    assert answer.status_code == 204


async def read_all(relay, chat):
    """Return the entries of the log, checking that they are a chain without a gap."""
    entries, links = [], NO_CHAIN
    async with connected(relay) as socket:
        link = await attached(socket, chat)
        while True:
            await link.send(frames.Sync(1, [chat.cursor(after=len(entries))]))
            batch = await link.frame()
            if isinstance(batch, frames.Synced):
                return entries
            assert batch.before == links
            for entry in batch.entries:
                links = chain(links, entry.header, entry.envelope)
                entries.append(entry)
                assert entry.seq == len(entries)
            assert batch.chain == links
            assert isinstance(await link.frame(), frames.Synced)


@pytest.mark.slow
async def test_what_was_acknowledged_is_there_once_and_in_order(relay):
    chat = Chat()
    await create(relay, chat)
    senders = [Sender(relay, chat, name) for name in range(SENDERS)]
    running = [asyncio.create_task(sender.run()) for sender in senders]
    dice = random.Random(11)
    for _ in range(KILLS):
        await asyncio.sleep(dice.uniform(0.2, 1.0))
        await asyncio.to_thread(relay.kill)
        await asyncio.to_thread(relay.start)
    for sender in senders:
        sender.is_stopping = True
    async with asyncio.timeout(60):
        await asyncio.gather(*running)
    entries = await read_all(relay, chat)
    acknowledged = [pair for sender in senders for pair in sender.acknowledged]
    assert len(acknowledged) == len(entries) > 100
    assert len({Header.parse(it.header).idem for it in entries}) == len(entries)
    for seq, append in acknowledged:
        stored = entries[seq - 1]
        assert (stored.header, stored.envelope) == (append.header, append.envelope)
    for sender in senders:
        places = [seq for seq, _ in sender.acknowledged]
        assert places == sorted(places)
