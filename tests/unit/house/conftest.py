"""What the tests of the house look at: the files of the checkout."""

import ast
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
OURS = (
    "src",
    "tests",
    "tools",
    "demo",
    "bench",
    "interop",
    "docs",
    "deploy",
    "requirements",
)
"""Directories that are tracked; the root's own files come besides."""


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def files() -> tuple[Path, ...]:
    """Every file that is, or is about to be, tracked."""
    # In a worktree .git is a file, and no tracked one.
    here = [path for path in ROOT.iterdir() if path.is_file() and path.name != ".git"]
    below = [path for name in OURS for path in (ROOT / name).rglob("*")]
    below += (ROOT / ".ci").rglob("*")
    below += (ROOT / "changelog.d").rglob("*")
    return tuple(
        sorted(
            path
            for path in here + below
            if path.is_file()
            and "__pycache__" not in path.parts
            and not path.name.startswith(".coverage")
        )
    )


@pytest.fixture(scope="session")
def parsed() -> Callable[[Path], ast.Module]:
    trees: dict[Path, ast.Module] = {}

    def parse(path: Path) -> ast.Module:
        if path not in trees:
            trees[path] = ast.parse(path.read_text(encoding="utf-8"), str(path))
        return trees[path]

    return parse


@pytest.fixture(scope="session")
def project() -> dict:
    """The [project] table of pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
