"""Write tests/unit/mls/public_api.txt: the public names of `privity.mls`, as they are.

    python tools/public_api.py [--check]

Read from the source, so that it is the same under every version of Python. A test
compares; who means to change what callers may rely on runs this, and the difference
stands in the commit. Exit code 1 if `--check` finds one.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "privity" / "mls"
SNAPSHOT = ROOT / "tests" / "unit" / "mls" / "public_api.txt"
_TOP = """\
What callers of privity.mls may rely on. Made by `python tools/public_api.py`.
The rules by name are in docs/spec/mls-rules.md.
"""

__all__ = ["SNAPSHOT", "main", "render"]

_Function = ast.FunctionDef | ast.AsyncFunctionDef


def render(source: Path = SOURCE) -> str:
    """Return the names that the package exports, with signatures and fields."""
    blocks = [_TOP]
    for name, module in sorted(_exported(source).items()):
        blocks.append("\n".join(_shown(name, source / f"{module}.py")) + "\n")
    return "\n".join(blocks)


def main(arguments: list[str]) -> int:
    """Write or check the snapshot."""
    text = render()
    same = SNAPSHOT.exists() and SNAPSHOT.read_text(encoding="utf-8") == text
    check = "--check" in arguments
    if not check:
        SNAPSHOT.write_text(text, encoding="utf-8")
    verdict = "same" if same else "DIFFERENT" if check else "written"
    print(f"{verdict}  {SNAPSHOT.name}")
    return 1 if check and not same else 0


def _exported(source: Path) -> dict[str, str]:
    """Return the module of each name that `__init__.py` imports; it exports all."""
    tree = ast.parse((source / "__init__.py").read_text(encoding="utf-8"))
    return {
        alias.name: (node.module or "").rpartition(".")[2]
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def _shown(name: str, file: Path) -> Iterator[str]:
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        match node:
            case ast.ClassDef(name=found) if found == name:
                bases = ", ".join(ast.unparse(base) for base in node.bases)
                yield f"class {name}({bases})" if bases else f"class {name}"
                # The rules have a page of their own.
                yield from () if name == "Rule" else _members(node)
            case ast.FunctionDef(name=found) if found == name:
                yield _signature(node)
            case ast.Assign(targets=[ast.Name(id=found)]) if found == name:
                yield ast.unparse(node)


def _members(node: ast.ClassDef) -> Iterator[str]:
    for item in node.body:
        match item:
            case ast.AnnAssign(target=ast.Name(id=name)) if not name.startswith("_"):
                yield f"    {ast.unparse(item)}"
            case ast.Assign(targets=[ast.Name(id=name)]) if not name.startswith("_"):
                yield f"    {ast.unparse(item)}"
            case ast.FunctionDef(name=name) if not name.startswith("_"):
                marks = [ast.unparse(mark) for mark in item.decorator_list]
                yield "".join(f"    @{mark}\n" for mark in marks) + (
                    f"    {_signature(item)}"
                )


def _signature(node: _Function) -> str:
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"def {node.name}({ast.unparse(node.args)}){returns}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
