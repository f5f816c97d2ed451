"""Looking at a page until something is so: its policy forbids Playwright's own way."""

import re
import time

__all__ = ["box", "chat_link", "go", "row", "say", "until"]


def until(page, expression: str, seconds: float = 15):
    """Evaluate an expression again until it is true, and return what it is then."""
    deadline = time.monotonic() + seconds
    while not (found := page.evaluate(expression)):
        assert time.monotonic() < deadline, f"never true: {expression}"
        page.wait_for_timeout(50)
    return found


def go(page, place):
    """Go to a place of the window, as a link of it would."""
    page.evaluate("(place) => { location.hash = place; }", place)


def chat_link(page, name):
    """Return the row of a chat in the list."""
    return page.get_by_role("navigation").get_by_role("link", name=re.compile(name))


def box(page):
    """Return the box for words of the open chat."""
    return page.get_by_role("textbox", name=re.compile("^Message to"))


def row(page, words):
    """Return the message of the open chat that says this."""
    said = page.locator(".flow .words", has_text=words)
    return page.locator("[data-message]", has=said)


def say(page, words):
    """Say something in the open chat."""
    box(page).fill(words)
    box(page).press("Enter")
