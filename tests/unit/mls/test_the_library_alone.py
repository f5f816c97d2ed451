"""`privity.mls` as a stranger gets it: its tutorial, and nothing of ours beside it."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "tutorial" / "mls.md"
ALONE = ROOT / "tests" / "harness" / "alone.py"


def run(page, place, *allowed):
    return subprocess.run(
        [sys.executable, "-W", "error", ALONE, page, *allowed],
        cwd=place,
        env={"PYTHONPATH": str(ROOT / "src")},
        check=False,
        capture_output=True,
        text=True,
        timeout=100,
    )


def test_the_tutorial_runs_where_only_codec_and_errors_are(tmp_path):
    done = run(PAGE, tmp_path, "mls", "codec", "errors")
    assert done.returncode == 0, done.stderr
    fences = PAGE.read_text(encoding="utf-8").count("```python\n")
    assert done.stdout == f"{fences}\n"
    assert fences > 10


def test_three_members_take_thirty_lines():
    code = PAGE.read_text(encoding="utf-8").split("```python\n")[1].split("```")[0]
    assert len([line for line in code.splitlines() if line.strip()]) <= 30


@pytest.mark.parametrize("missing", ["codec", "errors"])
def test_the_library_needs_both(tmp_path, missing):
    done = run(PAGE, tmp_path, "mls", *{"codec", "errors"} - {missing})
    assert done.returncode == 1
    assert f"privity.{missing} is behind the wall" in done.stderr


@pytest.mark.parametrize("name", ["wire", "core.effects", "identity", "mlsx"])
def test_behind_the_wall_nothing_else_of_ours_is_found(tmp_path, name):
    page = tmp_path / "page.md"
    page.write_text(f"```python\nimport privity.mls\nimport privity.{name}\n```\n")
    done = run(page, tmp_path, "mls", "codec", "errors")
    assert f"privity.{name.split('.')[0]} is behind the wall" in done.stderr


@pytest.mark.parametrize("stated", ["```text\n2\n```\n", ""])
def test_a_page_that_states_another_output_is_wrong(tmp_path, stated):
    page = tmp_path / "page.md"
    page.write_text(f"```python\nprint(1 + 2)\n```\n\n{stated}")
    done = run(page, tmp_path)
    assert done.returncode == 1
    assert "printed\n3\n" in done.stderr
