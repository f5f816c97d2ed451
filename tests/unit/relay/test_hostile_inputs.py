"""Every call and every frame, from those who have no right to it, and broken.

The calls come from `wire.calls`, the frames from `wire.frames`, the expected answers
from `tests/hostile/rows.py`: a new one without a row fails. A connection that was there
before must notice nothing, and the relay's log must not tell of a fault of its own.
"""

import asyncio
import secrets
import socket
from contextlib import asynccontextmanager, suppress

import httpx2
import msgspec
import pytest
from filled import filled
from log_plane import Chat
from relay_clients import (
    Caller,
    IdentifiedPlane,
    Planes,
    TestAccount,
    concrete,
    login_frame,
    mailbox_path,
)
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from privity.identity.ids import id_to_text
from privity.relay import bearers, identified, patience
from privity.relay import http as relay_http
from privity.relay.http import STATUS
from privity.relay.ops.events import Event
from privity.wire import frames, http, limits
from privity.wire.calls import CALLS, OFFSET_HEADER, UPLOAD_KEY_HEADER
from privity.wire.codes import Code
from tests.hostile import page
from tests.hostile.rows import CALL_ROWS, FRAME_ROWS

FRAMES = frames.ClientFrame.__args__
IDENTIFIED = (frames.Login, frames.Renew, frames.MailboxOpen, frames.MailboxAck)
PLANES = ("anonymous", "identified")
STRUCTURED = [call for call in CALLS if call.body not in {None, bytes}]


def name_of(it):
    return it.__name__ if isinstance(it, type) else f"{it.method} {it.path}"


of_each_call = pytest.mark.parametrize("call", CALLS, ids=name_of)
of_each_body = pytest.mark.parametrize("call", STRUCTURED, ids=name_of)
of_each_frame = pytest.mark.parametrize("kind", FRAMES, ids=name_of)


@pytest.fixture(scope="module", autouse=True)
def nothing_is_a_fault_of_ours(relay):
    yield
    assert Event.INTERNAL_ERROR not in relay.events


@pytest.fixture(autouse=True)
async def bystander(relay):
    """Watch a connection that was there before, and what it can do afterwards."""
    async with plane_of(relay, "anonymous") as (plane, _):
        yield
        await plane.send(frames.Sync(7, []))
        assert await plane.receive() == frames.Synced(7)


@pytest.fixture
def client(relay):
    with httpx2.Client(base_url=relay.url, trust_env=False, timeout=20) as plain:
        yield plain


@asynccontextmanager
async def plane_of(relay, name):
    url = relay.url.replace("http", "ws") + f"/v1/{name}"
    async with connect(url, proxy=None, max_size=None) as found:
        plane = IdentifiedPlane(found)
        yield plane, await plane.receive()


class Somebody:
    """An account that has everything that a stranger has not."""

    def __init__(self, account, session, upload):
        self.account = account
        self.session = session
        self.upload = upload


@pytest.fixture(scope="module")
def somebody(relay):
    return asyncio.run(_somebody(relay))


async def _somebody(relay):
    account, upload = (
        TestAccount.new(),
        http.OpenBlob(bytes(16), bytes(32), 1, bytes(84)),
    )
    planes = Planes(relay.url)
    async with httpx2.AsyncClient(base_url=relay.url, trust_env=False) as client:
        caller = Caller(client)
        await caller.register(account)
        _, logged_in = await planes.log_in(account)
        caller.session = logged_in.session
        await caller.call("PUT", "/v1/self-storage", filled(http.SelfStorage))
        (token,) = await caller.tokens("blob")
        caller.session = b""
        blob_id = secrets.token_bytes(16)
        upload = msgspec.structs.replace(upload, id=blob_id, size=64, token=token)
        await caller.call("POST", "/v1/blobs", upload)
    await planes.close()
    return Somebody(account, logged_in.session, upload)


def headers_of(call):
    values = {OFFSET_HEADER: "0", UPLOAD_KEY_HEADER: bytes(32).hex()}
    found = {name: values[name] for name in call.headers}
    return {**found, "Content-Type": "application/msgpack"}


