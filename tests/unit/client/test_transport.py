"""Two planes, pinned; and whatever a broken or hostile relay does has a name."""

import asyncio
import ssl
from contextlib import asynccontextmanager
from hashlib import sha256

import pytest
import websockets
from relay_process import RelayProcess

from privity.client import accounts
from privity.client.errors import (
    Insecure,
    Misbehaved,
    Unreachable,
    WrongCertificate,
)
from privity.client.transport.address import Address
from privity.client.transport.http import Call, HttpPlane
from privity.client.transport.outbound import Outbound
from privity.client.transport.sockets import ANONYMOUS, FrameSocket
from privity.core.effects import Cause
from privity.errors import UsageError
from privity.relay.tls import make_certificate
from privity.wire import frames, http
from privity.wire.codes import Code, Refusal

WHY = Cause("test")


@pytest.fixture
def lines():
    return []


@pytest.fixture
def outbound(lines):
    return Outbound(lines.append, "anonymous")


@pytest.mark.parametrize(
    "url", ["http://relay.example", "http://10.0.0.1:80", "http://127.0.0.1.example"]
)
def test_no_plain_http_to_another_machine(url):
    with pytest.raises(Insecure):
        Address(url)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://localhost",
        "https://",
        "relay.example",
        "https://a@b",
        "https://a:x/",
        "https://a/?q",
        "https://a/#f",
        "http://[::1",
    ],
)
def test_what_is_no_url_of_a_relay_is_refused(url):
    with pytest.raises((UsageError, Insecure)):
        Address(url)


@pytest.mark.parametrize("url", ["http://localhost:1", "http+unix:/run/relay"])
def test_a_pin_without_tls_is_refused(url):
    assert Address(url).tls() is None
    with pytest.raises(Insecure):
        Address(url, bytes(32))


def test_a_fingerprint_has_its_size():
    with pytest.raises(UsageError):
        Address("https://localhost", bytes(20))


def test_every_kind_of_address_leads_to_both_protocols():
    assert Address("https://a.example/x/").websocket == "wss://a.example/x"
    assert Address("http://[::1]:80").websocket == "ws://[::1]:80"
    unix = Address("http+unix:/run/relay")
    assert (unix.http, str(unix.socket)) == ("http://localhost", "/run/relay")
    assert Address("https://a.example").tls().verify_mode is ssl.CERT_REQUIRED


@pytest.fixture(scope="module")
def tls_relay(tmp_path_factory):
    with RelayProcess(tmp_path_factory.mktemp("tls") / "data") as relay:
        yield relay


async def test_the_pinned_relay_is_believed_on_both_protocols(tls_relay, outbound):
    named = await accounts.ask_relay(tls_relay.url, tls_relay.fingerprint)
    assert named.host == b"localhost"
    address = Address(tls_relay.url, tls_relay.fingerprint)
    socket = await FrameSocket.open(address, ANONYMOUS, outbound, lambda _: None)
    assert socket.greeting.host == "localhost"
    await socket.close()


async def test_without_its_pin_a_self_made_certificate_is_not_believed(tls_relay):
    with pytest.raises(WrongCertificate):
        await accounts.ask_relay(tls_relay.url)


@asynccontextmanager
async def tls_server(tmp_path, handle):
    """Serve TLS with a fresh certificate; gives the port and its fingerprint."""
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    make_certificate(cert, key, ["localhost"])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    der = ssl.PEM_cert_to_DER_cert(cert.read_text())
    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1], sha256(der).digest()


async def test_nothing_is_sent_to_a_server_with_another_certificate(tmp_path, outbound):
    received = bytearray()

    async def take(reader, writer):
        received.extend(await reader.read(1000))
        writer.close()

    async with tls_server(tmp_path, take) as (port, fingerprint):
        url = f"https://127.0.0.1:{port}"
        wrong = Address(url, bytes(32))
        with pytest.raises(WrongCertificate):
            await accounts.ask_relay(url, bytes(32))
        with pytest.raises(WrongCertificate):
            await FrameSocket.open(wrong, ANONYMOUS, outbound, lambda _: None)
        await asyncio.sleep(0.1)
        assert bytes(received) == b""
        with pytest.raises(Unreachable):
            await accounts.ask_relay(url, fingerprint)
        assert received.startswith(b"GET /v1/info")


