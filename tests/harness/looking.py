"""Looking at a page as a person would, by script: colours, sizes, what axe finds."""

from pathlib import Path

from pages import until

__all__ = ["MEASURED", "SIZES", "paint", "put_on_stage", "violations"]

RULES = ("wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice")
SIZES = {"wide": (1180, 780), "phone": (390, 780)}
MEASURED = (Path(__file__).parent / "measured.js").read_text()
STILL = (
    "!document.querySelector('.main-pane .waiting, .begin .waiting')"
    " && Boolean(document.querySelector('.panes, .begin'))"
)


def put_on_stage(page, link, screen):
    """Open a page, go to a screen of the stage, and press what it says."""
    page.stage = screen.stage()
    page.stage.play(page)
    page.goto(link)
    until(page, STILL)
    if screen.hash:
        page.evaluate("(hash) => { location.hash = hash; }", screen.hash)
    for step in screen.steps:
        inside = page.locator(".main-pane, .begin, dialog[open]")
        inside.get_by_role("button", name=step).first.click()
    until(page, STILL)
    page.wait_for_timeout(60)


def violations(page):
    """Return what axe finds: rules, and where."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options={"runOnly": list(RULES)}).response["violations"]
    return [
        (one["id"], [node["html"][:160] for node in one["nodes"][:3]]) for one in found
    ]


def paint(page, theme, size):
    """Change colours and size, and wait until the page has followed."""
    width, height = SIZES.get(size, size)
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    until(page, f"matchMedia('(prefers-color-scheme: {theme})').matches")
    page.evaluate(
        "new Promise((done) => requestAnimationFrame(() => setTimeout(done, 60)))"
    )
