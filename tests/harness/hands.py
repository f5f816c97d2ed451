"""Somebody who has keys alone: Tab, arrows, Enter; and an eye on where the focus is."""

from pages import until
from playwright.sync_api import expect

__all__ = ["Hands"]

MOST_STEPS = 120
"""Whoever has to press Tab so often gives up."""
EYE = """() => {
  const BOXES = ".search-box, .write-box";
  const it = document.activeElement;
  if (!it || it === document.body || it === document.documentElement) return null;
  const ringed = (one) => {
    if (!one) return false;
    const { outlineStyle, outlineWidth } = getComputedStyle(one);
    return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
  };
  const box = it.getBoundingClientRect();
  const inside = box.bottom > 0 && box.top < innerHeight
    && box.right > 0 && box.left < innerWidth && box.width * box.height > 0;
  // A heading or a pane takes the focus to be read aloud; nothing can be done with it.
  const operable = !it.matches("h1, main");
  return {
    what: it.outerHTML.slice(0, 200),
    seen: inside && (!operable || ringed(it) || ringed(it.closest(BOXES))),
  };
}"""
MINE = "(all) => all.includes(document.activeElement)"


class Hands:
    """A page, used by its keyboard and nothing else.

    Each key ends with a look: the focus is somewhere, and one can see where.
    """

    def __init__(self, page):
        self.page = page
        self._asked = []
        # Listened for from the beginning: a key is quicker than a subscription.
        page.on("filechooser", self._ask)
        # Keys that are pressed before there is a window are heard by nobody.
        expect(page.get_by_role("heading").first).to_be_visible()

    def press(self, *keys):
        """Press keys, each after the focus has come to rest."""
        for key in keys:
            self.page.keyboard.press(key)
            self.look()

    def type(self, text):
        """Type into what has the focus."""
        self.look()
        self.page.keyboard.type(text)

    def fill(self, label, text):
        """Go to a field and type into it, in place of what is there."""
        self.go(self.page.get_by_label(label))
        self.press("Control+a")
        self.type(text)

    def look(self):
        """See where the focus is; it may take a moment to get there."""
        found = until(self.page, f"({EYE})()", seconds=5)
        assert found["seen"], f"nobody sees that the focus is here: {found['what']}"
        return found["what"]

    def rests(self, found):
        """See that the focus comes to rest on what is looked for."""
        for _ in range(100):
            if self.has(found):
                self.look()
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"not {found}, but {self.look()} has the focus")

    def has(self, found):
        """Tell whether the focus is on one of these."""
        return found.evaluate_all(MINE)

    def go(self, found, key="Tab"):
        """Press a key until the focus is on what is looked for."""
        expect(found.first).to_be_visible()
        for _ in range(MOST_STEPS):
            if self.has(found):
                self.look()
                return
            self.page.keyboard.press(key)
            # Behind the last thing on a page comes the browser's own bar, or nothing.
            if key not in {"Tab", "Shift+Tab"}:
                self.look()
        raise AssertionError(f"{key} does not lead to {found}: {self.look()}")

    def use(self, role, name, key="Enter", within=None, **options):
        """Go to a button, a link, a box, and press it."""
        found = (within or self.page).get_by_role(role, name=name, **options)
        self.go(found)
        self.press(key)

    def pick(self, files):
        """Press the button that has the focus, and choose files where it asks."""
        self._asked.clear()
        self.press("Enter")
        for _ in range(200):
            if self._asked:
                self._asked.pop().set_files(files)
                return
            self.page.wait_for_timeout(50)
        raise AssertionError("nobody asks for files")

    def _ask(self, chooser):
        self._asked.append(chooser)

    def search(self):
        """Go to the search, emptied."""
        box = self.page.get_by_role("searchbox")
        self.press("Control+k")
        expect(box).to_be_focused()
        self.press("Escape")
        expect(box).to_have_value("")

    def choose(self, name):
        """Take an item of the menu that is open."""
        found = self.page.get_by_role("menuitem", name=name, exact=True)
        self.go(found, "ArrowDown")
        self.press("Enter")

    def refuse(self):
        """Close the dialog that opens, and do nothing else."""
        dialog = self.page.locator("dialog[open]")
        expect(dialog).to_be_visible()
        self.press("Escape")
        expect(dialog).to_have_count(0)
        self.look()

    def answer(self, name):
        """Press a button of the dialog that is open, and see it close."""
        dialog = self.page.locator("dialog[open]")
        self.use("button", name, within=dialog, exact=True)
        expect(dialog).to_have_count(0)
        self.look()
