"""Each row of the table of what can't hold yet is still needed."""

import pytest

from tests.sim import not_yet
from tests.sim.deeds import Deed
from tests.sim.run import run

POISONED = [
    Deed(1, "poison", 0, 1),
    Deed(2, "say", 2, 1),
    Deed(3, "pass_time", 0, 5),
    Deed(4, "say", 3, 1),
]
NEEDED = {
    "_restored": [(139, None), (193, None), (205, None)],
    "_poisoned": [(3, POISONED)],
    "_lied_to": [(17, None), (203, None), (467, None)],
    "_misled": [(203, None), (317, None), (485, None)],
    "_asked_across": [(203, None), (1037, None)],
    "_too_late": [(1254, None)],
}


@pytest.mark.parametrize("row", not_yet.NOT_YET, ids=lambda row: row.applies.__name__)
def test_without_its_row_a_promise_is_broken(row, monkeypatch):
    others = tuple(other for other in not_yet.NOT_YET if other is not row)
    monkeypatch.setattr(not_yet, "NOT_YET", others)
    runs = NEEDED[row.applies.__name__]
    assert any(run(seed, deeds).faults for seed, deeds in runs)
