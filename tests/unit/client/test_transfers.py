"""Files go up and down whole, in constant memory, and go on where they stopped."""

import asyncio
import os
import tracemalloc
from dataclasses import replace

import pytest

from privity.client import transfers
from privity.client.downloads import Target, fetch_file
from privity.client.errors import StorageFull, TransferFailed
from privity.client.transfers import Reason
from privity.client.uploads import PART, Source, send_file
from privity.content import limits
from privity.core.effects import Cause
from privity.wire.codes import Code, Refusal

LABELS = ("application/octet-stream", "name.bin")


@pytest.fixture
async def ana(make_person):
    return await make_person("ana")


@pytest.fixture
def target(tmp_path):
    waiting = tmp_path / "waiting"
    waiting.mkdir()
    return Target(tmp_path / "got", waiting)


@pytest.fixture
def make_file(tmp_path):
    def make(size: int, name: str = "file"):
        path = tmp_path / name
        path.write_bytes(os.urandom(size))
        return path

    return make


def unfinished(person):
    return transfers.unfinished(person.driver.store.database)


@pytest.mark.parametrize("size", [0, 1, 65_536, 65_537, 3 * PART + 17])
async def test_a_file_comes_back_as_it_was(ana, target, make_file, size):
    path = make_file(size)
    seen = []
    offer = await send_file(
        ana.driver, Source(path), LABELS, lambda *place: seen.append(place)
    )
    assert offer.filename == "name.bin"
    assert offer.sealed.length == size
    assert seen == sorted(seen)
    assert seen[-1] == (offer.sealed.size, offer.sealed.size)
    await fetch_file(ana.driver, offer, target)
    assert target.path.read_bytes() == path.read_bytes()
    assert target.path.stat().st_mode & 0o777 == 0o600
    assert list(target.waiting.iterdir()) == []
    assert unfinished(ana) == []


async def test_bytes_stand_for_a_file(ana, target, tmp_path):
    source = Source(tmp_path / "photo.jpg", os.urandom(100_000))
    offer = await send_file(ana.driver, source, ("image/jpeg", "photo.jpg"))
    await fetch_file(ana.driver, offer, target)
    assert target.path.read_bytes() == source.data


async def test_the_same_file_twice_has_nothing_in_common(ana, make_file):
    path = make_file(1000)
    one = await send_file(ana.driver, Source(path), LABELS)
    two = await send_file(ana.driver, Source(path), LABELS)
    assert one.blob_id != two.blob_id
    assert one.sealed.key != two.sealed.key
    assert one.sealed.content_hash != two.sealed.content_hash


class Stopped(Exception):
    """The transfer is cut here."""


def stop_at(count):
    """Cut a transfer when its progress was told the n-th time."""
    calls = []

    def progress(done, _all):
        calls.append(done)
        if len(calls) == count:
            raise Stopped

    return progress


@pytest.mark.parametrize("count", [1, 2, 3])
async def test_an_upload_that_was_cut_goes_on_after_a_restart(
    ana, target, make_file, count
):
    path = make_file(3 * PART)
    with pytest.raises(Stopped):
        await send_file(ana.driver, Source(path), LABELS, stop_at(count))
    [begun] = unfinished(ana)
    await ana.stop()
    await ana.start()
    seen = []
    offer = await send_file(
        ana.driver, Source(path), LABELS, lambda done, _: seen.append(done)
    )
    assert offer.blob_id == begun.blob_id
    assert (seen[0] > 0) == (count > 1)
    await fetch_file(ana.driver, offer, target)
    assert target.path.read_bytes() == path.read_bytes()


async def test_an_upload_survives_a_restart_of_the_relay(ana, relay, target, make_file):
    path = make_file(4 * PART)
    begun = asyncio.Event()
    sending = asyncio.create_task(
        send_file(ana.driver, Source(path), LABELS, lambda *_: begun.set())
    )
    await begun.wait()
    await asyncio.to_thread(relay.restart)
    offer = await sending
    await fetch_file(ana.driver, offer, target)
    assert target.path.read_bytes() == path.read_bytes()


async def test_a_download_that_was_cut_goes_on(ana, target, make_file):
    path = make_file(3 * PART)
    offer = await send_file(ana.driver, Source(path), LABELS)
    with pytest.raises(Stopped):
        await fetch_file(ana.driver, offer, target, stop_at(3))
    assert not target.path.exists()
    [waiting] = target.waiting.iterdir()
    here = waiting.stat().st_size
    assert 0 < here < offer.sealed.size
    assert path.read_bytes()[:1000] not in waiting.read_bytes()
    seen = []
    await fetch_file(ana.driver, offer, target, lambda done, _: seen.append(done))
    assert seen[0] > here
    assert target.path.read_bytes() == path.read_bytes()


