"""When blobs end, and what a killed relay leaves of them: nothing by halves."""

import secrets
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import httpx2
import pytest
from minted import minted
from refusing import memory
from relay_clients import Caller
from relay_process import quick_config
from s3_server import S3Server, needs_s3
from starlette.applications import Starlette

from privity.identity.ids import id_to_text
from privity.relay import blobs
from privity.relay.blob_calls import BlobCalls
from privity.relay.http import EXCEPTION_HANDLERS
from privity.relay.ops.upkeep import sweep
from privity.relay.services import Services
from privity.relay.shared_keys import derive_keys
from privity.relay.storage.account_tables import ACCOUNT_SCHEMA
from privity.relay.storage.blob_files import BlobFiles
from privity.relay.storage.blob_objects import open_s3
from privity.relay.storage.blob_store import BlobStore
from privity.relay.storage.database import Database
from privity.relay.storage.log_tables import LOG_SCHEMA
from privity.relay.tokens import TokenKind
from privity.wire import http
from privity.wire.codes import Code, Refusal
from privity.wire.entry import BlobRef
from privity.wire.tokens import week_of

DAY = 86_400
ID, KEY = b"i" * 16, b"k" * 32
PATH = f"/v1/blobs/{id_to_text(ID)}"
DATA = bytes(range(250)) * 40
HEADERS = {"Privity-Upload-Key": KEY.hex()}


class Killed(BaseException):
    """The relay ended in front of an effect."""


class Life:
    """One life of a relay's blobs, which ends in front of its effect number `end`."""

    store_in: Callable[[Path], BlobStore]

    def __init__(self, folder, end=None, now=1_800_000_000):
        self.left, self.now = end, now
        life = self

        class Files:
            """A store of blobs each of whose effects may be the last."""

            def __init__(self, store):
                self._store = store

            def write_part(self, blob_id, offset, data):
                life.effect()
                self._store.write_part(blob_id, offset, data)

            def finish(self, blob_id):
                life.effect()
                self._store.finish(blob_id)

            def remove(self, blob_id):
                life.effect()
                self._store.remove(blob_id)

            def __getattr__(self, name):
                return getattr(self._store, name)

        class Logs(Database):
            async def write(self, step, *, keys=()):
                life.effect()
                return await super().write(step, keys=keys)

        self.services = Services(
            config=quick_config(),
            accounts=Database(folder / "accounts.sqlite", ACCOUNT_SCHEMA),
            logs=Logs(folder / "logs.sqlite", LOG_SCHEMA),
            files=Files(Life.store_in(folder)),
            clock=lambda: self.now,
            random=secrets.token_bytes,
            keys=derive_keys(bytes(32)),
        )

    def effect(self):
        """Count an effect on a disk."""
        if self.left is None:
            return
        if self.left == 0:
            raise Killed
        self.left -= 1

    async def __aenter__(self):
        handlers = EXCEPTION_HANDLERS
        routes = BlobCalls(self.services).routes()
        app = Starlette(routes=routes, exception_handlers=handlers)
        transport = httpx2.ASGITransport(app=app)
        self.client = httpx2.AsyncClient(transport=transport, base_url="http://relay")
        self.caller = Caller(self.client)
        return self

    async def __aexit__(self, kind, *_):
        await self.client.aclose()
        await self.services.accounts.close()
        await self.services.logs.close()
        return kind is Killed

    async def token(self):
        """Return a token that is good here."""
        week = week_of(self.services.now())
        return await self.services.logs.write(
            lambda db: minted(db, TokenKind.BLOB, week)
        )

    async def open(self, token, days=0):
        """Open the upload, or learn where it stands."""
        key_hash = sha256(KEY).digest()
        asked = http.OpenBlob(ID, key_hash, len(DATA), token, days)
        opened = await self.caller.call("POST", "/v1/blobs", asked, http.BlobOpened)
        return opened.offset

    async def upload(self, token, days=0):
        """Send what is not there yet, in parts."""
        offset = await self.open(token, days)
        while offset < len(DATA):
            headers = {**HEADERS, "Privity-Offset": str(offset)}
            part = DATA[offset : offset + 4_000]
            call = self.caller.call("PATCH", PATH, part, http.BlobOffset, headers)
            offset = (await call).offset
        asked = http.FinishBlob(sha256(DATA).digest())
        await self.caller.call("POST", f"{PATH}/finish", asked, None, HEADERS)

    async def delete(self):
        """Delete the blob, as its uploader."""
        await self.caller.call("DELETE", PATH, headers=HEADERS)

    async def read(self):
        """Return the blob's bytes."""
        return (await self.caller.call("GET", PATH)).content

    async def is_gone(self):
        """Tell whether neither a row nor a file is left."""
        rows = await self.services.logs.read(blobs.known_ids)
        return not rows and not list(self.services.files.ids())


@pytest.fixture(scope="module", params=["files", pytest.param("s3", marks=needs_s3)])
def store_in(request):
    """What opens the store of blobs of a relay in a folder."""
    if request.param == "files":
        yield lambda folder: BlobFiles(folder / "blobs")
        return
    with S3Server() as server:
        yield lambda folder: open_s3(server.settings(f"relays/{folder.name}"))


@pytest.fixture(autouse=True)
def _stores(store_in, monkeypatch):
    """Let every life of a test have the same store."""
    monkeypatch.setattr(Life, "store_in", staticmethod(store_in), raising=False)


