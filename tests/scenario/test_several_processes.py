"""Three processes are one relay: on one PostgreSQL, one NATS and one S3."""

import asyncio
import secrets
import tempfile
from hashlib import sha256
from pathlib import Path

import httpx2
import pytest
from relay_clients import Caller, Planes, TestAccount
from s3_server import S3Server, needs_s3
from websockets.exceptions import ConnectionClosed

from demo.storm.fleet import can_be_many, muster
from demo.storm.journal import Journal, account
from demo.storm.people import Reader, Sender, read_log
from demo.storm.raging import Plan, Storm
from privity.identity.ids import id_to_text
from privity.relay.identified import CLOSE_ENDED
from privity.wire import frames, http, limits
from privity.wire.codes import Code, Refusal

MISSING = can_be_many()
BLOB, KEY = b"\x01" * 16, b"\x02" * 32
PATH = f"/v1/blobs/{id_to_text(BLOB)}"

pytestmark = [
    needs_s3,
    pytest.mark.slow,
    pytest.mark.skipif(bool(MISSING), reason=f"several processes: {MISSING}"),
]


@pytest.fixture(scope="module")
def fleet():
    # PostgreSQL runs as another user, who may not look into pytest's folders.
    with tempfile.TemporaryDirectory(prefix="privity-fleet-") as home, S3Server() as s3:
        blobs = s3.settings()
        more = {
            "OPEN": "true",
            "CALLS__LOOKUP_BURST": "100000",
            "BLOBS__URL": blobs.url,
            "BLOBS__ENDPOINT": blobs.endpoint,
            "BLOBS__ACCESS_KEY_ID": blobs.access_key_id,
            "BLOBS__SECRET_ACCESS_KEY": blobs.secret_access_key,
        }
        fleet = muster(Path(home), 3, 2, more)
        try:
            fleet.start()
            yield fleet
        finally:
            fleet.end()


@pytest.fixture
async def callers(fleet):
    """Somebody who calls each of the three."""
    clients = [
        httpx2.AsyncClient(base_url=one.url, trust_env=False) for one in fleet.relays
    ]
    yield [Caller(client) for client in clients]
    for client in clients:
        await client.aclose()


@pytest.fixture
async def planes(fleet):
    """Connections to the identified plane of each of the three."""
    all_ = [Planes(one.url) for one in fleet.relays]
    yield all_
    for one in all_:
        await one.close()


@pytest.fixture
async def registered(callers):
    ana = TestAccount.new()
    await callers[0].register(ana)
    return ana


async def test_a_session_of_one_process_holds_at_all_and_a_file_is_sent_through_all(
    callers, planes, registered
):
    _, logged_in = await planes[1].log_in(registered)
    for caller in callers:
        caller.session = logged_in.session
        await caller.tokens("blob")
    (token,) = await callers[2].tokens("blob")
    for caller in callers:
        caller.session = b""
    data = secrets.token_bytes(3 * 70_000)
    asked = http.OpenBlob(BLOB, sha256(KEY).digest(), len(data), token)
    await callers[0].call("POST", "/v1/blobs", asked, http.BlobOpened)
    headers = {"Privity-Upload-Key": KEY.hex()}
    for number, caller in enumerate(callers):
        at = {**headers, "Privity-Offset": str(number * 70_000)}
        part = data[number * 70_000 : (number + 1) * 70_000]
        await caller.call("PATCH", PATH, part, http.BlobOffset, at)
    finish = http.FinishBlob(sha256(data).digest())
    await callers[1].call("POST", f"{PATH}/finish", finish, None, headers)
    for caller in callers:
        assert (await caller.call("GET", PATH)).content == data
        part = await caller.call("GET", PATH, headers={"Range": "bytes=69990-140010"})
        assert part.content == data[69_990:140_011]
    await callers[2].call("DELETE", PATH, headers=headers)
    for caller in callers:
        with pytest.raises(Refusal) as refusal:
            await caller.call("GET", PATH)
        assert refusal.value.code is Code.NO_SUCH_BLOB


async def test_mail_that_one_process_takes_wakes_the_device_at_another(
    callers, planes, registered
):
    plane, _ = await planes[2].log_in(registered)
    await plane.send(frames.MailboxOpen(2, 0))
    await plane.receive()
    device = registered.device
    path = f"/v1/mailboxes/{id_to_text(device.mailbox_id)}"
    body = bytes(limits.MAILBOX_MESSAGE)
    idem = secrets.token_bytes(16)
    message = http.PostMessage(
        lane="contacts", body=body, idem=idem, mailbox_key=registered.mailbox_key
    )
    await callers[0].call("POST", path, message)
    async with asyncio.timeout(2.5):
        (entry,) = (await plane.receive()).entries
    assert entry.body == body


async def test_a_login_at_one_process_ends_the_session_at_another(
    callers, planes, registered
):
    value = secrets.token_bytes(32)
    old, logged_in = await planes[0].log_in(registered, proposed=value)
    await planes[1].log_in(registered, prev=value)
    with pytest.raises(ConnectionClosed) as closed:
        async with asyncio.timeout(2.5):
            await old.receive()
    assert closed.value.rcvd.code == CLOSE_ENDED
    callers[2].session = logged_in.session
    with pytest.raises(Refusal) as refusal:
        await callers[2].tokens("blob")
    assert refusal.value.code is Code.NOT_LOGGED_IN


async def reads(fleet, journal, seconds, reader_at):
    """Write at the first process for a while and read at another; return the lags."""
    chat = fleet.chats[0]
    sender = Sender(chat, lambda _: fleet.relays[0].url, journal, 20)
    before = len(await read_log(fleet.relays[1].url, chat))
    reader = Reader(
        chat, lambda _: fleet.relays[reader_at].url, list(range(1, before + 1))
    )
    tasks = [asyncio.create_task(one.run()) for one in (reader, sender)]
    await asyncio.sleep(seconds)
    sender.is_stopping = True
    await tasks[1]
    for _ in range(200):
        if reader.cursor >= before + len(journal.acknowledged):
            break
        await asyncio.sleep(0.05)
    tasks[0].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert reader.seqs == list(range(1, before + len(journal.acknowledged) + 1))
    return sorted(reader.late_ms)


async def test_what_is_said_at_one_process_is_read_at_another_with_the_bus_and_without(
    fleet, tmp_path
):
    journals = [Journal(tmp_path / name) for name in "ab"]
    nats = next(one for one in fleet.services if one.name == "nats")
    lags = await reads(fleet, journals[0], 4, 1)
    assert lags[len(lags) // 2] < 1_500
    nats.kill()
    try:
        without = await reads(fleet, journals[1], 6, 2)
    finally:
        nats.start()
    assert without[-1] < 10_000
    for journal in journals:
        journal.close()


def test_processes_that_are_killed_under_load_keep_every_word(fleet, tmp_path):
    journal = Journal(tmp_path / "journal.jsonl")
    storm = Storm(fleet, Plan(15, seed=4, pause=(0.5, 1.5)), journal)
    before = {
        chat.log_id: asyncio.run(read_log(fleet.relays[0].url, chat))
        for chat in fleet.chats
    }
    told = asyncio.run(storm.rage(lambda _: None))
    journal.close()
    assert told.ok, told
    assert told.acknowledged > 50
    assert account(journal.acknowledged, before, []).lost == told.acknowledged
