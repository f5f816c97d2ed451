"""An old copy is noticed before anything is signed; `restore` goes on from one."""

import asyncio
import json
import os
import shutil
import sqlite3
from contextlib import suppress
from pathlib import Path

import pytest
from refusing import memory, refuses
from relay_clients import TestAccount, login_frame
from relay_process import RelayProcess, quick_config, quiet_log

from privity.errors import PrivityError, UsageError
from privity.relay import accounts, admin, codes, key_packages, logins, restoring
from privity.relay.app import create_app
from privity.relay.backup import back_up
from privity.relay.cli import main
from privity.relay.losses import forget_used
from privity.relay.marks import OldCopy, begin_marks, read_watermark
from privity.relay.opening import open_relay
from privity.relay.ops import upkeep
from privity.relay.restoring import fill, settle
from privity.relay.storage import durable
from privity.relay.storage.account_tables import ACCOUNT_SCHEMA
from privity.relay.storage.database import Database
from privity.relay.storage.mark_table import read_mark
from privity.wire.codes import Code
from privity.wire.http import PublishKeyPackages

SIDES = ("accounts.sqlite", "logs.sqlite")
NONCE = bytes(32)


@pytest.fixture
def data(tmp_path):
    """A relay that has served once."""
    made = tmp_path / "relay"
    admin.initialize(made, quick_config())
    serve(made)
    return made


def serve(data):
    """Open a relay as `serve` does, count on, and end; raises what that raises."""

    async def once():
        opened = open_relay(quick_config(), data)
        try:
            kept = begin_marks(data, opened.accounts, opened.logs, os.urandom)
            await kept.count_logs(opened.logs)
            await kept.count_accounts(opened.accounts)
        finally:
            await opened.close()

    asyncio.run(once())


def state_of(folder):
    """Return every byte of a data directory but those that reading moves."""
    moving = ("-shm", "-wal", "lock")
    return {
        path.relative_to(folder): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.endswith(moving)
    }


def copy_files(source, target):
    target.mkdir(exist_ok=True)
    for name in SIDES:
        shutil.copyfile(source / name, target / name)


def is_refused(data, what):
    """Whether nothing opens this directory, and that leaves it as it is."""
    before = state_of(data)
    with pytest.raises(OldCopy, match=what):
        serve(data)
    with pytest.raises(OldCopy), quiet_log() as log:
        create_app(quick_config(), data, log)
    return state_of(data) == before


def test_a_relay_that_only_stopped_serves_again(data):
    for _ in range(3):
        serve(data)


@pytest.mark.parametrize("sides", [SIDES, SIDES[:1], SIDES[1:]])
def test_files_of_an_earlier_run_are_refused(data, tmp_path, sides):
    copy_files(data, tmp_path / "kept")
    serve(data)
    for name in sides:
        shutil.copyfile(tmp_path / "kept" / name, data / name)
    assert is_refused(data, "has come to 2, watermark to 4")


@pytest.mark.parametrize("side", SIDES)
def test_a_file_of_before_the_first_run_is_refused(data, tmp_path, side):
    fresh = tmp_path / "fresh"
    admin.initialize(fresh, quick_config())
    shutil.copyfile(fresh / side, data / side)
    assert is_refused(data, "has come to 0, watermark to 2")


@pytest.mark.parametrize("side", SIDES)
def test_a_file_of_another_relay_is_refused(data, tmp_path, side):
    other = tmp_path / "other"
    admin.initialize(other, quick_config())
    for _ in range(3):
        serve(other)
    shutil.copyfile(other / side, data / side)
    assert is_refused(data, f"{side} and watermark do not belong together")


def test_databases_without_their_watermark_are_refused(data):
    (data / "watermark").unlink()
    assert is_refused(data, r"watermark is missing beside accounts\.sqlite")


def test_a_backup_knows_that_it_is_one(data, tmp_path):
    back_up(data, tmp_path / "copy")
    assert not (tmp_path / "copy" / "watermark").exists()
    assert is_refused(tmp_path / "copy", r"accounts\.sqlite is a backup")
    shutil.copyfile(data / "watermark", tmp_path / "copy" / "watermark")
    assert is_refused(tmp_path / "copy", r"accounts\.sqlite is a backup")
    serve(data)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("how", ["missing", "empty"])
def test_no_database_is_made_in_the_place_of_a_lost_one(data, side, how):
    if how == "missing":
        (data / side).unlink()
    else:
        (data / side).write_bytes(b"")
    before = state_of(data)
    with pytest.raises(UsageError, match=r"`privity-relay restore` takes a backup"):
        serve(data)
    with pytest.raises(UsageError, match=r"`privity-relay restore` takes a backup"):
        settle(data, os.urandom, is_lossy=False)
    assert state_of(data) == before


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        '{"v":2,"run":"%s","accounts":0,"logs":0}' % ("0" * 32),
        '{"v":1,"run":"0","accounts":0,"logs":0}',
        '{"v":1,"run":"%s","accounts":-1,"logs":0}' % ("0" * 32),
        '{"v":1,"run":"%s","accounts":0,"logs":0,"more":1}' % ("0" * 32),
    ],
)
def test_a_watermark_that_cannot_be_read_is_no_watermark_of_nothing(data, text):
    (data / "watermark").write_text(text)
    before = state_of(data)
    with pytest.raises(UsageError, match="watermark"):
        serve(data)
    assert state_of(data) == before


