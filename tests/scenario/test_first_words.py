"""The demo as a test: three accounts, four processes, and an operator who looks."""

import pytest

from demo import first_words
from demo.stage import BUILD, Stage

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def test_the_operator_finds_nothing_of_what_was_said():
    stage = Stage.set()
    try:
        figures = first_words.tell(stage)
    finally:
        stage.strike()
    assert figures.messages >= 10
    assert (figures.lost, figures.duplicated, figures.canaries_found) == (0, 0, 0)
    assert figures.forms_found == figures.forms > 10
    assert figures.removed is not None
    assert figures.removed.later > 0
    assert figures.removed.opened == 0
    assert figures.removed.earlier > 0
    traffic = list((BUILD / "operator" / "traffic").glob("*.payload"))
    assert sum(path.stat().st_size for path in traffic) > 50_000
