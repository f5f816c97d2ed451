"""What every store of blobs does: one suite for files and for S3 over HTTP."""

import secrets
from hashlib import sha256

import httpx2
import msgspec
import pytest
from log_plane import Chat
from obstore.store import LocalStore
from relay_clients import Caller, Planes
from relay_process import RelayThread, quick_config
from s3_server import S3Server, needs_s3

from privity.identity.ids import id_to_text
from privity.relay.storage.blob_files import BlobFiles
from privity.relay.storage.blob_objects import BlobObjects, open_s3
from privity.relay.storage.blob_store import BlobsAway
from privity.wire import http
from privity.wire.codes import Code, Refusal

ONE, OTHER = b"\x01" * 16, b"\x02" * 16


@pytest.fixture(params=["files", "objects", pytest.param("s3", marks=needs_s3)])
def store(request, tmp_path):
    if request.param == "files":
        return BlobFiles(tmp_path / "blobs")
    if request.param == "objects":
        return BlobObjects(LocalStore(tmp_path))
    server = request.getfixturevalue("server")
    return open_s3(server.settings(secrets.token_hex(8)))


@pytest.fixture(scope="module")
def server():
    with S3Server() as running:
        yield running


def filled(store, blob_id=ONE, sizes=(70_000, 1, 65_536)):
    data, offset = secrets.token_bytes(sum(sizes)), 0
    for size in sizes:
        store.write_part(blob_id, offset, data[offset : offset + size])
        offset += size
    return data


def read_all(store, blob_id, size, first=0):
    found = b""
    while len(found) < size - first:
        found += store.read(blob_id, first + len(found), 40_000)
    return found


def test_parts_come_back_as_one_from_any_byte_on(store):
    data = filled(store)
    assert store.digest_of_part(ONE, len(data)) == sha256(data).digest()
    store.finish(ONE)
    store.finish(ONE)
    for first in (0, 1, 69_999, 70_000, 70_001, len(data) - 1):
        assert read_all(store, ONE, len(data), first) == data[first:]
    assert store.digest_of_part(ONE, len(data)) == sha256(data).digest()


def test_a_part_that_comes_again_takes_the_place_of_the_first(store):
    store.write_part(ONE, 0, b"first, and longer")
    store.write_part(ONE, 0, b"second")
    store.write_part(ONE, 6, b", third")
    assert store.digest_of_part(ONE, 13) == sha256(b"second, third").digest()


def test_what_is_missing_gives_another_digest(store):
    store.write_part(ONE, 0, b"begin")
    store.write_part(ONE, 7, b"end")
    assert store.digest_of_part(ONE, 10) != sha256(b"beginend").digest()


def test_who_has_bytes_is_listed_and_what_is_removed_is_gone(store):
    assert list(store.ids()) == []
    filled(store)
    filled(store, OTHER)
    store.finish(OTHER)
    assert set(store.ids()) == {ONE, OTHER}
    assert not store.has_lost(ONE)
    for _ in range(2):
        store.remove(OTHER)
    assert set(store.ids()) == {ONE}
    with pytest.raises(FileNotFoundError):
        store.read(OTHER, 0, 1)
    store.remove(ONE)
    assert list(store.ids()) == []


def test_what_was_read_and_removed_elsewhere_is_gone(store):
    data = filled(store)
    store.finish(ONE)
    assert read_all(store, ONE, len(data)) == data
    again = type(store)(store._store) if hasattr(store, "_store") else store
    again.remove(ONE)
    with pytest.raises(FileNotFoundError):
        store.read(ONE, 0, 1)


def test_a_removal_that_was_cut_short_leaves_what_is_listed(tmp_path):
    store = BlobObjects(LocalStore(tmp_path))
    filled(store)
    (tmp_path / "01" / ONE.hex() / f"{70_001:012x}").unlink()
    assert list(store.ids()) == [ONE]
    store.remove(ONE)
    assert list(store.ids()) == []


@needs_s3
async def test_while_s3_is_away_files_are_refused_and_messages_flow(tmp_path, ana):
    with S3Server() as server:
        settings = server.settings()
        filled(open_s3(settings))
    with pytest.raises(BlobsAway):
        open_s3(settings).read(ONE, 0, 1)
    config = msgspec.structs.replace(quick_config(), blobs=settings)
    with RelayThread(tmp_path / "relay", config) as relay:
        async with httpx2.AsyncClient(base_url=relay.url, trust_env=False) as client:
            caller, planes = Caller(client), Planes(relay.url)
            await caller.register(ana)
            _, logged_in = await planes.log_in(ana)
            caller.session = logged_in.session
            (blob,), (log,) = await caller.tokens("blob"), await caller.tokens("log")
            caller.session = b""
            with pytest.raises(Refusal) as refusal:
                await upload(caller, blob)
            assert refusal.value.code is Code.STORAGE_FULL
            await caller.call("POST", "/v1/logs", Chat().creation(log))
            assert (await client.get("/readyz")).text == "ok\n"
            await planes.close()


async def upload(caller, token):
    """Send the first part of a file."""
    key = secrets.token_bytes(32)
    asked = http.OpenBlob(ONE, sha256(key).digest(), 5, token)
    await caller.call("POST", "/v1/blobs", asked, http.BlobOpened)
    headers = {"Privity-Upload-Key": key.hex(), "Privity-Offset": "0"}
    path = f"/v1/blobs/{id_to_text(ONE)}"
    await caller.call("PATCH", path, b"bytes", http.BlobOffset, headers)
