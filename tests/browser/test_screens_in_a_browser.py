"""Every screen in both themes, wide and narrow: pictures, and what can be measured."""

import pytest
from looking import MEASURED, SIZES, paint, violations
from screens import SCREENS


@pytest.mark.parametrize("name", SCREENS)
def test_a_screen_is_sound_in_both_themes_wide_narrow_and_enlarged(name, stand, shoot):
    page = stand(SCREENS[name])
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
