"""`privity-relay serve` as a process: pinned TLS, graceful and ungraceful ends."""

import asyncio
import http.client
import os
import sqlite3
import ssl
from contextlib import suppress
from hashlib import sha256

import httpx2
import pytest
from refusing import refuses
from relay_clients import Caller, Planes, TestAccount, login_frame, mailbox_path
from relay_process import RelayProcess
from websockets.exceptions import ConnectionClosed

from privity.identity.ids import id_to_text
from privity.identity.links import parse_link
from privity.relay import admin
from privity.wire import frames
from privity.wire import http as bodies
from privity.wire.codes import Code, Refusal

NONE = bytes(32)


@pytest.fixture(scope="module")
def process(tmp_path_factory):
    """An open relay over TLS in a process of its own."""
    with RelayProcess(tmp_path_factory.mktemp("process") / "relay") as running:
        yield running


def pinned(relay):
    """Return a context that trusts the relay's own certificate alone."""
    context = ssl.create_default_context(cafile=str(relay.data / "tls" / "cert.pem"))
    context.check_hostname = True
    return context


def caller_of(relay):
    client = httpx2.AsyncClient(
        base_url=relay.url, verify=pinned(relay), trust_env=False
    )
    return client, Caller(client)


def test_the_fingerprint_of_a_link_is_that_of_the_certificate_shown(process):
    plain = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    plain.check_hostname, plain.verify_mode = False, ssl.CERT_NONE
    connection = http.client.HTTPSConnection(
        "127.0.0.1", process.port, context=plain, timeout=10
    )
    connection.connect()
    shown = sha256(connection.sock.getpeercert(binary_form=True)).digest()
    connection.close()
    link = parse_link(process.invite())
    assert link.relay.fingerprint == shown == process.fingerprint
    assert (link.relay.url.decode(), link.relay.host) == (process.url, b"localhost")


def test_an_older_tls_is_refused(process):
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    connection = http.client.HTTPSConnection("127.0.0.1", process.port, context=old)
    with pytest.raises(ssl.SSLError):
        connection.connect()
    connection.close()


async def test_an_account_outlives_a_killed_relay(process):
    ana = TestAccount.new()
    client, caller = caller_of(process)
    async with client:
        await caller.register(ana, handle="ana")
        process.kill()
        process.start()
        found = await caller.call("GET", "/v1/handles/ana", answer=bodies.Directory)
    assert found.account_id == ana.account_id


async def test_sigterm_closes_connections_with_1012_and_exits_with_0(process):
    ana = TestAccount.new()
    client, caller = caller_of(process)
    planes = Planes(process.url, pinned(process))
    async with client:
        await caller.register(ana)
    plane, _ = await planes.log_in(ana)
    assert await asyncio.to_thread(process.stop) == 0
    with pytest.raises(ConnectionClosed) as closed:
        await plane.receive()
    assert closed.value.rcvd.code == 1012
    assert closed.value.rcvd.reason == "come back within 1"
    await planes.close()
    process.start()


async def test_mail_that_was_acknowledged_outlives_a_kill_under_load(process):
    ana = TestAccount.new()
    client, caller = caller_of(process)
    stored, is_loaded = [], asyncio.Event()

    async def post(number):
        with suppress(httpx2.TransportError):
            await caller.call("POST", mailbox_path(ana.device), mail(ana, number))
            stored.append(number)
        if len(stored) >= 50:
            is_loaded.set()

    async with client:
        await caller.register(ana)
        posting = [asyncio.create_task(post(number)) for number in range(300)]
        await is_loaded.wait()
        process.kill()
        await asyncio.gather(*posting)
    process.start()
    kept = await whole_mailbox(process, ana)
    assert 50 <= len(stored) < 300
    assert set(stored) <= set(kept)
    assert len(set(kept)) == len(kept)


def mail(account, number):
    """Return a message to an account, told from others by its number."""
    return bodies.PostMessage(
        lane="contacts",
        body=number.to_bytes(8_192, "big"),
        idem=number.to_bytes(16, "big"),
        mailbox_key=account.mailbox_key,
    )


