"""TLS that stops in the middle: bounded in time and memory, and nobody else notices."""

import asyncio
import contextlib
import ssl
from asyncio import constants
from pathlib import Path

import pytest
from relay_process import RelayProcess, RelayThread
from websockets.asyncio.client import connect

from privity.relay import patience
from privity.relay.tls import Certificate, make_certificate
from privity.wire import frames

MANY = 300
MOST_BYTES_OF_ONE = 400_000
"""asyncio has 256 KiB for what comes on a connection, from its first moment."""
UPGRADE = (
    b"GET /v1/anonymous HTTP/1.1\r\nhost: localhost\r\nupgrade: websocket\r\n"
    b"connection: Upgrade\r\nsec-websocket-version: 13\r\n"
    b"sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)


@pytest.fixture(scope="module")
def relay(tmp_path_factory):
    """A relay that ends TLS itself, with a certificate of its own."""
    folder = tmp_path_factory.mktemp("tls")
    cert, key = folder / "cert.pem", folder / "key.pem"
    make_certificate(cert, key, ["localhost", "127.0.0.1"])
    with RelayThread(folder / "relay", certificate=Certificate(cert, key)) as running:
        yield running


def trusting():
    """Return a client's context that takes any certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


@pytest.fixture
async def neighbour(relay):
    """Somebody who was there before, and is answered in the end."""
    url = f"wss://127.0.0.1:{relay.port}/v1/anonymous"
    async with connect(url, proxy=None, ssl=trusting(), ping_interval=None) as socket:
        await socket.recv()
        yield socket
        await socket.send(frames.encode([frames.Sync(1, [])]))
        (answer,) = frames.decode_relay(await socket.recv())
        assert answer == frames.Synced(1)


class HalfTLS:
    """A client whose TLS is made by hand, so that any part of it can be sent."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer
        self._came, self._goes = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = trusting().wrap_bio(self._came, self._goes)

    @classmethod
    async def of(cls, relay):
        return cls(*await asyncio.open_connection("127.0.0.1", relay.port))

    def hello(self):
        """Return the ClientHello."""
        with contextlib.suppress(ssl.SSLWantReadError):
            self._tls.do_handshake()
        return self._goes.read()

    async def answered(self):
        """Take the relay's flight and return what would end the handshake."""
        while data := await self.reader.read(65_536):
            self._came.write(data)
            with contextlib.suppress(ssl.SSLWantReadError):
                self._tls.do_handshake()
                return self._goes.read()
        raise EOFError("the relay ended it")

    async def shake_hands(self):
        self.writer.write(self.hello())
        self.writer.write(await self.answered())

    def record(self, data):
        """Return data as the records that carry it."""
        self._tls.write(data)
        return self._goes.read()

    async def read_until(self, ending):
        found = b""
        while ending not in found:
            with contextlib.suppress(ssl.SSLWantReadError):
                found += self._tls.read(65_536)
                continue
            self._came.write(await self.reader.read(65_536))
        return found

    async def is_cut_off(self):
        """Wait until the relay has ended the connection."""
        async with asyncio.timeout(60):
            with contextlib.suppress(ConnectionError):
                while await self.reader.read(65_536):
                    pass
        self.writer.close()
        with contextlib.suppress(ConnectionError):
            await self.writer.wait_closed()


def soon(monkeypatch):
    """Let the times of TLS and of heads be over soon, for connections from now on."""
    monkeypatch.setattr(constants, "SSL_HANDSHAKE_TIMEOUT", 0.3)
    monkeypatch.setattr(constants, "SSL_SHUTDOWN_TIMEOUT", 0.3)
    monkeypatch.setattr(patience, "HEAD_SECONDS", 0.3)


def test_a_handshake_has_no_more_than_a_minute():
    assert constants.SSL_HANDSHAKE_TIMEOUT <= 60
    assert constants.SSL_SHUTDOWN_TIMEOUT <= 30


@pytest.mark.parametrize("part", [0, 1, 5, 0.5, 1.0])
async def test_who_stops_within_or_behind_its_hello_is_cut_off(
    relay, neighbour, monkeypatch, part
):
    soon(monkeypatch)
    half = await HalfTLS.of(relay)
    hello = half.hello()
    half.writer.write(
        hello[: part if isinstance(part, int) else int(part * len(hello))]
    )
    await half.is_cut_off()


async def test_a_hello_that_drips_is_cut_off(relay, neighbour, monkeypatch):
    soon(monkeypatch)
    half = await HalfTLS.of(relay)
    with contextlib.suppress(ConnectionError):
        for byte in half.hello():
            if half.reader.at_eof():
                break
            half.writer.write(bytes([byte]))
            await asyncio.sleep(0.02)
    await half.is_cut_off()


async def test_who_stops_within_its_last_words_is_cut_off(
    relay, neighbour, monkeypatch
):
    monkeypatch.setattr(constants, "SSL_HANDSHAKE_TIMEOUT", 5)
    half = await HalfTLS.of(relay)
    half.writer.write(half.hello())
    last = await half.answered()
    half.writer.write(last[: len(last) // 2])
    await half.is_cut_off()


@pytest.mark.parametrize(
    "junk",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\xff\xff" + bytes(100),
        b"\x16\x03\x01\x00\x04\x01\xff\xff\xff",
        b"\x17\x03\x03\x00\x10" + bytes(16),
        bytes(65_536),
    ],
)
async def test_what_is_no_handshake_is_cut_off(relay, neighbour, monkeypatch, junk):
    soon(monkeypatch)
    half = await HalfTLS.of(relay)
    half.writer.write(junk)
    await half.is_cut_off()


@pytest.mark.parametrize("said", [b"", b"GET /healthz HTTP/1.1\r\nhost: x"])
async def test_who_stops_within_a_record_behind_its_handshake_is_cut_off(
    relay, neighbour, monkeypatch, said
):
    monkeypatch.setattr(patience, "HEAD_SECONDS", 0.3)
    monkeypatch.setattr(constants, "SSL_SHUTDOWN_TIMEOUT", 0.3)
    half = await HalfTLS.of(relay)
    await half.shake_hands()
    record = half.record(said + b"x: y\r\n")
    half.writer.write(record[: len(record) - 3])
    await half.is_cut_off()


async def test_a_websocket_that_stops_within_a_record_is_cut_off(
    relay, neighbour, monkeypatch
):
    for setting in ("ws_ping_interval", "ws_ping_timeout"):
        monkeypatch.setattr(relay._server.config, setting, 0.3)
    monkeypatch.setattr(constants, "SSL_SHUTDOWN_TIMEOUT", 0.3)
    half = await HalfTLS.of(relay)
    await half.shake_hands()
    half.writer.write(half.record(UPGRADE))
    assert b" 101 " in await half.read_until(b"\r\n\r\n")
    record = half.record(b"\x82\xff\0\0\0\0\0\x20\0\0\1\2\3\4abc")
    half.writer.write(record[:-5])
    await half.is_cut_off()


def resident(pid):
    (line,) = [
        line
        for line in Path(f"/proc/{pid}/status").read_text().splitlines()
        if line.startswith("VmRSS")
    ]
    return int(line.split()[1]) * 1_024


async def halves_of(relay, count):
    """Open so many connections that the relay has answered and that never go on."""
    halves = [await HalfTLS.of(relay) for _ in range(count)]
    for half in halves:
        half.writer.write(half.hello())
    for half in halves:
        await half.reader.read(1)
    return halves


async def leave(halves):
    for half in halves:
        half.writer.close()
        with contextlib.suppress(ConnectionError):
            await half.writer.wait_closed()


async def test_many_half_handshakes_cost_a_bounded_memory_and_harm_nobody(tmp_path):
    with RelayProcess(tmp_path / "relay") as relay:
        url = f"wss://127.0.0.1:{relay.port}/v1/anonymous"
        async with connect(url, proxy=None, ssl=trusting()) as socket:
            await socket.recv()
            before = resident(relay.pid)
            await leave(await halves_of(relay, 50))
            halves = await halves_of(relay, MANY)
            assert resident(relay.pid) - before < MANY * MOST_BYTES_OF_ONE
            await socket.send(frames.encode([frames.Sync(1, [])]))
            (answer,) = frames.decode_relay(await socket.recv())
            assert answer == frames.Synced(1)
            await leave(halves)
