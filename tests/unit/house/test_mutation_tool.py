"""The tool that changes code finds what no test notices."""

import importlib
import subprocess
import sys
import time

import pytest

from tools import mutate
from tools.mutation.operators import mutants_of
from tools.mutation.trial import Ending, Limits, Trial, endings, passes

TEXT = '''"""Words of a module."""

__all__ = ["large"]


def large(number: int = 3) -> bool:
    """Words of a function."""
    if number < 0:
        raise ValueError("words of an error")
    return number > 10
'''


def after(text):
    return [mutant.after for mutant in mutants_of(text)]


def test_each_small_change_of_behaviour_is_a_mutant():
    assert after(TEXT) == [
        "def large(number: int = 4) -> bool:",
        "if number <= 0:",
        "if number >= 0:",
        "if number < 1:",
        "pass",
        "return number >= 10",
        "return number <= 10",
        "return number > 11",
    ]


def test_words_are_left_alone():
    assert not [line for line in after(TEXT) if "ords" in line]


@pytest.mark.parametrize(
    ("line", "others"),
    [
        ("a = b and c", ["a = (b or c)"]),
        ("a = b is None", ["a = b is not None"]),
        ("a = b in c", ["a = b not in c"]),
        ("a = not b", ["a = (b)"]),
        ("a = b << c", ["a = (b >> c)"]),
        ("a = True", ["a = False"]),
        ("a = b''", ["a = b'!'"]),
        ("a += b", ["pass"]),
        ("check(a)", ["pass"]),
        ("a = b if c else d", ["a = b if (not c) else d"]),
        ("a: Annotated[int, 3]", []),
    ],
)
def test_an_expression_is_changed_into(line, others):
    assert after(line) == others


def test_every_mutant_is_python():
    for mutant in mutants_of(TEXT):
        compile(mutant.text, mutant.place, "exec")


@pytest.fixture
def small(tmp_path, monkeypatch):
    """Return the tests of a package of one module, which is imported already."""
    package = tmp_path / "small_package"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "tree.py").write_text("def width(n):\n    return n + 3\n")
    test = tmp_path / "test_width.py"
    test.write_text(
        "from small_package import tree\n\n"
        "def test_width():\n    assert tree.width(4) == 7\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.import_module("small_package.tree")
    yield (str(test),)
    for name in ("small_package.tree", "small_package"):
        del sys.modules[name]


def tried(tests, text, only=None, **changes):
    """Say how each mutant of a text ends before a test that looks at widths."""
    limits = Limits(**({"processor": 20, "wall": 60, "until": 2**60} | changes))
    mutants = [one for one in mutants_of(text) if only in (None, one.after)]
    trials = [Trial("small_package.tree", mutant, tests) for mutant in mutants]
    return {trial.mutant.after: ending for trial, ending in endings(trials, limits)}


def test_who_survives_is_told_from_who_is_found(small):
    assert passes(small)[0]
    text = "def width(n):\n    return n + 3\n\ndef other():\n    return 5\n"
    assert tried(small, text) == {
        "return (n - 3)": Ending.FOUND,
        "return n + 4": Ending.FOUND,
        "return 6": Ending.SURVIVED,
    }


LONG = "def width(n):\n    if n != 4:\n        {}\n    return 7\n"


@pytest.mark.parametrize(
    ("takes", "limit"),
    [
        ("sum(range(10**9))", {"processor": 1}),
        ("__import__('time').sleep(20)", {"wall": 0.5}),
    ],
    ids=("computes", "waits"),
)
def test_a_mutant_that_takes_too_long_is_stopped(small, takes, limit):
    """Its test would pass in the end."""
    found = tried(small, LONG.format(takes), "if n == 4:", **limit)
    assert found == {"if n == 4:": Ending.STOPPED}


def test_what_is_under_way_when_the_time_is_up_counts_for_nothing(small):
    begun = time.monotonic()
    text = LONG.format("__import__('time').sleep(60)")
    assert tried(small, text, "if n == 4:", until=begun + 0.5) == {}
    assert time.monotonic() - begun < 30


def test_none_is_tried_when_the_time_is_up(small):
    assert tried(small, TEXT, until=time.monotonic() - 1) == {}


def test_tests_that_fail_by_themselves_say_nothing(tmp_path):
    test = tmp_path / "test_fails.py"
    test.write_text("def test_it():\n    assert False\n")
    assert not passes((str(test),))[0]


def test_changed_lines_without_a_history_are_refused_by_name(
    tmp_path, monkeypatch, capsys
):
    (tmp_path / mutate.LIST).parent.mkdir(parents=True)
    (tmp_path / mutate.LIST).write_text("")
    monkeypatch.setattr(mutate, "ROOT", tmp_path)
    assert mutate.main(["--changed"]) == 1
    assert "NO_HISTORY" in capsys.readouterr().out


@pytest.fixture
def history(small, tmp_path, monkeypatch):
    """Return what commits a text of the small package, in a history of its own."""
    (tmp_path / mutate.LIST).parent.mkdir(parents=True)
    (tmp_path / mutate.LIST).write_text("")
    for name, value in (
        ("ROOT", tmp_path),
        ("PACKAGE", "small_package"),
        ("PLACE", "small_package"),
        ("TESTS", {"tree": small}),
    ):
        monkeypatch.setattr(mutate, name, value)
    who = ("-c", "user.name=A", "-c", "user.email=a@example.org")

    def commit(text):
        (tmp_path / "small_package/tree.py").write_text(text)
        for command in (("init", "-q"), ("add", "."), (*who, "commit", "-qm", "text")):
            subprocess.run(["git", *command], cwd=tmp_path, check=True)

    return commit


WIDTH = "def width(n):\n    return n + 3\n"


def test_of_a_history_only_changed_lines_are_tried(history, capsys):
    history(WIDTH)
    history(f"{WIDTH}\n\ndef other():\n    return 5\n")
    assert mutate.main(["--changed"]) == 1
    told = capsys.readouterr().out
    assert "SURVIVED tree other" in told
    assert "1 of 1 mutants tried" in told


def test_where_nothing_has_changed_a_share_is_tried(history, capsys):
    history(WIDTH)
    assert mutate.main(["--changed"]) == 0
    told = capsys.readouterr().out
    assert "a share of tree" in told
    assert "2 of 2 mutants tried: 2 found" in told


def test_a_run_that_has_time_for_no_mutant_fails_by_name(history, capsys):
    history(WIDTH)
    assert mutate.main(["--changed", "--seconds", "0"]) == 1
    assert "NO_TIME" in capsys.readouterr().out


def test_a_listed_survivor_that_was_only_stopped_is_not_called_stale(
    history, tmp_path, monkeypatch, capsys
):
    history(LONG.format("__import__('time').sleep(20)"))
    row = ("tree", "width", "if n != 4:", "if n == 4:")
    fields = zip(("module", "place", "before", "after"), row, strict=True)
    text = "\n".join(f'{name} = "{value}"' for name, value in fields)
    (tmp_path / mutate.LIST).write_text(f"[[survivor]]\n{text}\n")
    monkeypatch.setattr(mutate, "WALL", 2.0)
    mutate.main(["--changed"])
    assert "NO SURVIVOR" not in capsys.readouterr().out
