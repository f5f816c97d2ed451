"""Blobs over HTTP: parts up, ranges down, and what a crash or a full disk does."""

import secrets

import httpx2
import msgspec
import pytest
from relay_clients import Caller, Planes, TestAccount
from relay_process import RelayThread, quick_config
from uploads import Upload

from privity.relay.config import BlobSettings
from privity.relay.storage.blob_files import BlobFiles
from privity.wire import limits
from privity.wire.codes import Code, Refusal


@pytest.fixture
async def new_upload(caller, planes, ana):
    """Make uploads of these bytes, each with a token of its own."""
    await caller.register(ana)
    _, logged_in = await planes.log_in(ana)

    async def make(data):
        caller.session = logged_in.session
        (token,) = await caller.tokens("blob")
        caller.session = b""
        return Upload(caller, token, data)

    return make


async def refused(awaitable):
    """Return the code with which a call is refused."""
    with pytest.raises(Refusal) as refusal:
        await awaitable
    return refusal.value.code


async def test_a_blob_goes_up_in_parts_and_comes_down_whole(new_upload):
    upload = await new_upload(secrets.token_bytes(300_000))
    assert await upload.open() == 0
    assert await upload.part(0, 100_000) == 100_000
    assert await upload.part(100_000, 300_000) == 300_000
    await upload.finish()
    got = await upload.read()
    assert (got.status_code, got.content) == (200, upload.data)


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("bytes=0-0", 0, 0), ("bytes=500-", 500, 999), ("bytes=900-5000", 900, 999)],
)
async def test_a_range_of_a_blob_comes_down(new_upload, asked, first, last):
    upload = await new_upload(secrets.token_bytes(1_000))
    await upload.all()
    got = await upload.read(asked)
    assert (got.status_code, got.content) == (206, upload.data[first : last + 1])
    assert got.headers["content-range"] == f"bytes {first}-{last}/1000"


async def test_an_upload_goes_on_where_it_stood_without_another_token(new_upload):
    upload = await new_upload(bytes(1_000))
    await upload.open()
    await upload.part(0, 600)
    assert await upload.open() == 600
    await upload.part(600, 1_000)
    await upload.finish()
    await upload.finish()


async def test_a_part_at_another_place_is_refused(new_upload):
    upload = await new_upload(bytes(1_000))
    await upload.open()
    await upload.part(0, 600)
    for offset in (0, 500, 601):
        code = await refused(upload.part(600, 700, offset=offset))
        assert code is Code.WRONG_OFFSET
    assert await upload.open() == 600


async def test_a_part_that_came_late_does_not_take_the_place_of_a_whole_file(
    new_upload, relay
):
    upload = await new_upload(secrets.token_bytes(10_000))
    await upload.all()
    # A process that stood still since before the file was whole goes on writing.
    BlobFiles(relay.data / "blobs").write_part(upload.id, 0, b"late")
    await upload.finish()
    assert (await upload.read()).content == upload.data


async def test_only_the_upload_key_writes_finishes_and_deletes(new_upload):
    upload = await new_upload(bytes(1_000))
    await upload.open()
    assert await refused(upload.part(0, 10, key=bytes(32))) is Code.NOT_AUTHENTIC
    upload.key, key = bytes(32), upload.key
    assert await refused(upload.finish()) is Code.NOT_AUTHENTIC
    headers = {"Privity-Upload-Key": bytes(32).hex()}
    delete = upload.caller.call("DELETE", upload.path, headers=headers)
    assert await refused(delete) is Code.NOT_AUTHENTIC
    upload.key = key
    assert await upload.open() == 0


async def test_an_id_is_one_upload(new_upload):
    upload = await new_upload(bytes(1_000))
    await upload.open()
    for changes in ({"size": 999}, {"key_hash": bytes(32)}):
        assert await refused(upload.open(**changes)) is Code.NOT_AUTHENTIC


async def test_a_blob_costs_a_token(new_upload):
    first, second = await new_upload(b"1"), await new_upload(b"2")
    await first.open()
    second.token = first.token
    assert await refused(second.open()) is Code.TOKEN_SPENT


async def test_bytes_that_were_not_announced_are_refused(new_upload):
    upload = await new_upload(bytes(1_000))
    await upload.open(size=999)
    assert await refused(upload.part(0, 1_000)) is Code.TOO_LARGE


async def test_a_part_has_its_limit(new_upload):
    upload = await new_upload(bytes(limits.BLOB_PART + 1))
    await upload.open()
    assert await refused(upload.part(0, len(upload.data))) is Code.TOO_LARGE
    assert await upload.open() == 0


async def test_an_unfinished_blob_is_not_readable(new_upload):
    upload = await new_upload(bytes(1_000))
    await upload.open()
    await upload.part(0, 999)
    assert await refused(upload.read()) is Code.NO_SUCH_BLOB
    assert await refused(upload.finish()) is Code.WRONG_OFFSET


