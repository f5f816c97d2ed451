"""What every screen tells a screen reader, held against what it told before.

Each screen has a file in `roles/`: landmarks, headings, names and words, in the order
in which they are heard. After a change that is meant: `make roles`, and read what
differs.
"""

import re
from pathlib import Path

import pytest
from screens import SCREENS

ROLES = Path(__file__).parent / "roles"
MOST = 260
VARIES = {
    # The number of the window's files, and what a version calls itself.
    r"\d+ files": "N files",
    r"Version [\w.+-]+": "Version V",
}
TAKEN = {
    "a landmark": "document.querySelector('nav').setAttribute('role', 'none')",
    "a name": "document.querySelector('.own-button').removeAttribute('aria-label')",
    "a heading": "document.querySelector('main h2').setAttribute('role', 'none')",
    "a state": "document.querySelector('[role=switch]').checked = true",
    "the order": "document.querySelector('main .section').remove()",
}


def told_by(page):
    told = page.locator("body").aria_snapshot()
    for varies, same in VARIES.items():
        told = re.sub(varies, same, told)
    lines = told.splitlines()
    # Whoever hears a few hundred rows has heard how a row is told.
    rest = [f"# and {len(lines) - MOST} lines more"] if len(lines) > MOST else []
    return "\n".join([*lines[:MOST], *rest, ""])


@pytest.mark.parametrize("name", SCREENS)
def test_a_screen_is_told_as_it_was(name, stand, request):
    told = told_by(stand(SCREENS[name]))
    kept = ROLES / f"{name}.yaml"
    if request.config.getoption("--write-roles"):
        kept.write_text(told, encoding="utf-8")
    assert told == kept.read_text(encoding="utf-8")


def test_no_screen_is_kept_that_is_none():
    assert {path.stem for path in ROLES.iterdir()} == set(SCREENS)


@pytest.mark.parametrize("taken", TAKEN)
def test_what_goes_from_a_screen_is_missed(taken, stand):
    page = stand(SCREENS["settings-privacy"])
    kept = (ROLES / "settings-privacy.yaml").read_text(encoding="utf-8")
    assert told_by(page) == kept
    page.evaluate(TAKEN[taken])
    assert told_by(page) != kept
