"""A copy that is made while the relay serves."""

import asyncio
import secrets
import sqlite3

import httpx2
import pytest
from relay_clients import Caller, Planes, TestAccount
from relay_process import RelayThread
from uploads import Upload

from privity.errors import UsageError
from privity.relay.backup import back_up
from privity.relay.cli import main
from privity.relay.restoring import fill
from privity.wire import http as bodies


async def register_and_upload(relay, account, data):
    """Register `ana` and upload a blob; returns its upload."""
    planes = Planes(relay.url)
    async with httpx2.AsyncClient(base_url=relay.url, trust_env=False) as client:
        caller = Caller(client)
        await caller.register(account, handle="ana")
        _, logged_in = await planes.log_in(account)
        caller.session = logged_in.session
        (token,) = await caller.tokens("blob")
        caller.session = b""
        upload = Upload(caller, token, data)
        await upload.all()
        await planes.close()
    return upload


async def register_until(relay, done):
    """Register accounts until told to stop; returns whose answer came."""
    there = []
    async with httpx2.AsyncClient(base_url=relay.url, trust_env=False) as client:
        while not done.is_set():
            account = TestAccount.new()
            await Caller(client).register(account)
            there.append(account.account_id)
    return there


async def test_a_backup_of_a_busy_relay_serves_what_was_acknowledged_before(tmp_path):
    ana = TestAccount.new()
    with RelayThread(tmp_path / "relay") as relay:
        sealed = await register_and_upload(relay, ana, b"sealed")
        done = asyncio.Event()
        registering = asyncio.create_task(register_until(relay, done))
        copied = await asyncio.to_thread(back_up, relay.data, tmp_path / "copy")
        done.set()
        assert len(await registering) > 0
    assert copied > 8_192
    (tmp_path / "back").mkdir()
    fill(tmp_path / "copy", tmp_path / "back", secrets.token_bytes, is_lossy=True)
    with RelayThread(tmp_path / "back", relay.config) as back:
        async with httpx2.AsyncClient(base_url=back.url, trust_env=False) as client:
            sealed.caller = Caller(client)
            assert (await sealed.read()).content == b"sealed"
            found = await sealed.caller.call(
                "GET", "/v1/handles/ana", answer=bodies.Directory
            )
    assert found.account_id == ana.account_id


@pytest.fixture
def data(tmp_path, capsys):
    """A relay that was just made, with a certificate of its own."""
    assert main(["--data", str(tmp_path / "relay"), "init"]) == 0
    capsys.readouterr()
    return tmp_path / "relay"


def test_a_backup_is_private_and_whole(data, tmp_path, capsys):
    target = tmp_path / "copy"
    assert main(["backup", str(target), "--data", str(data)]) == 0
    assert main(["doctor", "--data", str(target)]) == 0, capsys.readouterr().out
    for path in (target, *target.rglob("*")):
        assert path.stat().st_mode & 0o077 == 0
    assert (target / "tls" / "key.pem").read_bytes() == (
        data / "tls" / "key.pem"
    ).read_bytes()
    assert not (tmp_path / "copy.partial").exists()


@pytest.mark.parametrize("name", ["copy", "copy.partial"])
def test_a_backup_writes_over_nothing(data, tmp_path, name):
    (tmp_path / name).mkdir()
    (tmp_path / name / "mine").write_bytes(b"mine")
    with pytest.raises(UsageError, match=f"/{name} is .*nothing was changed"):
        back_up(data, tmp_path / "copy")
    assert [path.name for path in (tmp_path / name).iterdir()] == ["mine"]


def test_a_backup_that_fails_leaves_nothing_that_looks_like_one(data, tmp_path):
    (data / "logs.sqlite").write_bytes(secrets.token_bytes(9_000))
    before = set(tmp_path.iterdir())
    with pytest.raises(UsageError, match="no backup was made"):
        back_up(data, tmp_path / "copy")
    assert set(tmp_path.iterdir()) == before


def test_what_a_backup_holds_was_committed(data, tmp_path):
    writing = sqlite3.connect(data / "accounts.sqlite", isolation_level=None)
    writing.execute("BEGIN IMMEDIATE")
    writing.execute("INSERT INTO handles VALUES ('half', NULL)")
    back_up(data, tmp_path / "copy")
    writing.close()
    copy = sqlite3.connect(tmp_path / "copy" / "accounts.sqlite")
    assert copy.execute("SELECT count(*) FROM handles").fetchone() == (0,)
    copy.close()
