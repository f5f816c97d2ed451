"""On PostgreSQL: what is called often waits for no other relay; what is rare does."""

import asyncio
import secrets
import time
from contextlib import asynccontextmanager
from hashlib import sha256

import asyncpg
import pytest
from msgspec import structs
from postgres_cluster import new_url
from relay_clients import mailbox_path
from relay_process import RelayThread, quick_config

from privity.identity.ids import id_to_text
from privity.relay import app
from privity.relay.config import DBSettings
from privity.relay.storage.postgres.locks import BUCKETS
from privity.relay.storage.postgres.place import Place
from privity.relay.storage.postgres.tracks import TRACKS
from privity.wire import frames, http, limits

SHARED = "BEGIN; SELECT pg_advisory_xact_lock_shared(1, 0)"
"""What another relay has while it performs steps with keys."""


@pytest.fixture(scope="module")
def url():
    return new_url()


@pytest.fixture(scope="module")
def relay(url, tmp_path_factory):
    config = structs.replace(quick_config(), db=DBSettings(url=url))
    data = tmp_path_factory.mktemp("beside") / "relay"
    with pytest.MonkeyPatch.context() as patch:
        # Who waits for the whole database is waited for by who comes behind.
        for rare in ("keep_sweeping", "keep_counting"):
            patch.setattr(app, rare, forever)
        with RelayThread(data, config) as running:
            yield running


async def forever(*_):
    await asyncio.Event().wait()


@asynccontextmanager
async def others_at_work(url):
    """Have another relay in the middle of steps on both sides."""
    places = [Place.of(url, side).dsn for side in ("accounts", "logs")]
    others = [await asyncpg.connect(place) for place in places]
    try:
        for other in others:
            await other.execute(SHARED)
        yield
    finally:
        for other in others:
            await other.close()


async def keep_mail(caller, planes, account):
    """Log in, publish and claim key packages, post mail and acknowledge it."""
    plane, logged_in = await planes.log_in(account)
    caller.session = logged_in.session
    soon = int(time.time()) + 86_400
    packages = http.PublishKeyPackages(0xF5A1, [b"one"], soon, b"last")
    await caller.call("POST", "/v1/key-packages", packages)
    await caller.call("PUT", "/v1/self-storage", http.SelfStorage(1, b"sealed"))
    caller.session = b""
    claim = http.Claim(account.account_id, 0xF5A1, account.mailbox_key)
    await caller.call("POST", "/v1/claims", claim, http.Claimed)
    body = bytes(limits.MAILBOX_MESSAGE)
    mail = http.PostMessage("contacts", body, secrets.token_bytes(16))
    mail = structs.replace(mail, mailbox_key=account.mailbox_key)
    await caller.call("POST", mailbox_path(account.device), mail)
    await plane.send(frames.MailboxOpen(1, 0))
    (entry,) = (await plane.receive()).entries
    await plane.send(frames.MailboxAck(entry.seq), frames.Renew(2, bytes(32)))
    return (await plane.receive()).session


async def make_chat_and_file(caller):
    """Take tokens, make a log, and upload a file."""
    (for_log,) = await caller.tokens("log")
    (for_blob,) = await caller.tokens("blob")
    caller.session = b""
    log = http.CreateLog(secrets.token_bytes(16), bytes(32), bytes(32), b"c", for_log)
    await caller.call("POST", "/v1/logs", log)
    blob_id, key, data = secrets.token_bytes(16), bytes(32), b"sealed" * 20
    asked = http.OpenBlob(blob_id, sha256(key).digest(), len(data), for_blob)
    await caller.call("POST", "/v1/blobs", asked, http.BlobOpened)
    path, headers = (
        f"/v1/blobs/{id_to_text(blob_id)}",
        {"Privity-Upload-Key": key.hex()},
    )
    part = {**headers, "Privity-Offset": "0"}
    await caller.call("PATCH", path, data, http.BlobOffset, part)
    finish = http.FinishBlob(sha256(data).digest())
    await caller.call("POST", f"{path}/finish", finish, None, headers)


async def test_what_is_called_often_waits_for_no_other_relay(caller, planes, url, ana):
    await caller.register(ana)
    await caller.token_week()
    async with others_at_work(url), asyncio.timeout(4):
        caller.session = await keep_mail(caller, planes, ana)
        await make_chat_and_file(caller)
        assert (await caller.client.get("/readyz")).text == "ok\n"


@pytest.mark.parametrize("track", range(TRACKS))
async def test_a_relay_is_ready_only_where_each_of_its_tracks_is(caller, url, track):
    other = await asyncpg.connect(Place.of(url, "logs").dsn)
    await other.execute(
        "SELECT pg_advisory_lock(2, bucket)"
        f" FROM generate_series({track}, {BUCKETS - 1}, {TRACKS}) AS bucket"
    )
    asking = asyncio.create_task(caller.client.get("/readyz"))
    done, _ = await asyncio.wait([asking], timeout=0.3)
    assert not done
    await other.close()
    await asking
    assert (await caller.client.get("/readyz")).text == "ok\n"


async def test_a_key_is_not_called_dead_while_another_relay_may_take_mail_by_it(
    caller, planes, url, ben
):
    await caller.register(ben)
    _, logged_in = await planes.log_in(ben)
    caller.session = logged_in.session
    async with others_at_work(url):
        asked = caller.call("PUT", "/v1/mailbox-key", http.SetMailboxKey(bytes(32)))
        changing = asyncio.create_task(asked)
        done, _ = await asyncio.wait([changing], timeout=0.3)
        assert not done
    assert (await changing).status_code == 204