async def test_a_file_that_is_not_there_is_named(ana, tmp_path):
    with pytest.raises(TransferFailed) as failed:
        await send_file(ana.driver, Source(tmp_path / "nothing"), LABELS)
    assert failed.value.reason == Reason.VANISHED
    assert unfinished(ana) == []


async def test_a_folder_is_no_file(ana, tmp_path):
    with pytest.raises(TransferFailed) as failed:
        await send_file(ana.driver, Source(tmp_path), LABELS)
    assert failed.value.reason == Reason.UNREADABLE


async def test_a_file_beyond_the_limit_is_refused_unsent(ana, tmp_path):
    path = tmp_path / "huge"
    path.touch()
    os.truncate(path, limits.FILE + 1)
    with pytest.raises(TransferFailed) as failed:
        await send_file(ana.driver, Source(path), LABELS)
    assert failed.value.reason == Reason.TOO_LARGE
    assert unfinished(ana) == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda path: path.unlink(), Reason.VANISHED),
        (lambda path: os.truncate(path, PART), Reason.CHANGED),
        (lambda path: path.write_bytes(bytes(3 * PART)), Reason.CHANGED),
        (lambda path: os.utime(path, ns=(1, 1)), Reason.CHANGED),
    ],
    ids=["vanishes", "shrinks", "is rewritten", "is touched"],
)
async def test_a_file_that_changes_under_way_is_named(ana, make_file, change, reason):
    path = make_file(3 * PART)
    changed = []

    def progress(*_):
        if not changed:
            changed.append(change(path))

    with pytest.raises(TransferFailed) as failed:
        await send_file(ana.driver, Source(path), LABELS, progress)
    assert failed.value.reason == reason


async def test_nothing_of_a_changed_file_is_sealed_under_its_old_key(ana, make_file):
    path, sent = make_file(3 * PART), []

    def progress(done, _):
        if not sent:
            path.write_bytes(bytes(3 * PART))
        sent.append(done)

    with pytest.raises(TransferFailed) as failed:
        await send_file(ana.driver, Source(path), LABELS, progress)
    assert failed.value.reason == Reason.CHANGED
    assert sent == [0]


async def test_a_file_that_changed_under_its_old_date_begins_anew(make_file):
    path = make_file(100)
    before, times = Source(path).mark(), path.stat()
    await asyncio.sleep(0.02)
    path.write_bytes(bytes(100))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert Source(path).mark() != before


async def test_a_changed_file_begins_anew(ana, target, make_file):
    path = make_file(2 * PART)
    with pytest.raises(Stopped):
        await send_file(ana.driver, Source(path), LABELS, stop_at(2))
    path = make_file(2 * PART + 5)
    offer = await send_file(ana.driver, Source(path), LABELS)
    await fetch_file(ana.driver, offer, target)
    assert target.path.read_bytes() == path.read_bytes()


async def test_a_file_of_another_relay_is_refused_unasked(ana, target, make_file):
    offer = await send_file(ana.driver, Source(make_file(10)), LABELS)
    with pytest.raises(TransferFailed) as failed:
        await fetch_file(ana.driver, replace(offer, host="b.example"), target)
    assert failed.value.reason == Reason.OTHER_RELAY


async def test_a_file_that_the_relay_does_not_have_is_gone(ana, target, make_file):
    offer = await send_file(ana.driver, Source(make_file(10)), LABELS)
    with pytest.raises(TransferFailed) as failed:
        await fetch_file(ana.driver, replace(offer, blob_id=bytes(16)), target)
    assert failed.value.reason == Reason.GONE
    assert not target.path.exists()


@pytest.mark.parametrize("part", ["key", "content_hash", "root"])
async def test_what_is_not_what_the_message_said_never_appears(
    ana, target, make_file, part
):
    offer = await send_file(ana.driver, Source(make_file(100_000)), LABELS)
    forged = replace(offer, sealed=replace(offer.sealed, **{part: bytes(32)}))
    with pytest.raises(TransferFailed) as failed:
        await fetch_file(ana.driver, forged, target)
    assert failed.value.reason == Reason.TAMPERED
    assert not target.path.exists()
    assert list(target.waiting.iterdir()) == []
    await fetch_file(ana.driver, offer, target)


async def test_a_blob_that_the_relay_changed_never_appears(
    ana, relay, target, make_file
):
    offer = await send_file(ana.driver, Source(make_file(100_000)), LABELS)
    blobs = [path for path in (relay.data / "blobs").rglob("*") if path.is_file()]
    newest = max(blobs, key=lambda path: path.stat().st_mtime_ns)
    data = bytearray(newest.read_bytes())
    data[50_000] ^= 1
    newest.write_bytes(data)
    with pytest.raises(TransferFailed) as failed:
        await fetch_file(ana.driver, offer, target)
    assert failed.value.reason == Reason.TAMPERED
    assert not target.path.exists()


