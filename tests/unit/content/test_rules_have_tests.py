"""Every named refusal of identity and content is triggered by some test."""

from pathlib import Path

import pytest

from privity.content.rules import Rule as ContentRule
from privity.identity.links import LinkProblem
from privity.identity.recovery import RecoveryKeyProblem
from privity.identity.rules import Rule as IdentityRule
from privity.identity.safety_number import Mismatch

UNIT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    ("names", "prefix", "folder"),
    [
        (ContentRule, "Rule", "content"),
        (IdentityRule, "Rule", "identity"),
        (Mismatch, "Mismatch", "identity"),
        (LinkProblem, "LinkProblem", "identity"),
        (RecoveryKeyProblem, "RecoveryKeyProblem", "identity"),
    ],
)
def test_every_name_of_a_refusal_stands_in_a_test(names, prefix, folder):
    text = "".join(path.read_text() for path in (UNIT / folder).glob("test_*.py"))
    assert [one.name for one in names if f"{prefix}.{one.name}" not in text] == []