class Killed(BaseException):
    """Here the process ends."""


class Killer:
    """Lets a number of effects on the disk happen, and then no more."""

    def __init__(self, monkeypatch, at):
        self.left = at
        for owner, name in (
            (os, "fsync"),
            (Path, "rename"),
            (Path, "replace"),
            (Path, "unlink"),
            (restoring, "set_mark"),
            (restoring, "forget_used"),
            (restoring, "climb"),
            (Database, "begin"),
        ):
            monkeypatch.setattr(owner, name, self._counting(getattr(owner, name)))

    def _counting(self, act):
        def counting(*arguments, **options):
            self.left -= 1
            if self.left < 0:
                raise Killed
            return act(*arguments, **options)

        return counting


def test_a_relay_killed_while_it_begins_is_no_old_copy(tmp_path):
    for at in range(40):
        data = tmp_path / str(at)
        admin.initialize(data, quick_config())
        with pytest.MonkeyPatch.context() as patch:
            killer = Killer(patch, at)
            with suppress(Killed):
                serve(data)
        serve(data)
        if killer.left > 0:
            break
    else:
        raise AssertionError("it was killed each time")
    assert at > 5


@pytest.fixture
def copy(data, tmp_path):
    """A backup of the relay, with settings of its own."""
    back_up(data, tmp_path / "copy")
    return tmp_path / "copy"


def test_a_restore_killed_anywhere_serves_nothing_until_it_is_given_again(
    copy, tmp_path
):
    for at in range(100):
        target = tmp_path / f"new-{at}"
        target.mkdir()
        with pytest.MonkeyPatch.context() as patch:
            killer = Killer(patch, at)
            try:
                fill(copy, target, os.urandom, is_lossy=True)
            except Killed:
                pass
            else:
                break
        if (target / "relay.toml").exists():
            # Nothing but the last name was not yet on the disk.
            assert at > 10
        else:
            fill(copy, target, os.urandom, is_lossy=True)
        serve(target)
    assert killer.left == 0
    assert at > 10


def test_an_old_copy_settled_where_it_is_serves_again_wherever_that_was_killed(
    data, copy
):
    for at in range(40):
        for name in SIDES:
            shutil.copyfile(copy / name, data / name)
        with pytest.MonkeyPatch.context() as patch:
            Killer(patch, at)
            try:
                settle(data, os.urandom, is_lossy=True)
            except Killed:
                pass
            else:
                break
        with pytest.raises(OldCopy):
            serve(data)
        settle(data, os.urandom, is_lossy=True)
        serve(data)
    assert at > 4
    serve(data)


def test_a_restore_fills_an_empty_place_only(data, copy, tmp_path):
    before = state_of(data)
    with pytest.raises(UsageError, match="move it away first"):
        fill(copy, data, os.urandom, is_lossy=True)
    assert state_of(data) == before
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "accounts.sqlite").write_bytes(b"mine")
    with pytest.raises(UsageError, match="is not empty"):
        fill(copy, tmp_path / "full", os.urandom, is_lossy=True)
    assert (tmp_path / "full" / "accounts.sqlite").read_bytes() == b"mine"


def test_what_is_no_backup_is_not_restored(data, copy, tmp_path):
    (tmp_path / "new").mkdir()
    with pytest.raises(UsageError, match="is no backup"):
        fill(tmp_path / "new", tmp_path / "new", os.urandom, is_lossy=True)
    (copy / "logs.sqlite").write_bytes(os.urandom(8_192))
    with pytest.raises(UsageError):
        fill(copy, tmp_path / "new", os.urandom, is_lossy=True)
    assert not list((tmp_path / "new").iterdir())


def filled():
    """Return an account side with an account that has logged in, and its account."""
    db = memory(ACCOUNT_SCHEMA)
    ana = TestAccount.new()
    codes.add_code(db, "code", 2, 0)
    verified = accounts.verify_registration(
        "localhost", ana.registration(NONCE, handle="ana", code="code")
    )
    accounts.register(db, verified, 1_800_000_000, is_open=False)
    device = (ana.account_id, ana.device.device_id)
    packages = PublishKeyPackages(
        suite=1, packages=[b"one"], last_resort=b"last", not_after=1_800_000_100
    )
    key_packages.publish(db, device, packages, 1_800_000_000)
    return db, ana


def log_in(db, ana, prev):
    login = login_frame(ana, ana.device, NONCE, prev=prev)
    logins.login(db, "localhost", NONCE, login)


def test_each_device_is_let_in_once_with_what_the_copy_does_not_know():
    db, ana = filled()
    with refuses(Code.ROLLED_BACK, db):
        log_in(db, ana, b"2" * 32)
    forget_used(db)
    log_in(db, ana, b"2" * 32)
    with refuses(Code.ROLLED_BACK, db):
        log_in(db, ana, b"2" * 32)


