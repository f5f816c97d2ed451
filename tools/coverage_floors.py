"""Compare a coverage report (JSON) with the floor of each package; exit 1 below it."""

import json
import sys
from collections import defaultdict
from pathlib import Path

FLOORS = {"codec": 95, "content": 95, "core": 95, "mls": 90}
FLOOR = 85
"""Of every package that FLOORS does not name."""


def main(report: str) -> int:
    """Print a row for each package and return the exit status."""
    covered: dict[str, int] = defaultdict(int)
    possible: dict[str, int] = defaultdict(int)
    for name, file in json.loads(Path(report).read_text())["files"].items():
        package = _package_of(name)
        summary = file["summary"]
        covered[package] += summary["covered_lines"] + summary["covered_branches"]
        possible[package] += summary["num_statements"] + summary["num_branches"]
    if not possible:
        print("the report covers no file of src/privity")
        return 1
    low = 0
    for package in sorted(possible):
        share = 100 * covered[package] / (possible[package] or 1)
        floor = FLOORS.get(package, FLOOR)
        low += share < floor
        print(f"{package:<12}{share:6.1f} %  floor {floor} %{_mark(share, floor)}")
    return 1 if low else 0


def _package_of(name: str) -> str:
    package, _, module = name.rpartition("src/privity/")[2].partition("/")
    return package if module else "top"


def _mark(share: float, floor: int) -> str:
    return "  TOO LOW" if share < floor else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
