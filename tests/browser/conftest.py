"""Real browsers on real windows of real clients at a real relay.

`make test-browser` runs these; they are no part of `make test`. Screenshots go to
build/shots, and their contact sheet is build/shots/index.html.
"""

import html
import os
import re
import shutil
import tempfile
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from looking import SIZES, put_on_stage
from playwright.sync_api import expect, sync_playwright
from relay_process import RelayProcess
from screens import SCREENS
from stage import StageServer
from staged_world import NOW
from windows import Someone, befriend

SHOTS = Path(__file__).parents[2] / "build" / "shots"
WIDE, NARROW = {"width": 1180, "height": 780}, {"width": 390, "height": 780}

expect.set_options(timeout=15_000)


def pytest_addoption(parser):
    words = "keep what the screens tell screen readers now (`make roles`)"
    parser.addoption("--write-roles", action="store_true", help=words)


@pytest.fixture(scope="session")
def playwright():
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def chromium(playwright):
    """Start Debian's Chromium once; every page is in a context of its own."""
    browser = started_chromium(playwright)
    yield browser
    browser.close()


@pytest.fixture
def another_chromium(playwright):
    """Start one that has flags: `browser = another_chromium("--some-flag")`."""
    with ExitStack() as stack:
        yield lambda *flags: stack.enter_context(
            closing(started_chromium(playwright, *flags))
        )


def started_chromium(playwright, *flags):
    path = shutil.which("chromium")
    assert path, "there is no chromium: tools/browser.sh"
    # As root, and in containers, Chromium's own sandbox can't be set up.
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    return playwright.chromium.launch(executable_path=path, args=[*root, *flags])


@pytest.fixture(scope="session")
def relay(tmp_path_factory):
    with RelayProcess(tmp_path_factory.mktemp("relay") / "data") as running:
        yield running


@pytest.fixture
def newcomer():
    """Somebody without an account: `ana = newcomer("Ana")`; then `ana.open()`."""
    # A Unix socket's name is short, and pytest's directories are not.
    home = Path(tempfile.mkdtemp(prefix="privity-browser-"))
    with ExitStack() as stack:
        yield lambda name: stack.enter_context(Someone(name, home))
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def person(relay, newcomer):
    """Somebody with an account: `ana = person("Ana")`."""
    return lambda name: newcomer(name).register(relay.invite())


@pytest.fixture
def show(chromium):
    """Show a window in a browser of its own: `page = show(ana)`.

    A page's errors fail the test at its end, unless it says `page.errors.clear()`.
    """
    pages = []

    def show_one(someone, viewport=WIDE, *, unlocked=True, **options):
        context = chromium.new_context(viewport=viewport, **options)
        page = context.new_page()
        page.errors = []
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        page.on("console", lambda m: m.type == "error" and page.errors.append(m.text))
        link = someone.link() if someone.url else someone.open(unlocked=unlocked)
        page.goto(link)
        pages.append(page)
        return page

    yield show_one
    errors = [error for page in pages for error in page.errors]
    for page in pages:
        page.context.close()
    assert errors == []


@pytest.fixture(scope="module")
def couple(relay):
    """Ana and Ben with windows: they stay for all stories of a module."""
    home = Path(tempfile.mkdtemp(prefix="privity-talking-"))
    with ExitStack() as stack:
        ana, ben = (stack.enter_context(Someone(who, home)) for who in ("Ana", "Ben"))
        for one in (ana, ben):
            one.register(relay.invite()).open()
        befriend(ana, ben)
        yield ana, ben
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def pair(person):
    """Ana and Ben, who talk to each other, both with windows."""
    ana, ben = person("Ana"), person("Ben")
    ana.open()
    ben.open()
    befriend(ana, ben)
    return ana, ben


@pytest.fixture(scope="session")
def stage_server(tmp_path_factory):
    with StageServer(tmp_path_factory.mktemp("stage")) as server:
        yield server


@pytest.fixture(scope="session")
def stage_door(chromium):
    """Where staged pages are opened: in one context, which reads the modules once.

    Nothing goes from page to page: what the window keeps, it keeps by tab.
    """
    context = chromium.new_context(timezone_id="UTC", locale="en-US")
    context.clock.set_fixed_time(datetime.fromtimestamp(NOW, UTC))
    # As long as one page is open, the process that draws them stays.
    context.new_page()
    yield context
    context.close()


@contextmanager
def staged(door, server):
    """Give what shows screens; their pages are closed, and held to have no errors."""
    pages = []

    def stand_one(screen, size="wide"):
        width, height = SIZES.get(size, size)
        page = door.new_page()
        page.set_viewport_size({"width": width, "height": height})
        page.errors = []
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        page.on("console", lambda m: m.type == "error" and page.errors.append(m.text))
        pages.append(page)
        put_on_stage(page, server.link(), screen)
        return page

    yield stand_one
    errors = [error for page in pages for error in page.errors]
    for page in pages:
        page.close()
    assert errors == []


@pytest.fixture
def stand(stage_door, stage_server):
    """Show a screen of `screens`, before a client that says what it wants."""
    with staged(stage_door, stage_server) as stand_one:
        yield stand_one


@pytest.fixture(scope="module")
def standing(stage_door, stage_server, request):
    """A screen by its name, as a parameter: shown once to all tests that look at it."""
    with staged(stage_door, stage_server) as stand_one:
        yield stand_one(SCREENS[request.param])


@pytest.fixture
def shoot():
    """Keep a picture: `shoot(page, "chats-empty")`."""

    def take(page, name):
        SHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SHOTS / f"{name}.png")

    return take


def pytest_sessionfinish():
    """Write the contact sheet of all pictures that are there."""
    pictures = sorted(SHOTS.glob("*.png")) if SHOTS.is_dir() else []
    figures = "\n".join(
        f'<figure><a href="{name}"><img loading="lazy" src="{name}"></a>'
        f"<figcaption>{re.sub('[-_]', ' ', name[:-4])}</figcaption></figure>"
        for name in (html.escape(path.name) for path in pictures)
    )
    style = (
        "body{font:14px system-ui;display:grid;gap:1rem;margin:1rem;"
        "grid-template-columns:repeat(auto-fill,minmax(22rem,1fr))}"
        "figure{margin:0}img{max-width:100%;border:1px solid #8888}"
    )
    if pictures:
        sheet = f'<!doctype html><meta charset="utf-8"><style>{style}</style>{figures}'
        (SHOTS / "index.html").write_text(sheet)
