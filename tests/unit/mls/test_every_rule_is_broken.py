"""A rule without a test that breaks it is a rule that nobody has seen hold."""

import re
from pathlib import Path

from privity.mls import Rule
from tools.rules_table import PAGE, render

TESTS = Path(__file__).resolve().parents[2]
_USED = re.compile(r"\bRule\.([A-Z0-9_]+)")


def test_each_rule_is_broken_by_some_test():
    named: set[str] = set()
    for file in (TESTS / "unit" / "mls").glob("test_*.py"):
        named.update(_USED.findall(file.read_text()))
    assert {rule.name for rule in Rule} - named == set()


def test_each_rule_names_its_section():
    for rule in Rule:
        source = r"(RFC 9420 §\d+(\.\d+)*|draft-ietf-mls-extensions SelfRemove), \S"
        assert re.match(source, rule.value), rule.name


def test_the_page_of_rules_is_current():
    """If not: `python tools/rules_table.py`."""
    assert PAGE.read_text(encoding="utf-8") == render()
