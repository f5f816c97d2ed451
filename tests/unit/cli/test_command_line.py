"""The command line in this process: accounts, exit statuses, errors, JSON."""

import io
import json
import os
import stat
import sys

import pytest

from privity.cli.app import main
from privity.client.profile import Profile, ProfileLock
from privity.identity.recovery import parse_recovery_key


def test_init_makes_an_account_and_writes_the_recovery_key(account, run, tmp_path):
    profile = account("Ana", "--handle", "ana.one")
    out = tmp_path / "Ana.recovery"
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert len(parse_recovery_key(out.read_text())) == 32
    status, data = run(profile, "account")
    assert status == 0
    assert data["handle"] == "ana.one@localhost"


def test_a_second_init_changes_nothing(account, run, relay, tmp_path):
    profile = account("Ana")
    before = run(profile, "account")
    status, error = run(
        profile, "init", relay.invite(), "--name", "B", "--recovery-out", tmp_path / "r"
    )
    assert (status, error["code"]) == (1, "profile_exists")
    assert run(profile, "account") == before
    assert not (tmp_path / "r").exists()


@pytest.mark.parametrize(
    ("arguments", "status", "code"),
    [
        (["nonsense"], 2, "bad_link"),
        (["privity:2#AAAA"], 2, "bad_link"),
        (["--relay", "http://192.0.2.1/"], 6, "insecure"),
        (["--relay", "ftp://x"], 2, "usage"),
        (["--relay", "https://localhost:1/", "--fingerprint", "zz"], 2, "usage"),
        (["--relay", "http://127.0.0.1:1"], 5, "unreachable"),
    ],
)
def test_init_refuses_by_name_and_leaves_nothing(
    run, tmp_path, arguments, status, code
):
    profile = tmp_path / "p"
    found, error = run(
        profile, "init", *arguments, "--name", "A", "--recovery-out", tmp_path / "r"
    )
    assert (found, error["code"]) == (status, code)
    assert not (profile / "vault").exists()


def test_a_taken_handle_leaves_no_half_account(account, run, relay, tmp_path):
    account("Ana", "--handle", "taken.one")
    profile = tmp_path / "second"
    again = ("--name", "B", "--recovery-out", tmp_path / "r")
    link = relay.invite()
    status, error = run(profile, "init", link, "--handle", "taken.one", *again)
    assert (status, error["code"]) == (1, "handle_taken")
    assert not (profile / "vault").exists()
    status, _ = run(profile, "init", link, "--handle", "free.one", *again)
    assert status == 0


def test_a_used_invite_and_a_contact_link_make_no_account(run, closed_relay, tmp_path):
    link = closed_relay.invite()
    more = ("--name", "A", "--recovery-out", tmp_path / "r")
    assert run(tmp_path / "one", "init", link, *more)[0] == 0
    (tmp_path / "r").unlink()
    status, error = run(tmp_path / "two", "init", link, *more)
    assert (status, error["code"]) == (1, "code_used")
    _, invite = run(tmp_path / "one", "invite")
    status, error = run(tmp_path / "two", "init", invite["link"], *more)
    assert (status, error["code"]) == (2, "contact_link")


def test_an_init_that_lost_the_relay_goes_on_later(run, relay, tmp_path, monkeypatch):
    from privity.client import accounts
    from privity.client.errors import Unreachable

    async def lost(_store):
        raise Unreachable("planted")

    profile, out = tmp_path / "p", tmp_path / "r"
    arguments = ("init", relay.invite(), "--name", "A", "--recovery-out", out)
    with monkeypatch.context() as patch:
        patch.setattr(accounts, "register", lost)
        assert run(profile, *arguments)[0] == 5
    assert not out.exists()
    status, _ = run(profile, "init", "--recovery-out", out)
    assert status == 0
    assert out.exists()


def test_a_script_has_to_say_where_the_recovery_key_goes(run, relay, tmp_path):
    status, error = run(tmp_path / "p", "init", relay.invite(), "--name", "A")
    assert (status, error["code"]) == (2, "no_terminal")
    (tmp_path / "r").write_text("mine")
    status, error = run(
        *(tmp_path / "p", "init", relay.invite(), "--name", "A"),
        *("--recovery-out", tmp_path / "r"),
    )
    assert error["code"] == "file_exists"
    assert (tmp_path / "r").read_text() == "mine"


def test_without_an_account_every_command_says_so(run, tmp_path):
    for command in (["chats"], ["lock"], ["send", "x", "y"], ["watch"]):
        status, error = run(tmp_path / "none", *command)
        assert (status, error["code"]) == (3, "no_profile")


def test_a_wrong_passphrase_is_exit_four(account, run, passphrase_file):
    profile = account("Ana")
    passphrase_file.write_text("wrong")
    status, error = run(profile, "account")
    assert (status, error["code"]) == (4, "locked")


