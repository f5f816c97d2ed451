import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from privity.errors import Unsupported
from tools.mls_vectors import load

ROOT = Path(__file__).resolve().parents[2]
BESIDE = ROOT.parent / "shared" / "mls-test-vectors"


@pytest.fixture
def official():
    """Load the cases of one official format, `official("tree-math")`."""
    folder = Path(os.environ.get("MLS_VECTORS", BESIDE))
    if not folder.is_dir():
        pytest.skip(
            "the MLS working group's vectors are not here: clone"
            " openmls/openmls (MIT) and set MLS_VECTORS to openmls/test_vectors"
        )

    def cases(name: str) -> list[dict[str, Any]]:
        found = [folder / f"{name}.json.xz", folder / f"{name}.json"]
        return load(next(path for path in found if path.exists()))

    return cases


@pytest.fixture
def count_passing():
    """Run a check over cases: how many hold, how many are of suites not here yet."""

    def count(
        check: Callable[[dict[str, Any]], None], cases: list[dict[str, Any]]
    ) -> tuple[int, int]:
        skipped = 0
        for case in cases:
            try:
                check(case)
            except Unsupported:
                skipped += 1
        return len(cases) - skipped, skipped

    return count
