"""How long key packages live tells no second at which they were made."""

import pytest

from privity.core.packages import life_of_packages
from privity.wire.limits import KEY_PACKAGE_LIFETIME

WEEK = 7 * 86_400
NOW = 1_800_000_000


def test_packages_of_one_week_have_one_lifetime():
    monday = NOW // WEEK * WEEK + 3_600
    lives = {life_of_packages(monday + second) for second in (0, 1, 86_400, WEEK - 1)}
    assert len(lives) == 1
    assert life_of_packages(monday + WEEK) not in lives


@pytest.mark.parametrize("later", [0, 1, 3_599, 3_600, WEEK // 2, WEEK - 1])
def test_packages_are_good_now_and_for_three_weeks_and_no_longer_than_allowed(later):
    now = NOW // WEEK * WEEK + later
    not_before, not_after = life_of_packages(now)
    assert not_before <= now - 3_600
    assert now + 3 * WEEK - 3_600 <= not_after <= now + KEY_PACKAGE_LIFETIME