def test_what_may_have_been_used_since_is_forgotten_and_the_rest_stays():
    db, ana = filled()
    before = db.execute("SELECT seq FROM mailbox_heads").fetchone()[0]
    forget_used(db)
    rows = db.execute("SELECT last_resort, package FROM key_packages").fetchall()
    assert rows == [(1, b"last")]
    assert db.execute("SELECT count(*) FROM codes").fetchone() == (0,)
    after = db.execute("SELECT seq FROM mailbox_heads").fetchone()[0]
    assert after - before == 1 << 32
    assert accounts.account_of_handle(db, "ana") == ana.account_id


@pytest.mark.parametrize("is_lossy", [True, False])
def test_a_restore_forgets_only_where_something_may_be_lost(copy, tmp_path, is_lossy):
    with sqlite3.connect(copy / "accounts.sqlite") as db:
        codes.add_code(db, "code", 1, 0)
    db.close()
    (tmp_path / "new").mkdir()
    fill(copy, tmp_path / "new", os.urandom, is_lossy=is_lossy)
    db = sqlite3.connect(tmp_path / "new" / "accounts.sqlite")
    assert db.execute("SELECT count(*) FROM codes").fetchone() == (not is_lossy,)
    assert not read_mark(db).is_copy
    db.close()


def test_the_commands_say_what_was_found_and_what_is_lost(data, copy, capsys):
    for name in SIDES:
        shutil.copyfile(copy / name, data / name)
    assert main(["serve", "--data", str(data), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)["error"]
    assert told["code"] == "old_copy"
    assert "nothing was signed or accepted" in told["message"]
    assert told["next"] == "privity-relay restore --help"
    with pytest.raises(SystemExit):
        main(["restore", "--data", str(data)])
    capsys.readouterr()
    assert main(["restore", "--accept-loss", "--data", str(data)]) == 0
    assert "Chats that went on since stop" in capsys.readouterr().out
    serve(data)


def test_a_restore_to_a_new_place_goes_on_there(copy, tmp_path, capsys):
    new = tmp_path / "new" / "relay"
    assert main(["restore", str(copy), "--nothing-lost", "--data", str(new)]) == 0
    assert new.stat().st_mode & 0o777 == 0o700
    assert (new / "relay.toml").read_bytes() == (copy / "relay.toml").read_bytes()
    assert main(["doctor", "--data", str(new)]) == 0, capsys.readouterr().out
    serve(new)


def test_the_doctor_sees_an_old_copy(data, copy, capsys):
    assert main(["doctor", "--data", str(data)]) == 0
    assert "ok  watermark: accounts 2, logs 2" in capsys.readouterr().out
    shutil.copyfile(copy / "logs.sqlite", data / "logs.sqlite")
    assert main(["doctor", "--data", str(data)]) == 1
    assert "BAD watermark: logs.sqlite is a backup" in capsys.readouterr().out
    (data / "watermark").write_text("{}")
    assert main(["doctor", "--data", str(data)]) == 1
    assert "BAD watermark" in capsys.readouterr().out


def test_a_relay_that_serves_is_not_restored(data):
    with admin.hold(data):
        assert main(["restore", "--accept-loss", "--data", str(data)]) == 2


@pytest.mark.slow
def test_a_process_that_was_killed_serves_again_and_its_backup_does_not(tmp_path):
    with RelayProcess(tmp_path / "relay") as relay:
        relay.tell("backup", str(tmp_path / "copy"))
        relay.kill()
        relay.start()
    assert os.spawnve(os.P_WAIT, *launched(tmp_path / "copy", "serve")) == 1


def launched(data, *arguments):
    """Return program, arguments and environment of a command."""
    relay = RelayProcess(data)
    line = relay._command(*arguments)
    return line[0], line, relay._environment()


class Told:
    """A log that remembers what it was told."""

    def __init__(self):
        self.events = asyncio.Queue()

    def __call__(self, event, **fields):
        self.events.put_nowait((event, fields))


async def test_a_relay_counts_on_while_it_serves(data, monkeypatch):
    monkeypatch.setattr(upkeep, "_COUNTING_SECONDS", 0)
    monkeypatch.setattr(upkeep, "_ACCOUNTS_MINUTES", 2)
    opened = open_relay(quick_config(), data)
    kept = begin_marks(data, opened.accounts, opened.logs, os.urandom)
    before = read_watermark(data)
    log = Told()
    counting = asyncio.create_task(upkeep.keep_counting(opened.services, kept, log))
    while (now := read_watermark(data)).accounts < before.accounts + 2:
        await opened.logs.read(read_mark)
    assert now.logs >= before.logs + 4
    monkeypatch.setattr(durable, "sync", fails)
    event, fields = await log.events.get()
    assert (event.value, fields) == ("watermark_failed", {"error": OSError})
    counting.cancel()
    await opened.close()


def fails(_path):
    raise OSError


def test_refusals_are_errors_that_a_person_can_read():
    assert issubclass(OldCopy, PrivityError)
    assert "--accept-loss" in str(OldCopy("here"))
