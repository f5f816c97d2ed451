"""A story that needs what is not here says so; it fails only if it was asked for."""

import json
import shutil

import pytest

from demo import __main__ as demo
from demo import three_implementations, windows
from demo.outcome import CannotTell


@pytest.fixture
def bare(monkeypatch, tmp_path):
    """A system with a shell and without node, on which nothing else is told."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "dirname").symlink_to(shutil.which("dirname"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(demo, "STORIES", {"interop": three_implementations.tell})
    monkeypatch.setattr(demo, "BUILD", tmp_path / "build")
    return tmp_path / "build"


def test_without_node_the_other_stories_are_told_and_this_one_says_what_it_needs(
    bare, monkeypatch, capsys
):
    monkeypatch.delenv("STORY", raising=False)
    assert demo.main() == 0
    (line,) = [one for one in capsys.readouterr().out.splitlines() if "not told" in one]
    assert "node (20.19 or newer) and npm" in line
    assert json.loads((bare / "summary.json").read_text())["messages"] == 0


def test_without_node_asking_for_this_story_fails(bare, monkeypatch, capsys):
    monkeypatch.setenv("STORY", "interop")
    assert demo.main() == 1
    assert "node (20.19 or newer) and npm" in capsys.readouterr().out
    assert not (bare / "summary.json").exists()


def test_a_story_that_there_is_not_is_a_usage_error(bare, monkeypatch, capsys):
    monkeypatch.setenv("STORY", "atlantis")
    assert demo.main() == 2
    assert "there is no story 'atlantis'; there are: interop" in capsys.readouterr().out


def test_without_a_browser_the_story_of_the_windows_says_what_it_needs(bare):
    with pytest.raises(CannotTell, match=r"tools/browser\.sh"):
        windows.tell()


def test_a_story_that_fails_fails_them_all_and_the_reader_sees_its_words(
    monkeypatch, tmp_path, capsys
):
    monkeypatch.delenv("STORY", raising=False)
    # In its own process nobody knows it.
    monkeypatch.setattr(demo, "STORIES", {"atlantis": windows.tell})
    monkeypatch.setattr(demo, "BUILD", tmp_path / "build")
    assert demo.main() == 1
    assert "there is no story 'atlantis'" in capsys.readouterr().out
    assert json.loads((tmp_path / "build" / "summary.json").read_text())["ok"] is False