@pytest.fixture
def on_files(store_in, tmp_path):
    """Skip what is true of files only."""
    if not isinstance(store_in(tmp_path), BlobFiles):
        pytest.skip("an object store is not asked whether it has lost something")


async def refused(awaitable):
    """Return the code with which a call is refused."""
    with pytest.raises(Refusal) as refusal:
        await awaitable
    return refusal.value.code


@pytest.fixture
async def token(tmp_path):
    """A token that is good for one blob."""
    async with Life(tmp_path) as life:
        return await life.token()


EFFECTS_OF_UPLOAD = 9
"""The row, three parts with their counts, the rename, the hash."""


@pytest.mark.parametrize("end", range(EFFECTS_OF_UPLOAD))
async def test_an_upload_goes_on_wherever_the_relay_was_killed(tmp_path, token, end):
    async with Life(tmp_path, end) as life:
        await life.upload(token)
        pytest.fail("it lived on")
    async with Life(tmp_path) as life:
        await sweep(life.services)
        await life.upload(token)
        assert await life.read() == DATA
        await sweep(life.services)
        assert await life.read() == DATA


async def test_an_upload_has_as_many_effects_as_it_is_killed_in(tmp_path, token):
    async with Life(tmp_path, EFFECTS_OF_UPLOAD) as life:
        await life.upload(token)
        assert life.left == 0
        assert await life.read() == DATA
        return
    pytest.fail("it was killed")


@pytest.mark.parametrize("end", range(2))
async def test_a_deletion_is_whole_wherever_the_relay_was_killed(tmp_path, token, end):
    async with Life(tmp_path) as life:
        await life.upload(token)
    async with Life(tmp_path, end) as life:
        await life.delete()
        pytest.fail("it lived on")
    async with Life(tmp_path) as life:
        await sweep(life.services)
        if end == 0:
            assert await life.read() == DATA
            await life.delete()
        assert await life.is_gone()


@pytest.mark.parametrize("end", range(4))
async def test_an_expiry_is_whole_wherever_the_relay_was_killed(tmp_path, token, end):
    async with Life(tmp_path) as life:
        await life.upload(token, days=1)
    later = life.now + 2 * DAY
    async with Life(tmp_path, end, later) as life:
        await sweep(life.services)
        pytest.fail("it lived on")
    async with Life(tmp_path, now=later) as life:
        await sweep(life.services)
        assert await life.is_gone()


async def test_a_blob_stays_the_days_its_uploader_wants_and_no_longer(tmp_path, token):
    async with Life(tmp_path) as life:
        await life.upload(token, days=7)
        life.now += 7 * DAY
        await sweep(life.services)
        assert await life.read() == DATA
        life.now += DAY
        await sweep(life.services)
        assert await life.is_gone()


async def test_no_uploader_keeps_a_blob_longer_than_the_relay_does(tmp_path, token):
    async with Life(tmp_path) as life:
        days = life.services.config.blobs.retention_days
        await life.upload(token, days=days + 100)
        life.now += (days + 1) * DAY
        await sweep(life.services)
        assert await life.is_gone()


@pytest.mark.parametrize("days", [-1, 36_501, "1"])
async def test_a_wish_that_is_no_number_of_days_is_refused(tmp_path, token, days):
    async with Life(tmp_path) as life:
        assert await refused(life.open(token, days)) is Code.MALFORMED
        assert await life.is_gone()
        assert await life.open(token) == 0


async def test_a_blob_that_an_entry_holds_outlives_its_uploaders_wish(tmp_path, token):
    async with Life(tmp_path) as life:
        await life.upload(token, days=1)
        ref = BlobRef(1, ID, len(DATA), sha256(DATA).digest())
        await life.services.logs.write(lambda db: blobs.hold(db, bytes(16), 1, ref))
        life.now += 500 * DAY
        await sweep(life.services)
        assert await life.read() == DATA


async def test_a_blob_without_its_file_is_forgotten_and_can_be_sent_again(
    tmp_path, token, on_files
):
    async with Life(tmp_path) as life:
        await life.upload(token)
        life.services.files.remove(ID)
        await sweep(life.services)
        assert await life.is_gone()
        again = await life.token()
        await life.upload(again)
        assert await life.read() == DATA


async def test_no_blob_is_forgotten_because_its_disk_is_not_mounted(
    tmp_path, token, on_files
):
    folder, elsewhere = tmp_path / "blobs", tmp_path / "unmounted"
    async with Life(tmp_path) as life:
        await life.upload(token)
        folder.rename(elsewhere)
        folder.mkdir()
        await sweep(life.services)
        folder.rmdir()
        elsewhere.rename(folder)
        await sweep(life.services)
        assert await life.read() == DATA


async def test_an_upload_without_a_byte_has_no_file_to_miss(tmp_path, token):
    async with Life(tmp_path) as life:
        await life.open(token)
        await sweep(life.services)
        assert await life.open(secrets.token_bytes(84)) == 0


def test_a_held_blob_without_its_file_stays_known():
    logs = memory(LOG_SCHEMA)
    token = minted(logs, TokenKind.BLOB)
    blobs.open_blob(logs, http.OpenBlob(ID, bytes(32), 5, token), 0)
    blobs.hold(logs, bytes(16), 1, BlobRef(1, ID, 5, bytes(32)))
    blobs.drop_lost(logs, [ID])
    assert blobs.known_ids(logs) == {ID}
