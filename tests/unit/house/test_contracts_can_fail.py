"""Each import contract is seen to break when it is broken: a check that can't fail
shows nothing."""

import re
import shutil
import subprocess
import sys

import pytest

CONTRACTS = "from importlinter.cli import lint_imports_command as run; run()"


@pytest.fixture
def copy(root, tmp_path):
    """A copy of the product and its contracts, to plant violations in."""
    shutil.copytree(root / "src", tmp_path / "src")
    shutil.copy(root / "pyproject.toml", tmp_path)
    return tmp_path


def verdict(copy):
    # -P keeps the installed checkout out of the way of the copy.
    code = f"import sys; sys.path.insert(0, {str(copy / 'src')!r}); {CONTRACTS}"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, "--no-cache"],
        cwd=copy,
        check=False,
        capture_output=True,
        text=True,
        timeout=100,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("place", "line", "contract"),
    [
        ("relay/config.py", "import privity.mls", "The relay cannot import"),
        ("mls/suites.py", "import privity.identity", "MLS knows RFC 9420"),
        ("codec/reader.py", "def f():\n    import urllib.request", "no I/O"),
        ("wire/limits.py", "import privity.mls", "Each layer knows only"),
        ("errors.py", "import privity.codec", "Each layer knows only"),
    ],
)
def test_a_planted_import_breaks_its_contract(copy, place, line, contract):
    path = copy / "src" / "privity" / place
    path.write_text(f"{path.read_text()}\n{line}\n")
    status, said = verdict(copy)
    assert status == 1
    assert re.search(rf"{contract}.* BROKEN", said)


def test_a_package_that_nobody_declared_breaks_the_build(copy):
    package = copy / "src" / "privity" / "telemetry"
    package.mkdir()
    (package / "__init__.py").write_text("")
    status, said = verdict(copy)
    assert status == 1
    assert "telemetry" in said