async def whole_mailbox(process, account):
    """Return the numbers of all messages that wait for an account's device."""
    with sqlite3.connect(process.data / "accounts.sqlite") as db:
        total = db.execute(
            "SELECT count(*) FROM mailbox_entries WHERE mailbox_id = ?",
            (account.device.mailbox_id,),
        ).fetchone()[0]
    db.close()
    planes, kept = Planes(process.url, pinned(process)), []
    plane, _ = await planes.log_in(account)
    await plane.send(frames.MailboxOpen(1, 0))
    while len(kept) < total:
        batch = await plane.receive()
        kept += [int.from_bytes(entry.body, "big") for entry in batch.entries]
    await planes.close()
    return kept


def test_a_unix_socket_serves_a_web_server_in_front(tmp_path):
    path = tmp_path / "relay.sock"
    relay = RelayProcess(tmp_path / "relay")
    relay.url = "https://localhost"
    relay.tell("init", "--uds", str(path), "--url", relay.url)
    for _ in range(2):
        relay.start()
        with httpx2.Client(transport=httpx2.HTTPTransport(uds=str(path))) as client:
            info = client.get(
                "http://localhost/v1/info", headers={"Accept": "application/json"}
            )
        assert info.json()["host"] == "localhost"
        assert path.stat().st_mode & 0o777 == 0o660
        relay.kill()


def test_a_second_relay_on_the_same_data_is_refused(process):
    second = RelayProcess(process.data)
    second._process = None
    told = second._command("serve", "--json")
    assert os.spawnve(os.P_WAIT, told[0], told, {**second._environment()}) == 2


def test_an_account_registers_with_an_invite_where_the_relay_is_closed(tmp_path):
    with RelayProcess(tmp_path / "relay", is_open=False) as relay:
        found = relay.tell("user", "list")
        link = parse_link(relay.invite(uses=3, expires="1h"))
    assert found == []
    assert (link.uses, len(link.code)) == (3, 26)


async def test_purge_and_stats_work_beside_a_relay_that_serves(process):
    ana = TestAccount.new()
    client, caller = caller_of(process)
    before = await asyncio.to_thread(process.tell, "stats")
    async with client:
        await caller.register(ana)
        assert not any((await asyncio.to_thread(process.tell, "purge")).values())
        after = await asyncio.to_thread(process.tell, "stats")
        assert after["accounts"] == before["accounts"] + 1
        await caller.register(TestAccount.new())


async def test_a_disabled_account_is_out_within_seconds_and_keeps_its_mail(process):
    ana = TestAccount.new()
    name = id_to_text(ana.account_id)
    client, caller = caller_of(process)
    planes = Planes(process.url, pinned(process))
    async with client:
        await caller.register(ana)
        plane, answer = await planes.log_in(ana, proposed=b"2" * 32)
        await asyncio.to_thread(process.tell, "user", "disable", name)
        with pytest.raises(ConnectionClosed) as closed:
            await asyncio.wait_for(plane.receive(), 20)
        await caller.call("POST", mailbox_path(ana.device), mail(ana, 7))
        caller.session = answer.session
        with refuses(Code.ACCOUNT_DISABLED):
            await caller.call("PUT", "/v1/mailbox-key", bodies.SetMailboxKey(NONE))
    again, greeting = await planes.open()
    await again.send(login_frame(ana, ana.device, greeting.nonce, prev=b"2" * 32))
    refused = await again.receive()
    await asyncio.to_thread(process.tell, "user", "enable", name)
    back, _ = await planes.log_in(ana, prev=b"2" * 32)
    await back.send(frames.MailboxOpen(1, 0))
    assert closed.value.rcvd.code == 4001
    assert refused.code is Code.ACCOUNT_DISABLED
    assert len((await back.receive()).entries) == 1
    await planes.close()


async def test_a_session_that_has_not_ended_yet_does_nothing_for_the_disabled(relay):
    ana = TestAccount.new()
    async with httpx2.AsyncClient(base_url=relay.url, trust_env=False) as client:
        caller, planes = Caller(client), Planes(relay.url)
        await caller.register(ana)
        _, answer = await planes.log_in(ana)
        caller.session = answer.session
        admin.disable_user(relay.data, id_to_text(ana.account_id))
        with pytest.raises(Refusal) as refused:
            await caller.tokens("log")
        await planes.close()
    assert refused.value.code in {Code.ACCOUNT_DISABLED, Code.NOT_LOGGED_IN}
