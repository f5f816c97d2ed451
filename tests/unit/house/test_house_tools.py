"""The tools that the menu is made of."""

import json
import re
import subprocess
import sys

import pytest


@pytest.fixture
def run(root):
    def run(*command):
        return subprocess.run(
            [sys.executable, *map(str, command)],
            cwd=root,
            check=False,
            capture_output=True,
            text=True,
        )

    return run


@pytest.mark.parametrize(("status", "word"), [(0, "PASS"), (3, "FAIL")])
def test_a_target_ends_with_its_verdict_and_its_time(run, status, word):
    code = f"print('work', flush=True); raise SystemExit({status})"
    done = run("tools/timed.py", "thing", sys.executable, "-c", code)
    assert done.returncode == status
    first, last = done.stdout.splitlines()
    assert first == "work"
    assert re.fullmatch(rf"{word} thing \d+\.\d s", last)


def test_a_target_that_a_signal_ends_has_failed(run):
    code = "import os; os.kill(os.getpid(), 9)"
    done = run("tools/timed.py", "thing", sys.executable, "-c", code)
    assert done.returncode == 137
    assert done.stdout.startswith("FAIL thing")


@pytest.fixture
def report(tmp_path):
    def report(**covered):
        files = {
            f"src/privity/{package}/a.py": {
                "summary": {
                    "covered_lines": lines,
                    "num_statements": 100,
                    "covered_branches": 0,
                    "num_branches": 0,
                }
            }
            for package, lines in covered.items()
        }
        path = tmp_path / "coverage.json"
        path.write_text(json.dumps({"files": files}))
        return path

    return report


def test_enough_coverage_passes(run, report):
    assert run("tools/coverage_floors.py", report(core=95, relay=85)).returncode == 0


def test_one_package_below_its_floor_fails(run, report):
    done = run("tools/coverage_floors.py", report(core=94, relay=99))
    assert done.returncode == 1
    assert [line for line in done.stdout.splitlines() if "TOO LOW" in line] == [
        "core          94.0 %  floor 95 %  TOO LOW"
    ]


def test_a_report_about_nothing_fails(run, report):
    assert run("tools/coverage_floors.py", report()).returncode == 1
