"""The operator's commands, for people and as JSON."""

import json
import os
import sqlite3
import time

import pytest
from minted import minted
from relay_clients import TestAccount

from privity.identity.ids import id_to_text
from privity.identity.links import parse_link
from privity.relay import accounts, blobs
from privity.relay.cli import main
from privity.relay.config_sources import load_config, read_config
from privity.wire.http import OpenBlob
from privity.wire.tokens import TokenKind

NONCE = bytes(32)


@pytest.fixture
def data(tmp_path, capsys):
    """The data directory of a relay that was just made."""
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
def ana(data):
    """Ana, who is registered as ana."""
    account = TestAccount.new()
    request = account.registration(NONCE, host="chat.example", handle="ana")
    verified = accounts.verify_registration("chat.example", request)
    with sqlite3.connect(data / "accounts.sqlite") as db:
        accounts.register(db, verified, int(time.time()), is_open=True)
    db.close()
    return account


def test_init_makes_a_private_directory_that_the_doctor_likes(data, run):
    assert data.stat().st_mode & 0o777 == 0o700
    code, told = run("doctor")
    assert (code, told["ok"]) == (0, True)
    assert {one["ok"] for one in told["data"]} == {True}


def test_init_changes_nothing_that_is_there(data, run):
    before = (data / "relay.toml").read_bytes()
    code, told = run("init", "--host", "other.example")
    assert (code, told["ok"], told["error"]["code"]) == (2, False, "usage")
    assert (data / "relay.toml").read_bytes() == before


def test_an_invite_is_a_link_with_host_url_fingerprint_and_code(data, run):
    code, told = run("invite", "--uses", "3", "--expires", "2h")
    link = parse_link(told["data"]["link"])
    assert code == 0
    assert (link.relay.host, link.relay.url) == (
        b"chat.example",
        b"https://chat.example:8743",
    )
    assert len(link.relay.fingerprint) == 32
    assert link.uses == 3
    assert 7_190 < link.expiry - time.time() <= 7_200
    with sqlite3.connect(data / "accounts.sqlite") as db:
        stored = db.execute("SELECT uses_left, expires FROM codes").fetchone()
    db.close()
    assert stored == (3, link.expiry)


def test_the_code_of_an_invite_is_not_stored_itself(data, run):
    _, told = run("invite", "--expires", "never", "--uses", "0")
    code = parse_link(told["data"]["link"]).code
    stored = b"".join(path.read_bytes() for path in data.glob("*.sqlite*"))
    assert code not in stored


@pytest.mark.parametrize("expires", ["7", "0d", "d", "1y", "-1d"])
def test_a_duration_that_is_none_is_a_usage_error(data, expires, capsys):
    with pytest.raises(SystemExit) as refused:
        main(["--data", str(data), "invite", f"--expires={expires}"])
    assert refused.value.code == 2
    assert "duration" in capsys.readouterr().err


def test_users_are_listed_shown_and_removed(run, ana):
    _, listed = run("user", "list")
    _, by_handle = run("user", "show", "ana")
    _, by_id = run("user", "show", id_to_text(ana.account_id))
    assert listed["data"] == [by_handle["data"]] == [by_id["data"]]
    assert by_id["data"]["devices"] == 1
    assert run("user", "remove", "ana@chat.example")[0] == 0
    assert run("user", "list")[1]["data"] == []


def test_a_user_is_disabled_and_enabled_again(run, ana, data, capsys):
    before = run("user", "show", "ana")[1]["data"]
    assert not before["disabled"]
    code, told = run("user", "disable", "ana")
    assert (code, told["data"]) == (0, {**before, "disabled": True})
    assert main(["user", "list", "--data", str(data)]) == 0
    assert "(disabled)" in capsys.readouterr().out
    assert run("user", "enable", id_to_text(ana.account_id))[1]["data"] == before


@pytest.mark.parametrize("act", ["show", "disable", "enable", "remove"])
def test_somebody_unknown_is_not_found(run, act):
    code, told = run("user", act, "nobody")
    assert (code, told["error"]["code"]) == (3, "no_such_account")


def test_without_json_a_person_can_read_it(data, ana, capsys):
    for arguments in (["user", "list"], ["user", "show", "ana"], ["doctor"]):
        assert main([*arguments, "--data", str(data)]) == 0
    shown = capsys.readouterr().out
    assert id_to_text(ana.account_id) in shown
    assert "ok  database accounts.sqlite" in shown
    assert main(["--data", str(data), "user", "show", "nobody"]) == 3
    assert "nobody here is nobody" in capsys.readouterr().err


def test_commands_without_a_relay_say_what_makes_one(tmp_path, capsys):
    for command in (["invite"], ["user", "list"], ["doctor"], ["serve"]):
        assert main(["--data", str(tmp_path), *command]) == 2
        assert "init" in capsys.readouterr().err


def test_certificate_and_key_come_together(tmp_path, capsys):
    assert main(["--data", str(tmp_path / "r"), "init", "--cert", "c.pem"]) == 2
    assert "--key" in capsys.readouterr().err


def findings(run):
    code, told = run("doctor")
    assert code == 1
    return {one["name"]: one["next"] for one in told["data"] if not one["ok"]}


def test_the_doctor_sees_files_that_others_may_read(data, run):
    (data / "accounts.sqlite").chmod(0o644)
    assert list(findings(run)) == ["permissions of accounts.sqlite"]


