"""Run the Python of a document in a process that has one package of ours alone.

    python alone.py PAGE ALLOWED…

Each ```python block runs in the same namespace; what it prints must be the ```text
block behind it, or nothing. Any `privity` module but those allowed can't be imported.
"""

import contextlib
import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

BLOCK = re.compile(r"```python\n(.*?)```(?:\n+```text\n(.*?)```)?", re.DOTALL)


class Walls:
    """Refuses to find modules of ours that are not allowed."""

    def __init__(self, allowed: list[str]) -> None:
        self.allowed = tuple(f"privity.{name}" for name in allowed)

    def find_spec(self, name: str, path=None, target=None) -> None:
        """Raise ImportError for what stands outside."""
        inside = any(f"{name}.".startswith(f"{one}.") for one in self.allowed)
        if name.startswith("privity.") and not inside:
            raise ImportError(f"{name} is behind the wall")


def blocks(page: Path) -> Iterator[tuple[int, str, str]]:
    """Return line number, code and expected output of each block."""
    text = page.read_text(encoding="utf-8")
    for found in BLOCK.finditer(text):
        yield text.count("\n", 0, found.start()) + 2, found[1], found[2] or ""


def run(page: Path) -> int:
    """Run a page; return how many blocks did what it says."""
    names: dict[str, object] = {"__name__": "page"}
    done = 0
    for line, code, expected in blocks(page):
        printed = io.StringIO()
        placed = "\n" * (line - 1) + code
        with contextlib.redirect_stdout(printed):
            exec(compile(placed, str(page), "exec"), names)
        if printed.getvalue() != expected:
            said = printed.getvalue()
            raise SystemExit(f"{page}:{line} printed\n{said}\nand not\n{expected}")
        done += 1
    return done


if __name__ == "__main__":
    sys.meta_path.insert(0, Walls(sys.argv[2:]))
    sys.stdout.write(f"{run(Path(sys.argv[1]))}\n")