async def test_a_blob_with_another_hash_is_not_finished(new_upload):
    upload = await new_upload(bytes(1_000))
    await upload.open()
    await upload.part(0, 1_000)
    assert await refused(upload.finish(bytes(32))) is Code.WRONG_HASH
    assert await refused(upload.read()) is Code.NO_SUCH_BLOB


async def test_a_finished_blob_takes_no_more_parts(new_upload):
    upload = await new_upload(bytes(1_000))
    await upload.all()
    assert await refused(upload.part(0, 10)) is Code.WRONG_OFFSET


async def test_a_deleted_blob_is_gone_with_its_file(new_upload, relay):
    upload = await new_upload(bytes(1_000))
    await upload.all()
    headers = {"Privity-Upload-Key": upload.key.hex()}
    await upload.caller.call("DELETE", upload.path, headers=headers)
    assert await refused(upload.read()) is Code.NO_SUCH_BLOB
    assert upload.id not in BlobFiles(relay.data / "blobs").ids()


@pytest.mark.parametrize(
    "asked", ["bytes=a-", "items=0-1", "bytes=-5", "bytes=0-1,3-4"]
)
async def test_a_range_that_is_none_is_malformed(new_upload, asked):
    upload = await new_upload(bytes(10))
    await upload.all()
    assert await refused(upload.read(asked)) is Code.MALFORMED


async def test_a_range_behind_the_end_is_refused(new_upload):
    upload = await new_upload(bytes(10))
    await upload.all()
    assert await refused(upload.read("bytes=10-")) is Code.WRONG_OFFSET


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Privity-Upload-Key": "zz", "Privity-Offset": "0"},
        {"Privity-Upload-Key": "AA" * 32, "Privity-Offset": "0"},
        {"Privity-Upload-Key": "aa" * 31, "Privity-Offset": "0"},
    ],
)
async def test_a_part_without_a_proper_key_is_refused(new_upload, headers):
    upload = await new_upload(bytes(10))
    await upload.open()
    call = upload.caller.call("PATCH", upload.path, b"x", headers=headers)
    assert await refused(call) in {Code.MALFORMED, Code.NOT_AUTHENTIC}


@pytest.mark.parametrize("offset", ["", "-1", "01", "x", "9" * 13])
async def test_a_part_without_a_proper_offset_is_malformed(new_upload, offset):
    upload = await new_upload(bytes(10))
    await upload.open()
    headers = {"Privity-Upload-Key": upload.key.hex(), "Privity-Offset": offset}
    call = upload.caller.call("PATCH", upload.path, b"x", headers=headers)
    assert await refused(call) is Code.MALFORMED


async def test_an_upload_outlives_a_restart_of_the_relay(new_upload, relay):
    upload = await new_upload(secrets.token_bytes(1_000))
    await upload.open()
    await upload.part(0, 600)
    relay.restart()
    await upload.part(await upload.open(), 1_000)
    await upload.finish()
    assert (await upload.read()).content == upload.data


async def test_a_part_whose_count_was_lost_is_written_again(new_upload, relay):
    upload = await new_upload(secrets.token_bytes(1_000))
    await upload.open()
    BlobFiles(relay.data / "blobs").write_part(upload.id, 0, bytes(1_500))
    await upload.part(0, 1_000)
    await upload.finish()
    assert (await upload.read()).content == upload.data


async def test_a_finish_whose_row_was_lost_is_finished_again(new_upload, relay):
    upload = await new_upload(secrets.token_bytes(1_000))
    await upload.open()
    await upload.part(0, 1_000)
    BlobFiles(relay.data / "blobs").finish(upload.id)
    await upload.finish()
    assert (await upload.read()).content == upload.data


async def test_a_blob_whose_file_vanished_is_missing_by_name(new_upload, relay):
    upload = await new_upload(bytes(1_000))
    await upload.open()
    await upload.part(0, 1_000)
    BlobFiles(relay.data / "blobs").remove(upload.id)
    assert await refused(upload.finish()) is Code.NO_SUCH_BLOB


async def test_a_full_disk_refuses_blobs_and_nothing_else(tmp_path):
    ana = TestAccount.new()
    config = msgspec.structs.replace(
        quick_config(), blobs=BlobSettings(reserve_bytes=1 << 40, max_bytes=2_000)
    )
    with RelayThread(tmp_path / "relay", config) as relay:
        planes = Planes(relay.url)
        async with httpx2.AsyncClient(base_url=relay.url, trust_env=False) as client:
            caller = Caller(client)
            await caller.register(ana)
            _, logged_in = await planes.log_in(ana)
            caller.session = logged_in.session
            (token,) = await caller.tokens("blob")
            upload = Upload(caller, token, bytes(1_000))
            assert await refused(upload.open()) is Code.STORAGE_FULL
            assert await refused(upload.open(size=2_001)) is Code.TOO_LARGE
            await planes.close()
