"""The log of events, the sweep, and the certificate that is read again."""

import asyncio
import io
import json
import secrets
import sqlite3

import msgspec
import pytest
from log_plane import Chat
from minted import minted
from refusing import memory, refuses
from relay_clients import TestAccount
from relay_process import quick_config

from privity.errors import UsageError
from privity.relay import accounts, blobs, logs, serving, tokens
from privity.relay.log_side import open_log_side
from privity.relay.ops.events import Event, log_error, open_log
from privity.relay.ops.upkeep import keep_sweeping, sweep
from privity.relay.services import Services
from privity.relay.serving import listen
from privity.relay.shared_keys import derive_keys
from privity.relay.storage.account_tables import ACCOUNT_SCHEMA
from privity.relay.storage.blob_files import BlobFiles
from privity.relay.storage.database import Database
from privity.relay.storage.log_tables import LOG_SCHEMA
from privity.relay.tls import Certificate, fingerprint_of, host_of, make_certificate
from privity.relay.tokens import TokenKind
from privity.wire.codes import Code
from privity.wire.http import OpenBlob
from privity.wire.tokens import week_of

DAY = 86_400
SECRETS = [
    "ana@chat.example",
    "mfrggzdfmztwq2lknnwg23tpoa",
    "192.0.2.7",
    "/v1/mailboxes/mfrggzdfmztwq2lknnwg23tpoa",
    b"\x01secret".decode(),
    ("tuple", "of secrets"),
    {"dict": "of secrets"},
]


@pytest.mark.parametrize("secret", SECRETS)
def test_no_secret_reaches_the_log_by_any_road(secret):
    written = io.StringIO()
    log = open_log(written)
    for field in ("error", "module", "blobs", "handle", "client", "event_", "port"):
        log(Event.STARTED, **{field: secret})
    log(type("Fake", (), {"value": str(secret)}))
    for line in written.getvalue().splitlines():
        assert set(json.loads(line)) == {"event", "timestamp"}
    assert str(secret) not in written.getvalue()


def test_an_error_is_logged_as_a_class_and_a_line_of_ours():
    written = io.StringIO()
    try:
        host_of(3)
    except Exception as error:  # noqa: BLE001  any error does
        log_error(open_log(written), error)
    told = json.loads(written.getvalue())
    assert told["module"] == "privity.relay.tls"
    assert told["error"] == "AttributeError"
    assert told["line"] > 0


def test_a_line_that_a_full_disk_does_not_take_is_lost_and_stops_nobody():
    full = open("/dev/full", "w")  # noqa: SIM115, PTH123  closing it fails as well
    open_log(full)(Event.STARTED, port=1)
    with pytest.raises(OSError, match="No space"):
        full.close()


class Clock:
    """A clock that stands where it is put."""

    def __init__(self):
        self.now = 1_800_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture
async def services(tmp_path):
    """The services of a relay without its sockets."""
    own = Services(
        config=quick_config(),
        accounts=Database(tmp_path / "accounts.sqlite", ACCOUNT_SCHEMA),
        logs=Database(tmp_path / "logs.sqlite", LOG_SCHEMA),
        files=BlobFiles(tmp_path / "blobs"),
        clock=Clock(),
        random=secrets.token_bytes,
        keys=derive_keys(bytes(32)),
    )
    yield own
    await own.accounts.close()
    await own.logs.close()


async def test_the_sweep_forgets_what_expired_and_keeps_the_rest(services):
    ana = TestAccount.new()
    request = ana.registration(bytes(32))
    verified = accounts.verify_registration("localhost", request)
    await services.accounts.write(
        lambda db: accounts.register(db, verified, services.now(), is_open=True)
    )
    week = week_of(services.now())
    token, spent = [
        await services.logs.write(lambda db: minted(db, TokenKind.BLOB, week))
        for _ in range(2)
    ]
    await services.logs.write(lambda db: tokens.spend(db, TokenKind.BLOB, spent))
    await sweep(services)
    services.clock.now += 7 * DAY
    await sweep(services)
    with pytest.raises(Exception, match="token_spent"):
        await services.logs.write(lambda db: tokens.spend(db, TokenKind.BLOB, spent))
    services.clock.now += 7 * DAY
    swept = await sweep(services)
    assert {name: count for name, count in swept.items() if count} == {"tokens": 2}
    with pytest.raises(Exception, match="token_spent"):
        await services.logs.write(lambda db: tokens.spend(db, TokenKind.BLOB, token))
    await services.accounts.read(lambda db: accounts.directory(db, ana.account_id))


async def test_the_sweep_leaves_nothing_deleted_in_the_write_ahead_logs(
    services, tmp_path
):
    secret = "a-name-that-nobody-keeps"
    for store, table in ((services.accounts, "handles"), (services.logs, "blobs")):
        await store.write(
            lambda db, table=table: db.execute(f"CREATE TABLE gone_{table} (x TEXT)")
        )
        await store.write(
            lambda db, table=table: db.execute(
                f"INSERT INTO gone_{table} VALUES (?)", (secret,)
            )
        )
        await store.write(
            lambda db, table=table: db.execute(f"DELETE FROM gone_{table}")
        )
    await sweep(services)
    for path in tmp_path.glob("*.sqlite*"):
        assert secret.encode() not in path.read_bytes()


