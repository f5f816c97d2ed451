"""`with rejects(Rule.X):` for every package's rules."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from privity import errors


@contextmanager
def rejects(rule: errors.Rule) -> Iterator[None]:
    """Expect that exactly this rule is broken."""
    with pytest.raises(errors.RuleViolation) as refused:
        yield
    assert refused.value.rule is rule, str(refused.value)
