"""Every screen, as it is told to a screen reader and as it is seen; each shown once."""

import pytest
from listening import ROLES, told_by
from looking import MEASURED, SIZES, paint, violations
from screens import SCREENS

EACH = pytest.mark.parametrize("standing", SCREENS, indirect=True, ids=str)


@pytest.fixture
def name(request):
    """The name of the screen that stands."""
    return request.node.callspec.params["standing"]


@EACH
def test_a_screen_is_told_as_it_was(name, standing, request):
    told = told_by(standing)
    kept = ROLES / f"{name}.yaml"
    if request.config.getoption("--write-roles"):
        kept.write_text(told, encoding="utf-8")
    assert told == kept.read_text(encoding="utf-8")


# Behind the one above: this one paints.
@EACH
def test_a_screen_is_sound_in_both_themes_wide_narrow_and_enlarged(
    name, standing, shoot
):
    page = standing
    wrong = {}
    for size in SIZES:
        for theme in ("light", "dark"):
            paint(page, theme, size)
            shoot(page, f"{name}-{size}-{theme}")
            wrong[size, theme] = page.evaluate(MEASURED)
            if size == "wide":
                wrong["axe", theme] = violations(page)
    paint(page, "light", (320, 640))
    wrong[320] = page.evaluate(MEASURED)
    page.evaluate("document.documentElement.style.setProperty('--text-scale', '2')")
    paint(page, "light", (640, 800))
    shoot(page, f"{name}-text-200")
    wrong["200 %"] = page.evaluate(MEASURED)
    assert {where: found for where, found in wrong.items() if found} == {}
