"""Three people, three windows, one group: all of them write, and one is removed."""

import re

from pages import box, chat_link, go, row, say
from playwright.sync_api import expect
from windows import befriend

WORDS = {"Ana": "Who brings the ladder?", "Ben": "I do.", "Cyd": "And I the buckets."}


def words_of(page):
    """Return what is said in the open chat, from top to bottom."""
    return [text.strip() for text in page.locator(".flow .words").all_inner_texts()]


def test_three_windows_show_one_talk_and_who_is_removed_hears_no_more(
    pair, person, show, shoot
):
    ana, ben = pair
    cyd = person("Cyd")
    cyd.open()
    befriend(ana, cyd)
    ana("group", "new", "Apples", "Ben", "Cyd")
    for one in (ben, cyd):
        one.until("accept", "Apples")
    pages = {"Ana": show(ana), "Ben": show(ben), "Cyd": show(cyd)}
    for page in pages.values():
        chat_link(page, "Apples").click()
        expect(box(page)).to_be_visible()
    expect(pages["Ana"].get_by_role("log")).to_contain_text(re.compile("added .*Cyd"))
    for name, words in WORDS.items():
        say(pages[name], words)
        for page in pages.values():
            expect(row(page, words)).to_be_visible()
    assert {tuple(words_of(page)) for page in pages.values()} == {tuple(WORDS.values())}
    go(pages["Ana"], f"#/info/{pages['Ana'].url.rpartition('/')[2].partition('?')[0]}")
    pages["Ana"].get_by_role("button", name=re.compile("More about .*Cyd")).click()
    pages["Ana"].get_by_role("menuitem", name="Remove from group").click()
    pages["Ana"].get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(box(pages["Cyd"])).to_have_count(0)
    shoot(pages["Cyd"], "group-removed-from")
    say(pages["Ben"], "Then the two of us.")
    chat_link(pages["Ana"], "Apples").click()
    expect(row(pages["Ana"], "Then the two of us.")).to_be_visible()
    say(pages["Ana"], "At nine.")
    expect(row(pages["Ben"], "At nine.")).to_be_visible()
    assert words_of(pages["Cyd"]) == list(WORDS.values())
