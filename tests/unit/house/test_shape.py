"""Files and functions stay small enough to be read in one go."""

import ast

MOST_LINES_OF_A_FILE = 500
MOST_LINES_OF_A_FUNCTION = 40


def functions(tree: ast.Module):
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def lines_of(function) -> int:
    """Count a function's lines without its docstring."""
    start = function.lineno
    body = function.body
    if ast.get_docstring(function) is not None:
        start += body[0].end_lineno - body[0].lineno + 1
    return function.end_lineno - start + 1


def code(files, root, *below):
    places = [root / name for name in below]
    return [
        path
        for path in files
        if path.suffix == ".py" and any(path.is_relative_to(it) for it in places)
    ]


def test_no_file_is_longer_than_five_hundred_lines(files, root):
    everything = code(files, root, "src", "tests", "tools", "demo", "bench", "interop")
    long = {
        str(path.relative_to(root)): count
        for path in everything
        if (count := len(path.read_text().splitlines())) > MOST_LINES_OF_A_FILE
    }
    assert everything
    assert long == {}


def test_no_function_is_longer_than_forty_lines(files, parsed, root):
    long = {
        f"{path.relative_to(root)}:{function.name}": count
        for path in code(files, root, "src", "tools", "demo", "bench", "interop")
        for function in functions(parsed(path))
        if (count := lines_of(function)) > MOST_LINES_OF_A_FUNCTION
    }
    assert long == {}


def test_every_module_of_the_product_says_what_it_is(files, parsed, root):
    silent = [
        str(path.relative_to(root))
        for path in code(files, root, "src", "tools", "demo", "bench", "interop")
        if parsed(path).body and ast.get_docstring(parsed(path)) is None
    ]
    assert silent == []


def test_no_two_test_files_share_a_name(files, root):
    names = [path.name for path in code(files, root, "tests")]
    twice = {name for name in names if names.count(name) > 1} - {"conftest.py"}
    assert twice == set()


def test_no_drawer_is_called_utils(files, root):
    vague = {"utils", "util", "helpers", "misc", "common"}
    assert [path for path in code(files, root, "src") if path.stem in vague] == []