@pytest.mark.parametrize(
    ("content", "mode"), [("x", 0o644), ("", 0o600), ("x" * 5000, 0o600)]
)
def test_a_passphrase_file_is_its_owners_and_sane(
    account, run, passphrase_file, content, mode
):
    profile = account("Ana")
    passphrase_file.write_text(content)
    passphrase_file.chmod(mode)
    status, error = run(profile, "account")
    assert (status, error["code"]) == (2, "passphrase_file")


def test_a_profile_that_is_held_silently_is_exit_75(account, run, monkeypatch):
    from privity.cli import perform

    profile = account("Ana")
    monkeypatch.setattr(perform, "LOCK_PATIENCE", 0.2)
    lock = ProfileLock(Profile(profile))
    assert lock.try_acquire()
    status, error = run(profile, "account")
    lock.release()
    assert (status, error["code"]) == (75, "busy")
    assert run(profile, "account")[0] == 0


def test_a_damaged_database_is_named(account, run):
    profile = account("Ana")
    store = profile / "store.db"
    data = bytearray(store.read_bytes())
    data[100:4000] = os.urandom(3900)
    store.write_bytes(data)
    status, error = run(profile, "account")
    assert (status, error["code"]) == (1, "damaged")


@pytest.mark.parametrize(
    "arguments",
    [["frobnicate"], ["send"], ["group"], ["history", "x", "--limit", "0"], ["--bad"]],
)
def test_wrong_usage_is_exit_two(run, tmp_path, arguments):
    status, error = run(tmp_path, *arguments)
    assert (status, error["code"]) == (2, "usage")


@pytest.mark.parametrize("span", ["7", "0d", "1y", "99999w"])
def test_an_odd_span_of_time_is_refused(run, tmp_path, span):
    status, error = run(tmp_path, "invite", "--expires", span)
    assert (status, error["code"]) == (2, "usage")


def test_nothing_is_not_sent(run, tmp_path):
    status, error = run(tmp_path, "send", "Ben")
    assert (status, error["code"]) == (2, "nothing_to_send")


def test_standard_input_is_sent_and_bounded(run, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"x" * 20_000)))
    assert run(tmp_path, "send", "Ben", "-")[1]["code"] == "too_large"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xff\xfe")))
    assert run(tmp_path, "send", "Ben", "-")[1]["code"] == "malformed_input"


def test_people_meet_and_talk_by_commands(account, run, validate):
    ana, ben = account("Ana"), account("Ben")
    _, invite = run(ana, "invite", "--expires", "never", "--uses", "0")
    assert invite["expires"] == invite["uses"] == 0
    assert run(ben, "join", invite["link"], "--text", "it is me")[0] == 0
    status, requests = run(ana, "requests")
    validate("requests", requests)
    assert [r["sender"]["name"] for r in requests["requests"]] == ["Ben"]
    assert run(ana, "accept", "Ben")[0] == 0
    assert run(ben, "chats")[1]["chats"][0]["title"] == "Ana"
    status, sent = run(ana, "send", "Ben", "first words")
    assert (status, sent["messages"][0]["state"]) == (0, "sent")
    _, shown = run(ben, "history", "Ana")
    assert shown["messages"][-1]["text"] == "first words"
    assert run(ben, "send", "nobody", "x")[0] == 3


def test_people_read_sentences_not_json(account, capsys, passphrase_file):
    profile = account("Ana")
    base = ["--profile", str(profile), "--passphrase-file", str(passphrase_file)]
    assert main([*base, "contacts"]) == 0
    assert capsys.readouterr().out == "You know nobody yet.\n"
    assert main([*base, "send", "Ben", "x"]) == 3
    told = capsys.readouterr()
    assert told.out == ""
    assert "There is nothing by that name. (Ben)" in told.err


def test_json_may_stand_behind_the_command_but_not_in_a_text(tmp_path, capsys):
    main(["--profile", str(tmp_path), "chats", "--json"])
    assert json.loads(capsys.readouterr().out)["ok"] is False
    main(["--profile", str(tmp_path), "send", "x", "--", "--json"])
    assert capsys.readouterr().out == ""


def test_locking_needs_no_passphrase(account, run, passphrase_file):
    profile = account("Ana")
    passphrase_file.unlink()
    status, locked = run(profile, "lock")
    assert (status, locked["stopped"]) == (0, False)


def test_an_unforeseen_failure_is_told_without_a_traceback(run, tmp_path, monkeypatch):
    from privity.cli import perform

    def broken(_chosen):
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(perform, "find_profile", broken)
    status, error = run(tmp_path, "chats")
    assert (status, error["code"]) == (1, "internal_error")
    assert "secret" not in error["message"]


def test_nothing_is_asked_where_nobody_answers(account, run, monkeypatch):
    profile = account("Ana")
    monkeypatch.delenv("PRIVITY_PASSPHRASE_FILE")
    status, error = run(profile, "account")
    assert (status, error["code"]) == (2, "no_terminal")
