"""The story of the windows: two people, two browsers, and a film of what they saw.

The page comes from each person's own client, by 127.0.0.1; the relay has no part in it.
Pictures are in build/demo/web/, in their order.
"""

import os
import re
import shutil
import time
from pathlib import Path
from typing import Any

from demo.first_words import say
from demo.outcome import CannotTell, Outcome
from demo.processes import Account, Failed
from demo.stage import BUILD, MEDIA, Stage

__all__ = ["tell"]

FILM = BUILD / "web"
_SIZE = {"width": 1180, "height": 780}
_PATIENCE = 20_000.0
_NEEDS = "it needs Chromium and Playwright: make dev && tools/browser.sh"


def tell() -> Outcome:
    """Play the story; raises CannotTell without a browser to drive, and Failed."""
    chromium = shutil.which("chromium")
    try:
        from playwright.sync_api import (  # noqa: PLC0415  it is not in every venv
            Error,
            sync_playwright,
        )
    except ImportError:
        raise CannotTell(_NEEDS) from None
    if chromium is None:
        raise CannotTell(_NEEDS)
    began = time.monotonic()
    shutil.rmtree(FILM, ignore_errors=True)
    FILM.mkdir(parents=True)
    stage = Stage.set(BUILD / "web-stage")
    # As root, and in containers, Chromium's own sandbox can't be set up.
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=flags)
            try:
                said = _talk(stage, browser)
            except Error as error:
                raise Failed(f"a browser: {error}") from None
            finally:
                browser.close()
        seconds = time.monotonic() - began
        say(f"{said} messages; the film: build/demo/web/")
        return Outcome(
            ok=True,
            messages=said,
            epochs=stage.epochs(),
            bytes=stage.traffic(),
            seconds=seconds,
        )
    finally:
        stage.strike()


class _Person:
    """Somebody at a browser."""

    def __init__(self, account: Account, browser: Any, film: "_Film") -> None:  # noqa: ANN401  typed where Playwright is
        self.account = account
        self.page = browser.new_context(viewport=_SIZE).new_page()
        self.page.set_default_timeout(_PATIENCE)
        self.page.goto(account.open_window())
        self._film = film

    def opens(self, name: str) -> None:
        """Open the chat with somebody."""
        chats = self.page.get_by_role("navigation")
        chats.get_by_role("link", name=re.compile(name)).click()

    def writes(self, words: str) -> None:
        """Type a message and send it."""
        box = self.page.get_by_role("textbox", name=re.compile("^Message to"))
        box.fill(words)
        box.press("Enter")

    def sees(self, words: str) -> None:
        """Wait until some words are in the conversation, and keep a picture."""
        self.page.locator(".flow").get_by_text(words).first.wait_for()
        self._film.shoot(self)


class _Film:
    """Pictures in their order."""

    def __init__(self) -> None:
        self._count = 0

    def shoot(self, person: _Person) -> None:
        """Keep what a person sees now."""
        self._count += 1
        name = f"{self._count:02}-{person.account.handle}.png"
        person.page.screenshot(path=FILM / name)


def _talk(stage: Stage, browser: Any) -> int:  # noqa: ANN401  typed where Playwright is
    film = _Film()
    ana_herself, ben_himself = stage.person("Ana", "ana"), stage.person("Ben", "ben")
    ana_herself("join", ben_himself("invite")["link"])
    ben_himself.until("accept", "ana", what="the request does not arrive")
    ana_herself.until("history", "ben", what="the chat does not begin")
    ana, ben = (_Person(one, browser, film) for one in (ana_herself, ben_himself))
    say("two clients serve their windows, and two browsers show them")
    ana.opens("Ben")
    ben.opens("Ana")
    lines = (
        (ana, ben, "Did you see the light on the water?"),
        (ben, ana, "I did. Wait, I have a picture."),
    )
    for writer, reader, words in lines:
        writer.writes(words)
        reader.sees(words)
    ben_himself("send", "ana", "There it is", "--file", str(_picture()))
    ana.sees("There it is")
    ben_himself("send", "ana", "and this by the command line")
    ana.sees("and this by the command line")
    say("words both ways, a photo, and a line from the terminal between them")
    return len(lines) + 2


def _picture() -> Path:
    return MEDIA / "cat.jpg"
