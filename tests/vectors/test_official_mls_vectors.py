"""Every official case of every format that was published in files.

They are not in this repository. Where the folder is neither named nor beside it, these
tests are skipped, and say so; a folder that is named and not there fails.
"""

import os
from pathlib import Path

import pytest

from tools.mls_vectors import Tally, check_file, load

BESIDE = Path(__file__).resolve().parents[3] / "shared" / "mls-test-vectors"


@pytest.fixture
def official():
    """Find the file of an official format, `official("tree-math")`."""
    folder = Path(os.environ.get("MLS_VECTORS", BESIDE))
    if "MLS_VECTORS" in os.environ and not folder.is_dir():
        pytest.fail("MLS_VECTORS names no folder")
    if not folder.is_dir():
        pytest.skip(
            "the MLS working group's own vectors are not here (ours are, and ran):"
            " clone openmls/openmls (MIT) and set MLS_VECTORS to openmls/test_vectors"
        )

    def file(name: str) -> Path:
        found = [folder / f"{name}.json.xz", folder / f"{name}.json"]
        return next(path for path in found if path.exists())

    return file


@pytest.mark.parametrize(
    ("name", "cases"),
    [
        ("crypto-basics", 7),
        ("deserialization", 14),
        ("key-schedule", 7),
        ("message-protection", 7),
        ("messages", 300),
        ("passive-client-welcome", 56),
        ("psk_secret", 70),
        ("secret-tree", 21),
        ("transcript-hashes", 300),
        ("tree-math", 10),
        ("tree-operations", 5),
        ("tree-validation", 98),
        ("treekem", 77),
        ("welcome", 7),
    ],
)
def test_all_cases_of_the_working_group_hold(official, name, cases):
    assert len(load(official(name))) == cases
    tally = Tally()
    check_file(official(name), tally)
    assert tally == Tally(passed=cases)
