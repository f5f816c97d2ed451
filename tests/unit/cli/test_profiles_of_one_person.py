"""Several accounts on one machine, each by a name of its own."""

from pathlib import Path

import pytest

from privity.cli.app import main
from privity.client.profile import Profile, ProfileLock, find_profile
from privity.errors import UsageError


@pytest.fixture
def data(tmp_path, monkeypatch):
    """Give this user a data directory of their own."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv("PRIVITY_HOME", raising=False)
    return tmp_path / "data" / "privity"


def test_a_name_is_a_name_and_a_slash_makes_a_directory(data, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "work").mkdir()
    assert find_profile("work").root == data / "profiles" / "work"
    assert find_profile("./work").root == tmp_path / "work"
    assert find_profile("~/work").root == Path.home() / "work"
    assert find_profile(Path("work")).root == tmp_path / "work"
    assert find_profile(None).root == data


@pytest.mark.parametrize("name", ["", "-x", "a b", "a\nb", "..x", "x" * 33, "Ämt"])
def test_what_is_no_name_is_refused(data, name):
    with pytest.raises(UsageError):
        find_profile(name)
    assert not data.exists()


def test_profiles_are_made_listed_and_used_by_name(data, run, relay, tmp_path):
    assert run("x", "profiles", "list") == (0, {"profiles": []})
    status, made = run("x", "profiles", "new", "work")
    assert (status, made["profile"]["has_account"]) == (0, False)
    assert (data / "profiles" / "work").stat().st_mode & 0o777 == 0o700
    out = tmp_path / "recovery"
    status, _ = run(
        "work", "init", relay.invite(), "--name", "Ana", "--recovery-out", out
    )
    assert status == 0
    status, listed = run("x", "profiles", "list")
    (one,) = listed["profiles"]
    assert (one["name"], one["has_account"], one["is_open"]) == ("work", True, False)
    assert run("work", "account")[1]["name"] == "Ana"
    lock = ProfileLock(Profile(data / "profiles" / "work"))
    assert lock.try_acquire()
    assert run("x", "profiles", "list")[1]["profiles"][0]["is_open"]
    lock.release()


def test_a_name_is_given_once(data, run):
    assert run("x", "profiles", "new", "work")[0] == 0
    status, error = run("x", "profiles", "new", "work")
    assert (status, error["code"]) == (1, "profile_exists")
    for name in ("../out", "a b", "/etc"):
        assert run("x", "profiles", "new", name)[0] == 2
    assert [p.name for p in (data / "profiles").iterdir()] == ["work"]


def test_a_person_reads_what_there_is(data, capsys):
    assert main(["profiles", "new", "club"]) == 0
    assert "privity --profile club init" in capsys.readouterr().out
    assert main(["profiles", "list"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("club")
    assert "no account yet" in shown