async def test_a_blob_that_is_longer_than_it_may_be_is_cut_off(ana, target, make_file):
    offer = await send_file(ana.driver, Source(make_file(500_000)), LABELS)
    short = replace(offer, sealed=replace(offer.sealed, length=10))
    with pytest.raises(TransferFailed) as failed:
        await fetch_file(ana.driver, short, target)
    assert failed.value.reason == Reason.TAMPERED


async def test_nothing_is_overwritten_unless_it_is_wanted(ana, target, make_file):
    path = make_file(10)
    offer = await send_file(ana.driver, Source(path), LABELS)
    target.path.write_bytes(b"mine")
    with pytest.raises(TransferFailed) as failed:
        await fetch_file(ana.driver, offer, target)
    assert failed.value.reason == Reason.EXISTS
    assert target.path.read_bytes() == b"mine"
    await fetch_file(ana.driver, offer, replace(target, overwrite=True))
    assert target.path.read_bytes() == path.read_bytes()


async def test_what_lies_beside_the_target_is_neither_followed_nor_replaced(
    ana, target, make_file, tmp_path
):
    offer = await send_file(ana.driver, Source(make_file(10)), LABELS)
    precious = tmp_path / "precious"
    precious.write_text("mine")
    planted = target.path.with_name(f".{target.path.name}.part")
    planted.symlink_to(precious)
    await fetch_file(ana.driver, offer, target)
    assert precious.read_text() == "mine"
    assert planted.is_symlink()


async def test_two_fetches_of_one_file_do_not_mix(ana, target, make_file, tmp_path):
    path = make_file(PART)
    offer = await send_file(ana.driver, Source(path), LABELS)
    other = replace(target, path=tmp_path / "other")
    fetching = [fetch_file(ana.driver, offer, one) for one in (target, other)]
    outcomes = await asyncio.gather(*fetching, return_exceptions=True)
    (failed,) = [one for one in outcomes if one is not None]
    assert failed.reason == Reason.TRY_LATER
    (got,) = [one.path for one in (target, other) if one.path.exists()]
    assert got.read_bytes() == path.read_bytes()


async def test_a_dangling_link_is_no_free_name(ana, target, make_file, tmp_path):
    offer = await send_file(ana.driver, Source(make_file(10)), LABELS)
    target.path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(TransferFailed) as failed:
        await fetch_file(ana.driver, offer, target)
    assert failed.value.reason == Reason.EXISTS
    assert not (tmp_path / "elsewhere").exists()


async def test_a_place_that_can_not_be_written_is_named(ana, target, make_file):
    offer = await send_file(ana.driver, Source(make_file(10)), LABELS)
    nowhere = replace(target, path=target.path / "no" / "where")
    with pytest.raises(TransferFailed) as failed:
        await fetch_file(ana.driver, offer, nowhere)
    assert failed.value.reason == Reason.UNWRITABLE


async def test_a_full_disk_is_storage_full_and_the_rest_comes_later(
    ana, target, make_file, monkeypatch
):
    path = make_file(100_000)
    offer = await send_file(ana.driver, Source(path), LABELS)

    def refuse(_descriptor):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(StorageFull):
        await fetch_file(ana.driver, offer, target)
    monkeypatch.undo()
    assert not target.path.exists()
    await fetch_file(ana.driver, offer, target)
    assert target.path.read_bytes() == path.read_bytes()


@pytest.mark.slow
async def test_memory_does_not_grow_with_the_file(ana, target, make_file):
    path = make_file(96 * 1024 * 1024)
    tracemalloc.start()
    try:
        offer = await send_file(ana.driver, Source(path), LABELS)
        await fetch_file(ana.driver, offer, target)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # The relay's thread is measured along.
    assert peak < 60 * 1024 * 1024


async def test_an_upload_without_tokens_says_so_and_keeps_its_place(
    ana, target, make_file
):
    calls = ana.driver.network.connection.calls
    taken = []

    async def take_all():
        while True:
            taken.append(os.urandom(16))
            await calls.token("blob", taken[-1], Cause("test"))

    with pytest.raises(Refusal) as refused:
        await take_all()
    assert refused.value.code is Code.RATE_LIMITED
    path = make_file(10)
    with pytest.raises(TransferFailed) as failed:
        await send_file(ana.driver, Source(path), LABELS)
    assert failed.value.reason == Reason.TRY_LATER
    database = ana.driver.store.database
    database.transact(lambda db: db.execute("UPDATE tokens SET claim = NULL"))
    offer = await send_file(ana.driver, Source(path), LABELS)
    await fetch_file(ana.driver, offer, target)