def test_the_doctor_sees_a_database_of_another_version(data, run):
    db = sqlite3.connect(data / "logs.sqlite")
    db.execute("PRAGMA user_version = 99")
    db.close()
    assert list(findings(run)) == ["database logs.sqlite"]


def test_the_doctor_sees_a_damaged_and_a_missing_database(data, run):
    (data / "logs.sqlite").write_bytes(b"damaged" * 1_000)
    (data / "accounts.sqlite").unlink()
    assert {"database logs.sqlite", "database accounts.sqlite"} <= set(findings(run))


def test_the_doctor_sees_a_certificate_without_its_key(data, run):
    (data / "tls" / "key.pem").write_text("nothing")
    (data / "tls" / "key.pem").chmod(0o600)
    assert list(findings(run)) == ["certificate"]


def test_the_doctor_sees_a_clock_that_went_back(data, run):
    later = time.time() + 3_600
    os.utime(data / "logs.sqlite", (later, later))
    assert list(findings(run)) == ["clock"]


def test_the_doctor_sees_a_full_disk(run, monkeypatch):
    monkeypatch.setenv("PRIVITY_RELAY__BLOBS__RESERVE_BYTES", str(1 << 39))
    assert list(findings(run)) == ["disk"]


@pytest.mark.parametrize(
    ("options", "size"), [([], 0), (["--tls", "self"], 32), (["--tls", "none"], 0)]
)
def test_behind_a_socket_a_link_pins_only_a_certificate_of_the_relay(
    tmp_path, capsys, options, size
):
    common = ["--data", str(tmp_path / "r")]
    socket = str(tmp_path / "socket")
    assert main([*common, "init", "--uds", socket, *options]) == 0
    capsys.readouterr()
    assert main([*common, "invite"]) == 0
    link = parse_link(capsys.readouterr().out)
    assert len(link.relay.fingerprint) == size
    assert main([*common, "doctor"]) == 0


def test_the_settings_are_checked_and_shown_with_who_set_them(data, run, monkeypatch):
    monkeypatch.setenv("PRIVITY_RELAY__LOG__APPEND_BURST", "7")
    code, told = run("config", "show")
    shown = {one["name"]: (one["value"], one["origin"]) for one in told["data"]}
    assert code == 0
    assert shown["host"] == ("chat.example", "relay.toml")
    assert shown["log.append_burst"] == (7, "PRIVITY_RELAY__LOG__APPEND_BURST")
    assert shown["log.append_burst"] != shown["log.appends_per_second"]
    code, told = run("config", "check")
    assert (code, told["ok"]) == (0, True)


def test_what_config_show_prints_reads_back_to_the_same(data, capsys):
    assert main(["--data", str(data), "config", "show"]) == 0
    shown = capsys.readouterr().out
    assert "log.append_burst = 100" in shown
    assert read_config(shown, {}) == load_config(data, {})


def test_a_misspelt_setting_is_a_usage_error_of_every_command(data, run):
    with (data / "relay.toml").open("a") as file:
        file.write("[logs]\nappend_burst = 1\n")
    for command in (["config", "check"], ["config", "show"], ["serve"], ["doctor"]):
        code, told = run(*command)
        assert (code, told["error"]["code"]) == (2, "usage")
        assert "log.append_burst?" in told["error"]["message"]


def test_stats_are_numbers_over_everything(data, run, ana):
    before = run("stats")[1]["data"]
    assert (before["accounts"], before["devices"], before["handles"]) == (1, 1, 1)
    assert {type(value) for value in before.values()} == {int}
    run("invite")
    with sqlite3.connect(data / "logs.sqlite") as db:
        token = minted(db, TokenKind.BLOB)
        blobs.open_blob(db, OpenBlob(NONCE[:16], NONCE, 9, token), 0)
        blobs.advance(db, NONCE[:16], 0, 7)
    db.close()
    after = run("stats")[1]["data"]
    changed = {name for name in after if after[name] != before[name]}
    assert changed - {"accounts_bytes", "logs_bytes"} == {
        "invites",
        "spent_tokens",
        "blobs_unfinished",
        "blob_bytes",
    }
    assert after["blob_bytes"] == 7
    assert after["accounts_bytes"] > 4_096


def test_stats_of_a_damaged_database_send_to_the_doctor(data, run):
    (data / "logs.sqlite").write_bytes(b"damaged" * 1_000)
    code, told = run("stats")
    assert code == 2
    assert "doctor" in told["error"]["message"]


def test_purge_forgets_now_what_has_expired_and_nothing_else(data, run, ana):
    run("invite")
    with sqlite3.connect(data / "accounts.sqlite") as db:
        db.execute("INSERT INTO codes VALUES (?, 1, 1)", (NONCE,))
    db.close()
    with sqlite3.connect(data / "logs.sqlite") as db:
        db.execute("INSERT INTO spent_tokens VALUES (1, ?)", (NONCE[:16],))
    db.close()
    orphan = data / "blobs" / "ab" / ("ab" * 16)
    orphan.parent.mkdir(parents=True)
    orphan.write_bytes(b"x")
    code, told = run("purge")
    gone = {name: count for name, count in told["data"].items() if count}
    assert (code, gone) == (0, {"invites": 1, "tokens": 1, "blob_files": 1})
    assert not orphan.exists()
    assert not any(run("purge")[1]["data"].values())
    assert run("stats")[1]["data"]["invites"] == 1
    assert len(run("user", "list")[1]["data"]) == 1