def body_of(call):
    if call.body in {None, bytes}:
        return b"x" if call.body else b""
    return msgspec.msgpack.encode(filled(call.body))


def ask(client, call, content=None, path=None, **headers):
    return client.request(
        call.method,
        path or concrete(call),
        content=body_of(call) if content is None else content,
        headers=headers_of(call) | headers,
    )


def code_of(got):
    if got.status_code < 400:
        return None
    failure = http.decode(http.Failure, got.content)
    assert got.status_code == STATUS[failure.code]
    assert "Traceback" not in got.text
    assert ".py" not in failure.detail
    return failure.code


def test_every_call_and_every_frame_has_its_row():
    assert set(CALL_ROWS) == {name_of(call) for call in CALLS}
    assert set(FRAME_ROWS) == set(FRAMES)


def test_the_page_says_what_is_tried_here():
    assert page.PAGE.read_text() == page.render(), "python -m tests.hostile.page"


@of_each_call
def test_a_stranger_gets_what_the_row_says_however_often(client, call):
    answers = {code_of(ask(client, call)) for _ in range(3)}
    assert answers == {CALL_ROWS[name_of(call)].stranger}


def session_of(call, somebody):
    """Return the header of a call that says whose device it is, or none."""
    shown = {"Authorization": f"Bearer {somebody.session.hex()}"}
    return shown if call.is_identified else {}


def in_foreign_hands(call, somebody):
    """Return path, body and headers: what names somebody else's, with own proofs."""
    body, path, headers = body_of(call), None, session_of(call, somebody)
    if call.path == "/v1/claims":
        body = msgspec.msgpack.encode(
            http.Claim(somebody.account.account_id, 1, mailbox_key=bytes(32))
        )
    if call.path.startswith("/v1/mailboxes"):
        path = mailbox_path(somebody.account.device)
        body = msgspec.msgpack.encode(
            http.PostMessage("contacts", bytes(8_192), bytes(16), bytes(32))
        )
    if call.path == "/v1/blobs":
        other = msgspec.structs.replace(somebody.upload, key_hash=b"\1" * 32)
        body = msgspec.msgpack.encode(other)
    if call.path.startswith("/v1/blobs/"):
        path = call.path.format(id=id_to_text(somebody.upload.id))
        headers[UPLOAD_KEY_HEADER] = (b"\1" * 32).hex()
    return body, path, headers


@of_each_call
def test_who_shows_the_right_of_another_gets_what_the_row_says(client, call, somebody):
    body, path, headers = in_foreign_hands(call, somebody)
    got = ask(client, call, body, path, **headers)
    assert code_of(got) == CALL_ROWS[name_of(call)].foreign


@of_each_call
def test_a_session_that_a_newer_login_ended_opens_nothing(client, call):
    got = ask(client, call, Authorization=f"Bearer {secrets.token_hex(bearers.SIZE)}")
    expected = Code.NOT_LOGGED_IN if call.is_identified else Code.MALFORMED
    assert code_of(got) == expected


@pytest.mark.parametrize("named", ["Authorization", "Cookie"])
@pytest.mark.parametrize(
    "call", [call for call in CALLS if not call.is_identified], ids=name_of
)
def test_who_says_a_name_where_nobody_shall_is_refused(client, call, named, somebody):
    body, path, headers = in_foreign_hands(call, somebody)
    shown = {named: f"Bearer {somebody.session.hex()}"}
    got = ask(client, call, body, path, **headers, **shown)
    assert code_of(got) is Code.MALFORMED
    assert "without a name" in got.text or b"without a name" in got.content


@of_each_call
def test_a_body_beyond_the_limit_is_refused_before_it_is_whole(client, call, somebody):
    session = session_of(call, somebody)
    got = ask(client, call, bytes(call.longest + 1), **session)
    allowed = {Code.TOO_LARGE, Code.NO_SUCH_BLOB} if call.body else {None, *call.own}
    assert code_of(got) in allowed