async def test_the_sweep_removes_old_blobs_and_files_without_a_row(services):
    token = await services.logs.write(lambda db: minted(db, TokenKind.BLOB))
    asked = OpenBlob(id=b"i" * 16, key_hash=bytes(32), size=1, token=token)
    await services.logs.write(lambda db: blobs.open_blob(db, asked, services.today()))
    services.files.write_part(b"i" * 16, 0, b"x")
    services.files.write_part(b"o" * 16, 0, b"x")
    assert (await sweep(services))["blob_files"] == 1
    assert list(services.files.ids()) == [b"i" * 16]
    services.clock.now += 3 * DAY
    assert (await sweep(services))["blob_files"] == 1
    assert list(services.files.ids()) == []


async def test_the_sweep_lets_messages_of_old_weeks_expire(services):
    side = open_log_side(
        services.config, services.logs, services.clock, services.random
    )
    chat = Chat()
    token = await services.logs.write(lambda db: minted(db, TokenKind.LOG))
    await services.logs.write(lambda db: logs.create(db, chat.creation(token)))
    append = chat.app()
    attempt = logs.check_attempt(logs.parse_header(append.header), append)
    for days in (0, services.config.retention.entries_days + 7):
        services.clock.now += days * DAY
        assert (await sweep(services))["messages"] == (1 if days else 0)
        stored = await services.logs.write(lambda db: side.judge(db, attempt))
        assert (stored.seq, stored.is_repeat) == (1, bool(days))
    assert (await sweep(services))["messages"] == 0


def test_foreign_files_in_the_folder_are_left_alone(tmp_path):
    files = BlobFiles(tmp_path)
    (tmp_path / "ab").mkdir()
    (tmp_path / "ab" / "notes.txt").write_text("mine")
    assert list(files.ids()) == []


def test_finished_blobs_live_longer_than_unfinished_ones():
    logs = memory(LOG_SCHEMA)
    for number in range(2):
        token = minted(logs, TokenKind.BLOB)
        asked = OpenBlob(bytes([number]) * 16, bytes(32), 5, token)
        blobs.open_blob(logs, asked, 100)
    blobs.finish(logs, bytes([1]) * 16, bytes(32))
    blobs.drop_old(logs, 110, 90, 2)
    assert blobs.known_ids(logs) == {bytes([1]) * 16}


def test_an_upload_that_went_on_meanwhile_is_not_counted_twice():
    logs = memory(LOG_SCHEMA)
    token = minted(logs, TokenKind.BLOB)
    asked = OpenBlob(b"i" * 16, bytes(32), 100, token)
    blobs.open_blob(logs, asked, 0)
    blobs.advance(logs, b"i" * 16, 0, 50)
    with refuses(Code.WRONG_OFFSET, logs):
        blobs.advance(logs, b"i" * 16, 0, 70)


@pytest.fixture
def pair(tmp_path):
    """A certificate and its key."""
    cert, key = tmp_path / "tls" / "cert.pem", tmp_path / "tls" / "key.pem"
    make_certificate(cert, key, ["chat.example", "127.0.0.1"])
    return cert, key


def test_a_key_is_readable_by_its_owner_only(pair):
    assert pair[1].stat().st_mode & 0o777 == 0o600


def test_a_renewed_certificate_is_taken_over_and_a_broken_one_is_not(pair):
    cert, key = pair
    certificate = Certificate(cert, key)
    assert not certificate.reload()
    before = fingerprint_of(cert)
    cert.unlink()
    key.unlink()
    with pytest.raises(UsageError, match="missing"):
        certificate.reload()
    make_certificate(cert, key, ["chat.example"])
    assert certificate.reload()
    assert fingerprint_of(cert) != before
    cert.write_text("broken")
    with pytest.raises(UsageError):
        certificate.reload()
    with pytest.raises(UsageError):
        fingerprint_of(cert)


@pytest.mark.parametrize(
    "place",
    [{"listen": "203.0.113.1:1"}, {"uds": "/nowhere/relay.sock"}],
)
def test_a_place_that_cannot_be_bound_is_named(place):
    config = msgspec.structs.replace(quick_config(), **place)
    with pytest.raises(UsageError, match="cannot listen"):
        listen(config)


class Told:
    """A log that can be waited for."""

    def __init__(self):
        self._queue = asyncio.Queue()

    def __call__(self, event, **fields):
        self._queue.put_nowait((event, fields))

    async def next(self):
        return await asyncio.wait_for(self._queue.get(), 10)


async def test_a_sweep_that_fails_is_logged_and_tried_again_later(services):
    log = Told()
    await services.logs.write(lambda db: db.execute("DROP TABLE spent_tokens") and None)
    sweeping = asyncio.create_task(keep_sweeping(services, log))
    assert await log.next() == (
        Event.SWEEP_FAILED,
        {"error": sqlite3.OperationalError},
    )
    sweeping.cancel()


async def test_a_certificate_is_watched_while_the_relay_serves(pair, monkeypatch):
    cert, key = pair
    log = Told()
    monkeypatch.setattr(serving, "_CERTIFICATE_SECONDS", 0)
    watching = asyncio.create_task(
        serving._watch(Certificate(cert, key), log, asyncio.Event())
    )
    cert.write_text("broken")
    assert await log.next() == (Event.CERTIFICATE_UNUSABLE, {})
    key.unlink()
    make_certificate(cert, key, ["a.example"])
    while (await log.next())[0] is not Event.CERTIFICATE_RELOADED:
        pass
    watching.cancel()
