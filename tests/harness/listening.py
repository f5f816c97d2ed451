"""What a page tells a screen reader: landmarks, headings, names and words, in order."""

import re
from pathlib import Path

__all__ = ["ROLES", "told_by"]

ROLES = Path(__file__).parents[1] / "browser" / "roles"
"""What each screen told before."""
MOST = 260
VARIES = {
    # The number of the window's files, and what a version calls itself.
    r"\d+ files": "N files",
    r"Version [\w.+-]+": "Version V",
}


def told_by(page):
    """Return what a page tells, without what varies."""
    told = page.locator("body").aria_snapshot()
    for varies, same in VARIES.items():
        told = re.sub(varies, same, told)
    lines = told.splitlines()
    # Whoever hears a few hundred rows has heard how a row is told.
    rest = [f"# and {len(lines) - MOST} lines more"] if len(lines) > MOST else []
    return "\n".join([*lines[:MOST], *rest, ""])