@asynccontextmanager
async def hostile(behave):
    """Serve one behaviour per connection on the WebSocket of the anonymous plane."""
    async with websockets.serve(behave, "127.0.0.1", 0, max_size=None) as server:
        port = server.sockets[0].getsockname()[1]
        yield Address(f"http://127.0.0.1:{port}")


GREETING = frames.encode([frames.Greeting(1, "localhost", bytes(32), 0)])


@pytest.mark.parametrize(
    "first",
    [
        b"",
        b"\xff\xff",
        b"\xdd\xff\xff\xff\xff",
        b"\xc6\xff\xff\xff\xff",
        GREETING[:-1],
        GREETING + b"\x00",
        b"\x92" + GREETING[1:] * 2,
        frames.encode([frames.Synced(1)]),
        frames.encode([frames.Greeting(2, "localhost", bytes(32), 0)]),
        "text",
        b"\x91\x96\x01" + GREETING[3:] + b"\x01",
    ],
    ids=range(11),
)
async def test_a_first_message_that_is_no_greeting_ends_it(outbound, first):
    async def behave(connection):
        await connection.send(first)
        await connection.wait_closed()

    async with hostile(behave) as address:
        with pytest.raises(Misbehaved):
            await FrameSocket.open(address, ANONYMOUS, outbound, lambda _: None)


async def test_an_endless_message_is_cut_off(outbound):
    async def behave(connection):
        await connection.send(bytes(3 * 1024 * 1024))
        await connection.wait_closed()

    async with hostile(behave) as address:
        with pytest.raises(Unreachable):
            await FrameSocket.open(address, ANONYMOUS, outbound, lambda _: None)


@pytest.mark.parametrize("answer", [b"\xc1", b"", "text", None], ids=range(4))
async def test_every_open_request_fails_when_the_connection_ends(outbound, answer):
    async def behave(connection):
        await connection.send(GREETING)
        await connection.recv()
        if answer is not None:
            await connection.send(answer)
            await connection.wait_closed()

    async with hostile(behave) as address:
        socket = await FrameSocket.open(address, ANONYMOUS, outbound, lambda _: None)
        running = asyncio.create_task(socket.run())
        waiting = socket.request(frames.Sync(socket.number(), []), WHY)
        with pytest.raises((Misbehaved, Unreachable)):
            await waiting
        with pytest.raises((Misbehaved, Unreachable)):
            await running
        with pytest.raises((Misbehaved, Unreachable)):
            await socket.request(frames.Sync(socket.number(), []), WHY)


async def test_answers_find_their_requests_in_any_order(outbound, lines):
    async def behave(connection):
        await connection.send(GREETING)
        asked = []
        while len(asked) < 3:
            asked += frames.decode_client(await connection.recv())
        refused = frames.Refused(asked[1].id, Code.GONE, "why", 7)
        stray = frames.Synced(99)
        last, first = frames.Synced(asked[2].id), frames.Synced(asked[0].id)
        await connection.send(frames.encode([last, stray, refused, first, first]))
        await connection.wait_closed()

    async with hostile(behave) as address:
        socket = await FrameSocket.open(address, ANONYMOUS, outbound, lambda _: None)
        running = asyncio.create_task(socket.run())
        asked = [frames.Sync(socket.number(), []) for _ in range(3)]
        waiting = [socket.request(frame, WHY) for frame in asked]
        assert await waiting[0] == frames.Synced(asked[0].id)
        with pytest.raises(Refusal) as refused:
            await waiting[1]
        assert (refused.value.code, refused.value.wait_ms) == (Code.GONE, 7)
        assert await waiting[2] == frames.Synced(asked[2].id)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    assert [line.what for line in lines] == ["open", *["Sync"] * 3]
    assert [line.cause for line in lines[1:]] == [WHY] * 3


async def test_what_waits_travels_in_one_container_in_order(outbound):
    came = asyncio.get_running_loop().create_future()

    async def behave(connection):
        await connection.send(GREETING)
        came.set_result(frames.decode_client(await connection.recv()))
        await connection.wait_closed()

    async with hostile(behave) as address:
        socket = await FrameSocket.open(address, ANONYMOUS, outbound, lambda _: None)
        for number in range(40):
            socket.put(frames.Received(bytes(16), number), WHY)
        running = asyncio.create_task(socket.run())
        assert [frame.upto for frame in await came] == list(range(40))
        running.cancel()


