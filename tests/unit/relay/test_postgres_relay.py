"""A relay whose settings name PostgreSQL: the operator's commands, and its answers."""

import json
import os

import pytest
from postgres_cluster import new_url
from relay_clients import TestAccount

from privity.errors import UsageError
from privity.identity.ids import id_to_text
from privity.identity.links import parse_link
from privity.relay import accounts
from privity.relay.cli import main
from privity.relay.config_sources import read_config
from privity.relay.faults import fault
from privity.relay.storage.sides import account_step
from privity.relay.storage.store import StoreBusy, StoreError, StoreFull
from privity.wire.codes import Code

VARIABLE = "PRIVITY_RELAY__DB__URL"


@pytest.fixture
def data(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv(VARIABLE, new_url())
    path = tmp_path / "relay"
    assert main(["--data", str(path), "init", "--host", "chat.example"]) == 0
    capsys.readouterr()
    return path


@pytest.fixture
def run(data, capsys):
    """Run a command with --json; returns its exit code and what it told."""

    def act(*arguments):
        code = main([*arguments, "--data", str(data), "--json"])
        return code, json.loads(capsys.readouterr().out)

    return act


@pytest.fixture
def config(data):
    return read_config((data / "relay.toml").read_text(), dict(environ()))


def environ():

    return os.environ


def test_init_makes_tables_there_and_no_files_and_writes_no_address_down(data):
    assert sorted(path.name for path in data.iterdir()) == ["relay.toml", "tls"]
    assert "postgres" not in (data / "relay.toml").read_text()


def test_the_doctor_says_where_a_power_cut_would_lose_messages(run):
    code, told = run("doctor")
    found = {one["name"]: one for one in told["data"]}
    assert code == 1
    for side in ("accounts", "logs"):
        assert "PostgreSQL" in found[f"database {side}"]["detail"]
        assert found[f"database {side}"]["next"].startswith("switch fsync on")
    assert all(one["ok"] for name, one in found.items() if "database" not in name)


def test_users_are_invited_listed_disabled_and_removed(run, config, data):
    _, told = run("invite", "--uses", "2")
    invite = parse_link(told["data"]["link"]).code.decode()
    account = TestAccount.new()
    request = account.registration(
        bytes(32), host="chat.example", handle="ana", code=invite
    )
    verified = accounts.verify_registration("chat.example", request)
    with account_step(config, data) as database:
        accounts.register(database, verified, 1, is_open=False)
    named = id_to_text(account.account_id)
    assert [user["account_id"] for user in run("user", "list")[1]["data"]] == [named]
    assert run("user", "disable", "ana")[1]["data"]["disabled"]
    assert run("stats")[1]["data"]["accounts"] == 1
    assert run("user", "remove", "ana")[0] == 0
    assert run("user", "show", "ana")[0] == 3
    told = run("stats")[1]["data"]
    assert (told["accounts"], told["logs"]) == (0, 0)
    assert min(told["accounts_bytes"], told["logs_bytes"]) > 1_000_000


def test_a_command_that_is_refused_changes_nothing(config, data):
    def both():
        with account_step(config, data) as database:
            database.execute("INSERT INTO disabled_accounts VALUES (?)", (b"a",))
            raise UsageError("no")

    with pytest.raises(UsageError):
        both()
    with account_step(config, data) as database:
        found = database.execute("SELECT count(*) FROM disabled_accounts").fetchone()
    assert found == (0,)


def test_what_has_expired_is_purged(run):
    code, told = run("purge")
    assert (code, set(told["data"].values())) == (0, {0})


@pytest.mark.parametrize(
    ("command", "instead"),
    [
        (("backup", "copy"), "`pg_dump -Fc`"),
        (("restore", "--accept-loss"), "remove `watermark`"),
        (("migrate", "--backup", "copy"), "`pg_dump -Fc`"),
    ],
)
def test_what_is_for_files_says_what_to_do_on_a_server(run, command, instead):
    code, told = run(*command)
    assert code == 2
    assert instead in told["error"]["message"]


def test_serve_says_in_one_line_that_there_is_no_server(data, monkeypatch, capsys):
    monkeypatch.setenv(VARIABLE, "postgresql://relay:hush@127.0.0.1:1/privity")
    assert main(["--data", str(data), "serve", "--listen", "127.0.0.1:0"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("privity-relay: PostgreSQL database privity_")
    assert said.count("\n") == 1
    assert "hush" not in said


@pytest.mark.parametrize(
    "url",
    ["sqlite:///x", "postgresql://host", "postgresql://h/a?password=hush", "x"],
)
def test_what_is_no_address_is_refused_before_anything_is_done(url):
    with pytest.raises(UsageError, match=r"db\.url"):
        read_config("", {VARIABLE: url})


def test_the_settings_show_no_password(data, run, monkeypatch):
    monkeypatch.setenv(VARIABLE, "postgresql://relay:hush@db.example/privity")
    told = {one["name"]: one for one in run("config", "show")[1]["data"]}
    assert told["db.url"]["value"] == "postgresql://(hidden)@db.example/privity"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (StoreBusy("gone"), Code.SHUTTING_DOWN),
        (StoreFull("no space"), Code.STORAGE_FULL),
        (StoreError("bug"), Code.INTERNAL),
    ],
)
def test_a_fault_of_the_store_has_a_name_and_may_come_again(error, code):
    refusal = fault(error, 5_000)
    assert refusal.code is code
    assert refusal.wait_ms >= 1_000
    assert str(error) not in refusal.detail
