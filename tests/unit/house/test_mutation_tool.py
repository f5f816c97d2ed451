"""The tool that changes code finds what no test notices."""

import time

import pytest

import privity.mls.tree_math  # noqa: F401  imported already, it is mutated all the same
from tools import mutate
from tools.mutation.operators import mutants_of
from tools.mutation.trial import Limits, Trial, passes, survivors

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


MODULE = "privity.mls.tree_math"
COUNT = """
from privity.mls import tree_math


def test_width():
    assert tree_math.node_width(4) == 7
"""


def tried(tmp_path, text, **changes):
    """Say for each mutant of a text whether a test that looks at widths misses it."""
    test = tmp_path / "test_width.py"
    test.write_text(COUNT)
    limits = Limits(**({"processor": 20, "wall": 60, "until": 2**60} | changes))
    trials = [Trial(MODULE, mutant, (str(test),)) for mutant in mutants_of(text)]
    assert passes((str(test),))[0]
    done = survivors(trials, limits)
    return {trial.mutant.after: survived for trial, survived in done}


def test_who_survives_is_told_from_who_is_found(tmp_path):
    text = "def node_width(n):\n    return 2 * n - 1\n\ndef other():\n    return 5\n"
    assert tried(tmp_path, text) == {
        "return (2 * n + 1)": False,
        "return (2 // n) - 1": False,
        "return 3 * n - 1": False,
        "return 2 * n - 2": False,
        "return 6": True,
    }


def test_a_mutant_that_never_ends_is_found(tmp_path):
    text = "def node_width(n):\n    while n != 4:\n        pass\n    return 7\n"
    found = tried(tmp_path, text, processor=1)
    assert not found["while n == 4:"]


def test_none_is_tried_when_the_time_is_up(tmp_path):
    assert tried(tmp_path, TEXT, until=time.monotonic() - 1) == {}


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