async def test_a_closing_relay_says_so_and_is_unreachable(outbound):
    async def behave(connection):
        await connection.send(GREETING)
        bye = frames.Refused(0, Code.SHUTTING_DOWN)
        await connection.send(frames.encode([bye]))
        await connection.wait_closed()

    async with hostile(behave) as address:
        socket = await FrameSocket.open(address, ANONYMOUS, outbound, lambda _: None)
        with pytest.raises(Unreachable, match="shutting_down"):
            await socket.run()


@asynccontextmanager
async def http_server(answer):
    """Answer every HTTP request with the same bytes."""

    async def handle(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.mark.parametrize("pin", [b"", bytes(32)])
def test_the_environment_gets_no_keys_of_a_connection(pin, tmp_path, monkeypatch):
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    context = Address("https://relay.example", pin).tls()
    assert context.keylog_filename is None
    assert context.check_hostname is not bool(pin)
    assert (context.verify_mode is ssl.CERT_REQUIRED) is not bool(pin)


async def test_a_websocket_s_redirect_is_not_followed(outbound):
    reached = []

    async def elsewhere(connection):
        reached.append(connection)
        await connection.send(GREETING)

    async with hostile(elsewhere) as there:
        location = f"location: {there.websocket}{ANONYMOUS}\r\n".encode()
        async with http_server(response(302, b"", location)) as url:
            with pytest.raises(Unreachable):
                await FrameSocket.open(
                    Address(url), ANONYMOUS, outbound, lambda _: None
                )
    assert reached == []


async def test_opening_a_connection_stands_in_the_ledger(relay, outbound, lines):
    socket = await FrameSocket.open(
        Address(relay.url), ANONYMOUS, outbound, lambda _: None
    )
    await socket.close()
    (line,) = lines
    assert (line.endpoint, line.what) == (f"anonymous {ANONYMOUS}", "open")


def response(status, body, extra=b""):
    head = f"HTTP/1.1 {status} x\r\ncontent-length: {len(body)}\r\n".encode()
    return head + extra + b"\r\n" + body


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (response(200, b"not msgpack"), Misbehaved),
        (response(200, b"\xdf\xff\xff\xff\xff"), Misbehaved),
        (response(500, b"oops"), Misbehaved),
        (response(302, b"", b"location: http://127.0.0.1:1/\r\n"), Misbehaved),
        (response(200, bytes(2 * 1024 * 1024)), Misbehaved),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nshort", Unreachable),
        (b"\x15\x03\x01", Unreachable),
        (b"", Unreachable),
        (response(429, http.encode(http.Failure(Code.TOO_SOON, "", 9))), Refusal),
    ],
    ids=range(9),
)
async def test_every_bad_http_answer_has_a_name(outbound, answer, failure):
    async with http_server(answer) as url:
        plane = HttpPlane(Address(url), outbound)
        with pytest.raises(failure):
            await plane.ask(Call("GET", "/v1/info", "/v1/info", WHY), http.Info)
        await plane.close()


async def test_a_call_over_a_connection_that_ended_says_so_by_name(outbound):
    async with http_server(response(200, b"")) as url:
        plane = HttpPlane(Address(url), outbound)
        await plane.close()
        with pytest.raises(Unreachable):
            await plane.ask(Call("GET", "/v1/info", "/v1/info", WHY), http.Info)


async def test_requests_say_as_little_as_they_can(outbound):
    seen = bytearray()

    async def handle(reader, writer):
        seen.extend(await reader.readuntil(b"\r\n\r\n"))
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        plane = HttpPlane(Address(url), outbound)
        with pytest.raises(Unreachable):
            await plane.ask(Call("GET", "/v1/info", "/v1/info", WHY), http.Info)
        await plane.close()
        with pytest.raises(Unreachable):
            await FrameSocket.open(Address(url), ANONYMOUS, outbound, lambda _: None)
    text = seen.decode().lower()
    assert "cookie" not in text
    assert "python" not in text
    assert "websockets" not in text
    assert "accept-language" not in text


async def test_proxies_of_the_environment_are_not_used(relay, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert (await accounts.ask_relay(relay.url)).host == b"localhost"


async def test_a_unix_socket_is_an_address_too(tmp_path):
    path = tmp_path / "s"

    async def handle(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        info = http.Info(1, "here.example", "0", True, (1,))
        writer.write(response(200, http.encode(info)))
        await writer.drain()
        writer.close()

    server = await asyncio.start_unix_server(handle, str(path))
    async with server:
        named = await accounts.ask_relay(f"http+unix:{path}")
    assert named.host == b"here.example"
