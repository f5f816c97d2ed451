"""Screens of the window held to rules: readable, harmless, within the page."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
}
HOSTILE = {
    "markup": "<img src=x onerror=alert(1)><script>alert(2)</script>",
    "turned": "invoice\u202efdp.exe",
    "pile": "Z" + "\u0335\u0321\u0327\u0322\u0334" * 40 + "algo",
    "long": "wide" * 4000,
    "lines": "\n".join(str(n) for n in range(400)),
    "link": "https://user@xn--80ak6aa92e.com/",
    "signs": "\u0007\u200b\u2066\u2066\u2066 open ends",
}


def found(page):
    broken = Axe().run(page, options=RULES).response["violations"]
    return [(one["id"], one["nodes"][0]["target"]) for one in broken]


def too_wide(page):
    return page.evaluate(
        """() => [...document.querySelectorAll("body *")]
          .filter((e) => e.checkVisibility() && !e.closest("svg"))
          .filter((e) => {
            const box = e.getBoundingClientRect();
            return box.width > 1 && (box.right > innerWidth + 1 || box.left < -1);
          })
          .map((e) => e.className || e.tagName).slice(0, 5)"""
    )


@pytest.fixture(scope="module")
def talked(couple):
    """A chat with all sorts of things in it."""
    ana, ben = couple
    ben("send", "Ana", "Shall we meet at the lake?")
    ana("send", "Ben", "Yes! See https://maps.example.org/lake")
    ben("react", "Ana", "last", "👍")
    ana("send", "Ben", "And then?", "--reply", "last")
    return ana, ben


@pytest.fixture
def talk(talked, show):
    """Ana's window on that chat."""
    ana, ben = talked
    page = show(ana)
    page.get_by_role("navigation").get_by_role("link", name=re.compile("Ben")).click()
    expect(page.locator(".reaction")).to_be_visible()
    return ana, ben, page


def test_every_rule_of_axe_is_kept_in_both_themes_and_widths(talk, shoot):
    _, _, page = talk
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        # Chromium paints another theme a moment later; axe would mix the two.
        page.wait_for_timeout(500)
        for width in (1180, 320):
            page.set_viewport_size({"width": width, "height": 700})
            assert found(page) == [], (scheme, width)
            assert too_wide(page) == []
            shoot(page, f"talk-{scheme}-{width}")
        page.locator(".message .bubble").last.click(button="right")
        assert found(page) == []
        page.keyboard.press("Escape")
        page.goto(page.url.partition("#")[0] + "#/")
        assert found(page) == []
        assert too_wide(page) == []
        shoot(page, f"chats-{scheme}-320")
        page.go_back()


def test_twice_the_size_of_text_keeps_everything_on_the_page(talk, shoot):
    _, _, page = talk
    page.evaluate("document.documentElement.style.setProperty('--text-scale', '2')")
    for width in (1180, 390):
        page.set_viewport_size({"width": width, "height": 780})
        assert too_wide(page) == []
        shoot(page, f"talk-large-{width}")


def test_hostile_texts_are_words_and_stay_where_they_are(talk, show, shoot):
    _, ben, page = talk
    for text in HOSTILE.values():
        ben("send", "Ana", text)
    rows = page.locator("[data-message]")
    expect(rows.filter(has_text="open ends")).to_be_visible()
    assert page.locator(".log img, .log script").count() == 0
    expect(page.locator(".words", has_text="<script>")).to_be_visible()
    assert too_wide(page) == []
    for row in rows.all():
        inside = row.evaluate(
            """(row) => {
              const bubble = row.querySelector(".bubble").getBoundingClientRect();
              const words = row.querySelector(".flow").getBoundingClientRect();
              return words.top >= bubble.top && words.bottom <= bubble.bottom + 1;
            }"""
        )
        assert inside
    expect(page.get_by_role("button", name="Show all of it")).to_have_count(2)
    page.set_viewport_size({"width": 320, "height": 700})
    assert too_wide(page) == []
    shoot(page, "talk-hostile-320")


def test_an_odd_link_is_opened_only_after_a_question(talk):
    _, ben, page = talk
    ben("send", "Ana", HOSTILE["link"])
    page.locator("a.odd").last.click()
    asked = page.get_by_role("dialog", name="Open this link?")
    expect(asked).to_contain_text("xn--80ak6aa92e.com")
    asked.get_by_role("button", name="Cancel").click()
    assert len(page.context.pages) == 1


def test_hostile_names_are_one_calm_line(person, show, shoot, newcomer, relay):
    ana = person("Ana")
    ana.open()
    eve = newcomer("Eve")
    eve.name = HOSTILE["turned"] + HOSTILE["pile"][:21] + "<b>" + "x" * 60
    eve.register(relay.invite())
    eve("join", ana("invite")["link"])
    page = show(ana)
    page.get_by_role("link", name=re.compile("request to talk")).click()
    name = page.locator(".request h2 .name")
    expect(name).to_contain_text("invoicefdp.exe")
    assert "\u202e" not in name.inner_text()
    assert name.bounding_box()["height"] < 40
    assert too_wide(page) == []
    shoot(page, "request-hostile")
    assert found(page) == []


def test_the_window_is_mirrored_where_one_reads_from_the_right(talk, shoot):
    _, _, page = talk
    page.evaluate("import('/i18n.mjs').then((i18n) => i18n.choose('ar'))")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    side = page.locator(".chats-pane").bounding_box()
    assert side["x"] > 500
    assert too_wide(page) == []
    assert found(page) == []
    shoot(page, "talk-arabic")
