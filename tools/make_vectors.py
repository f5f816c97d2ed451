#!/usr/bin/env python3
"""Write docs/spec/vectors/mls/*.json.xz, or check that they are what the code makes.

    python tools/make_vectors.py [--check] [NAME…]

Everything comes from a seed but for what a KEM draws inside its library: ciphertexts,
and what depends on them by a transcript. So `--check` makes each file again, compares
all other fields with the stored ones, and runs the stored cases through
`tools/mls_vectors.py`. Without `--check` what holds is left as it is, file
by file and case by case.
Exit code 1 if `--check` finds a difference or a case that fails.
"""

import json
import lzma
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from privity.errors import PrivityError  # noqa: E402
from tools.mls_makers import (  # noqa: E402
    Case,
    Format,
    framed,
    groups,
    keys,
    passive,
    refused,
    trees,
    without,
)
from tools.mls_vectors import Tally, check_file, check_of, load  # noqa: E402
from tools.mls_vectors_case import Mismatch  # noqa: E402
from tools.spec_vectors import seeded  # noqa: E402

__all__ = ["FORMATS", "VECTORS", "differs", "main", "path_of"]

VECTORS = ROOT / "docs" / "spec" / "vectors" / "mls"
FORMATS: dict[str, Format] = {
    name: format_
    for area in (keys, framed, trees, groups, passive, refused)
    for name, format_ in area.FORMATS.items()
}


def path_of(name: str) -> Path:
    """Return where a format's cases are."""
    return VECTORS / f"{name}.json.xz"


def differs(name: str, stored: list[Case], fresh: list[Case]) -> bool:
    """Say whether stored cases are others than those that the code makes."""
    drawn = FORMATS[name].drawn
    return without(drawn, stored) != without(drawn, fresh)


def main(arguments: list[str]) -> int:
    """Write or check the named files, or all of them."""
    check = "--check" in arguments
    wrong = 0
    for name in [one for one in arguments if one != "--check"] or sorted(FORMATS):
        holds = _holds(name)
        wrong += not holds
        if not holds and not check:
            _write(name, _kept(name, _made(name)))
        print(f"{'same' if holds else 'DIFFERENT' if check else 'written'}  {name}")
    return 1 if check and wrong else 0


def _made(name: str) -> list[Case]:
    return FORMATS[name].make(seeded(f"mls/{name}"))


def _holds(name: str) -> bool:
    path = path_of(name)
    if not path.exists() or differs(name, load(path), _made(name)):
        return False
    tally = Tally()
    check_file(path, tally)
    return not tally.failed and not tally.skipped


def _kept(name: str, fresh: list[Case]) -> list[Case]:
    """Return fresh cases, but stored ones where those still hold."""
    path = path_of(name)
    stored = load(path) if path.exists() else []
    for at, case in enumerate(stored[: len(fresh)]):
        if not differs(name, [case], [fresh[at]]) and _passes(case):
            fresh[at] = case
    return fresh


def _passes(case: Case) -> bool:
    try:
        check_of(case)(case)
    except (PrivityError, Mismatch):
        return False
    return True


def _write(name: str, cases: list[Case]) -> None:
    text = json.dumps(cases, separators=(",", ":")).encode()
    VECTORS.mkdir(parents=True, exist_ok=True)
    path_of(name).write_bytes(lzma.compress(text, preset=9 | lzma.PRESET_EXTREME))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
