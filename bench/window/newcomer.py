"""From the first run to the first message, and how much of it a person needs.

The machine's part is measured: a script fills everything in at once and only waits. The
person's part is counted by the keystroke-level model, for somebody at the keyboard:
1.35 s to think before each field and each button, 0.28 s a key (40 words a minute), one
key to get to a field and one to press. Links are pasted. Copying 56 letters of a
recovery key by hand is a figure of its own.
"""

import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.window.browser import Page
from bench.window.measures import Figures
from bench.window.opened import opened

__all__ = ["newcomer"]

_KEY, _THINK = 0.28, 1.35
_PASTE = 2 * _KEY
_LETTER_BY_HAND = 1.0
_SECRET = "four words of mine"  # noqa: S105  of nobody


@dataclass(slots=True)
class _Hands:
    """Does what a person does, at once, and counts what it would take one."""

    page: Any
    seconds: float = 0.0

    def press(self, name: str | re.Pattern[str], role: str = "button") -> None:
        self.page.get_by_role(role, name=name).first.click()
        self.seconds += _THINK + _KEY

    def write(self, field: Any, text: str, *, pasted: bool = False) -> None:  # noqa: ANN401
        field.fill(text)
        self.seconds += _THINK + _KEY
        self.seconds += _PASTE if pasted else _KEY * len(text)


def newcomer(browser: Any, profile: Path, invitation: str, contact: str) -> Figures:  # noqa: ANN401
    """Make an account, ask somebody for a chat, and be answered: in seconds."""
    with opened(profile) as window:
        page = Page(browser)
        try:
            began = time.monotonic()
            page.page.goto(window.url)
            hands = _Hands(page.page)
            _begin(hands, invitation)
            letters = _confirm(hands)
            _ask(hands, contact)
            took = time.monotonic() - began
        finally:
            page.close()
    return [
        ("first run: machine", took),
        ("first run: hands", hands.seconds),
        ("first run: key by hand", letters * _LETTER_BY_HAND),
        ("first run: all of it", took + hands.seconds),
    ]


def _begin(hands: _Hands, invitation: str) -> None:
    page = hands.page
    link = page.get_by_label("Invitation link", exact=True)
    hands.write(link, invitation, pasted=True)
    hands.write(page.get_by_label("Your name"), "Cleo")
    hands.press("Next")
    hands.press("Next")
    hands.write(page.get_by_label("Passphrase", exact=True), _SECRET)
    hands.write(page.get_by_label("Once more"), _SECRET)
    hands.press("Make my account")


def _confirm(hands: _Hands) -> int:
    """Answer what is asked of the recovery key; return how many letters it has."""
    page = hands.page
    shown = page.locator(".key-groups code")
    shown.first.wait_for()
    groups = shown.all_inner_texts()
    hands.press("I have written it down")
    for field in page.get_by_label(re.compile("^Group")).all():
        name = field.evaluate("it => it.labels[0].textContent")
        hands.write(field, groups[int(re.sub(r"\D", "", name)) - 1])
    hands.press("Check")
    return sum(map(len, groups))


def _ask(hands: _Hands, contact: str) -> None:
    page = hands.page
    hands.write(page.get_by_label("Link or handle"), contact, pasted=True)
    hands.press("Ask for a chat")
    row = page.get_by_role("link", name=re.compile("Dan"))
    row.first.wait_for()
    hands.press(re.compile("Dan"), "link")
    box = page.get_by_role("textbox", name=re.compile("^Message"))
    hands.write(box, "the first words")
    box.press("Enter")
    page.locator(".message.mine .state.sent, .message.mine .state").first.wait_for()
