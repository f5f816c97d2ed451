"""What breaks and heals, as a test: three accounts and a relay that lies."""

import pytest

from demo import heal

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def test_what_breaks_heals_or_is_named():
    outcome = heal.tell()
    assert outcome.ok
    assert outcome.messages > 15
    assert (outcome.lost, outcome.duplicated) == (0, 0)