@of_each_body
def test_a_field_that_is_not_known_is_malformed(client, call, somebody):
    session = session_of(call, somebody)
    known = msgspec.to_builtins(filled(call.body), builtin_types=(bytes,))
    for extra in ({**known, "contact": b"ben"}, {}, [known], None):
        got = ask(client, call, msgspec.msgpack.encode(extra), **session)
        assert code_of(got) in {Code.MALFORMED, Code.NO_SUCH_BLOB}


@of_each_body
def test_a_field_of_another_type_is_malformed(client, call, somebody):
    session = session_of(call, somebody)
    known = msgspec.to_builtins(filled(call.body), builtin_types=(bytes,))
    for name in known:
        for wrong in ([[]], 1.5, {"a": 1}):
            body = msgspec.msgpack.encode({**known, name: wrong})
            got = ask(client, call, body, **session)
            assert code_of(got) in {Code.MALFORMED, Code.NO_SUCH_BLOB}, name


async def spoken(relay, sent, *, ends):
    """Send raw bytes, end the own half or not, and return all that comes back."""
    reader, writer = await asyncio.open_connection("127.0.0.1", relay.port)
    writer.write(sent)
    if ends:
        writer.write_eof()
    async with asyncio.timeout(30):
        got = await reader.read()
    writer.close()
    return got


def head_of(call, length):
    lines = [f"{call.method} {concrete(call)} HTTP/1.1", "host: localhost"]
    lines += [f"{name}: {value}" for name, value in headers_of(call).items()]
    return "\r\n".join([*lines, f"content-length: {length}", "", ""]).encode()


def status_of(got):
    return int(got.split(b" ", 2)[1]) if got else 0


@of_each_call
async def test_a_connection_half_of_which_ends_in_the_body_is_closed(relay, call):
    got = await spoken(relay, head_of(call, 100) + b"half", ends=True)
    assert status_of(got) == 0 or 200 <= status_of(got) < 500


async def test_bodies_that_stop_coming_are_given_up_all_at_once(relay, monkeypatch):
    monkeypatch.setattr(relay_http, "BODY_SECONDS", 1)
    monkeypatch.setattr(patience, "HEAD_SECONDS", 3)
    calls = [spoken(relay, head_of(call, 100) + b"half", ends=False) for call in CALLS]
    for call, got in zip(CALLS, await asyncio.gather(*calls), strict=True):
        assert 200 <= status_of(got) < 500, call
    url = relay.url + "/healthz"
    assert httpx2.get(url, trust_env=False).text == "ok\n"


@pytest.mark.parametrize("name", PLANES)
async def test_a_handshake_that_stops_is_cut_off(relay, monkeypatch, name):
    monkeypatch.setattr(patience, "HEAD_SECONDS", 0.3)
    begin = f"GET /v1/{name} HTTP/1.1\r\nupgrade: websocket\r\nconnection: Upg"
    assert await spoken(relay, begin.encode(), ends=False) == b""


@pytest.mark.parametrize("name", PLANES)
def test_a_plane_is_no_call(client, name):
    assert client.get(f"/v1/{name}").status_code == 404
    assert client.post(f"/v1/{name}", content=b"\x90").status_code == 404


@pytest.mark.parametrize("call", CALLS, ids=name_of)
async def test_a_call_is_no_plane(relay, call):
    url = relay.url.replace("http", "ws") + concrete(call)
    with pytest.raises(Exception, match=r"HTTP 40[034]"):
        await connect(url, proxy=None)


async def end_of(plane):
    """Return the code of the refusal that ended a connection, and how it closed."""
    code = None
    try:
        while True:
            frame = await asyncio.wait_for(plane.receive(), 10)
            if isinstance(frame, frames.Refused):
                code = frame.code
    except ConnectionClosed:
        return code, plane.socket.close_code


@of_each_frame
async def test_a_stranger_s_frame_is_answered_as_its_row_says(relay, kind):
    own = "identified" if kind in IDENTIFIED else "anonymous"
    async with plane_of(relay, own) as (plane, _):
        await plane.send(filled(kind))
        expected = FRAME_ROWS[kind].stranger
        if own == "identified":
            assert await end_of(plane) == (expected, 1008)
        elif expected is not None:
            assert (await plane.receive()).code is expected
        await still_answers(plane, own)


