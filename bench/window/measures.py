"""What is measured of a window: each returns its figures by their names."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bench.window.browser import Counted, Page, quantile
from bench.window.opened import Opened
from bench.window.past import COMMON, NEEDLE
from bench.window.talker import Talker
from bench.window.world import World
from privity.identity.ids import id_to_text

__all__ = [
    "Figures",
    "first_screen",
    "from_a_start",
    "group_page",
    "opening",
    "scrolling",
    "searching",
    "thousand_members",
    "typing",
    "typing_in_a_bare_page",
]

Figures = list[tuple[str, float]]
_BOX = "[data-key=composer]"
_SEARCH = "[data-key=search]"
_MESSAGE = ".log .message"
_KEY_MS = 60
"""Between two keys: 200 words a minute, faster than nearly anybody."""
_PER_SECOND = 4
_LOADED = 200
"""Messages that are scrolled over first: many are shown, and none is dropped yet."""
_WHEEL = 1_500
_WHEEL_MS = 40
_BARE = "<!doctype html><textarea data-key=composer autofocus></textarea>"


@contextmanager
def _shown(browser: Any, link: str) -> Iterator[tuple[Page, float]]:  # noqa: ANN401
    page = Page(browser)
    try:
        yield page, page.goto(link)
    finally:
        page.close()


def first_screen(browser: Any, window: Opened) -> Figures:  # noqa: ANN401
    """How long from a click on the link until the list of chats is painted."""
    link, before = window.link(), window.cpu_ms()
    with _shown(browser, link) as (page, took):
        cost = window.cpu_ms() - before
        page.page.reload()
        again = float(page.page.evaluate("gauges.first"))
        return [
            ("first screen", took),
            ("first screen: client's processor", cost),
            ("first screen: elements", page.nodes()),
            ("first screen, again", again),
        ]


def from_a_start(browser: Any, window: Opened) -> Figures:  # noqa: ANN401
    """How long from the start of `privity open` until the list is painted."""
    with _shown(browser, window.url) as (page, took):
        origin = page.page.evaluate("performance.timeOrigin")
        return [("from `privity open`", float(origin) + took - window.began * 1e3)]


def opening(browser: Any, window: Opened, world: World) -> Figures:  # noqa: ANN401
    """How long from a click on the largest chat until its messages are painted."""
    with _shown(browser, window.link()) as (page, _):
        page.arm(_MESSAGE)
        page.page.locator(f'.chat-row[href="{_hash(world.chat_id)}"]').click()
        return [("open the largest chat", page.got())]


def typing(
    browser: Any,  # noqa: ANN401
    window: Opened,
    world: World,
    talker: Talker,
    typed: int,
) -> Figures:
    """What keys wait for while messages arrive in the chat that one types in."""
    with _shown(browser, window.link()) as (page, _):
        page.go(_hash(world.chat_id), _MESSAGE)
        _scroll(page, _LOADED)
        page.page.locator(".to-newest button").click()
        rows = page.page.locator(_MESSAGE).count()
        talker.begin(round(typed * _KEY_MS / 1e3 * _PER_SECOND), _PER_SECOND)
        found = _type(page, typed)
        talker.wait()
        return [*_of_keys("type", found), ("rows while typing", rows)]


def typing_in_a_bare_page(browser: Any, typed: int) -> Figures:  # noqa: ANN401
    """The same in a page that has a box for text and nothing else."""
    page = Page(browser)
    try:
        page.page.goto("data:text/html," + _BARE)
        return _of_keys("bare page: type", _type(page, typed))
    finally:
        page.close()


def _type(page: Page, typed: int) -> Counted:
    page.page.locator(_BOX).focus()
    text = "the quick brown fox jumps over the lazy dog " * (typed // 44 + 1)
    page.count()
    page.page.keyboard.type(text[:typed], delay=_KEY_MS)
    return page.counted()


def _of_keys(what: str, found: Counted) -> Figures:
    return [
        (f"{what}: key to paint p50", quantile(found.keys, 50)),
        (f"{what}: key to paint p99", quantile(found.keys, 99)),
        (f"{what}: frames dropped", found.dropped),
        (f"{what}: longest gap", found.longest),
        (f"{what}: long tasks", len(found.tasks)),
        (f"{what}: longest task", max(found.work)),
    ]


def scrolling(browser: Any, window: Opened, world: World, far: int) -> Figures:  # noqa: ANN401
    """What it costs to scroll back over so many messages of the largest chat."""
    with _shown(browser, window.link()) as (page, _):
        page.go(_hash(world.chat_id), _MESSAGE)
        _scroll(page, 2 * _LOADED)
        before = page.heap()
        page.count()
        nodes = _scroll(page, far)
        found = page.counted()
        return [
            ("scroll back: frames dropped", found.dropped),
            ("scroll back: longest gap", found.longest),
            ("scroll back: longest task", max(found.work)),
            ("scroll back: elements at most", nodes),
            ("scroll back: heap grows", page.heap() - before),
        ]


def _scroll(page: Page, far: int) -> int:
    """Turn the wheel until so many messages were passed; return the most elements."""
    page.page.locator(".log-scroll").hover()
    first = _first(page)
    nodes = page.nodes()
    while _first(page) > max(1, first - far):
        page.page.mouse.wheel(0, -_WHEEL)
        page.page.wait_for_timeout(_WHEEL_MS)
        nodes = max(nodes, page.nodes())
    return nodes


def _first(page: Page) -> int:
    seq = "document.querySelector('.log [data-seq]:not([data-seq=\"0\"])').dataset.seq"
    return int(page.page.evaluate(seq))


def searching(browser: Any, window: Opened) -> Figures:  # noqa: ANN401
    """How long found messages take after the last key, and the way to one far back."""
    with _shown(browser, window.link()) as (page, _):
        found: Figures = []
        for what, word in (("common", COMMON), ("rare", NEEDLE)):
            box = page.page.locator(_SEARCH)
            box.fill("")
            box.press_sequentially(word[:-1], delay=_KEY_MS)
            page.arm(".found mark", word)
            box.press(word[-1])
            found.append((f"search as you type, {what} word", page.got()))
        page.arm(".message.shown", NEEDLE)
        page.page.locator(".found .hit").first.click()
        return [*found, ("jump to a message far back", page.got())]


def group_page(browser: Any, window: Opened, world: World) -> Figures:  # noqa: ANN401
    """How long the page of the real group takes, and the rest of its members."""
    with _shown(browser, window.link()) as (page, _):
        return _members(page, world, "group")


def thousand_members(browser: Any, window: Opened, world: World) -> Figures:  # noqa: ANN401
    """The same where the client's answer is given a thousand members on its way."""
    page = Page(browser)
    try:
        page.page.route_web_socket("**/rpc", lambda way: _crowded(way, world.group_id))
        page.goto(window.link())
        return _members(page, world, "1,000 members")
    finally:
        page.close()


