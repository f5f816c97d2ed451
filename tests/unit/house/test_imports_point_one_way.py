"""The import contracts hold, and the holes that import-linter has are closed."""

import ast
import subprocess
import sys

import pytest

HIDDEN = {"__import__", "eval", "exec", "compile", "__builtins__"}
"""Names by which code could import what the contracts forbid, unseen."""


def hidden_imports(tree: ast.Module) -> list[str]:
    """Name what in a module could import behind import-linter's back."""
    found = []
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) if name in HIDDEN:
                found.append(name)
            case ast.Import(names=names):
                found += [one.name for one in names if _is_importer(one.name)]
            case ast.ImportFrom(module=str(name)) if _is_importer(name):
                found.append(name)
            case ast.Attribute(attr="__import__" | "__builtins__" as name):
                found.append(name)
            case ast.Constant(value="__import__" | "__builtins__" as name):
                found.append(name)
    return found


def _is_importer(name: str) -> bool:
    return name.split(".", maxsplit=1)[0] in {
        "importlib",
        "builtins",
        "imp",
        "runpy",
        "pkgutil",
    }


def test_the_import_contracts_hold(root):
    command = "from importlinter.cli import lint_imports_command as run; run()"
    done = subprocess.run(
        [sys.executable, "-c", command, "--no-cache"],
        cwd=root,
        check=False,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def test_no_module_imports_behind_the_contracts_back(files, parsed, root):
    sources = [path for path in files if path.is_relative_to(root / "src")]
    found = {
        str(path.relative_to(root)): hidden
        for path in sources
        if path.suffix == ".py" and (hidden := hidden_imports(parsed(path)))
    }
    assert sources
    assert found == {}


@pytest.mark.parametrize(
    "code",
    [
        "__import__('socket')",
        "eval('1')",
        "run = exec",
        "compile('', '', 'exec')",
        "import importlib.util",
        "from importlib import import_module",
        "import builtins; getattr(builtins, 'ev' + 'al')",
        "getattr(object, '__builtins__')",
        "f.__globals__['__builtins__']",
    ],
)
def test_each_hidden_import_would_be_found(code):
    assert hidden_imports(ast.parse(code))