async def still_answers(plane, own):
    if own == "anonymous":
        await plane.send(frames.Sync(9, []))
        assert await plane.receive() == frames.Synced(9)


@of_each_frame
async def test_a_frame_of_the_other_plane_ends_the_connection(relay, kind, somebody):
    other = "anonymous" if kind in IDENTIFIED else "identified"
    async with plane_of(relay, other) as (plane, _):
        await plane.send(filled(kind))
        code = Code.MALFORMED if other == "anonymous" else Code.NOT_LOGGED_IN
        assert await end_of(plane) == (code, 1008)


@of_each_frame
@pytest.mark.parametrize("name", PLANES)
async def test_a_broken_frame_ends_the_connection(relay, kind, name):
    whole = msgspec.to_builtins(filled(kind), builtin_types=(bytes,))
    broken = [[*whole, b"one more"], whole[:2] if len(whole) > 2 else whole[:1]]
    broken += [
        [*whole[:place], wrong, *whole[place + 1 :]]
        for place in range(1, len(whole))
        for wrong in ([[[]]], 1.5)
    ]
    for frame in broken:
        async with plane_of(relay, name) as (plane, _):
            await plane.socket.send(msgspec.msgpack.encode([frame]))
            assert await end_of(plane) == (Code.MALFORMED, 1008), frame


async def test_who_does_not_log_in_is_told_so_and_cut_off(relay, monkeypatch):
    monkeypatch.setattr(identified, "_LOGIN_SECONDS", 0.3)
    async with plane_of(relay, "identified") as (plane, _):
        assert await end_of(plane) == (Code.NOT_LOGGED_IN, 1008)


@pytest.mark.parametrize("name", PLANES)
async def test_a_message_beyond_the_limit_ends_the_connection(relay, name):
    async with plane_of(relay, name) as (plane, _):
        # Its head is enough to refuse it: the rest may find the connection closed, and
        # bytes that nobody reads may cut it off before the reason comes (1006).
        with suppress(ConnectionClosed):
            await plane.socket.send(bytes(limits.FRAME + 1))
        assert await end_of(plane) in {(None, 1009), (None, 1006)}


@pytest.mark.parametrize("name", PLANES)
async def test_a_frame_that_stops_in_the_middle_harms_nobody(relay, name):
    reader, writer = await asyncio.open_connection("127.0.0.1", relay.port)
    writer.write(
        f"GET /v1/{name} HTTP/1.1\r\nhost: localhost\r\nupgrade: websocket\r\n"
        "connection: Upgrade\r\nsec-websocket-version: 13\r\n"
        "sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n".encode()
    )
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"\x82\xff\x00\x00\x00\x00\x00\x20\x00\x00\1\2\3\4abc")
    writer.get_extra_info("socket").shutdown(socket.SHUT_WR)
    async with asyncio.timeout(10):
        await reader.read()
    writer.close()


async def test_what_was_signed_for_one_connection_is_no_good_on_another(
    relay, somebody
):
    chat = Chat()
    async with (
        plane_of(relay, "identified") as (plane, _),
        plane_of(relay, "identified") as (_, other),
        plane_of(relay, "anonymous") as (logs, _),
        plane_of(relay, "anonymous") as (_, there),
    ):
        account = somebody.account
        await plane.send(login_frame(account, account.device, other.nonce))
        assert await end_of(plane) == (FRAME_ROWS[frames.Login].foreign, 1008)
        await logs.send(chat.attach(there))
        assert (await logs.receive()).code is Code.NO_SUCH_LOG


@pytest.mark.parametrize("named", ["Authorization", "Cookie"])
async def test_a_socket_that_says_a_name_on_the_anonymous_plane_is_not_opened(
    relay, named
):
    url = relay.url.replace("http", "ws", 1) + "/v1/anonymous"
    with pytest.raises(InvalidStatus) as refused:
        async with connect(url, additional_headers={named: "Bearer x"}, proxy=None):
            pass
    assert refused.value.response.status_code == 403
