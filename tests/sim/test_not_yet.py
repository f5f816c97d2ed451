"""Each row of the table of what can't hold yet is still needed."""

import pytest

from tests.sim import not_yet
from tests.sim.deeds import Deed, perform
from tests.sim.lives import begin
from tests.sim.run import run
from tests.sim.schedule import schedule

POISONED = [
    Deed(1, "poison", 0, 1),
    Deed(2, "say", 2, 1),
    Deed(3, "pass_time", 0, 5),
    Deed(4, "say", 3, 1),
]
OLD_COPY = [
    Deed(1, "snapshot", 0, 0),
    Deed(2, "say", 0, 1),
    Deed(3, "pass_time", 0, 5),
    Deed(4, "restore", 0, 4),
]


def part(seed, *numbers):
    """Return those deeds of a seed."""
    return seed, [deed for deed in schedule(seed) if deed.number in numbers]


NEEDED = {
    "_restored": [(1, OLD_COPY)],
    "_poisoned": [(3, POISONED)],
    "_lied_to": [(17, None), (467, None)],
    "_misled": [(317, None), (485, None)],
    "_removed_while_stuck": [part(1833, 2, 15)],
    "_nobody_left": [part(367, 8, 9, 22, 23, 28, 32, 33, 34)],
    "_taken_before": [part(1537, 14, 24, 26, 31, 37, 38)],
    "_replaced": [part(4489, 6, 14, 15, 20, 24)],
    "_admitted_before": [part(3703, 2, 13, 16, 18, 22, 23)],
    "_let_in_by_one_lied_to": [part(4955, 7, 8, 12, 14, 18, 19)],
    "_too_late": [(1254, None)],
}


@pytest.mark.parametrize("row", not_yet.NOT_YET, ids=lambda row: row.applies.__name__)
def test_without_its_row_a_promise_is_broken(row, monkeypatch):
    others = tuple(other for other in not_yet.NOT_YET if other is not row)
    monkeypatch.setattr(not_yet, "NOT_YET", others)
    runs = NEEDED[row.applies.__name__]
    assert any(run(seed, deeds).faults for seed, deeds in runs)


@pytest.mark.parametrize(("n", "noticed"), [(4, True), (1, True), (0, False)])
def test_a_login_shows_whose_whole_disk_went_back(n, noticed):
    """The life goes on either way; one disk in three comes without its login value."""
    world = begin(1)
    perform(world, Deed(1, "snapshot", 0, 0))
    perform(world, Deed(2, "crash", 0, 0))
    perform(world, Deed(3, "restore", 0, n))
    assert bool(world.people[0].state.rollback.times) is noticed
