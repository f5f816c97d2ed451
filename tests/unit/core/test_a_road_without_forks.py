"""Whether a road forks, told by who stands under whom."""

import pytest

from privity.core.straight import Way, is_straight, is_whole
from privity.wire.limits import ROAD_COMMITS

ROAD = [(3, 0), (5, 3), (9, 5), (12, 9)]


def test_a_road_of_only_children_is_straight():
    assert is_straight(Way(3, 0, 12), ROAD)
    assert is_straight(Way(12, 0, 12), ROAD)


@pytest.mark.parametrize("goal", [3, 5, 9])
def test_a_road_that_goes_on_behind_the_goal_is_not_at_its_end(goal):
    assert not is_straight(Way(3, 0, goal), ROAD)


@pytest.mark.parametrize("fork", [(4, 3), (7, 5), (20, 9)])
def test_a_second_child_anywhere_on_the_way_is_a_fork(fork):
    assert not is_straight(Way(3, 0, 12), [*ROAD, fork])


def test_a_fork_elsewhere_does_not_matter():
    assert is_straight(Way(3, 0, 12), [*ROAD, (8, 7), (10, 7), (4, 0)])


def test_children_that_the_device_has_judged_itself_do_not_matter():
    commits = [(4, 3), (5, 3), (6, 3), (9, 6)]
    assert is_straight(Way(3, 5, 9), commits)
    assert not is_straight(Way(3, 4, 9), commits)


@pytest.mark.parametrize("goal", [4, 13, 0])
def test_a_goal_that_no_road_leads_to_is_not_reached(goal):
    assert not is_straight(Way(3, 0, goal), ROAD)


def test_a_relay_that_tells_of_a_ring_gets_an_end():
    assert not is_straight(Way(3, 0, 12), [(5, 3), (5, 5), (3, 5), (4, 5)])


def test_a_list_that_may_have_been_cut_is_not_whole():
    assert is_whole(())
    assert not is_whole(((1, 0),) * ROAD_COMMITS)