def _members(page: Page, world: World, what: str) -> Figures:
    page.go("#/settings", ".main-pane h1")
    place = f"#/group/{id_to_text(world.group_id)}"
    took = page.go(place, ".people .person-row")
    everybody = 0.0
    more = page.page.locator(".people + button")
    while more.count():
        rows = page.page.locator(".people .person-row").count()
        page.arm(f".people .person-row:nth-child({rows + 1})")
        more.click()
        everybody = max(everybody, page.got())
    return [(f"{what}: page", took), (f"{what}: more rows", everybody)]


def _crowded(way: Any, group_id: bytes) -> None:  # noqa: ANN401
    """Pass everything on, and a thousand members in the list of chats."""
    client = way.connect_to_server()
    way.on_message(client.send)
    client.on_message(lambda text: way.send(_with_members(text, id_to_text(group_id))))


def _with_members(text: str, group: str) -> str:
    told = json.loads(text)
    answer = told.get("result") or {}
    for chat in answer.get("chats", ()):
        if chat["chat"] == group:
            member = chat["members"][-1]
            chat["members"] += [
                {**member, "account": f"{number:026}", "name": f"Member {number}"}
                for number in range(1_000 - len(chat["members"]))
            ]
    return json.dumps(told)


def _hash(chat_id: bytes) -> str:
    return f"#/chat/{id_to_text(chat_id)}"
