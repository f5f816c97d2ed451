"""Holding the window's files against what this version was made with.

Three places say what a file is: the hashes that are constants of the package, the
list of the wheel it was installed from, and a window that runs has it in memory.
"""

import csv
from base64 import urlsafe_b64decode
from collections.abc import Mapping, Sequence
from pathlib import Path

from privity import __version__
from privity.client.verbs.result import Count, Result
from privity.web.site import (
    UI,
    Site,
    integrity_of,
    paths_of_files,
    read_integrity,
    to_integrity,
)

__all__ = ["FileCheck", "Files", "of_memory", "verify"]

_PACKAGE = Path(__file__).parents[1]


class FileCheck(Result, frozen=True):
    """One file of the window; `wrong` says where it differs, or nothing."""

    path: str
    integrity: str
    wrong: str = ""


class Files(Result, frozen=True):
    """All files of the window, by their SHA-256 as HTML writes it.

    `by_wheel` says whether the list of an installed wheel was there to compare with,
    `by_window` whether a window that runs was.
    """

    version: str
    well: bool
    by_wheel: bool
    by_window: bool
    size: Count
    files: tuple[FileCheck, ...]


def verify(
    memory: Mapping[str, str] | None = None, ui: Path = UI, package: Path = _PACKAGE
) -> Files:
    """Compare disk, constants, wheel and the `memory` of a window that runs."""
    expected = read_integrity()
    here = {path: (ui / path[1:]).read_bytes() for path in paths_of_files(ui)}
    found = {path: integrity_of(body) for path, body in here.items()}
    wheel = _recorded(package)
    places: list[tuple[str, Mapping[str, str]]] = [("on the disk", found)]
    places += [("in the wheel", wheel)] if wheel else []
    places += [("in the open window", memory)] if memory is not None else []
    checks = tuple(
        FileCheck(path, expected.get(path, ""), _wrong(path, expected, places))
        for path in sorted(found.keys() | expected.keys())
    )
    return Files(
        version=__version__,
        well=not any(one.wrong for one in checks),
        by_wheel=bool(wheel),
        by_window=memory is not None,
        size=sum(map(len, here.values())),
        files=checks,
    )


def of_memory(site: Site) -> dict[str, str]:
    """Return the hash of each file that a window serves, as it was read."""
    return dict(site.read)


def _wrong(
    path: str,
    expected: Mapping[str, str],
    places: Sequence[tuple[str, Mapping[str, str]]],
) -> str:
    for place, hashes in places:
        if path not in hashes:
            return f"missing {place}"
        if path not in expected:
            return f"unknown, {place}"
        if hashes[path] != expected[path]:
            return f"changed {place}"
    return ""


def _recorded(package: Path) -> dict[str, str]:
    """Return the hashes in the list of an installed wheel, or nothing."""
    found: dict[str, str] = {}
    for record in package.parent.glob("privity-*.dist-info/RECORD"):
        with record.open(newline="", encoding="utf-8") as lines:
            for row in csv.reader(lines):
                _, is_ours, path = row[0].partition("privity/web/ui/")
                if is_ours and row[1].startswith("sha256="):
                    found[f"/{path}"] = to_integrity(_decoded(row[1][7:]))
    return found


def _decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
