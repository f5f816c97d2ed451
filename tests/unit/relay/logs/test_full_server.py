"""A PostgreSQL server whose disk is full: what is said, and that nothing is lost.

On a file system of 96 MB, which only root can make.
"""

import asyncio
import os
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest
from log_plane import Chat
from msgspec import structs
from postgres_cluster import Cluster, asyncio_run, need_bin_folder, statement

from privity.relay.config import Config, DBSettings, LogSettings
from privity.relay.faults import fault
from privity.relay.storage.sides import open_accounts
from privity.relay.storage.store import StoreBusy, StoreError
from privity.wire import frames, limits
from privity.wire.codes import Code

SIZE_MB = 96
LEFT = 1_500_000
"""What the ballast leaves."""


@pytest.fixture
def settings():
    return LogSettings(appends_per_second=10**6, append_burst=10**6)


@pytest.fixture
def small():
    """A small file system, where the server's own user may go."""
    if os.geteuid() != 0:
        pytest.skip("only root can make a file system")
    place = Path(tempfile.mkdtemp(prefix="privity-small-"))
    place.chmod(0o755)
    options = f"size={SIZE_MB}m,mode=755"
    mount = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        place.rmdir()
        pytest.skip("no file system can be made here")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)
    place.rmdir()


@pytest.fixture(params=["its own log elsewhere", "all on one disk"])
def server(small, request):
    elsewhere = None
    if request.param == "its own log elsewhere":
        elsewhere = Path(tempfile.mkdtemp(prefix="privity-wal-"))
    server = Cluster(need_bin_folder(), room=small, own_log=elsewhere)
    server.loses_its_log = elsewhere is None
    for side in ("accounts", "logs"):
        asyncio_run(statement(server.url, f"CREATE DATABASE full_{side}"))
    yield server
    server.stop()
    if elsewhere is not None:
        shutil.rmtree(elsewhere)


@pytest.fixture
def url(server):
    return server.url.replace("/postgres", "/full")


def fill(small):
    """Fill the disk but for a little."""
    status = os.statvfs(small)
    free = status.f_bavail * status.f_frsize
    with (small / "ballast").open("wb") as ballast:
        os.posix_fallocate(ballast.fileno(), 0, free - LEFT)


def message(chat):
    """Return one that no server can compress."""
    envelope = os.urandom(limits.APP_ENVELOPE)
    return structs.replace(chat.app(envelope=envelope), resume=True)


async def ask_until_full(plane, chat):
    """Write until some are refused; returns what was asked and each answer."""
    asked, refused = [], 0
    while refused < 3:
        one = message(chat)
        answer = await plane.ask(one)
        asked.append((one, answer))
        refused += isinstance(answer, frames.Refused)
        assert len(asked) < 1_000
    return asked


def seqs(db):
    rows = db.execute("SELECT seq FROM entries WHERE envelope IS NOT NULL ORDER BY seq")
    return [seq for (seq,) in rows]


async def until_stored(plane, again):
    """Send what was refused until it is stored; a server that failed takes a while."""
    for _ in range(100):
        answer = await plane.ask(again)
        if isinstance(answer, frames.Appended):
            return answer
        await asyncio.sleep(0.1)
    raise AssertionError(answer)


async def until_refused(store):
    for _ in range(100):
        try:
            await store.write(put_codes)
        except StoreError as error:
            return error
    raise AssertionError("the disk has room")


def count_codes(db):
    return db.execute("SELECT count(*) FROM codes").fetchone()[0]


def put_codes(db):
    db.executemany(
        "INSERT INTO codes VALUES (?, NULL, 0)",
        [(os.urandom(32),) for _ in range(5_000)],
    )


def refusals(asked):
    return {it.code for _, it in asked if isinstance(it, frames.Refused)}


async def test_a_full_disk_is_named_loses_nothing_and_ends_by_itself(
    server, small, url, two_worlds, tmp_path
):
    world, other = two_worlds(url, tmp_path)
    chat = Chat()
    await world.create(chat)
    plane = await world.member(chat)
    first = await plane.ask(message(chat))
    fill(small)
    asked = await ask_until_full(plane, chat)
    kept = [first, *(it for _, it in asked if isinstance(it, frames.Appended))]
    assert [it.seq for it in kept] == list(range(1, len(kept) + 1))
    if not server.loses_its_log:
        assert refusals(asked) == {Code.STORAGE_FULL}
        assert await world.database.read(seqs) == [it.seq for it in kept]
    assert refusals(asked) <= {Code.STORAGE_FULL, Code.SHUTTING_DOWN}

    (small / "ballast").unlink()
    if server.process.poll() is not None:
        server.start()
    again, _ = next(it for it in asked if isinstance(it[1], frames.Refused))
    answer = await until_stored(plane, again)
    assert answer.seq == len(kept) + 1
    assert (await plane.ask(again)).seq == answer.seq
    assert await other.database.read(seqs) == list(range(1, answer.seq + 1))
    for one in (world, other):
        one.failures.clear()
        await one.close()


async def test_the_account_side_says_that_the_disk_is_full_and_is_read_on(
    server, small, url, tmp_path
):
    store = open_accounts(Config(db=DBSettings(url=url)), tmp_path)
    fill(small)
    error = await until_refused(store)
    known = {Code.STORAGE_FULL}
    if server.loses_its_log:
        known.add(Code.SHUTTING_DOWN)
    else:
        assert await store.read(count_codes) % 5_000 == 0
    assert fault(error, 5_000).code in known
    (small / "ballast").unlink()
    if server.process.poll() is not None:
        server.start()
    for _ in range(100):
        with suppress(StoreBusy):
            await store.write(put_codes)
            break
    assert await store.read(count_codes) % 5_000 == 0
    await store.close()
