"""What every screen told a screen reader is kept, and is missed when it goes.

Each screen has a file in `roles/`: landmarks, headings, names and words, in the order
in which they are heard. After a change that is meant: `make roles`, and read what
differs.
"""

import pytest
from listening import ROLES, told_by
from screens import SCREENS

TAKEN = {
    "a landmark": "document.querySelector('nav').setAttribute('role', 'none')",
    "a name": "document.querySelector('.own-button').removeAttribute('aria-label')",
    "a heading": "document.querySelector('main h2').setAttribute('role', 'none')",
    "a state": "document.querySelector('[role=switch]').checked = true",
    "the order": "document.querySelector('main .section').remove()",
}


def test_no_screen_is_kept_that_is_none():
    assert {path.stem for path in ROLES.iterdir()} == set(SCREENS)


@pytest.mark.parametrize("taken", TAKEN)
def test_what_goes_from_a_screen_is_missed(taken, stand):
    page = stand(SCREENS["settings-privacy"])
    kept = (ROLES / "settings-privacy.yaml").read_text(encoding="utf-8")
    assert told_by(page) == kept
    page.evaluate(TAKEN[taken])
    assert told_by(page) != kept
